"""Quality score: ranks of the measures, points, the CI/SEP gateway and the prevention quality plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leadrisk.experience.factors import MEASURES
from leadrisk.experience.special64 import normal_quantile_array

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from leadrisk.contract.terms import Terms

CLAIMS_MEASURES = ("acr", "uamcc", "dah", "tfu")
SURVEY_MEASURES = ("cahps",)
ECQM_MEASURES = ("glycemic", "blood_pressure")


def normal_quantile(probability: float) -> float:
    """Quantile of the standard normal, for probabilities of 0 and 1 far out in the tail.

    Examples
    --------
    >>> round(normal_quantile(0.82), 4)
    0.9154
    """
    return float(normal_quantile_array(np.clip(np.array([probability]), 1e-12, 1.0 - 1e-12))[0])


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
    steps = np.zeros(ranks.shape, dtype=np.int8)
    reached = np.empty(ranks.shape, dtype=np.bool_)
    for edge in ladder.edges:  # faster than a search, for so few steps
        np.greater_equal(ranks, edge, out=reached)
        steps += reached.view(np.int8)
    points: NDArray[np.float64] = np.take(ladder.points, steps)
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
    reported = years >= terms.number("quality.ecqm_reporting_from")
    performed = years >= terms.number("quality.ecqm_performance_from")
    ladder = quality_ladder(terms)
    earned = np.zeros(np.broadcast_shapes(ranks.shape[1:], years.shape))
    for measure in CLAIMS_MEASURES:
        earned += ladder_points(ranks[MEASURES.index(measure)], ladder=ladder)
    failed = ~passes_gateway(gateway, pass_probability=pass_probability)
    np.multiply(earned, terms.number("quality.gateway_fail_multiplier"), out=earned, where=failed)
    for measure in SURVEY_MEASURES:
        earned += ladder_points(ranks[MEASURES.index(measure)], ladder=ladder)
    for measure in ECQM_MEASURES:
        earned[..., performed] += ladder_points(ranks[MEASURES.index(measure)][..., performed], ladder=ladder)
    earned += len(ECQM_MEASURES) * (reported & ~performed)
    counted = len(MEASURES) - len(ECQM_MEASURES) * ~(reported | performed)
    plan = terms.number("quality.prevention_plan_points") if prevention_plan else 0.0
    return np.minimum(earned / counted + plan, 1.0)
