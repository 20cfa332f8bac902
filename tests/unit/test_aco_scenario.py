"""The scenario of a real ACO: what it takes from the row, and which rules settle it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from leadrisk.contract.terms import load_terms
from leadrisk.scenario.systemic_tables import Level
from leadrisk.validation.aco_scenario import aco_scenario, can_be_simulated
from leadrisk.validation.panel import AcoYear, Pair

SHARES = {"ESRD": 0.004, "DIS": 0.066, "AGDU": 0.05, "AGND": 0.88}
COSTS = {"ESRD": 8.0, "DIS": 1.0, "AGDU": 1.5, "AGND": 0.9399}


def pair(*, start: int = 2020, year: int = 2022, new_start: int | None = None, **changes: float) -> Pair:
    known = AcoYear("A1", year, start, 2, 10_000, 9_790.0, 4.0, 12_000.0, 180.0, SHARES, COSTS)
    known = replace(known, **changes)
    return Pair(known, replace(known, year=year + 1, start_year=new_start or start))


def test_the_clock_counts_years_since_base_year_three():
    scenario = aco_scenario(pair(start=2019, year=2022))
    assert scenario.horizon.performance_year_list == (2027, 2028, 2029, 2030, 2031)
    assert scenario.mssp.agreement_period == 2


def test_the_panel_is_expected_to_have_the_published_size_in_the_known_year():
    scenario = aco_scenario(pair(start=2019, year=2022))
    growth = 1.0 + scenario.exposure.panel_growth_mean
    assert scenario.cohort.lives * growth**3 == pytest.approx(10_000, abs=1.0)


def test_the_spread_is_that_across_acos_and_what_all_share_is_left_out():
    scenario = aco_scenario(pair())
    assert scenario.level.true_level_sd == Level().spread_across_acos
    assert scenario.trend.calm_sd == scenario.trend.stressed_sd == scenario.shocks.pandemic_probability == 0.0
    assert scenario.efficiency.care_management_savings == scenario.drift.mean_growth == 0.0
    assert scenario.efficiency.walk_variance > 0.0


def test_agreement_periods_before_2024_know_no_prospective_trend_and_cap_each_type():
    terms = load_terms("mssp", overrides=aco_scenario(pair()).contract.mssp_terms)
    assert terms.number("update.acpt_weight.from_2024") == 0.0
    assert terms.choice("risk_cap.method.from_2024") == "by_type"
    assert terms.number("prior_savings.weight.from_2024") == 0.0


def test_later_agreement_periods_have_the_present_rules():
    overrides = aco_scenario(pair(start=2024, year=2025)).contract.mssp_terms
    terms = load_terms("mssp", overrides=overrides)
    assert terms.number("update.acpt_weight.from_2024") == pytest.approx(1.0 / 3.0)
    assert terms.choice("risk_cap.method.from_2024") == "aggregate"


def test_a_published_adjustment_is_counted_once():
    going_on = aco_scenario(pair())
    terms = load_terms("mssp", overrides=going_on.contract.mssp_terms)
    assert terms.number("regional.cap_positive") == terms.number("regional.cap_negative.from_2024") == 0.0
    aged = going_on.categories.aged_disabled
    assert aged.region_pbpm == aged.base_year_pbpm[2]
    rebased = aco_scenario(pair(start=2019, new_start=2023))
    aged = rebased.categories.aged_disabled
    assert 0.5 * (aged.region_pbpm - aged.base_year_pbpm[2]) == pytest.approx(
        (180.0 / 11_820.0) * aged.base_year_pbpm[2]
    )
    assert rebased.contract.mssp_terms["agreement_period_years"] == 4
    assert rebased.mssp.rebasing


def test_a_higher_adjustment_than_the_cap_stays_in_the_base_years():
    scenario = aco_scenario(pair(start=2019, new_start=2023, regional_adjustment=900.0))
    aged = scenario.categories.aged_disabled
    added = 0.5 * (aged.region_pbpm - aged.base_year_pbpm[2])
    assert added < 0.05 * aged.national_pbpm
    total = sum(
        share * (category.base_year_pbpm[2] + 0.5 * (category.region_pbpm - category.base_year_pbpm[2]))
        for share, category in (
            (1.0 - SHARES["ESRD"], aged),
            (SHARES["ESRD"], scenario.categories.esrd),
        )
    )
    assert 12.0 * total == pytest.approx(12_000.0, rel=1e-3)


def test_a_negative_adjustment_stays_in_the_base_years_where_the_present_rules_drop_it():
    scenario = aco_scenario(pair(start=2019, year=2023, new_start=2024, regional_adjustment=-200.0))
    aged = scenario.categories.aged_disabled
    assert aged.region_pbpm == aged.base_year_pbpm[2]
    before = aco_scenario(pair(start=2019, year=2022, new_start=2023, regional_adjustment=-200.0))
    aged = before.categories.aged_disabled
    assert aged.region_pbpm < aged.base_year_pbpm[2]


def test_an_early_renewal_cannot_be_rebased():
    assert not can_be_simulated(pair(start=2021, year=2022, new_start=2023))
    assert can_be_simulated(pair(start=2020, year=2022, new_start=2023))
    assert can_be_simulated(pair(start=2022, year=2022))
