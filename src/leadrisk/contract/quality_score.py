"""Quality score: ranks of the measures, points, the CI/SEP gateway and the prevention quality plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leadrisk.contract.quality_kernel import points_of_ranks
from leadrisk.experience.factors import MEASURES
from leadrisk.experience.special64 import normal_quantile_array

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import ArrayLike, NDArray

    from leadrisk.contract.terms import Terms

CLAIMS_MEASURES = ("acr", "uamcc", "dah", "tfu")
SURVEY_MEASURES = ("cahps",)
ECQM_MEASURES = ("glycemic", "blood_pressure")
REACH_MEASURES = ("acr", "uamcc", "tfu", "cahps")
"""Measures of ACO REACH for all ACOs but those of the High Needs type, which have days at home for follow-up."""


def normal_quantile(probability: float) -> float:
    """Quantile of the standard normal, for probabilities of 0 and 1 far out in the tail.

    Examples
    --------
    >>> round(normal_quantile(0.82), 4)
    0.9154
    """
    return float(normal_quantile_array(np.clip(np.array([probability]), 1e-12, 1.0 - 1e-12))[0])


def normal_probability(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distribution function of the standard normal, by halving on its quantile, so with the same bits on any CPU.

    Examples
    --------
    >>> normal_probability(np.array([0.0, 1.0])).round(6).tolist()
    [0.5, 0.841345]
    """
    lower, upper = np.zeros(x.shape), np.ones(x.shape)
    for _ in range(53):
        middle = 0.5 * (lower + upper)
        below = normal_quantile_array(np.clip(middle, 1e-15, 1.0 - 1e-15)) < x
        lower, upper = np.where(below, middle, lower), np.where(below, upper, middle)
    return 0.5 * (lower + upper)


class Ladder(NamedTuple):
    """Ladder of a quality measure.

    Parameters
    ----------
    edges
        Lower edges of the steps as standard normals across ACOs, rising.
    points
        Share of the measure's points below the first edge and from each one on.
    """

    edges: NDArray[np.float64]
    points: NDArray[np.float64]


def quality_ladder(terms: Terms) -> Ladder:
    """Return the ladder that the terms state."""
    percentiles = np.clip(np.array(terms.weights("quality.ladder_percentiles")), 1e-12, 1.0 - 1e-12)
    return Ladder(normal_quantile_array(percentiles), np.array((0.0, *terms.weights("quality.ladder_points"))))


def ladder_points(ranks: NDArray[np.float64], *, ladder: Ladder) -> NDArray[np.float64]:
    """Points of a measure, 0 to 1, from its rank among ACOs as a standard normal.

    CMS pays by "highest percentile benchmark met"; LEAD's ladder is not published (rule book section 7, grade C).

    Examples
    --------
    >>> import numpy as np
    >>> from leadrisk.contract.terms import load_terms
    >>> ladder_points(np.array([-2.0, 0.0, 1.0]), ladder=quality_ladder(load_terms("lead"))).tolist()
    [0.0, 0.95, 1.0]
    """
    points = np.empty(ranks.shape)
    points_of_ranks(np.ascontiguousarray(ranks).reshape(-1), ladder.edges, ladder.points, points.reshape(-1))
    return points


def passes_gateway(gateway: NDArray[np.float64], *, pass_probability: float) -> NDArray[np.bool_]:
    """Tell who shows continuous improvement or sustained exceptional performance (CI/SEP).

    CMS's page keeps the component "similar to ACO REACH" (rule book section 7, grade A; the share that passes is an
    assumption of the scenario).

    Parameters
    ----------
    gateway
        What decides it as a standard normal across ACOs.
    pass_probability
        Share of ACOs that pass: those with the highest ``gateway``.

    Examples
    --------
    >>> import numpy as np
    >>> passes_gateway(np.array([-1.0, 1.0]), pass_probability=0.5).tolist()
    [False, True]
    """
    passed: NDArray[np.bool_] = gateway >= normal_quantile(1.0 - pass_probability)
    return passed


def quality_score(
    ranks: NDArray[np.float64],
    *,
    gateway: NDArray[np.float64],
    pass_probability: float,
    prevention_plan: bool,
    performance_years: ArrayLike,
    terms: Terms,
    measures: Collection[str] = MEASURES,
) -> NDArray[np.float64]:
    """Share of the quality points earned, 0 to 1.

    Mean of the measures that count in the year, the claims-based ones multiplied where the CI/SEP gateway is failed,
    plus the points of a prevention quality plan, at most 1. eCQMs: optional (left out), then pay-for-reporting
    (full points), then pay-for-performance (rule book section 7). Points count at settlement only: nothing is
    withheld during the year (grade A).

    Parameters
    ----------
    ranks
        Shape (measure, ..., year), measures in the order of ``experience.factors.MEASURES``.
    gateway
        What decides the CI/SEP gateway as a standard normal, shape (..., year).
    pass_probability
        Share of ACOs that pass it: those with the highest ``gateway``.
    measures
        Measures of the programme, all with the same weight: seven in LEAD, ``REACH_MEASURES`` in ACO REACH.

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
    ladder = quality_ladder(terms)
    earned = np.zeros(np.broadcast_shapes(ranks.shape[1:], years.shape))
    claims, survey, ecqm = (
        [MEASURES.index(measure) for measure in kind if measure in measures]
        for kind in (CLAIMS_MEASURES, SURVEY_MEASURES, ECQM_MEASURES)
    )
    for measure in claims:
        earned += ladder_points(ranks[measure], ladder=ladder)
    failed = ~passes_gateway(gateway, pass_probability=pass_probability)
    earned *= np.where(failed, terms.number("quality.gateway_fail_multiplier"), 1.0)
    for measure in survey:
        earned += ladder_points(ranks[measure], ladder=ladder)
    counted = np.full(years.shape, float(len(claims) + len(survey)))
    if ecqm:
        performed = years >= terms.number("quality.ecqm_performance_from")
        reported = (years >= terms.number("quality.ecqm_reporting_from")) & ~performed
        for measure in ecqm:
            earned += performed * ladder_points(ranks[measure], ladder=ladder)
        earned += len(ecqm) * reported
        counted += len(ecqm) * (reported | performed)
    plan = terms.number("quality.prevention_plan_points") if prevention_plan else 0.0
    return np.asarray(np.minimum(earned / counted + plan, 1.0))
