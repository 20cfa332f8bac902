"""Systemic paths of the factors that do not touch persons (S2): level, trend, region, drift, efficiency, quality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.experience.factors import FACTORS, MEASURES, Layer, layout
from leadrisk.experience.special64 import exp_array, log_array, normal_quantile_array
from leadrisk.futures.sobol import future_normals

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from leadrisk.scenario.model import Scenario


@dataclass(frozen=True)
class Paths:
    """Systemic paths of a block, arrays of shape (population, future, year).

    ``all years`` start with the three base years, ``performance years`` do not. Logs are natural.

    Attributes
    ----------
    cost
        Log of the ACO's cost against its region, all years: level, efficiency, real morbidity, pandemic.
    score
        Log of the ACO's reported score against the nation, all years: real morbidity and coding.
    ai_shift
        Log of AI-inferred against HCC scores, shape (population, future, 1).
    care_savings
        Share of cost saved by care management, performance years.
    national, region
        Log of actual over projected national cost, and of regional over national cost, performance years, cumulative.
    quality
        Rank of each measure as a standard normal across ACOs, shape (measure, population, future, year).
    improvement
        Standard normal that decides the CI/SEP gateway, performance years.
    """

    cost: NDArray[np.float64]
    score: NDArray[np.float64]
    ai_shift: NDArray[np.float64]
    care_savings: NDArray[np.float64]
    national: NDArray[np.float64]
    region: NDArray[np.float64]
    quality: NDArray[np.float64]
    improvement: NDArray[np.float64]


def size_ratio(scenario: Scenario) -> float:
    """Ratio x = 10,000 / lives of the drift formulas, lives floored at 5,000 (model_parameters.md §1).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> size_ratio(SimpleNamespace(cohort=SimpleNamespace(lives=2_000)))
    2.0
    """
    return 10_000.0 / max(scenario.cohort.lives, 5_000)


def systemic_paths(
    scenario: Scenario,
    pandemic: NDArray[np.int8],
    *,
    first: int,
    futures: int,
    seed: int,
    net: int = 0,
    frozen: Collection[Layer] = (),
) -> Paths:
    """Paths of a block of populations.

    Parameters
    ----------
    pandemic
        Shape (population, year): outbreaks, drawn with the populations because they touch persons.
    net
        Number of the scrambled net; results use net 0, a second one checks what the futures leave in a mean.
    frozen
        Layers whose factors are held at their median.
    """
    years = scenario.horizon.performance_years
    at = layout(years, touches_persons=False)
    normals = future_normals(
        first=first,
        count=len(pandemic),
        futures=futures,
        seed=seed,
        direction=_dominating_direction(scenario),
        net=net,
    )
    for factor in FACTORS:
        if factor.layer in frozen and not factor.touches_persons:
            normals[:, at[factor.name]] = 0.0
    draws = {name: np.moveaxis(normals[:, part], 1, 2) for name, part in at.items()}
    outbreak = pandemic[:, None, 3:].astype(float) * (0.0 if "trend" in frozen else 1.0)

    score, variance = _score_growth(scenario, draws)
    share = scenario.drift.coding_share
    real = (1.0 - share) * score - 0.5 * (1.0 - share) * (
        1.0 - share
    ) * variance  # its exponential has mean one, like all here
    cost = _efficiency(scenario, draws) + real
    sd, hit_sd = scenario.level.true_level_sd, scenario.shocks.pandemic_aco_sd
    cost[..., 3:] += sd * draws["true_level"] - 0.5 * sd * sd
    cost[..., 3:] += (hit_sd * draws["pandemic_region"] - 0.5 * hit_sd * hit_sd) * outbreak
    return Paths(
        cost=cost,
        score=score - 0.5 * variance,
        ai_shift=scenario.drift.ai_shift_mean + scenario.drift.ai_shift_sd * draws["ai_shift"],
        care_savings=_care_savings(scenario, draws),
        national=_national(scenario, draws, outbreak),
        region=np.cumsum(scenario.trend.regional_sd * draws["region"], axis=-1),
        quality=_quality(scenario, draws),
        improvement=_stationary(
            draws["improvement"], persistence=scenario.quality.persistence_gateway, known=0.0, known_correlation=0.0
        ),
    )


def _score_growth(
    scenario: Scenario, draws: dict[str, NDArray[np.float64]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log of the ACO's risk score against the nation since the first base year, and its variance by year.

    A random walk and a growth trait, an AR(1) that is stationary at the start.
    """
    drift = scenario.drift
    walk_variance = drift.walk_variance + drift.walk_variance_size * size_ratio(scenario)
    growth = np.empty_like(draws["score_trait"])
    growth[..., 0] = drift.trait_sd * draws["score_trait"][..., 0]
    innovation = drift.trait_sd * np.sqrt(1.0 - drift.trait_persistence * drift.trait_persistence)
    for t in range(1, growth.shape[-1]):
        growth[..., t] = drift.trait_persistence * growth[..., t - 1] + innovation * draws["score_trait"][..., t]
    growth[..., 0] = 0.0
    growth[..., 1:] += drift.mean_growth + np.sqrt(walk_variance) * draws["score_growth"]
    variance = np.zeros(growth.shape[-1])
    with_last = 0.0  # covariance of the summed trait with its last value, in units of the trait's variance
    for t in range(1, variance.size):
        with_last = 1.0 + drift.trait_persistence * with_last
        variance[t] = variance[t - 1] + walk_variance + drift.trait_sd * drift.trait_sd * (2.0 * with_last - 1.0)
    return np.cumsum(growth, axis=-1), variance


