"""High Performers Pool: which ACOs are paid from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.quality_score import ECQM_MEASURES, normal_quantile, passes_gateway
from leadrisk.experience.factors import MEASURES

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from leadrisk.contract.terms import Terms


def is_high_performer(
    ranks: NDArray[np.float64],
    *,
    gateway: NDArray[np.float64],
    pass_probability: float,
    performance_years: ArrayLike,
    terms: Terms,
) -> NDArray[np.bool_]:
    """Tell who is paid from the High Performers Pool: the best of those that pass CI/SEP.

    The best are those whose composite rank is so high that, with the CI/SEP gateway, the stated share of all ACOs is
    left: 18 % as in ACO REACH (rule book sections 7 and 17, grade C). The composite is the mean rank of the measures
    that are paid for performance in the year, over its spread across ACOs with independent measures.

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
    always = [m for m, measure in enumerate(MEASURES) if measure not in ECQM_MEASURES]
    total = ranks[always].sum(axis=0)
    for measure in ECQM_MEASURES:
        total = total + ranks[MEASURES.index(measure)] * performed
    counted = len(always) + len(ECQM_MEASURES) * performed
    needed = normal_quantile(1.0 - share / pass_probability) * np.sqrt(counted)
    best: NDArray[np.bool_] = (total >= needed) & passed
    return best
