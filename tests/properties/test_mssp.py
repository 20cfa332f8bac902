"""Invariants of the Shared Savings Program: minimum savings rate, adjustments, sharing, rebasing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrisk.contract.minimum_savings_rate import minimum_savings_rate
from leadrisk.contract.mssp import settle_mssp_year
from leadrisk.contract.mssp_adjustment import adjustment_by_type, combined_adjustment, regional_adjustment
from leadrisk.contract.mssp_inputs import ONE_SIDED, TRACKS, EnrollmentType, Track
from leadrisk.contract.mssp_risk import aggregate_cap, capped_growth
from leadrisk.contract.mssp_sharing import enhanced_loss_rate
from leadrisk.contract.mssp_years import settle_mssp_years
from leadrisk.contract.terms import load_terms

TERMS = load_terms("mssp")
SIZES, RATES = TERMS.weights("minimum_savings_rate.sizes"), TERMS.weights("minimum_savings_rate.rates")
BENCHMARK = 1e8

tracks = st.sampled_from(TRACKS)
sizes = st.floats(1.0, 200_000.0)
scores = st.floats(0.0, 1.0)
spending = st.floats(0.5 * BENCHMARK, 1.5 * BENCHMARK)
minimum_rates = st.sampled_from([0.0, 0.005, 0.01, 0.015, 0.02])
ratios = st.floats(0.8, 1.3)


def settle(track: Track, expenditure: float, **given_: object) -> dict[str, float]:
    lines = settle_mssp_year(
        track=track, benchmark_final=BENCHMARK, expenditure=expenditure, terms=TERMS, **given_  # type: ignore[arg-type]
    )  # fmt: skip
    return {name: float(amount) for name, amount in lines.items()}


def by_size(size: float) -> float:
    return float(minimum_savings_rate(size, sizes=SIZES, rates=RATES))


@given(sizes, sizes)
def test_minimum_savings_rate_falls_with_size(one: float, other: float) -> None:
    assert by_size(max(one, other)) <= by_size(min(one, other))
    assert 0.02 <= by_size(one) <= 0.122


@given(sizes)
def test_minimum_savings_rate_is_continuous(size: float) -> None:
    # The steepest band is the first: 3.5 points over 499 beneficiaries.
    assert by_size(size) - by_size(size + 1.0) <= 0.035 / 499 + 1e-12


@given(tracks, spending, spending, minimum_rates, scores)
def test_who_spends_more_never_gets_more(track: Track, one: float, other: float, minimum: float, score: float) -> None:
    low, high = sorted((one, other))
    less, more = (settle(track, x, minimum_savings_rate=minimum, quality_score=score) for x in (low, high))
    assert more["net_shared_savings"] <= less["net_shared_savings"] + 1e-6


@given(tracks, spending, minimum_rates, scores, st.floats(0.0, 1e7))
def test_what_the_aco_and_cms_get_adds_up_to_gross_savings(
    track: Track, spent: float, minimum: float, score: float, disaster: float
) -> None:
    line = settle(track, spent, minimum_savings_rate=minimum, quality_score=score, disaster_adjustment=disaster)
    cms = line["gross_savings"] - line["net_shared_savings"]
    assert cms * line["gross_savings"] >= 0.0, "CMS keeps a part of a gain and bears a part of a loss"
    assert line["net_shared_savings"] * line["gross_savings"] >= 0.0
    assert line["shared_savings"] - line["sequestration"] == pytest.approx(line["net_shared_savings"])
    assert line["sequestration"] == pytest.approx(0.02 * max(line["shared_savings"], 0.0))


@given(tracks, spending, minimum_rates, scores, st.floats(0.0, 1e8))
def test_caps_and_limits_hold(track: Track, spent: float, minimum: float, score: float, revenue: float) -> None:
    line = settle(track, spent, minimum_savings_rate=minimum, quality_score=score, revenue=revenue)
    cap = 0.20 if track == "ENHANCED" else 0.10
    limit = {"C": 0.01, "D": 0.02, "E": 0.04, "ENHANCED": 0.15}.get(track, 0.0)
    assert -limit * BENCHMARK - 1e-6 <= line["shared_savings"] <= cap * BENCHMARK + 1e-6
    if track in {"C", "D", "E"}:
        assert -line["shared_savings"] <= {"C": 0.02, "D": 0.04, "E": 0.08}[track] * revenue + 1e-6


@given(tracks, minimum_rates)
def test_caps_and_limits_are_reached(track: Track, minimum: float) -> None:
    most = settle(track, 0.4 * BENCHMARK, minimum_savings_rate=minimum)["shared_savings"]
    assert most == pytest.approx((0.20 if track == "ENHANCED" else 0.10) * BENCHMARK)
    least = settle(track, 1.6 * BENCHMARK, minimum_savings_rate=minimum)["shared_savings"]
    assert least == pytest.approx(-{"C": 0.01, "D": 0.02, "E": 0.04, "ENHANCED": 0.15}.get(track, 0.0) * BENCHMARK)


@given(tracks, st.floats(0.0, 0.0199))
def test_nothing_is_shared_within_the_minimum(track: Track, rate: float) -> None:
    for side in (1.0, -1.0):
        assert settle(track, (1.0 - side * rate) * BENCHMARK, minimum_savings_rate=0.02)["shared_savings"] == 0.0


@given(tracks, spending, minimum_rates, scores, st.floats(0.01, 100.0))
def test_settlement_scales_with_the_population(
    track: Track, spent: float, minimum: float, score: float, factor: float
) -> None:
    whole = settle(track, spent, minimum_savings_rate=minimum, quality_score=score)
    scaled = settle_mssp_year(
        track=track, benchmark_final=factor * BENCHMARK, gross_savings=factor * whole["gross_savings"],
        minimum_savings_rate=minimum, quality_score=score, terms=TERMS,
    )  # fmt: skip
    if abs(abs(whole["gross_savings"]) - minimum * BENCHMARK) > 1e-3:
        for name in ("generated_savings", "shared_savings", "sequestration", "net_shared_savings"):
            assert float(scaled[name]) == pytest.approx(factor * whole[name], rel=1e-9, abs=1e-3)


@given(spending, minimum_rates, scores, scores)
def test_better_quality_never_pays_less(spent: float, minimum: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    for standard in ({"quality_met": True}, {"quality_met": False, "quality_alternative": True}):
        worse, better = (
            settle("ENHANCED", spent, minimum_savings_rate=minimum, quality_score=score, **standard)
            for score in (low, high)
        )
        assert worse["net_shared_savings"] <= better["net_shared_savings"] + 1e-6
    none = settle("ENHANCED", spent, minimum_savings_rate=minimum, quality_met=False, quality_score=high)
    assert none["net_shared_savings"] <= worse["net_shared_savings"] + 1e-6
    rate = float(enhanced_loss_rate(0.75, quality_met=True, quality_score=low, lowest=0.4, highest=0.75))
    assert 0.4 <= rate <= 0.75


@given(st.sampled_from(ONE_SIDED), spending, sizes)
def test_one_sided_tracks_owe_nothing(track: Track, spent: float, size: float) -> None:
    assert settle(track, spent, assigned_beneficiaries=size)["shared_savings"] >= 0.0


@given(st.floats(-2000.0, 2000.0), st.floats(0.0, 1.0), st.floats(100.0, 5000.0))
def test_regional_adjustment_stays_within_its_caps(difference: float, weight: float, national: float) -> None:
    caps = {"cap_positive": 0.05, "cap_negative": 0.015}
    adjustment = float(regional_adjustment(difference, weight=weight, national_pbpm=national, **caps))
    assert -0.015 * national <= adjustment <= 0.05 * national
    assert abs(adjustment) <= abs(weight * difference)


@given(st.floats(-100.0, 100.0), st.floats(0.0, 100.0), st.sampled_from(["dropped", "applied"]))
def test_adjustment_by_type_adds_up_to_the_adjustment(regional: float, prior: float, negative: str) -> None:
    counts, flat = adjustment_by_type(regional, prior_savings=prior, negative_regional=negative)
    total = float(combined_adjustment(regional, prior_savings=prior, negative_regional=negative))
    assert float(counts * regional + flat) == pytest.approx(total, abs=1e-12)
    assert min(regional, 0.0) <= total <= max(regional, prior)
    assert negative == "applied" or total >= prior


@given(ratios, st.floats(-0.1, 0.2), st.floats(-0.05, 0.05))
def test_growth_of_risk_is_capped_upwards_only(ratio: float, growth: float, demographic: float) -> None:
    cap = float(aggregate_cap(growth=growth, demographic_growth=demographic, cap=0.03))
    capped = float(capped_growth(ratio, cap=cap))
    assert capped <= ratio
    assert capped == ratio if growth <= demographic + 0.03 else capped <= 1.03 + demographic + 1e-12
    assert float(capped_growth(min(ratio, 1.0), cap=0.03)) == min(ratio, 1.0)


@given(st.floats(0.80, 0.97), st.integers(1, 4), st.floats(1.0, 1.1))
def test_rebasing_after_savings_lowers_the_benchmark(spent: float, period: int, yearly_growth: float) -> None:
    prices = yearly_growth ** np.arange(1.0, 11.0)
    one = EnrollmentType(
        person_years=20_000.0, base_year_pbpm=(1000.0, 1000.0, 1000.0), region_pbpm=1000.0, national_pbpm=1000.0,
        national_trend=prices, regional_trend=prices, acpt=prices, risk_ratio=1.0,
        expenditure_pbpm=1000.0 * spent * prices,
    )  # fmt: skip

    def benchmark(expenditure: float, *, rebasing: bool) -> np.ndarray:
        return settle_mssp_years(
            {"aged_nondual": replace(one, expenditure_pbpm=expenditure * prices)},
            track="ENHANCED", first_agreement_period=period, performance_years=range(2027, 2037), quality_met=True,
            quality_score=0.8, rebasing=rebasing, terms=TERMS,
        )["benchmark_final"]  # fmt: skip

    kept, rebased = (benchmark(1000.0 * spent, rebasing=rebasing) for rebasing in (False, True))
    np.testing.assert_allclose(rebased[:5], kept[:5], rtol=1e-12)
    assert (rebased[5:] < kept[5:]).all()
    # The deeper the savings, the lower the new benchmark, and it never falls below what was spent.
    deeper = benchmark(1000.0 * spent - 10.0, rebasing=True)
    assert (deeper[5:] < rebased[5:]).all()
    assert (rebased[5:] >= 12.0 * 20_000.0 * 1000.0 * spent * prices[5:] - 1e-6).all()
    # At unchanged relative cost the benchmark is what it was.
    np.testing.assert_allclose(benchmark(1000.0, rebasing=True), benchmark(1000.0, rebasing=False), rtol=1e-9)
