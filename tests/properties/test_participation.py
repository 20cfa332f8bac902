"""Invariants of leaving the model, of changing the option, and of benefits."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from leadrisk.contract.benefits import (
    benefit_cost,
    benefit_effect,
    nutrition_therapy_expenditure,
    ramped_effect,
)
from leadrisk.contract.participation import exit_delay_years, kept, switched, years_in_model
from leadrisk.contract.terms import load_terms
from leadrisk.errors import InputError
from leadrisk.scenario.benefits_table import Benefits
from leadrisk.scenario.election_rules import Elected

Rule = Literal["never", "after_year", "after_cumulative_loss"]
Liability = Literal["settle_exited_py", "liable_for_next_py"]

YEARS = np.arange(2027, 2035)
paths = arrays(np.float64, (5, 8), elements=st.floats(-2e7, 2e7))
rules: st.SearchStrategy[Rule] = st.sampled_from(["never", "after_year", "after_cumulative_loss"])
liabilities: st.SearchStrategy[Liability] = st.sampled_from(["settle_exited_py", "liable_for_next_py"])
thresholds = st.floats(0.001, 0.5)
BENCHMARK = np.full(8, 1e8)


def settled(net: np.ndarray, rule: Rule, liability: Liability, threshold: float = 0.05, delay: int = 1) -> np.ndarray:
    return years_in_model(
        net,
        BENCHMARK,
        rule=rule,
        performance_years=YEARS,
        liability=liability,
        exit_year=2030,
        exit_loss_share=threshold,
        delay_years=delay,
    )


@given(paths, rules, liabilities, thresholds, st.integers(0, 3))
def test_who_left_never_comes_back(
    net: np.ndarray, rule: Rule, liability: Liability, threshold: float, delay: int
) -> None:
    years = settled(net, rule, liability, threshold, delay)
    assert years.shape == net.shape
    assert years[:, 0].all()
    assert (years[:, 1:] <= years[:, :-1]).all()


@given(paths, liabilities, thresholds, st.integers(0, 3))
def test_exit_follows_the_first_excess_by_its_delay(
    net: np.ndarray, liability: Liability, threshold: float, delay: int
) -> None:
    years = settled(net, "after_cumulative_loss", liability, threshold, delay)
    for path, mask in zip(net, years, strict=True):
        running, first = 0.0, None
        for year, amount in enumerate(path):
            running += amount
            if running < -threshold * 1e8 and first is None:
                first = year
        last = 7 if first is None else min(7, first + delay + (liability == "liable_for_next_py"))
        assert mask.tolist() == [year <= last for year in range(8)]


@given(paths, thresholds, thresholds)
def test_more_patience_stays_longer(net: np.ndarray, one: float, other: float) -> None:
    low, high = sorted((one, other))
    early, late = (settled(net, "after_cumulative_loss", "settle_exited_py", share) for share in (low, high))
    assert (late >= early).all()


@given(paths, rules)
def test_liability_for_the_next_year_settles_at_most_one_more(net: np.ndarray, rule: Rule) -> None:
    without, with_next = (settled(net, rule, liability) for liability in ("settle_exited_py", "liable_for_next_py"))
    more = with_next.sum(axis=-1) - without.sum(axis=-1)
    assert ((more == 0) | ((more == 1) & ~without.all(axis=-1))).all()


def test_leaving_after_a_year() -> None:
    net = np.zeros(8)
    assert settled(net, "after_year", "settle_exited_py").sum() == 4
    assert settled(net, "after_year", "liable_for_next_py").sum() == 5
    assert settled(net, "never", "liable_for_next_py").all()
    with pytest.raises(ValueError, match="needs exit_year"):
        years_in_model(net, BENCHMARK, rule="after_year", performance_years=YEARS, liability="settle_exited_py")


@pytest.mark.parametrize(
    ("month", "days", "years"),
    [(13, 0, 1), (22, 30, 1), (23, 30, 1), (24, 30, 2), (24, 0, 1), (26, 30, 2), (36, 30, 3)],
)
def test_delay_of_an_exit(month: int, days: int, years: int) -> None:
    assert exit_delay_years(final_settlement_month=month, notice_days=days) == years


@given(paths, paths, st.integers(2028, 2034))
def test_a_switch_takes_each_year_from_one_option(first: np.ndarray, second: np.ndarray, year: int) -> None:
    lines = switched(
        {"net_shared_savings": first},
        {"net_shared_savings": second},
        switch_year=year,
        performance_years=YEARS,
        reading="professional_to_global_annual",
    )["net_shared_savings"]
    before = year - 2027
    np.testing.assert_array_equal(lines[:, :before], first[:, :before])
    np.testing.assert_array_equal(lines[:, before:], second[:, before:])


def test_no_switch_where_the_option_is_fixed() -> None:
    with pytest.raises(InputError, match="fixed"):
        switched({}, {}, switch_year=2028, performance_years=YEARS, reading="fixed")


@given(paths, liabilities)
def test_nothing_is_settled_after_an_exit(net: np.ndarray, liability: Liability) -> None:
    years = settled(net, "after_cumulative_loss", liability)
    left = kept({"net_shared_savings": net}, in_model=years)["net_shared_savings"]
    np.testing.assert_array_equal(left[~years], 0.0)
    np.testing.assert_array_equal(left[years], net[years])


ALL = Elected(
    part_b_cost_sharing_support=True,
    part_d_buydown=True,
    prevention_reward=True,
    medical_nutrition_therapy=True,
    substance_access=True,
)
TERMS = load_terms("lead")


def test_nothing_elected_costs_and_saves_nothing() -> None:
    people, benefits = np.full((2, 1, 8), 1e4), Benefits(part_b_support_saves=0.1)
    figures = {"elected": Elected(), "benefits": benefits, "performance_years": YEARS, "terms": TERMS}
    assert benefit_cost(people, **figures) == {}
    assert not np.any(nutrition_therapy_expenditure(people, **figures))
    np.testing.assert_array_equal(benefit_effect(**figures), 0.0)


@given(arrays(np.float64, (3, 1, 8), elements=st.floats(0.0, 1e6)), st.floats(0.1, 10.0))
def test_costs_go_with_the_people(people: np.ndarray, factor: float) -> None:
    figures = {"elected": ALL, "benefits": Benefits(), "performance_years": YEARS, "terms": TERMS}
    cost, scaled = benefit_cost(people, **figures), benefit_cost(factor * people, **figures)
    assert set(cost) == {"part_b_cost_sharing_support", "part_d_buydown", "prevention_reward", "substance_access"}
    for name, dollars in cost.items():
        assert np.shape(dollars) == people.shape
        np.testing.assert_allclose(scaled[name], factor * dollars, rtol=1e-12, atol=1e-9)
    assert not cost["part_d_buydown"][..., :2].any()


def test_benefits_in_dollars() -> None:
    # 10,000 people, 3 % growth: 5 x 12 x 10,000 = 600,000, then 618,000; buy-down 20 x 1.0609 x 12 x 10,000 in 2029.
    figures = {"elected": ALL, "benefits": Benefits(), "performance_years": [2027, 2028, 2029], "terms": TERMS}
    cost = benefit_cost(np.full(3, 1e4), **figures)
    assert cost["part_b_cost_sharing_support"][:2].tolist() == pytest.approx([600_000, 618_000])
    assert cost["part_d_buydown"].tolist() == pytest.approx([0, 0, 2_546_160])
    # A tenth of them $75, held there by the limit; half a percent of them $500, held there too.
    assert cost["prevention_reward"].tolist() == pytest.approx([75_000] * 3)
    assert cost["substance_access"].tolist() == pytest.approx([25_000] * 3)
    added = nutrition_therapy_expenditure(np.full(3, 1e4), **figures)
    assert np.asarray(added).tolist() == pytest.approx([60_000, 61_800, 63_654])
    not_counted = load_terms("lead", {"benefits.nutrition_therapy_in_expenditure": False})
    assert not np.any(nutrition_therapy_expenditure(np.full(3, 1e4), **{**figures, "terms": not_counted}))


def test_the_buy_down_saves_from_its_own_first_year() -> None:
    benefits = Benefits(part_d_buydown_saves=0.03, ramp_years=3)
    figures = {"benefits": benefits, "terms": TERMS, "elected": ALL}
    saved = benefit_effect(performance_years=[2027, 2028, 2029, 2030, 2031, 2032], **figures)
    assert saved.tolist() == pytest.approx([0, 0, 0.01, 0.02, 0.03, 0.03])
    assert benefit_effect(performance_years=[2031, 2032], **figures).tolist() == pytest.approx([0.01, 0.02])


@given(st.floats(-0.1, 0.1), st.integers(1, 10))
def test_an_effect_grows_to_its_full_share_and_stays(full: float, ramp: int) -> None:
    effect = np.abs(ramped_effect(full, years_offered=np.arange(-1, 12), ramp_years=ramp))
    assert (np.diff(effect) >= 0.0).all()
    assert effect[1] == 0.0
    np.testing.assert_allclose(effect[ramp + 1 :], abs(full))
