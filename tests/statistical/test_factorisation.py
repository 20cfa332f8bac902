"""The split of systemic factors: S2 acts on a population's totals as it would inside the kernel, S1 does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from leadrisk.experience import simulate as simulation
from leadrisk.experience.factors import FACTORS, layout
from leadrisk.experience.person_kernel import PARAMETERS
from leadrisk.experience.stationary import segments
from leadrisk.futures.base_level import BaseLevel
from leadrisk.futures.carry import carry
from leadrisk.futures.paths import systemic_paths
from leadrisk.scenario.category_tables import CATEGORY_NAMES
from scenario_fixture import small_scenario

SEED, POPULATIONS, FUTURES = 9, 6, 2


@pytest.fixture(scope="module")
def scenario():
    """A concurrent score sees what befalls the persons, not what the path adds, so its response is left out."""
    return small_scenario(lives=2_000, drift={"high_needs_concurrent_response": 0.0})


def experience_with(scenario, monkeypatch, *, first, count, cost=0.0, score=0.0):
    """Experience with a log factor on every person's cost and score, applied inside the kernel."""
    changed = {}
    for number, segment in segments(scenario).items():
        curve, parameters = segment.curve.copy(), segment.parameters.copy()
        curve[-1] += cost
        parameters[PARAMETERS.index("score_intercept")] += score
        changed[number] = replace(segment, curve=curve, parameters=parameters)
    monkeypatch.setattr(simulation, "segments", lambda _: changed)
    return simulation.simulate_block(scenario, first=first, count=count, populations=POPULATIONS, seed=SEED)


def test_systemic_cost_and_score_act_alike_inside_the_kernel_and_on_totals(scenario, monkeypatch):
    weights = (1 / 3, 1 / 3, 1 / 3)
    levels = dict.fromkeys(CATEGORY_NAMES, BaseLevel(expected=1.0, credibility=1.0, truncation=0.0))
    neutral = experience_with(scenario, monkeypatch, first=0, count=POPULATIONS)
    paths = systemic_paths(scenario, neutral, futures=FUTURES, seed=SEED)
    outside = carry(neutral, paths, scenario, levels=levels, base_weights=weights)
    flat = replace(paths, cost=np.zeros_like(paths.cost), score=np.zeros_like(paths.score))
    years = neutral.sizes["year"]
    spread = {name: one.expenditure_pbpm.std() for name, one in outside.items()}
    for population in range(POPULATIONS):
        for future in range(FUTURES):
            inside = neutral.isel(population=slice(population, population + 1)).copy(deep=True)
            for t in range(years):
                run = experience_with(
                    scenario, monkeypatch, first=population, count=1,
                    cost=paths.cost[population, future, t], score=paths.score[population, future, t],
                )  # fmt: skip
                for name in ("expenditure", "score"):
                    inside[name].values[:, t] = run[name].values[:, t]
            one = {
                name: value[:, population : population + 1, future : future + 1]
                if name in {"quality", "categories"}
                else value[population : population + 1, future : future + 1]
                for name, value in vars(flat).items()
            }
            found = carry(inside, type(flat)(**one), scenario, levels=levels, base_weights=weights)
            for name, category in found.items():
                expected = outside[name].expenditure_pbpm[population, future]
                assert np.max(np.abs(category.expenditure_pbpm[0, 0] - expected)) < 0.002 * spread[name]
                np.testing.assert_allclose(
                    category.score_ratio[0, 0], outside[name].score_ratio[population, future], rtol=1e-4
                )


def test_factors_that_touch_persons_cannot_be_moved_to_the_totals(scenario):
    """Doubling deaths changes cost per person-year: scaling exposure alone would be wrong."""
    shocked = scenario.model_copy(
        update={"shocks": scenario.shocks.model_copy(update={"pandemic_year": 2027, "pandemic_death_factor": 2.0})}
    )
    rates = []
    for each in (
        scenario.model_copy(update={"shocks": shocked.shocks.model_copy(update={"pandemic_death_factor": 1.0})}),
        shocked,
    ):
        run = simulation.simulate_block(each, first=0, count=POPULATIONS, populations=POPULATIONS, seed=SEED)
        year = run.sel(year=2027, category="aged_disabled")
        rates.append(float(year["expenditure"].sum() / year["person_years"].sum()))
    assert rates[1] / rates[0] > 1.05


def test_every_factor_has_its_place_in_one_of_the_two_vectors():
    for touches in (True, False):
        parts = layout(10, touches_persons=touches)
        assert list(parts) == [factor.name for factor in FACTORS if factor.touches_persons is touches]
        ends = [part.stop for part in parts.values()]
        assert [part.start for part in parts.values()] == [0, *ends[:-1]]
