"""The pilot of base years: the same for every run, and telling the truth about a run's own."""

from __future__ import annotations

import numpy as np
import pytest

import leadrisk as lr
from leadrisk.experience.base_years import base_years
from leadrisk.futures.base_level import base_levels, person_rates, persons_baseline
from leadrisk.run.setting import prepare
from scenario_fixture import small_scenario

WEIGHTS = (0.2, 0.3, 0.5)
POPULATIONS = 1_024


def test_expected_baseline_and_luck_are_those_of_a_runs_own_populations():
    """Spread of the baseline over populations of the run's size, within four standard errors of a variance."""
    scenario = small_scenario(lives=2_000, cohort={"high_needs_share": 0.15, "esrd_share": 0.05})
    levels = base_levels(scenario, base_weights=WEIGHTS)
    cost, score = person_rates(lr.simulate(scenario, populations=POPULATIONS))
    tau2 = scenario.level.credibility_tau**2
    for c, name in enumerate(("aged_disabled", "high_needs", "esrd")):
        own = persons_baseline(cost[..., c], score[..., c], WEIGHTS)
        noise2 = tau2 * (1.0 / levels[name].credibility - 1.0)
        assert own.mean() == pytest.approx(levels[name].expected, abs=4.0 * own.std() / np.sqrt(POPULATIONS)), name
        assert (own / own.mean()).var() == pytest.approx(noise2, rel=4.0 * np.sqrt(2.0 / POPULATIONS)), name


def test_what_is_known_of_the_base_years_depends_on_neither_seed_nor_size_of_the_run():
    scenario = small_scenario(lives=1_000, stop_loss={"elected": True})
    small, other = (
        prepare(lr.simulate(scenario, populations=n, seed=seed), scenario, futures=4) for n, seed in ((4, 1), (8, 2))
    )
    assert small.levels == other.levels
    for one, two in zip(small.reference, other.reference, strict=True):
        np.testing.assert_array_equal(one, two)


def test_only_categories_with_persons_have_a_pilot():
    healthy = small_scenario(cohort={"high_needs_share": 0.0, "esrd_share": 0.0})
    assert float(base_years(healthy)["person_years"].sel(category=["high_needs", "esrd"]).sum()) == 0.0
