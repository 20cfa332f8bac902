"""What the kernel of the systemic paths needs of a scenario, worked out in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leadrisk.experience.factors import FACTORS, MEASURES, Layer, layout
from leadrisk.experience.special64 import normal_quantile_array
from leadrisk.futures.dependence import correlated_names, independent_direction
from leadrisk.futures.heavy_tail import cubic_shape

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from leadrisk.scenario.model import Scenario


class PathParameters(NamedTuple):
    """Parameters of the systemic paths; ``_sd`` are standard deviations of a year's step, logs are natural."""

    mean_growth: float
    score_sd: float
    score_linear: float  # a step is linear z + cubic z^3
    score_cubic: float
    trait_sd: float
    trait_persistence: float
    trait_innovation: float
    score_variance: NDArray[np.float64]  # of the log score since BY1, by year
    real_share: float
    efficiency_sd: float
    efficiency_linear: float
    efficiency_cubic: float
    level_sd: float
    pandemic_aco_sd: float
    churn_level_sd: float
    churn_mismatch_sd: float
    ai_shift_mean: float
    ai_shift_sd: float
    care: NDArray[np.float64]  # planned share saved, by performance year
    care_effect_sd: float
    calm_sd: float
    stressed_sd: float
    starts_stressed: float  # bounds of the regime's normal number
    turns_stressed: float
    stays_stressed: float
    autocorrelation: float
    innovation: float
    projection_miss: NDArray[np.float64]  # by performance year
    pandemic_cost_effect: float
    pandemic_rebound: float
    regional_sd: float
    category_sd: float


class Places(NamedTuple):
    """Where each factor's numbers begin in the vector of a future; the measures' ranks follow one another."""

    true_level: int
    efficiency: int
    score_growth: int
    score_trait: int
    care_effect: int
    ai_shift: int
    region: int
    national: int
    regime: int
    pandemic_region: int
    quality: int
    improvement: int
    tin_level: int
    tin_mismatch: int
    category_trend_high_needs: int
    category_trend_esrd: int
    episode_noise: int
    stop_loss_neutrality: int


def places(performance_years: int) -> Places:
    """Beginnings of the factors' numbers.

    Examples
    --------
    >>> places(10).efficiency, places(10).improvement
    (1, 141)
    """
    starts = {name: part.start for name, part in layout(performance_years, touches_persons=False).items()}
    starts["quality"] = starts[f"quality_{MEASURES[0]}"]
    return Places(**{name: starts[name] for name in Places._fields})


def path_parameters(scenario: Scenario) -> PathParameters:
    """Parameters of a scenario's paths."""
    drift, efficiency, trend, shocks = scenario.drift, scenario.efficiency, scenario.trend, scenario.shocks
    years = scenario.horizon.performance_years
    x = size_ratio(scenario)
    walk_variance = drift.walk_variance + drift.walk_variance_size * x
    calm_to_stressed = trend.stress_probability * (1.0 - trend.stress_persistence) / (1.0 - trend.stress_probability)
    chances = np.array([trend.stress_probability, calm_to_stressed, trend.stress_persistence])
    starts, turns, stays = normal_quantile_array(np.clip(chances, 1e-12, 1.0 - 1e-12)).tolist()
    score_linear, score_cubic = cubic_shape(drift.excess_kurtosis)
    efficiency_linear, efficiency_cubic = cubic_shape(efficiency.excess_kurtosis)
    miss = np.zeros(years)
    miss[: len(trend.projection_miss)] = trend.projection_miss[:years]
    return PathParameters(
        mean_growth=drift.mean_growth,
        score_sd=float(np.sqrt(walk_variance)),
        score_linear=score_linear,
        score_cubic=score_cubic,
        trait_sd=drift.trait_sd,
        trait_persistence=drift.trait_persistence,
        trait_innovation=float(drift.trait_sd * _innovation(drift.trait_persistence)),
        score_variance=_score_variance(scenario, walk_variance),
        real_share=1.0 - drift.coding_share,
        efficiency_sd=float(np.sqrt(efficiency.walk_variance + efficiency.walk_variance_size * x)),
        efficiency_linear=efficiency_linear,
        efficiency_cubic=efficiency_cubic,
        level_sd=scenario.level.true_level_sd,
        pandemic_aco_sd=shocks.pandemic_aco_sd,
        churn_level_sd=scenario.churn.level_sd,
        churn_mismatch_sd=scenario.churn.mismatch_sd,
        ai_shift_mean=drift.ai_shift_mean,
        ai_shift_sd=drift.ai_shift_sd,
        care=care_path(scenario),
        care_effect_sd=efficiency.care_management_effect_sd,
        calm_sd=trend.calm_sd,
        stressed_sd=trend.stressed_sd,
        starts_stressed=starts,
        turns_stressed=turns,
        stays_stressed=stays,
        autocorrelation=trend.autocorrelation,
        innovation=float(_innovation(trend.autocorrelation)),
        projection_miss=miss,
        pandemic_cost_effect=shocks.pandemic_cost_effect,
        pandemic_rebound=shocks.pandemic_rebound,
        regional_sd=trend.regional_sd,
        category_sd=trend.category_sd,
    )


