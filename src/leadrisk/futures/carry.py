"""Carry a block of populations through its futures: what CMS would see in every performance year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.futures.paths import exponential, logarithm

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.futures.paths import Paths
    from leadrisk.scenario.model import Scenario

_LEAST_BASE = 0.25  # keeps a category of one or two persons from exploding when it is pinned
_RETURN_LEFT, _RETURN_KEPT = 0.43, 0.70  # luck of the base years still with the panel in PY1, and how it fades


@dataclass(frozen=True)
class BaseLevel:
    """What the base years of one category tell about its level.

    Attributes
    ----------
    expected
        Mean over populations of the simulated, risk-standardised baseline, in the segment's mean annual cost.
    credibility
        Weight of the known base years against the regional rate, 0 to 1.
    """

    expected: float
    credibility: float


@dataclass(frozen=True)
class Carried:
    """One category in every performance year of every future.

    Attributes
    ----------
    person_years
        Shape (population, 1, year): futures share the persons.
    expenditure_pbpm
        Dollars, shape (population, future, year).
    two_way_trend
        Cumulative national-regional growth since BY3, shape (population, future, year).
    acpt
        Cumulative projected growth since BY3, shape (year,).
    score_ratio, ai_score_ratio
        HCC and AI-inferred score over the BY3 score, shape (population, future, year).
    """

    person_years: NDArray[np.float64]
    expenditure_pbpm: NDArray[np.float64]
    two_way_trend: NDArray[np.float64]
    acpt: NDArray[np.float64]
    score_ratio: NDArray[np.float64]
    ai_score_ratio: NDArray[np.float64]


def base_levels(experience: xr.Dataset, scenario: Scenario, *, base_weights: tuple[float, ...]) -> dict[str, BaseLevel]:
    """Expected baseline and credibility by category, from all populations of a run.

    Credibility is tau^2 / (tau^2 + noise^2): the spread of true cost around the regional rate against the luck of
    the base years, which is the spread of the simulated baseline over populations (model_parameters.md §3).
    """
    found = {}
    for c, name in enumerate(experience["category"].values.tolist()):
        if getattr(scenario.categories, name) is not None:
            baseline = _persons_baseline(experience, c, base_weights)
            n = baseline.size
            expected = float(np.cumsum(baseline)[-1]) / n  # a fixed order of additions, whatever the CPU
            squares = float(np.cumsum((baseline / expected - 1.0) * (baseline / expected - 1.0))[-1]) / max(n - 1, 1)
            tau2 = scenario.level.credibility_tau * scenario.level.credibility_tau
            found[name] = BaseLevel(expected=expected, credibility=tau2 / (tau2 + squares))
    return found


def carry(
    experience: xr.Dataset,
    paths: Paths,
    scenario: Scenario,
    *,
    levels: dict[str, BaseLevel],
    base_weights: tuple[float, ...],
) -> dict[str, Carried]:
    """Put a block's experience on its systemic paths and pin it to the known base-year figures.

    The base years are simulated with the same persons and drifts that go on into the performance years. Scaling each
    (population, future) so that its own risk-standardised baseline equals the known one leaves exactly the error
    that a user faces who knows the base years and nothing else. Where few persons make the known figure noisy, only
    its credible part is taken at its word: the rest of a population's own luck stays, and the level returns to the
    regional rate as the panel turns over.

    Parameters
    ----------
    levels
        From :func:`base_levels`, over all populations of the run.
    base_weights
        Weights of BY1, BY2, BY3 in the baseline, summing to 1.
    """
    factors = exponential(paths.cost)
    scores = exponential(paths.score)
    region = exponential(paths.national + paths.region)
    nation = exponential(paths.national)
    share = scenario.trend.market_share
    followed = share * nation + (1.0 - share) * region
    ai = exponential(paths.ai_shift)
    returned = 1.0 - _RETURN_LEFT * np.cumprod(np.full(region.shape[-1], _RETURN_KEPT)) / _RETURN_KEPT
    found: dict[str, Carried] = {}
    for c, name in enumerate(experience["category"].values.tolist()):
        category = getattr(scenario.categories, name)
        if category is None:
            continue
        person_years = experience["person_years"].values[:, :, c]
        cost = _rate(experience["expenditure"].values[:, :, c], person_years)[:, None, :] * factors
        score = _rate(experience["score"].values[:, :, c], person_years)[:, None, :] * scores
        by3_score = score[..., 2:3]
        simulated = _baseline(cost, score, base_weights)
        known = sum(weight * value for weight, value in zip(base_weights, category.base_year_pbpm, strict=True))
        doubt = 1.0 - levels[name].credibility
        luck = logarithm(_persons_baseline(experience, c, base_weights) / levels[name].expected)
        pin = known / simulated * exponential(doubt * luck)[:, None]
        level = exponential(doubt * returned * logarithm(np.array([category.region_pbpm / known])))
        projected = np.cumprod(np.full(region.shape[-1], 1.0 + getattr(scenario.trend, f"growth_{name}")))
        ratio = score[..., 3:] / by3_score
        found[name] = Carried(
            person_years=person_years[:, None, 3:],
            expenditure_pbpm=pin[..., None] * cost[..., 3:] * (projected * level * region) * (1.0 - paths.care_savings),
            two_way_trend=projected * followed,
            acpt=projected,
            score_ratio=ratio,
            ai_score_ratio=ratio * ai,
        )
    return found


def _persons_baseline(experience: xr.Dataset, c: int, base_weights: tuple[float, ...]) -> NDArray[np.float64]:
    """Risk-standardised baseline of each population's persons on the neutral path, shape (population,)."""
    person_years = experience["person_years"].values[:, :3, c]
    cost = _rate(experience["expenditure"].values[:, :3, c], person_years)
    score = _rate(experience["score"].values[:, :3, c], person_years)
    return _baseline(cost, score, base_weights)


def _baseline(
    cost: NDArray[np.float64], score: NDArray[np.float64], base_weights: tuple[float, ...]
) -> NDArray[np.float64]:
    """Weighted baseline with each base year at the score of BY3; never below a quarter of the segment's mean cost."""
    standardised = cost[..., :3] / score[..., :3] * score[..., 2:3]
    total = sum(weight * standardised[..., b] for b, weight in enumerate(base_weights))
    return np.maximum(total, _LEAST_BASE)


def _rate(total: NDArray[np.float64], person_years: NDArray[np.float64]) -> NDArray[np.float64]:
    """Total per person-year; 1, the segment's mean, where nobody is left."""
    return np.divide(total, person_years, out=np.ones_like(total), where=person_years > 0)
