"""Carry a block of populations through its futures: what CMS would see in every performance year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.futures.paths import exponential

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.futures.paths import Paths
    from leadrisk.scenario.model import Scenario

_LEAST_BASE = 0.25  # of the segment's mean: keeps a category of one or two persons from exploding when it is pinned


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


def carry(
    experience: xr.Dataset, paths: Paths, scenario: Scenario, *, base_weights: tuple[float, ...]
) -> dict[str, Carried]:
    """Put a block's experience on its systemic paths and pin it to the known base-year figures.

    The base years are simulated with the same persons and drifts that go on into the performance years. Scaling each
    (population, future) so that its own risk-standardised baseline equals the known one leaves exactly the error
    that a user faces who knows the base years and nothing else.

    Parameters
    ----------
    base_weights
        Weights of BY1, BY2, BY3 in the baseline, summing to 1.
    """
    levels = exponential(paths.cost)
    scores = exponential(paths.score)
    region = exponential(paths.national + paths.region)
    nation = exponential(paths.national)
    share = scenario.trend.market_share
    followed = share * nation + (1.0 - share) * region
    ai = exponential(paths.ai_shift)
    found: dict[str, Carried] = {}
    for c, name in enumerate(experience["category"].values.tolist()):
        category = getattr(scenario.categories, name)
        if category is None:
            continue
        person_years = experience["person_years"].values[:, :, c]
        cost = _rate(experience["expenditure"].values[:, :, c], person_years)[:, None, :] * levels
        score = _rate(experience["score"].values[:, :, c], person_years)[:, None, :] * scores
        by3_score = score[..., 2:3]
        standardised = cost[..., :3] / score[..., :3] * by3_score
        simulated = sum(weight * standardised[..., b] for b, weight in enumerate(base_weights))
        known = sum(weight * value for weight, value in zip(base_weights, category.base_year_pbpm, strict=True))
        pin = known / np.maximum(simulated, _LEAST_BASE)
        projected = np.cumprod(np.full(region.shape[-1], 1.0 + getattr(scenario.trend, f"growth_{name}")))
        ratio = score[..., 3:] / by3_score
        found[name] = Carried(
            person_years=person_years[:, None, 3:],
            expenditure_pbpm=pin[..., None] * cost[..., 3:] * (projected * region) * (1.0 - paths.care_savings),
            two_way_trend=projected * followed,
            acpt=projected,
            score_ratio=ratio,
            ai_score_ratio=ratio * ai,
        )
    return found


def _rate(total: NDArray[np.float64], person_years: NDArray[np.float64]) -> NDArray[np.float64]:
    """Total per person-year; 1, the segment's mean, where nobody is left."""
    return np.divide(total, person_years, out=np.ones_like(total), where=person_years > 0)