def wanted_numbers(scenario: Scenario, *, frozen: Collection[Layer], episodes: bool) -> NDArray[np.bool_]:
    """Which numbers of a future are drawn: not those of frozen layers, nor those that would change nothing.

    The others keep their addresses, so leaving numbers out changes no other. A factor that others are correlated with
    is never left out for changing nothing itself.
    """
    idle = {
        "tin_level": scenario.churn.level_sd == 0.0,
        "tin_mismatch": scenario.churn.mismatch_sd == 0.0,
        "category_trend_high_needs": scenario.trend.category_sd == 0.0 or scenario.categories.high_needs is None,
        "category_trend_esrd": scenario.trend.category_sd == 0.0 or scenario.categories.esrd is None,
        "episode_noise": not episodes,
        "stop_loss_neutrality": scenario.trend.stop_loss_neutrality_sd == 0.0,
    }
    idle |= dict.fromkeys(correlated_names(scenario), False)
    at = layout(scenario.horizon.performance_years, touches_persons=False)
    wanted = np.ones(max(part.stop for part in at.values()), dtype=np.bool_)
    for factor in FACTORS:
        if not factor.touches_persons and (factor.layer in frozen or idle.get(factor.name, False)):
            wanted[at[factor.name]] = False
    return wanted


def dominating_direction(scenario: Scenario) -> NDArray[np.float64]:
    """Unit vector in the space of the independent numbers along which the ten-year savings change most, to first order.

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
    direction = independent_direction(direction, scenario)
    length = np.sqrt((direction * direction).sum())
    if length == 0:
        direction[0], length = 1.0, 1.0
    return np.asarray(direction / length)


def size_ratio(scenario: Scenario) -> float:
    """Ratio x = 10,000 / lives of the drift formulas, lives floored at 5,000 (model_parameters.md §1).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> size_ratio(SimpleNamespace(cohort=SimpleNamespace(lives=2_000)))
    2.0
    """
    return 10_000.0 / max(scenario.cohort.lives, 5_000)


def care_path(scenario: Scenario) -> NDArray[np.float64]:
    """Planned share of cost saved by care management, by performance year: a linear ramp, then flat."""
    plan = scenario.efficiency
    year = np.arange(1.0, scenario.horizon.performance_years + 1)
    ramp = np.minimum(year / max(plan.care_management_ramp_years, 1), 1.0)
    return np.asarray(plan.care_management_savings * ramp)


def _score_variance(scenario: Scenario, walk_variance: float) -> NDArray[np.float64]:
    """Variance of the log score since the first base year, by year: a random walk and the sum of an AR(1) trait."""
    drift = scenario.drift
    variance = np.zeros(scenario.horizon.performance_years + 3)
    with_last = 0.0  # covariance of the summed trait with its last value, in units of the trait's variance
    for t in range(1, variance.size):
        with_last = 1.0 + drift.trait_persistence * with_last
        variance[t] = variance[t - 1] + walk_variance + drift.trait_sd * drift.trait_sd * (2.0 * with_last - 1.0)
    return variance


def _innovation(persistence: float) -> float:
    """Spread of the innovations of an AR(1) with unit variance."""
    return float(np.sqrt(1.0 - persistence * persistence))
