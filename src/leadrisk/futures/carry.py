"""Carry a block of populations through its futures: what CMS would see in every performance year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.experience.special64 import exponential, logarithm
from leadrisk.futures.base_level import (
    LEAST_BASE,
    BaseLevel,
    known_baseline,
    log_nodes,
    person_rates,
    persons_baseline,
)
from leadrisk.futures.carry_kernel import carry_block, truncate_block

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.futures.paths import Paths
    from leadrisk.scenario.model import Scenario

_RETURN_LEFT, _RETURN_KEPT = 0.43, 0.70  # luck of the base years still with the panel in PY1, and how it fades
_WALKS = ("high_needs", "esrd")  # categories with a national trend of their own, in the order of Paths.categories


@dataclass(frozen=True)
class Carried:
    """One category in every performance year of every future; arrays of shape (population, future, year).

    Attributes
    ----------
    person_years
        Shape (population, 1, year): futures share the persons.
    cost_rate
        Simulated cost per person-year, in the segment's mean annual cost, shape (population, 1, year).
    expenditure_pbpm
        Dollars.
    truncated_pbpm
        Expenditure less the part above the national 99th percentile of annualised cost; ``None`` unless asked for.
    base_truncation
        Share of base-year cost above that percentile, expected in the pilot of the base years.
    national_trend, regional_trend
        Cumulative growth of cost in the nation and in the region since BY3.
    acpt
        Cumulative projected growth since BY3, shape (year,).
    unexpected_cost
        What befell the persons beyond their scores: their cost per score over that of BY3, shape (population, 1, year).
    score_ratio, ai_score_ratio
        Prospective HCC score and AI-inferred score over the BY3 score.
    baseline_shift
        Level of the year's participant list against the first one's, in its base years too.
    """

    person_years: NDArray[np.float64]
    cost_rate: NDArray[np.float64]
    expenditure_pbpm: NDArray[np.float64]
    truncated_pbpm: NDArray[np.float64] | None
    base_truncation: float
    national_trend: NDArray[np.float64]
    regional_trend: NDArray[np.float64]
    acpt: NDArray[np.float64]
    unexpected_cost: NDArray[np.float64]
    score_ratio: NDArray[np.float64]
    ai_score_ratio: NDArray[np.float64]
    baseline_shift: NDArray[np.float64]


def carry(
    experience: xr.Dataset,
    paths: Paths,
    scenario: Scenario,
    *,
    levels: dict[str, BaseLevel],
    base_weights: tuple[float, ...],
    truncated: bool = False,
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
        From :func:`leadrisk.futures.base_level.base_levels`; they belong to the scenario, not to the run.
    base_weights
        Weights of BY1, BY2, BY3 in the baseline, summing to 1.
    truncated
        Whether ``truncated_pbpm`` is worked out.
    """
    present = [
        (c, name)
        for c, name in enumerate(experience["category"].values.tolist())
        if getattr(scenario.categories, name) is not None
    ]
    years = scenario.horizon.performance_years
    returned = 1.0 - _RETURN_LEFT * np.cumprod(np.full(years, _RETURN_KEPT)) / _RETURN_KEPT
    cost_rate, score_rate = (np.ascontiguousarray(np.moveaxis(rate, 2, 0)) for rate in person_rates(experience))
    person_years = np.ascontiguousarray(np.moveaxis(experience["person_years"].values, 2, 0))
    rows = []
    for c, name in present:
        category = getattr(scenario.categories, name)
        cost, score = cost_rate[c], score_rate[c]
        known = known_baseline(category, base_weights)
        doubt = 1.0 - levels[name].credibility
        luck = logarithm(persons_baseline(cost, score, base_weights) / levels[name].expected)
        level = exponential(doubt * returned * logarithm(np.array([category.region_pbpm / known])))
        projected = np.cumprod(np.full(years, 1.0 + getattr(scenario.trend, f"growth_{name}")))
        rows.append((cost, score, known * exponential(doubt * luck), level, projected))
    by_category = [np.array(part) for part in zip(*rows, strict=True)]
    names = ("cost", "score", "churn_level", "ai_shift", "care_savings", "national", "region", "categories")
    logs = [np.ascontiguousarray(getattr(paths, name)) for name in names]
    shift = np.empty(paths.churn_level.shape)
    results = [np.empty((len(rows), *shift.shape)) for _ in range(5)]
    carry_block(
        *logs, np.array([_WALKS.index(name) if name in _WALKS else -1 for _, name in present]),
        *by_category, LEAST_BASE, np.array(base_weights), shift, *results,
    )  # fmt: skip
    found: dict[str, Carried] = {}
    for at, (c, name) in enumerate(present):
        expenditure, national, regional, ratio, ai_ratio = (result[at] for result in results)
        truncated_pbpm = None
        if truncated:
            threshold = getattr(scenario.categories, name).national_pbpm / levels[name].expected
            excess = experience["excess"].values[:, 3:, c] / np.maximum(person_years[c, :, 3:, None], 1e-9)
            truncated_pbpm = np.empty_like(expenditure)
            truncate_block(
                expenditure, cost_rate[c, :, 3:], national, excess, threshold, log_nodes(experience), truncated_pbpm
            )
        found[name] = Carried(
            person_years=person_years[c, :, None, 3:],
            cost_rate=cost_rate[c, :, None, 3:],
            expenditure_pbpm=expenditure,
            truncated_pbpm=truncated_pbpm,
            base_truncation=levels[name].truncation,
            national_trend=national,
            regional_trend=regional,
            acpt=by_category[-1][at],
            unexpected_cost=_unexpected(cost_rate[c], score_rate[c]),
            score_ratio=ratio,
            ai_score_ratio=ai_ratio,
            baseline_shift=shift,
        )
    return found


def _unexpected(cost: NDArray[np.float64], score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cost per score of a population's persons over that of BY3, neutral path, shape (population, 1, year)."""
    per_score = cost / score
    moved = per_score[:, 3:] / per_score[:, 2:3]
    return np.asarray(np.clip(moved, LEAST_BASE, 1.0 / LEAST_BASE)[:, None, :])
