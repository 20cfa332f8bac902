"""Invariants of the ACO REACH chain: trend adjustment, blend, caps and the settlement of many years."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrisk.contract.corridor import Corridor
from leadrisk.contract.health_equity import health_equity_pbpm
from leadrisk.contract.reach_risk import reach_risk_ratio
from leadrisk.contract.reach_years import ReachCategory, settle_reach_years
from leadrisk.contract.regional_blend import regional_blend_adjustment
from leadrisk.contract.retrospective_trend import retrospective_trend_factor
from leadrisk.contract.terms import load_terms

if TYPE_CHECKING:
    from leadrisk.contract.inputs import Option

BANDS = Corridor(edges=(0.04, 0.08), shares=(1.0, 0.5, 0.0))
TERMS = load_terms("reach")
NAMES = ["aged_disabled", "high_needs", "esrd"]
LINES_THAT_SCALE = (
    "benchmark_unadjusted",
    "benchmark_final",
    "heba_net",
    "expenditure",
    "gross_savings",
    "shared_savings",
    "sequestration",
    "settlement_balance",
)

options = st.sampled_from(["global", "professional"])
rule_years = st.integers(2021, 2026)
pbpm = st.floats(200.0, 9000.0)
category_inputs = st.builds(
    ReachCategory,
    person_years=st.floats(10.0, 50_000.0),
    base_year_pbpm=st.tuples(pbpm, pbpm, pbpm),
    region_pbpm=pbpm,
    national_pbpm=pbpm,
    projected_trend=st.floats(0.8, 2.0),
    actual_national_trend=st.floats(0.8, 2.0),
    risk_ratio=st.floats(0.5, 2.0),
    expenditure_pbpm=pbpm,
    demographic_growth=st.floats(-0.05, 0.1),
    reference_person_years=st.one_of(st.none(), st.floats(10.0, 50_000.0)),
)
categories = st.dictionaries(st.sampled_from(NAMES), category_inputs, min_size=1)


def _trend(ratio: float) -> float:
    return float(retrospective_trend_factor(ratio, projected=1.0, trigger=0.01, corridor=BANDS))


def _settle(
    inputs: dict[str, ReachCategory], option: Option, year: int, quality: float = 0.8, **given_: float
) -> dict[str, float]:
    lines = settle_reach_years(
        inputs, option=option, performance_years=[2030], quality_score=quality, terms=TERMS, rules_year=year, **given_
    )
    return {name: float(np.ravel(amount)[0]) for name, amount in lines.items()}


@given(st.floats(0.5, 1.6), st.floats(0.5, 1.6))
def test_trend_adjustment_rises_with_the_trend_and_never_overshoots(first: float, second: float) -> None:
    low, high = sorted((first, second))
    assert _trend(low) <= _trend(high)
    for ratio in (low, high):
        assert abs(_trend(ratio) - 1.0) <= min(abs(ratio - 1.0), 0.06) + 1e-12


@given(st.sampled_from([0.92, 0.96, 1.04, 1.08]), st.floats(0.0, 1e-6))
def test_trend_adjustment_is_continuous_at_its_corridor_edges(edge: float, step: float) -> None:
    assert _trend(edge + step) - _trend(edge - step) <= 2.0 * step + 1e-12


@given(st.floats(0.0, 0.5))
def test_trend_adjustment_is_symmetric(difference: float) -> None:
    if abs(difference - 0.01) > 1e-9:
        assert _trend(1.0 + difference) - 1.0 == pytest.approx(1.0 - _trend(1.0 - difference), abs=1e-12)


def test_the_trigger_is_a_step_of_its_own_size() -> None:
    assert _trend(1.0099) == 1.0
    assert _trend(1.0101) == pytest.approx(1.0101)


@given(pbpm, pbpm, st.floats(-1e-3, 1e-3))
def test_blend_is_continuous_and_within_its_limits(baseline: float, region: float, step: float) -> None:
    def adjusted(spending: float) -> float:
        limits = {"national_pbpm": 1000.0, "weight": 0.4, "ceiling": 0.03, "floor": 0.02}
        return float(regional_blend_adjustment(baseline, region_pbpm=spending, **limits))

    assert -20.0 <= adjusted(region) <= 30.0
    assert abs(adjusted(region + step) - adjusted(region)) <= 0.4 * abs(step) + 1e-9


@given(category_inputs, st.sampled_from(NAMES), rule_years, st.floats(0.0, 1e-3))
def test_capped_score_is_continuous_and_rises(category: ReachCategory, name: str, year: int, step: float) -> None:
    def ratio(score: float) -> float:
        return float(
            np.ravel(
                reach_risk_ratio(replace(category, risk_ratio=score), name=name, years=np.array([year]), terms=TERMS)
            )[0]
        )

    low, high = ratio(float(category.risk_ratio)), ratio(float(category.risk_ratio) + step)
    assert 0.0 <= high - low <= step + 1e-12


@given(st.floats(0.5, 2.0), st.floats(0.0, 0.1))
def test_growth_is_held_to_3_percent_from_2026(score: float, demographic: float) -> None:
    category = ReachCategory(
        person_years=9000.0,
        base_year_pbpm=(1000.0, 1000.0, 1000.0),
        region_pbpm=1000.0,
        national_pbpm=1000.0,
        projected_trend=1.0,
        actual_national_trend=1.0,
        risk_ratio=score,
        expenditure_pbpm=1000.0,
        demographic_growth=demographic,
    )
    before, after = reach_risk_ratio(category, name="aged_disabled", years=np.array([2025, 2026]), terms=TERMS)
    assert after == pytest.approx(min(before, 1.03))
    assert before <= (1.03 + demographic) / 1.009 + 1e-12


@given(categories, options, rule_years, st.floats(0.0, 1.0), st.floats(-6.0, 30.0), st.floats(-1e5, 1e5))
def test_lines_tie_out(
    inputs: dict[str, ReachCategory], option: Option, year: int, quality: float, heba: float, stop_loss: float
) -> None:
    line = _settle(inputs, option, year, quality, heba_pbpm=heba, stop_loss_net=stop_loss)
    scale = 1e-9 * (line["benchmark_before_discount"] + line["expenditure"] + abs(stop_loss))

    def ties(left: float, right: str) -> bool:
        return left == pytest.approx(line[right], abs=scale)

    assert ties(line["benchmark_unadjusted"] + line["retrospective_trend_adjustment"], "benchmark_before_discount")
    assert ties(line["benchmark_before_discount"] - line["discount"], "benchmark_after_discount")
    assert ties(line["benchmark_after_discount"] - line["quality_adjustment"], "benchmark_final")
    spent = line["expenditure"] + line["stop_loss_net"]
    assert ties(line["benchmark_final"] + line["heba_net"] - spent, "gross_savings")
    assert ties(line["shared_savings"] - line["sequestration"], "net_shared_savings")
    assert ties(line["net_shared_savings"] + line["high_performers_pool"], "settlement_balance")
    assert abs(line["shared_savings"]) <= abs(line["gross_savings"]) + scale
    assert line["sequestration"] == pytest.approx(0.02 * max(line["shared_savings"], 0.0), abs=scale)


@given(categories, options, rule_years, st.floats(0.1, 50.0))
def test_settlement_scales_with_the_population(
    inputs: dict[str, ReachCategory], option: Option, year: int, factor: float
) -> None:
    without = {name: replace(one, reference_person_years=None) for name, one in inputs.items()}
    larger = {name: replace(one, person_years=factor * one.person_years) for name, one in without.items()}
    before, after = (_settle(given_, option, year, heba_pbpm=2.0) for given_ in (without, larger))
    for name in LINES_THAT_SCALE:
        scale = 1e-9 * factor * (before["benchmark_final"] + before["expenditure"])
        assert after[name] == pytest.approx(factor * before[name], abs=scale), name


@given(categories, options, rule_years, st.floats(0.5, 2.0))
def test_settlement_scales_with_prices(
    inputs: dict[str, ReachCategory], option: Option, year: int, factor: float
) -> None:
    dearer = {
        name: replace(
            one,
            base_year_pbpm=tuple(factor * base for base in one.base_year_pbpm),
            region_pbpm=factor * one.region_pbpm,
            national_pbpm=factor * one.national_pbpm,
            expenditure_pbpm=factor * one.expenditure_pbpm,
        )
        for name, one in inputs.items()
    }
    before, after = (_settle(given_, option, year) for given_ in (inputs, dearer))
    for name in LINES_THAT_SCALE:
        scale = 1e-9 * factor * (before["benchmark_final"] + before["expenditure"])
        assert after[name] == pytest.approx(factor * before[name], abs=scale), name


@given(categories, st.floats(0.0, 1.0))
def test_2025_and_2026_share_alike_inside_the_first_band(inputs: dict[str, ReachCategory], quality: float) -> None:
    lines = [
        settle_reach_years(
            inputs, option="global", performance_years=[2025, 2026], quality_score=quality, terms=TERMS, rules_year=year
        )
        for year in (2025, 2026)
    ]
    own = settle_reach_years(
        inputs, option="global", performance_years=[2025, 2026], quality_score=quality, terms=TERMS, rules_year=None
    )
    for name, amount in own.items():
        assert amount[0] == pytest.approx(lines[0][name][0], rel=1e-12, abs=1e-6), name
        assert amount[1] == pytest.approx(lines[1][name][1], rel=1e-12, abs=1e-6), name
    for line in lines:
        small = np.abs(line["gross_savings"]) <= 0.10 * line["benchmark_final"]
        np.testing.assert_allclose(line["shared_savings"][small], line["gross_savings"][small], rtol=1e-9)


def test_the_health_equity_adjustment_comes_to_nothing_over_the_model() -> None:
    up, down = (float(TERMS.by_year(f"heba.{side}_pbpm", 2023)) for side in ("up", "down"))
    net = health_equity_pbpm(up_share=0.10, down_share=0.50, up_pbpm=up, down_pbpm=down)
    assert net == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("option", ["global", "professional"])
def test_rules_of_2026_hold_for_ever(option: Option) -> None:
    one = ReachCategory(9000.0, (1000.0, 1010.0, 1040.0), 1120.0, 1100.0, 1.1, 1.166, 1.05, 900.0)
    years = np.arange(2026, 2037)
    given_ = {"option": option, "performance_years": years, "quality_score": 0.7, "terms": TERMS}
    held, own = (settle_reach_years({"esrd": one}, rules_year=year, **given_) for year in (2026, None))
    for name, amount in held.items():
        assert amount.shape == years.shape, name
        np.testing.assert_allclose(amount, amount[0], err_msg=name)
        np.testing.assert_allclose(amount, own[name], err_msg=name)


@pytest.mark.parametrize("option", ["global", "professional"])
@pytest.mark.parametrize("rules_year", [2022, 2026, None])
def test_arrays_settle_like_scalars(option: Option, rules_year: int | None) -> None:
    rng = np.random.default_rng(27)
    years = np.arange(2024, 2029)
    shape = (3, 4, years.size)

    def draw(centre: float, *shape: int) -> np.ndarray:
        return centre * rng.uniform(0.8, 1.25, shape)

    inputs = {
        name: ReachCategory(
            person_years=draw(size, 3, 1, 5),
            base_year_pbpm=tuple(draw(cost, 3, 4, 1) for _ in range(3)),
            region_pbpm=cost,
            national_pbpm=draw(cost, 5),
            projected_trend=draw(1.2, 5),
            actual_national_trend=draw(1.2, 4, 5),
            risk_ratio=draw(1.0, *shape),
            expenditure_pbpm=draw(1.2 * cost, *shape),
            demographic_growth=draw(0.02, 4, 1),
            reference_person_years=size / 2.5 if name == "high_needs" else None,
        )
        for name, size, cost in (
            ("aged_disabled", 8000.0, 1000.0),
            ("high_needs", 2500.0, 3000.0),
            ("esrd", 50.0, 8000.0),
        )
    }
    quality = rng.uniform(0.5, 1.0, shape)
    terms = load_terms("reach", {"high_performers_paid": True, "high_performers.threshold": 0.9})
    lines = settle_reach_years(
        inputs,
        option=option,
        performance_years=years,
        quality_score=quality,
        terms=terms,
        rules_year=rules_year,
        heba_pbpm=1.5,
    )
    assert 0 < np.count_nonzero(lines["high_performers_pool"]) < quality.size
    for at in np.ndindex(shape):
        single = settle_reach_years(
            {name: _pick(one, at, shape) for name, one in inputs.items()},
            option=option,
            performance_years=years[at[2] : at[2] + 1],
            quality_score=float(quality[at]),
            terms=terms,
            rules_year=rules_year,
            heba_pbpm=1.5,
        )
        assert lines.keys() == single.keys()
        for name, amount in lines.items():
            expected = float(np.ravel(single[name])[0])
            assert float(amount[at]) == pytest.approx(expected, rel=1e-12, abs=1e-6), name


def _pick(inputs: ReachCategory, at: tuple[int, ...], shape: tuple[int, ...]) -> ReachCategory:
    def one(value: object) -> object:
        if isinstance(value, tuple):
            return tuple(one(item) for item in value)
        return None if value is None else float(np.broadcast_to(value, shape)[at])

    return ReachCategory(**{field.name: one(getattr(inputs, field.name)) for field in fields(inputs)})
