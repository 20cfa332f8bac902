"""What a block carries through its futures: truncated cost, the concurrent score, the shifted baseline."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from leadrisk.experience.base_years import base_years
from leadrisk.experience.simulate import simulate_block
from leadrisk.futures.base_level import base_levels
from leadrisk.futures.carry import carry
from leadrisk.futures.paths import systemic_paths
from leadrisk.run.lead_inputs import scored_ratios
from scenario_fixture import small_scenario

POPULATIONS, FUTURES, WEIGHTS = 6, 8, (1 / 3, 1 / 3, 1 / 3)


@pytest.fixture(scope="module")
def scenario():
    return small_scenario(lives=3_000)


@pytest.fixture(scope="module")
def experience(scenario):
    return simulate_block(scenario, first=0, count=POPULATIONS, populations=POPULATIONS, seed=1)


def dollars_per_cost(found):
    """Dollars per beneficiary per month that a simulated cost of 1 stands for."""
    return found.expenditure_pbpm / found.cost_rate


def carried(scenario, experience, **changes):
    levels = base_levels(scenario, base_weights=WEIGHTS)
    paths = systemic_paths(scenario, experience, futures=FUTURES, seed=1)
    return carry(
        experience, replace(paths, **changes), scenario, levels=levels, base_weights=WEIGHTS, truncated=True
    )  # fmt: skip


def test_truncation_follows_the_threshold_between_the_simulated_attachments(scenario, experience):
    """Excess by hand with NumPy's interpolation, wherever the threshold lies between the outer attachments."""
    levels = base_levels(scenario, base_weights=WEIGHTS)
    nodes = np.log(experience["attachment"].values)
    checked = 0
    for c, (name, found) in enumerate(carried(scenario, experience).items()):
        in_the_nation = getattr(scenario.categories, name).national_pbpm / levels[name].expected
        position = np.log(in_the_nation * found.national_trend / dollars_per_cost(found))
        rate = (experience["excess"] / experience["person_years"]).values[:, 3:, c]
        for population, future, year in np.argwhere((nodes[0] < position) & (position < nodes[-1])):
            above = np.interp(position[population, future, year], nodes, rate[population, year])
            spent = found.expenditure_pbpm[population, future, year]
            expected = spent - above * dollars_per_cost(found)[population, future, year]
            assert found.truncated_pbpm[population, future, year] == pytest.approx(expected, rel=1e-12)
            checked += 1
        assert (found.truncated_pbpm <= found.expenditure_pbpm).all()
        assert (found.truncated_pbpm >= 0.0).all()
    assert checked > 200


def test_truncation_of_the_base_years_is_that_of_the_simulation_at_the_national_level():
    """With own base years at the national level the threshold stands where it was simulated."""
    level = {"base_year_pbpm": [1000, 1000, 1000], "region_pbpm": 1000, "national_pbpm": 1000}
    plain = small_scenario(lives=3_000, categories={"aged_disabled": level})
    years = base_years(plain).isel(category=0)
    share = float(years["excess"].isel(attachment=1).sum() / years["expenditure"].sum())
    assert base_levels(plain, base_weights=WEIGHTS)["aged_disabled"].truncation == pytest.approx(share)
    costly = small_scenario(lives=3_000, categories={"aged_disabled": {**level, "national_pbpm": 700}})
    assert base_levels(costly, base_weights=WEIGHTS)["aged_disabled"].truncation > share > 0.02


def test_cost_that_rises_in_the_aco_alone_is_truncated_more(scenario, experience):
    paths = systemic_paths(scenario, experience, futures=FUTURES, seed=1)
    dearer = paths.cost.copy()
    dearer[..., 3:] += 0.1
    before, after = carried(scenario, experience), carried(scenario, experience, cost=dearer)
    for name, found in before.items():
        np.testing.assert_allclose(after[name].expenditure_pbpm, found.expenditure_pbpm * np.exp(0.1))
        kept, kept_after = (each.truncated_pbpm / each.expenditure_pbpm for each in (found, after[name]))
        assert (kept_after <= kept).all()
        assert (kept_after < kept).mean() > (0.9 if name == "aged_disabled" else 0.0)


def test_a_dearer_nation_moves_the_threshold_with_cost(scenario, experience):
    paths = systemic_paths(scenario, experience, futures=FUTURES, seed=1)
    before = carried(scenario, experience)
    after = carried(scenario, experience, national=paths.national + 0.1)
    for name, found in before.items():
        np.testing.assert_allclose(after[name].truncated_pbpm, found.truncated_pbpm * np.exp(0.1))


def test_the_concurrent_score_follows_the_cost_of_high_needs_alone(scenario, experience):
    found = carried(scenario, experience)
    per_score = (experience["expenditure"] / experience["score"]).sel(category="high_needs").values
    moved = per_score[:, None, 3:] / per_score[:, None, 2:3]
    response = scenario.drift.high_needs_concurrent_response
    seen, ai_seen = scored_ratios("high_needs", found["high_needs"], scenario)
    np.testing.assert_allclose(
        seen / found["high_needs"].score_ratio - 1.0, response * (moved - 1.0) + np.zeros_like(seen)
    )
    np.testing.assert_allclose(ai_seen / seen, found["high_needs"].ai_score_ratio / found["high_needs"].score_ratio)
    for name in ("aged_disabled", "esrd"):
        np.testing.assert_array_equal(scored_ratios(name, found[name], scenario)[0], found[name].score_ratio)


def test_only_the_level_of_a_new_participant_list_shows_in_its_base_years(scenario, experience):
    calm = {"level_sd": 0.0, "mismatch_sd": 0.0}
    still, level, mismatch = (
        carried(small_scenario(lives=3_000, churn=calm | change), experience)["aged_disabled"]
        for change in ({}, {"level_sd": 0.3}, {"mismatch_sd": 0.3})
    )
    np.testing.assert_array_equal(still.baseline_shift, 1.0)
    np.testing.assert_array_equal(mismatch.baseline_shift, 1.0)
    np.testing.assert_allclose(level.expenditure_pbpm, still.expenditure_pbpm * level.baseline_shift)
    assert np.abs(np.log(mismatch.expenditure_pbpm / still.expenditure_pbpm))[..., 1:].min() > 0.0
    np.testing.assert_array_equal(mismatch.expenditure_pbpm[..., 0], still.expenditure_pbpm[..., 0])


def test_a_category_without_persons_or_cost_stays_finite(scenario, experience):
    empty = experience.copy(deep=True)
    empty["person_years"][:, 5, 2] = 0.0
    for name in ("expenditure", "score", "excess"):
        empty[name][:, 5, 2] = 0.0
    empty["expenditure"][:, 4, 1] = 0.0
    empty["excess"][:, 4, 1] = 0.0
    for found in carried(scenario, empty).values():
        assert np.isfinite(found.truncated_pbpm).all()
        assert np.isfinite(found.score_ratio).all()
        assert np.isfinite(dollars_per_cost(found)).all()
