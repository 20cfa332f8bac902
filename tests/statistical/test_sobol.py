"""Scrambled futures: one net a population, uniform margins, no dependence on chunks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr

from leadrisk.experience.factors import layout
from leadrisk.experience.simulate import simulate_block
from leadrisk.futures.paths import systemic_paths
from leadrisk.futures.sobol import future_normals
from leadrisk.futures.sobol_points import sobol_points
from scenario_fixture import small_scenario

DIMENSIONS, FUTURES = 40, 64


def first_axis():
    direction = np.zeros(DIMENSIONS)
    direction[0] = 1.0
    return direction


@pytest.fixture(scope="module")
def normals():
    return future_normals(first=0, count=200, futures=FUTURES, seed=3, direction=first_axis())


def test_each_dimension_of_each_population_is_stratified(normals):
    stratum = np.floor(ndtr(normals) * FUTURES).astype(int)
    assert np.array_equal(np.sort(stratum, axis=2), np.broadcast_to(np.arange(FUTURES), normals.shape))


def test_pairs_of_early_dimensions_stay_a_net(normals):
    """The first two dimensions fill every 8 x 8 box once, as an unscrambled Sobol' net does."""
    u = ndtr(normals)
    boxes = np.floor(u[:, 0] * 8) * 8 + np.floor(u[:, 1] * 8)
    assert np.array_equal(np.sort(boxes, axis=1), np.broadcast_to(np.arange(64.0), boxes.shape))


def test_position_inside_a_stratum_is_uniform(normals):
    inside = np.mod(ndtr(normals[:, :8]) * FUTURES, 1.0).ravel()
    assert stats.kstest(inside, "uniform").pvalue > 1e-4


def test_populations_are_independent(normals):
    means = normals.mean(axis=2)
    assert abs(np.corrcoef(means[:-1, 0], means[1:, 0])[0, 1]) < 4 / np.sqrt(len(means))
    order = normals[:, 0].argsort(axis=1)
    assert len({tuple(row) for row in order}) > 190  # nested scrambles permute the points of each population anew


def test_dimensions_of_one_population_are_uncorrelated_on_average(normals):
    products = (normals[:, 2:20] * normals[:, 3:21]).mean(axis=(0, 2))
    assert np.max(np.abs(products)) < 4 / np.sqrt(200 * FUTURES)


def test_chunks_do_not_matter(normals):
    part = future_normals(first=150, count=3, futures=FUTURES, seed=3, direction=first_axis())
    np.testing.assert_array_equal(part, normals[150:153])


def test_reflection_keeps_the_law_and_moves_the_direction():
    direction = np.zeros(DIMENSIONS)
    direction[[0, 3, 7]] = 0.6, -0.48, 0.64
    turned = future_normals(first=0, count=200, futures=FUTURES, seed=3, direction=direction)
    plain = future_normals(first=0, count=200, futures=FUTURES, seed=3, direction=first_axis())
    along = np.tensordot(direction, turned, axes=(0, 1))
    np.testing.assert_allclose(along, plain[:, 0], atol=1e-12)
    assert turned.std() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(("futures", "dimensions"), [(64, 512), (2, 1), (4096, 40)])
def test_the_points_are_those_of_scipy(futures, dimensions):
    theirs = stats.qmc.Sobol(dimensions, scramble=False, bits=32).random_base2(futures.bit_length() - 1)
    np.testing.assert_array_equal(sobol_points(futures, dimensions), (theirs.T * 2.0**32).astype(np.uint32))


def test_more_dimensions_than_direction_numbers_are_refused():
    with pytest.raises(ValueError, match="513 dimensions"):
        sobol_points(2, 513)


def test_more_futures_begin_with_the_same_points():
    np.testing.assert_array_equal(sobol_points(128, 5)[:, :64], sobol_points(64, 5))


def test_no_two_factors_have_the_same_points():
    """Direction numbers suffice: every dimension of the longest horizon orders the futures in its own way."""
    dimensions = max(part.stop for part in layout(10, touches_persons=False).values())
    points = sobol_points(FUTURES, dimensions)
    assert len(np.unique(points, axis=0)) == dimensions
    assert np.array_equal(np.sort(points, axis=1), np.broadcast_to(np.arange(64.0) * 2**26, points.shape))


def test_factors_that_are_not_drawn_leave_the_others_alone():
    scenario = small_scenario()
    experience = simulate_block(scenario, first=0, count=4, populations=4, seed=1)
    plain, stressed = (
        systemic_paths(each, experience, futures=8, seed=1, episodes=episodes)
        for each, episodes in (
            (small_scenario(churn={"level_sd": 0.0}, trend={"category_sd": 0.0}), False),
            (small_scenario(trend={"stop_loss_neutrality_sd": 0.1}), True),
        )
    )
    for name in ("score", "ai_shift", "care_savings", "national", "region", "quality", "improvement"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(stressed, name))
    for name in ("episode_noise", "stop_loss_neutrality"):
        assert not getattr(plain, name).any()
        assert getattr(plain, name).shape == (4, 1, 3)
        assert getattr(stressed, name).std() > 0.05
    assert np.exp(-stressed.stop_loss_neutrality).mean() == pytest.approx(1.0, abs=0.01)  # what payouts are divided by
    assert not plain.categories.any()
    assert not plain.churn_level.any()
    assert stressed.churn_level[..., 1:].all()
