"""Lines of MSSP and ACO REACH: dollars by hand on paths without chance, and what must hold on any path."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest

from leadrisk.contract.terms import load_terms
from leadrisk.contract.update import projected_trend
from leadrisk.experience.simulate import simulate_block
from leadrisk.futures.carry import Carried
from leadrisk.run.peer_lines import enrollment_types, mssp_lines, reach_lines
from leadrisk.run.setting import prepare
from leadrisk.run.settle import carried_block
from scenario_fixture import small_scenario

YEARS = 10
NAMES = ["mssp_enhanced", "mssp_basic_e", "reach_global", "reach_professional"]
GROWN = 1.05 ** np.arange(1, YEARS + 1)
LIVES_MONTHS = 10_000 * 12
FIVE_PERCENT = Decimal("1.05")


def scenario_of(**tables):
    tables = {"contract": {"names": NAMES}, "horizon": {"performance_years": YEARS}, "lives": 500, **tables}
    return small_scenario(run={"populations": 4, "futures": 4, "seed": 3}, **tables)


def one_category(**tables):
    """Everybody aged & disabled, without prior savings."""
    return scenario_of(
        lives=10_000,
        cohort={"lives": 10_000, "high_needs_share": 0.0, "esrd_share": 0.0},
        categories={
            "aged_disabled": {"base_year_pbpm": [1000, 1020, 1060], "region_pbpm": 1120, "national_pbpm": 1100},
            "high_needs": None,
            "esrd": None,
        },
        **tables,
    )


def setting_of(scenario):
    block = simulate_block(scenario, first=0, count=4, populations=4, seed=3).assign_attrs(seed=3)
    return block, prepare(block, scenario, futures=4)


@pytest.fixture(scope="module")
def drawn():
    """Setting and block of a scenario with all three categories, care management at work."""
    scenario = scenario_of(lives=2_000, efficiency={"care_management_savings": 0.03})
    block, setting = setting_of(scenario)
    carried, paths = carried_block(block, setting)
    return setting, carried, paths


@pytest.fixture(scope="module")
def known():
    """Setting of one category; the persons drawn for it are not used."""
    return setting_of(one_category())[1]


def changed(setting, **tables):
    """Return a setting of the same scenario with other values of its tables."""
    scenario = setting.scenario
    updates = {name: getattr(scenario, name).model_copy(update=values) for name, values in tables.items()}
    return replace(setting, scenario=scenario.model_copy(update=updates))


def with_terms(setting, terms):
    """Return a setting of the same scenario with other terms of the Shared Savings Program."""
    return replace(setting, terms={**setting.terms, "mssp": load_terms("mssp", overrides=terms)})


def calm(cost, *, truncation=0.0, score=1.0, nation=GROWN):
    """10,000 persons, growth of 5 % everywhere as projected; ``cost`` in dollars of base year 3."""
    path = np.ones((1, 1, YEARS))
    expenditure = cost * GROWN * path
    return {
        "aged_disabled": Carried(
            person_years=10_000.0 * path,
            cost_rate=path,
            unexpected_cost=path,
            expenditure_pbpm=expenditure,
            truncated_pbpm=(1.0 - truncation) * expenditure,
            base_truncation=truncation,
            national_trend=nation * path,
            regional_trend=nation * path,
            acpt=GROWN,
            score_ratio=score * path,
            ai_score_ratio=score * path,
            baseline_shift=path,
        )
    }


def best_quality():
    return SimpleNamespace(quality=np.full((7, 1, 1, YEARS), 9.0), improvement=np.full((1, 1, YEARS), 9.0))


def test_mssp_by_hand(known):
    """Second period: (1,000 + 1,020 + 1,060) / 3 + half of the way to 1,120; five years later the cost of 1,000."""
    lines = mssp_lines(calm(1000.0), known, ratchet=True)
    enhanced, basic = lines["mssp_enhanced"], lines["mssp_basic_e"]
    first = (Decimal(3080) / 3 + (Decimal(1120) - Decimal(3080) / 3) / 2) * LIVES_MONTHS
    second = (1000 + Decimal(5) / 100 * 1100) * LIVES_MONTHS  # half of 120 is 60, capped at 5 % of the nation
    for year in range(YEARS):
        growth = FIVE_PERCENT ** (year + 1)
        benchmark = (first if year < 5 else second) * growth
        saved = benchmark - 1000 * LIVES_MONTHS * growth
        for found, share in ((enhanced, Decimal("0.75")), (basic, Decimal("0.50"))):
            assert found["benchmark_final"][0, 0, year] == pytest.approx(float(benchmark), rel=1e-12)
            net = saved * share * Decimal("0.98")
            assert found["net_shared_savings"][0, 0, year] == pytest.approx(float(net), rel=1e-9)
            kept = (first - 1000 * LIVES_MONTHS) * growth * share * Decimal("0.98")
            assert found["net_without_rebasing"][0, 0, year] == pytest.approx(float(kept), rel=1e-9)


def test_mssp_losses_by_hand(known):
    """Cost of 1,120 against 1,073.33: ENHANCED owes 40 %, level E 8 % of a revenue of a tenth of the cost."""
    lines = mssp_lines(calm(1120.0), changed(known, mssp={"revenue_share": 0.10}), ratchet=False)
    cost = 1120 * LIVES_MONTHS * FIVE_PERCENT
    loss = cost - Decimal(3220) / 3 * LIVES_MONTHS * FIVE_PERCENT
    owed = {"mssp_enhanced": loss * Decimal("0.40"), "mssp_basic_e": cost * Decimal("0.008")}
    assert loss * Decimal("0.30") > owed["mssp_basic_e"]
    for contract, dollars in owed.items():
        assert lines[contract]["net_shared_savings"][0, 0, 0] == pytest.approx(-float(dollars), rel=1e-9)
        assert lines[contract]["sequestration"][0, 0, 0] == 0.0


def test_mssp_follows_scores_by_three_percent_at_most(known):
    benchmarks = [
        mssp_lines(calm(1000.0, score=score), known, ratchet=True)["mssp_enhanced"]["benchmark_final"][0, 0, 0]
        for score in (1.0, 0.9, 1.02, 1.03, 1.08)
    ]
    np.testing.assert_allclose(np.array(benchmarks) / benchmarks[0], [1.0, 0.9, 1.02, 1.03, 1.03], rtol=1e-12)


def test_equal_truncation_scales_mssp_and_leaves_reach_alone(known):
    whole, cut = (mssp_lines(calm(1000.0, truncation=part), known, ratchet=False) for part in (0.0, 0.05))
    for contract, lines in cut.items():
        for name in ("benchmark_final", "expenditure", "net_shared_savings"):
            np.testing.assert_allclose(lines[name], 0.95 * whole[contract][name], rtol=1e-9)
    one, other = (reach_lines(calm(1000.0, truncation=part), best_quality(), known) for part in (0.0, 0.05))
    np.testing.assert_array_equal(one["reach_global"]["net_settlement"], other["reach_global"]["net_settlement"])


def test_reach_by_hand(known):
    """Base years 10/30/60: 1,042, 40 % of the way to 1,120: 1,073.20; coding intensity 1.009; discount 3.5 %."""
    found = reach_lines(calm(1060.0), best_quality(), known)
    unadjusted = Decimal("1073.2") / Decimal("1.009") * LIVES_MONTHS
    for year in range(YEARS):
        growth = FIVE_PERCENT ** (year + 1)
        cost = 1060 * LIVES_MONTHS * growth
        whole = unadjusted * growth
        kept = whole * Decimal("0.965")
        assert -Decimal("0.10") * kept < kept - cost < 0 < whole - cost < Decimal("0.05") * whole
        for option, benchmark, net in (
            ("global", kept, kept - cost),
            ("professional", whole, (whole - cost) * Decimal("0.5") * Decimal("0.98")),
        ):
            lines = found[f"reach_{option}"]
            assert lines["benchmark_final"][0, 0, year] == pytest.approx(float(benchmark), rel=1e-12)
            assert lines["net_shared_savings"][0, 0, year] == pytest.approx(float(net), rel=1e-9)


def test_reach_corrects_a_missed_projection(known):
    """The nation grew 10 % instead of 5 % in the first year: 4.76 % more, of which 4 points and half of the rest."""
    missed = GROWN * 1.10 / 1.05
    as_projected, corrected = (
        reach_lines(calm(1060.0, nation=nation), best_quality(), known)["reach_global"]["benchmark_final"][0, 0]
        for nation in (GROWN, missed)
    )
    off = Decimal("1.10") / Decimal("1.05") - 1
    factor = 1 + Decimal("0.04") + (off - Decimal("0.04")) / 2
    np.testing.assert_allclose(corrected[:2], as_projected[:2] * float(factor), rtol=1e-12)  # not yet known
    np.testing.assert_allclose(corrected[2:], as_projected[2:] * 1.10 / 1.05, rtol=1e-12)


@pytest.mark.parametrize("ahead", [1, 2, 3])
def test_a_projection_that_came_true_is_the_trend(ahead):
    np.testing.assert_allclose(projected_trend(GROWN[None, :], GROWN, years_ahead=ahead), GROWN[None, :], rtol=1e-14)


def test_rebasing_takes_half_of_what_care_management_saves(known):
    """Base and region at 1,000, cost 950 ever after: the new benchmark is 975, by either adjustment."""
    level = {"base_year_pbpm": (1000.0, 1000.0, 1000.0), "region_pbpm": 1000.0, "national_pbpm": 1000.0}
    category = known.scenario.categories.aged_disabled.model_copy(update=level)
    setting = changed(known, categories={"aged_disabled": category})
    for contract, share in (("mssp_enhanced", 0.75), ("mssp_basic_e", 0.50)):
        lines = mssp_lines(calm(950.0), setting, ratchet=True)[contract]
        saved = 50.0 * LIVES_MONTHS * GROWN * share * 0.98
        np.testing.assert_allclose(lines["net_without_rebasing"][0, 0], saved, rtol=1e-9)
        np.testing.assert_allclose(lines["net_shared_savings"][0, 0, :5], saved[:5], rtol=1e-9)
        np.testing.assert_allclose(lines["net_shared_savings"][0, 0, 5:], saved[5:] / 2, rtol=1e-9)


def test_the_ratchet_is_zero_in_the_first_period_and_not_after(drawn):
    setting, carried, _ = drawn
    for lines in mssp_lines(carried, setting, ratchet=True).values():
        lost = lines["net_settlement"] - lines["net_without_rebasing"]
        assert np.all(lost[..., :5] == 0.0)
        assert np.all(np.any(lost[..., 5:] != 0.0, axis=-1))


def test_without_rebasing_the_first_period_goes_on(drawn):
    """The same as one agreement period of ten years."""
    setting, carried, _ = drawn
    kept = mssp_lines(carried, changed(setting, mssp={"rebasing": False}), ratchet=False)
    longer = mssp_lines(carried, with_terms(setting, {"agreement_period_years": 10}), ratchet=False)
    for contract in kept:
        np.testing.assert_allclose(
            kept[contract]["benchmark_final"], longer[contract]["benchmark_final"], rtol=1e-12, err_msg=contract
        )


def test_the_split_by_enrollment_type_does_not_move_totals(drawn):
    """Types differ in level only, so that every share of them gives the same dollars.

    Caps are off: where both adjustments are at theirs they are equal, and rounding decides between them.
    """
    setting, carried, _ = drawn
    off = {"regional.cap_positive": 1.0, "regional.cap_negative.from_2024": 1.0, "prior_savings.cap": 1.0}
    setting = with_terms(setting, off)
    whole = changed(setting, mssp={"disabled_share": 0.0, "aged_dual_share": 0.0})
    other = changed(setting, mssp={"disabled_share": 0.3, "aged_dual_share": 0.2, "aged_dual_cost": 1.2})
    assert len({len(enrollment_types(carried, one)) for one in (setting, whole, other)}) == 1
    expected = mssp_lines(carried, whole, ratchet=True)
    for one in (setting, other):
        for contract, lines in mssp_lines(carried, one, ratchet=True).items():
            for name in ("benchmark_final", "expenditure", "net_shared_savings", "net_without_rebasing"):
                np.testing.assert_allclose(
                    lines[name], expected[contract][name], rtol=1e-9, atol=1e-6, err_msg=f"{contract} {name}"
                )


def test_truncated_cost_is_less_than_cost(drawn):
    setting, carried, paths = drawn
    for one in carried.values():
        assert 0.0 <= one.base_truncation < 0.3
        assert np.all(one.truncated_pbpm <= one.expenditure_pbpm * (1.0 + 1e-12))
        assert np.all(one.truncated_pbpm > 0.4 * one.expenditure_pbpm)
    mssp = mssp_lines(carried, setting, ratchet=False)["mssp_enhanced"]["expenditure"]
    reach = reach_lines(carried, paths, setting)["reach_global"]["expenditure"]
    assert np.all(mssp < reach)


def test_other_programmes_are_not_settled(known):
    setting = changed(known, contract={"names": ("lead_global",)})
    assert mssp_lines(calm(1000.0), setting, ratchet=True) == {}
    assert reach_lines(calm(1000.0), best_quality(), setting) == {}
