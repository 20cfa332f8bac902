"""Correlated factors as simulated: the stated correlations, and nothing else, changed."""

from __future__ import annotations

import numpy as np
import pytest

from leadrisk.experience.factors import FACTORS, layout
from leadrisk.experience.simulate import simulate_block
from leadrisk.futures.dependence import correlated_factors, independent_direction
from leadrisk.futures.joint import joint_distribution
from leadrisk.futures.parameters import dominating_direction, wanted_numbers
from leadrisk.futures.path_kernel import correlate_futures
from leadrisk.futures.paths import systemic_paths
from leadrisk.futures.sobol import future_normals
from scenario_fixture import small_scenario

SEED, POPULATIONS, FUTURES = 5, 512, 16
MANY = {
    "efficiency": {"quality_uamcc": -0.25, "region": 0.3, "tin_level": 0.3},
    "score_trait": {"efficiency": 0.4},
    "national": {"region": -0.5, "category_trend_esrd": 0.4},
    "tin_level": {"tin_mismatch": -0.3},
    "care_effect": {"true_level": 0.7, "ai_shift": -0.2},
}


@pytest.fixture(scope="module")
def scenario():
    return small_scenario(dependence={"correlation": MANY})


def numbers_of(scenario, *, frozen=()):
    """Independent and dependent numbers, shape (population, dimension, future)."""
    direction = dominating_direction(scenario)
    before = future_normals(first=0, count=POPULATIONS, futures=FUTURES, seed=SEED, direction=direction)
    before[:, ~wanted_numbers(scenario, frozen=frozen, episodes=True)] = 0.0
    after = before.copy()
    correlate_futures(after, *correlated_factors(scenario, frozen=frozen))
    return before, after


def test_simulated_correlations_are_the_stated_ones_in_every_year(scenario):
    """Products average over futures first: those of a population are evenly spread, not independent."""
    _, after = numbers_of(scenario)
    at = layout(scenario.horizon.performance_years, touches_persons=False)
    once = {factor.name for factor in FACTORS if factor.span == "once"}
    joint = joint_distribution(scenario)
    for i, first in enumerate(joint.names):
        for j, second in enumerate(joint.names[: i + 1]):
            if (first in once) != (second in once):
                continue
            length = min(at[first].stop - at[first].start, at[second].stop - at[second].start)
            for back in range(1, length + 1):  # both end with the last performance year
                product = (after[:, at[first].stop - back] * after[:, at[second].stop - back]).mean(axis=1)
                error = product.std(ddof=1) / np.sqrt(POPULATIONS)
                assert abs(product.mean() - joint.matrix[i][j]) < 5.0 * error, (first, second, back)


def test_factors_that_lean_on_no_other_keep_their_numbers(scenario):
    before, after = numbers_of(scenario)
    joint = joint_distribution(scenario)
    leaning = {name for i, name in enumerate(joint.names) if any(joint.matrix[i][:i])}
    assert len(leaning) >= 12
    for name, part in layout(scenario.horizon.performance_years, touches_persons=False).items():
        assert np.array_equal(before[:, part], after[:, part]) is (name not in leaning), name


@pytest.mark.parametrize("layer", ["starting_level", "trend", "drift_and_efficiency", "quality"])
def test_a_frozen_layer_gives_nothing_and_takes_nothing(scenario, layer):
    _, after = numbers_of(scenario, frozen=(layer,))
    _, moving = numbers_of(scenario)
    at = layout(scenario.horizon.performance_years, touches_persons=False)
    for factor in FACTORS:
        if not factor.touches_persons:
            part = after[:, at[factor.name]]
            if factor.layer == layer:
                assert not part.any(), factor.name
            else:
                assert part.any() == moving[:, at[factor.name]].any()
    assert not np.array_equal(after, moving)


def test_an_idle_factor_still_moves_its_partner():
    """A walk of no spread changes nothing itself, but its partner must keep its variance."""
    idle = small_scenario(
        trend={"category_sd": 0.0}, dependence={"correlation": {"category_trend_esrd": {"national": 0.9}}}
    )
    _, after = numbers_of(idle)
    at = layout(idle.horizon.performance_years, touches_persons=False)
    assert wanted_numbers(idle, frozen=(), episodes=False)[at["category_trend_esrd"]].all()
    assert after[:, at["category_trend_esrd"]].std() == pytest.approx(1.0, abs=0.02)


def test_the_direction_of_the_sampling_is_that_of_the_factors(scenario):
    """Along the independent numbers it gives the same sum as along the factors."""
    rng = np.random.default_rng(2)
    size = dominating_direction(scenario).size
    direction = rng.standard_normal(size)
    numbers = rng.standard_normal((1, size, 4))
    after = numbers.copy()
    correlate_futures(after, *correlated_factors(scenario))
    np.testing.assert_allclose(
        independent_direction(direction, scenario) @ numbers[0], direction @ after[0], rtol=1e-12, atol=1e-12
    )


def test_without_correlations_paths_are_those_of_independent_factors():
    stated = small_scenario().dependence.correlation
    nothing = {first: dict.fromkeys(partners, 0.0) for first, partners in stated.items()}
    free = small_scenario(dependence={"correlation": nothing})
    experience = simulate_block(free, first=0, count=2, populations=4, seed=SEED)
    assert joint_distribution(free).names == ()
    mine, bound = (systemic_paths(one, experience, futures=4, seed=SEED) for one in (free, small_scenario()))
    for name in ("cost", "score", "national", "region", "categories", "churn_level"):
        np.testing.assert_array_equal(getattr(mine, name), getattr(bound, name))
    assert not np.array_equal(mine.quality, bound.quality)
