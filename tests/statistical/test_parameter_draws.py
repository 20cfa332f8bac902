"""Parameters of a population's own: their law, the constants that follow from them, and what they add to a spread."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import truncnorm

import leadrisk as lr
from leadrisk.cohort.panel import active_slots, segment_lives
from leadrisk.errors import InputError
from leadrisk.experience import parameter_draws
from leadrisk.experience.parameter_draws import own_parameters
from leadrisk.experience.person_kernel import PARAMETERS
from leadrisk.experience.simulate import simulate_block
from leadrisk.experience.stationary import ESRD, MAIN, own_segments, segments
from leadrisk.experience.systemic import person_factors
from leadrisk.futures.base_level import base_levels, person_rates, persons_baseline
from reference.person_twin import simulate_persons
from scenario_fixture import small_scenario

WIDE = {
    "persons.health_persistence": 0.008,
    "persons.health_weight": 0.03,
    "persons.coding_persistence": 0.02,
    "persons.score_health_weight": 0.02,
    "persons.zero_cost_share": 0.005,
    "persons.cost_slope": 0.05,
    "persons.cost_curvature": 0.012,
    "persons.esrd_cost_slope": 0.1,
    "persons.score_slope": 0.03,
    "persons.decedent_shift": 0.1,
    "persons.entrant_health_mean": 0.05,
    "persons.high_needs_incidence": 0.006,
    "persons.high_needs_entrant_health": 0.2,
    "exposure.death_rate": 0.004,
    "exposure.death_slope": 0.08,
    "exposure.esrd_death_rate": 0.02,
    "exposure.exit_rate": 0.015,
}


def uncertain(errors, *, correlation=None, **changes):
    return small_scenario(uncertainty={"standard_error": errors, "correlation": correlation or {}}, **changes)


def drawn(scenario, name, *, count):
    table, _, own = name.partition(".")
    return np.array(
        [getattr(getattr(each, table), own) for each in own_parameters(scenario, first=0, count=count, seed=1)]
    )


def test_draws_have_the_mean_errors_and_correlation_of_the_fit():
    slope, curvature = "persons.cost_slope", "persons.cost_curvature"
    scenario = uncertain({slope: 0.02, curvature: 0.01}, correlation={slope: {curvature: -0.93}})
    n = 2_500
    values = np.array([drawn(scenario, name, count=n) for name in (slope, curvature)])
    standard = (values - np.array([[2.45], [-0.297]])) / np.array([[0.02], [0.01]])
    assert np.abs(standard.mean(axis=1)).max() < 4.0 / np.sqrt(n)
    assert np.abs(standard.std(axis=1) - 1.0).max() < 4.0 / np.sqrt(2 * n)
    assert np.corrcoef(standard)[0, 1] == pytest.approx(-0.93, abs=4.0 * (1 - 0.93**2) / np.sqrt(n))
    neighbours = standard[:, ::2], standard[:, 1::2]
    assert abs(np.mean(neighbours[0] * neighbours[1], axis=1)).max() < 4.0 / np.sqrt(n / 2)  # a pair's are independent


def test_impossible_parameters_are_drawn_again_so_the_normal_is_cut_off():
    scenario = uncertain({"exposure.exit_rate": 0.034})
    n, limits = 3_000, (-0.13 / 0.034, 0.07 / 0.034)
    values = drawn(scenario, "exposure.exit_rate", count=n)
    law = truncnorm(*limits, loc=0.13, scale=0.034)
    assert values.max() <= 0.2
    assert values.mean() == pytest.approx(law.mean(), abs=4.0 * law.std() / np.sqrt(n))
    assert abs(values.mean() - 0.13) > 0.0005  # uncut the mean would stay
    assert (values > 0.19).mean() == pytest.approx(law.sf(0.19), abs=0.015)


def test_cost_rises_with_illness_in_every_draw():
    errors = {"persons.cost_slope": 0.2, "persons.cost_curvature": 0.03}
    scenario = uncertain(errors)
    slope, curvature = (drawn(scenario, name, count=1_000) for name in errors)
    uncut = np.random.default_rng(1).normal([2.45, -0.297], [0.2, 0.03], (1_000, 2)) @ [1.0, 6.0]
    assert (uncut <= 0.0).any()
    assert (slope + 6.0 * curvature).min() > 0.0


def test_a_parameter_keeps_its_draws_when_another_becomes_uncertain():
    alone = drawn(uncertain({"exposure.death_rate": 0.001}), "exposure.death_rate", count=20)
    beside = drawn(
        uncertain({"exposure.death_rate": 0.001, "exposure.exit_rate": 0.01}), "exposure.death_rate", count=20
    )
    np.testing.assert_array_equal(alone, beside)


def test_hopeless_draws_end_with_an_error(monkeypatch):
    scenario = uncertain({"persons.cost_slope": 0.02})
    monkeypatch.setattr(parameter_draws, "_errors", lambda *_, **__: {"persons.cost_slope": -5.0})
    monkeypatch.setattr(parameter_draws, "_MOST_ATTEMPTS", 3)
    with pytest.raises(InputError, match=r"no possible parameters in 3 draws, the last: cost_slope = -2\.55"):
        own_parameters(scenario, first=0, count=1, seed=1)


def mean_cost(segment, rows):
    """Cost per person-year of starting persons by quadrature over the year's luck."""
    one = dict(zip(PARAMETERS, segment.parameters.astype(float), strict=True))
    luck = np.linspace(-6.0, 6.0, 121)
    weight = np.exp(-0.5 * luck**2) / np.exp(-0.5 * luck**2).sum()
    health = rows[8::16].astype(float)[:, None]
    dying = np.minimum(np.exp(one["death_slope"] * health + one["death_log_level"]), 0.5)

    def cost(z):
        t = (np.minimum(z, one["curve_highest"]) - one["curve_centre"]) * one["curve_inverse_width"]
        return np.where(z > one["curve_lowest"], np.exp(np.polyval(segment.curve.astype(float), t)), 0.0) @ weight

    z = one["latent_health_weight"] * health + one["latent_shock_weight"] * luck
    dying = dying[:, 0]
    total = (1.0 - dying) * cost(z) + 0.5 * dying * cost(z + one["decedent_shift"])
    return total.sum() / (1.0 - 0.5 * dying).sum()


