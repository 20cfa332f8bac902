"""Quality score: ranks of the measures, points, the CI/SEP gateway and the prevention quality plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.experience.factors import MEASURES
from leadrisk.experience.special64 import normal_quantile_array

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from leadrisk.contract.terms import Terms

CLAIMS_MEASURES = ("acr", "uamcc", "dah", "tfu")
ECQM_MEASURES = ("glycemic", "blood_pressure")


def ladder_points(ranks: NDArray[np.float64], *, terms: Terms) -> NDArray[np.float64]:
    """Points of a measure, 0 to 1, from its rank among ACOs as a standard normal.

    CMS pays by "highest percentile benchmark met"; LEAD's ladder is not published (rule book section 7, grade C).

    Examples
    --------
    >>> import numpy as np
    >>> from leadrisk.contract.terms import load_terms
    >>> ladder_points(np.array([-2.0, 0.0, 1.0]), terms=load_terms("lead")).tolist()
    [0.0, 0.95, 1.0]
    """
    edges: NDArray[np.float64] = normal_quantile_array(np.array(terms.weights("quality.ladder_percentiles")))
    points = np.array((0.0, *terms.weights("quality.ladder_points")))
    return points[np.searchsorted(edges, ranks, side="right")]


def quality_score(
    ranks: NDArray[np.float64],
    *,
    gateway: NDArray[np.float64],
    pass_probability: float,
    prevention_plan: bool,
    performance_years: ArrayLike,
    terms: Terms,
) -> NDArray[np.float64]:
    """Share of the quality points earned, 0 to 1.

    Mean of the measures that count in the year, the claims-based ones multiplied where the CI/SEP gateway is failed,
    plus the points of a prevention quality plan, at most 1. eCQMs: optional (left out), then pay-for-reporting
    (full points), then pay-for-performance (rule book section 7).

    Parameters
    ----------
    ranks
        Shape (measure, ..., year), measures in the order of ``experience.factors.MEASURES``.
    gateway
        What decides the CI/SEP gateway as a standard normal, shape (..., year).
    pass_probability
        Share of ACOs that pass it: those with the highest ``gateway``.

    Examples
    --------
    An average ACO in 2027 earns 95 % of every point, and the plan lifts it to 100 %:

    >>> import numpy as np
    >>> from leadrisk.contract.terms import load_terms
    >>> quality_score(
    ...     np.zeros((7, 1)), gateway=np.array([0.0]), pass_probability=0.88, prevention_plan=True,
    ...     performance_years=[2027], terms=load_terms("lead"),
    ... ).tolist()
    [1.0]
    """
    years = np.asarray(performance_years)
    reporting_from = terms.number("quality.ecqm_reporting_from")
    performance_from = terms.number("quality.ecqm_performance_from")
    needed = normal_quantile_array(np.clip(np.array([1.0 - pass_probability]), 1e-12, 1.0 - 1e-12))[0]
    multiplier = np.where(gateway >= needed, 1.0, terms.number("quality.gateway_fail_multiplier"))
    earned = np.zeros(np.broadcast_shapes(ranks.shape[1:], years.shape))
    counted = np.zeros(years.shape)
    for m, measure in enumerate(MEASURES):
        points = ladder_points(ranks[m], terms=terms)
        if measure in ECQM_MEASURES:
            counts = years >= reporting_from
            earned += np.where(years >= performance_from, points, 1.0) * counts
            counted += counts
        else:
            earned += points * multiplier if measure in CLAIMS_MEASURES else points
            counted += 1.0
    plan = terms.number("quality.prevention_plan_points") if prevention_plan else 0.0
    return np.minimum(earned / counted + plan, 1.0)