def _efficiency(scenario: Scenario, draws: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Log of the ACO's cost against its region since the first base year: a random walk that shrinks with size."""
    variance = scenario.efficiency.walk_variance + scenario.efficiency.walk_variance_size * size_ratio(scenario)
    steps = np.sqrt(variance) * draws["efficiency"] - 0.5 * variance
    walk = np.zeros((*steps.shape[:-1], steps.shape[-1] + 1))
    np.cumsum(steps, axis=-1, out=walk[..., 1:])
    return walk


def care_path(scenario: Scenario) -> NDArray[np.float64]:
    """Planned share of cost saved by care management, by performance year: a linear ramp, then flat."""
    plan = scenario.efficiency
    year = np.arange(1.0, scenario.horizon.performance_years + 1)
    ramp = np.minimum(year / max(plan.care_management_ramp_years, 1), 1.0)
    return np.asarray(plan.care_management_savings * ramp)


def _care_savings(scenario: Scenario, draws: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    effect = 1.0 + scenario.efficiency.care_management_effect_sd * draws["care_effect"]
    return np.minimum(care_path(scenario) * effect, 0.5)


def _national(
    scenario: Scenario, draws: dict[str, NDArray[np.float64]], outbreak: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Log of actual over projected national cost, cumulative: two regimes, autocorrelated, plus stated misses."""
    trend, shocks = scenario.trend, scenario.shocks
    calm_to_stressed = trend.stress_probability * (1.0 - trend.stress_persistence) / (1.0 - trend.stress_probability)
    bounds = normal_quantile_array(
        np.clip(
            np.array([trend.stress_probability, calm_to_stressed, trend.stress_persistence]),
            1e-12,
            1.0 - 1e-12,
        )
    )
    regime, draw = draws["regime"], draws["national"]
    error = np.empty_like(draw)
    innovation = np.sqrt(1.0 - trend.autocorrelation * trend.autocorrelation)
    stressed = regime[..., 0] < bounds[0]
    for t in range(draw.shape[-1]):
        if t > 0:
            stressed = regime[..., t] < np.where(stressed, bounds[2], bounds[1])
        shock = np.where(stressed, trend.stressed_sd, trend.calm_sd) * draw[..., t]
        error[..., t] = shock if t == 0 else trend.autocorrelation * error[..., t - 1] + innovation * shock
    error += _by_year(trend.projection_miss, error.shape[-1])
    national = np.cumsum(error, axis=-1)
    national += shocks.pandemic_cost_effect * outbreak  # care put off, made up for in the year after, then over
    national[..., 1:] += shocks.pandemic_rebound * outbreak[..., :-1]
    return national


def _quality(scenario: Scenario, draws: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Rank of each measure as a standard normal across ACOs, from where the ACO was known to stand."""
    quality = scenario.quality
    return np.stack(
        [
            _stationary(
                draws[f"quality_{measure}"],
                persistence=getattr(quality, f"persistence_{measure}"),
                known=quality.relative_level,
                known_correlation=quality.composite_correlation,
            )
            for measure in MEASURES
        ]
    )


def _stationary(
    draws: NDArray[np.float64], *, persistence: float, known: float, known_correlation: float
) -> NDArray[np.float64]:
    """AR(1) with unit variance across ACOs, given a known figure of the year before the first.

    Parameters
    ----------
    known, known_correlation
        Standardised known figure, and its correlation with the process in that year.
    """
    path = np.empty_like(draws)
    start = persistence * known_correlation
    path[..., 0] = start * known + np.sqrt(1.0 - start * start) * draws[..., 0]
    for t in range(1, path.shape[-1]):
        path[..., t] = persistence * path[..., t - 1] + np.sqrt(1.0 - persistence * persistence) * draws[..., t]
    return path


def _by_year(values: tuple[float, ...], years: int) -> NDArray[np.float64]:
    """Stated yearly values, zero after the last one given."""
    full = np.zeros(years)
    full[: min(len(values), years)] = values[:years]
    return full


def _dominating_direction(scenario: Scenario) -> NDArray[np.float64]:
    """Unit vector in factor space along which the ten-year sum of savings changes most, to first order.

    The region is not in it: LEAD's update follows the region, so its walk moves cost and benchmark alike. Coding
    counts by half, because the ±3 % cap takes about that much of it. Only the efficiency of the sampling hangs on
    this vector, never a mean.
    """
    years = scenario.horizon.performance_years
    at = layout(years, touches_persons=False)
    direction = np.zeros(max(part.stop for part in at.values()))
    x = size_ratio(scenario)
    coding_less_real = 0.5 * scenario.drift.coding_share - 0.5 * (1.0 - scenario.drift.coding_share)
    remaining = np.minimum(np.arange(years + 2, 0, -1.0), years)  # years that a step is felt
    direction[at["true_level"]] = -scenario.level.true_level_sd * years
    direction[at["efficiency"]] = (
        -np.sqrt(scenario.efficiency.walk_variance + scenario.efficiency.walk_variance_size * x) * remaining
    )
    direction[at["score_growth"]] = (
        coding_less_real * np.sqrt(scenario.drift.walk_variance + scenario.drift.walk_variance_size * x) * remaining
    )
    direction[at["care_effect"]] = scenario.efficiency.care_management_effect_sd * care_path(scenario).sum()
    length = np.sqrt((direction * direction).sum())
    if length == 0:
        direction[0], length = 1.0, 1.0
    return np.asarray(direction / length)


def exponential(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Elementwise exponential with the same bits on every CPU."""
    values: NDArray[np.float64] = exp_array(np.ascontiguousarray(x).ravel()).reshape(x.shape)
    return values


def logarithm(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Elementwise natural logarithm with the same bits on every CPU."""
    values: NDArray[np.float64] = log_array(np.ascontiguousarray(x).ravel()).reshape(x.shape)
    return values