def test_constants_near_the_scenarios_agree_with_the_full_iteration():
    scenario = uncertain(WIDE)
    for own in own_parameters(scenario, first=0, count=6, seed=3):
        exact = segments(scenario.model_copy(update=own._asdict()))
        for number, near in own_segments(scenario, *own).items():
            full = exact[number]
            assert np.abs(near.pool - full.pool).max() < 1e-3
            for part in (slice(None, full.n_plain), slice(full.n_plain, None)):
                if full.pool[part].size:
                    assert mean_cost(near, near.pool[part]) == pytest.approx(mean_cost(full, full.pool[part]), rel=1e-4)
            score, rate = PARAMETERS.index("score_intercept"), PARAMETERS.index("high_needs_rate")
            assert near.parameters[score] == pytest.approx(full.parameters[score], abs=1e-4)
            assert near.parameters[rate] == pytest.approx(full.parameters[rate], rel=1e-4)
    assert {MAIN, ESRD} == set(exact)


def test_each_population_lives_with_its_own_parameters():
    """A block against the slow twin of one of its populations."""
    scenario, population, seed = uncertain(WIDE, lives=600), 5, 4
    block = simulate_block(scenario, first=4, count=3, populations=16, seed=seed)
    own = own_parameters(scenario, first=population, count=1, seed=seed)[0]
    factors = person_factors(
        scenario, first=population, count=1, populations=16, seed=seed,
        exit_rate=np.array([[own.exposure.exit_rate]]),
    )  # fmt: skip
    years = list(scenario.horizon.years)
    active = active_slots(segment_lives(scenario)[0], factors.panel)[0].tolist()
    twin = simulate_persons(
        own_segments(scenario, *own)[MAIN], number=MAIN, population=population, seed=seed, years=years, active=active,
        death_factor=factors.death_factor[0].tolist(), exit_rate=factors.exit_rate[0].tolist(),
    )  # fmt: skip
    categories = block.sel(population=population, category=["aged_disabled", "high_needs"])
    main = categories.sum("category")
    mine = np.array(own_segments(scenario, *own)[MAIN].mean_costs)  # brought to the level of the scenario's
    cost = categories["expenditure"].values * mine / segments(scenario)[MAIN].mean_costs
    np.testing.assert_allclose(cost.sum(axis=1), [(y.cost * y.exposure).sum() for y in twin], rtol=5e-4)
    np.testing.assert_allclose(main["person_years"], [y.exposure.sum() for y in twin], rtol=1e-5)
    np.testing.assert_allclose(main["exits"], [y.left.sum() for y in twin], atol=1.0)


