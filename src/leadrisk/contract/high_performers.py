"""High Performers Pool: which ACOs are paid from it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.quality_score import ECQM_MEASURES, normal_probability, normal_quantile, passes_gateway
from leadrisk.experience.factors import MEASURES
from leadrisk.experience.special64 import normal_quantile_array

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from leadrisk.contract.terms import Terms


_STEPS = 1_000  # of the numbers that pass the gateway
_HALVINGS = 40


def is_high_performer(
    ranks: NDArray[np.float64],
    *,
    gateway: NDArray[np.float64],
    pass_probability: float,
    performance_years: ArrayLike,
    terms: Terms,
    correlation: NDArray[np.float64] | None = None,
) -> NDArray[np.bool_]:
    """Tell who is paid from the High Performers Pool: the best of those that pass CI/SEP.

    The best are those whose composite rank is so high that, with the CI/SEP gateway, the stated share of all ACOs is
    left: 18 % as in ACO REACH (rule book sections 7 and 17, grade C). The composite is the mean rank of the measures
    that are paid for performance in the year, over its spread across ACOs.

    Parameters
    ----------
    ranks
        Shape (measure, ..., year), measures in the order of ``experience.factors.MEASURES``, as standard normals
        across ACOs.
    gateway
        What decides the CI/SEP gateway as a standard normal, shape (..., year).
    pass_probability
        Share of ACOs that pass it.
    performance_years
        Years along the last axis.
    correlation
        Correlation matrix of the ranks across ACOs, the gateway last; ``None``: independent ranks of variance 1.

    Examples
    --------
    0.18 of all are 0.2045 of the 0.88 that pass: they start at 0.826 standard deviations, which a mean rank of 0.4
    over five measures (0.4 x sqrt(5) = 0.894) exceeds:

    >>> import numpy as np
    >>> from leadrisk.contract.terms import load_terms
    >>> [
    ...     is_high_performer(
    ...         np.full((7, 1), rank), gateway=np.array([0.0]), pass_probability=0.88, performance_years=[2027],
    ...         terms=load_terms("lead"),
    ...     ).tolist()
    ...     for rank in (0.3, 0.4)
    ... ]
    [[False], [True]]
    """
    years = np.asarray(performance_years)
    passed = passes_gateway(gateway, pass_probability=pass_probability)
    share = terms.number("quality.high_performers_share")
    if share == 0.0 or pass_probability == 0.0:
        return np.zeros(np.broadcast_shapes(passed.shape, years.shape), dtype=np.bool_)
    if share >= pass_probability:
        return np.broadcast_to(passed, np.broadcast_shapes(passed.shape, years.shape))
    performed = years >= terms.number("quality.ecqm_performance_from")
    if correlation is None:
        correlation = np.eye(len(MEASURES) + 1)
    total = np.zeros(ranks.shape[1:])
    for m, measure in enumerate(MEASURES):
        total += performed * ranks[m] if measure in ECQM_MEASURES else ranks[m]
    needed = np.empty(years.shape)
    for with_ecqm in (True, False):
        counted = [m for m, measure in enumerate(MEASURES) if with_ecqm or measure not in ECQM_MEASURES]
        spread, with_gateway = _composite(correlation, counted)
        needed[performed == with_ecqm] = spread * _needed(share, pass_probability, with_gateway)
    best: NDArray[np.bool_] = passed & (total >= needed)
    return best


def _composite(correlation: NDArray[np.float64], counted: list[int]) -> tuple[float, float]:
    """Spread of the sum of ranks across ACOs, and its correlation with the gateway."""
    total, with_gateway = 0.0, 0.0
    for i in counted:  # not sum(), which rounds otherwise from Python 3.12 on
        with_gateway += float(correlation[i, -1])
        for j in counted:
            total += float(correlation[i, j])
    spread = float(np.sqrt(total))
    return spread, with_gateway / spread


@lru_cache(maxsize=64)
def _needed(share: float, pass_probability: float, correlation: float) -> float:
    """Composite, a standard normal, that a stated share of all ACOs exceed who also pass the gateway."""
    if correlation == 0.0:
        return normal_quantile(1.0 - share / pass_probability)
    steps = pass_probability * (np.arange(_STEPS) + 0.5) / _STEPS
    gateway = correlation * normal_quantile_array(1.0 - steps)
    spread = np.sqrt(1.0 - correlation * correlation)
    lower, upper = -8.0, 8.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (lower + upper)
        above = float(np.cumsum(normal_probability((gateway - middle) / spread))[-1]) / _STEPS
        lower, upper = (middle, upper) if above * pass_probability > share else (lower, middle)
    return 0.5 * (lower + upper)