def test_nothing_changes_unless_something_is_drawn():
    plain = small_scenario()
    held = small_scenario(uncertainty={"standard_error": WIDE, "drawn": False})
    ours, other = (simulate_block(each, first=2, count=4, populations=16, seed=1) for each in (plain, held))
    assert ours.identical(other)
    assert not ours.equals(simulate_block(uncertain(WIDE), first=2, count=4, populations=16, seed=1))


def test_draws_depend_on_neither_blocks_nor_threads():
    scenario = uncertain(WIDE)
    whole = lr.simulate(scenario, populations=12, threads=1, block=12)
    for threads, block in ((2, 1), (2, 5)):
        assert whole.equals(lr.simulate(scenario, populations=12, threads=threads, block=block))


def test_the_strata_are_those_of_a_run_without_draws():
    """Panel and pandemics, on which neighbours form a pair, are untouched."""
    with_draws, without = (lr.simulate(each, populations=16) for each in (uncertain(WIDE), small_scenario()))
    for name in ("panel", "pandemic"):
        np.testing.assert_array_equal(with_draws[name].values, without[name].values)


def test_parameters_do_not_pass_for_luck_of_the_base_years():
    """What they say of one category's level against another's costs the known figures no weight."""
    errors = {"persons.high_needs_entrant_health": 0.3, "persons.health_weight": 0.05, "persons.decedent_shift": 0.15}
    scenario = uncertain(errors, lives=3_000)
    weights = (0.2, 0.3, 0.5)
    levels = base_levels(scenario, base_weights=weights)
    assert levels == base_levels(small_scenario(lives=3_000), base_weights=weights)
    cost, score = person_rates(lr.simulate(scenario, populations=96))
    for c, name in enumerate(levels):
        own = persons_baseline(cost[..., c], score[..., c], weights)
        error = 4.0 * own.std() / np.sqrt(own.size)
        assert own.mean() == pytest.approx(levels[name].expected, abs=error), name


def test_the_variance_is_that_of_the_luck_plus_that_of_the_means():
    """The law of total variance, on deaths and on health per person-year of the whole run."""
    errors = {"exposure.death_rate": 0.0022, "persons.entrant_health_mean": 0.05}
    n, calm = 192, {"death_shock_sd": 0.0, "panel_growth_sd": 0.0}

    def figures(lives=1_500, exposure=calm, **changes):
        scenario = small_scenario(lives=lives, horizon={"performance_years": 10}, exposure=exposure, **changes)
        run = simulate_block(scenario, first=0, count=n, populations=n, seed=2).sum(("year", "category"))
        return np.array([run["deaths"].values, run["health"].values]) / run["person_years"].values

    luck = figures().var(axis=1, ddof=1)
    whole = figures(uncertainty={"standard_error": errors}).var(axis=1, ddof=1)
    moved = [
        [figures(exposure={**calm, "death_rate": 0.044 + side * 0.0022}) for side in (1, -1)],
        [figures(persons={"entrant_health_mean": 0.13 + side * 0.05}) for side in (1, -1)],
    ]
    of_means = sum((0.5 * (up.mean(axis=1) - down.mean(axis=1))) ** 2 for up, down in moved)
    assert (of_means > 0.5 * luck).all()  # something to see
    np.testing.assert_allclose(whole, luck + of_means, rtol=4.0 * np.sqrt(2.0 / n))
