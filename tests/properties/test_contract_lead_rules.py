"""Invariants of the LEAD rules on voluntary alignment, exclusions, update, risk, add-on and how they compose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrisk.contract.baseline import current_baseline, risk_standardised_pbpm
from leadrisk.contract.exclusions import EXCLUSIONS, completed_pbpm, counted_pbpm, excluded_shares
from leadrisk.contract.lead import CategoryInputs, lead_benchmarks, settle_lead, settle_lead_option
from leadrisk.contract.normalisation import concurrent_score_ratio, normalised_score
from leadrisk.contract.payments import add_on_eligible, add_on_paid
from leadrisk.contract.risk_cap import cap_applies, capped_risk_ratio
from leadrisk.contract.terms import load_terms
from leadrisk.contract.update import guardrail_years, update_factor
from leadrisk.contract.voluntary import mixed_pbpm, voluntary_baseline

pbpm = st.floats(200.0, 9000.0)
shares = st.floats(0.0, 1.0)
ratios = st.floats(0.3, 3.0)
YEARS = np.arange(2027, 2037)
AGED = CategoryInputs(
    person_years=8000.0, base_year_pbpm=(1000.0, 1020.0, 1060.0), region_pbpm=1120.0, national_pbpm=1100.0,
    two_way_trend=1.062, acpt=1.0665, risk_score_by3=1.0, risk_score_py=1.02, expenditure_pbpm=1090.0,
)  # fmt: skip
OTHERS = {"entrant": "renewing_reach", "performance_years": [2027], "quality_score": 0.9}


def settle(category: CategoryInputs, *, option: str = "global", terms: dict[str, object] | None = None, **more: object):
    lines = settle_lead(
        {"aged_disabled": category}, option=option, terms=load_terms("lead", terms), **(OTHERS | more)
    )  # fmt: skip
    return {name: float(np.ravel(amount)[0]) for name, amount in lines.items()}


# ---------------------------------------------------------------- voluntary alignment


@given(pbpm, pbpm, st.floats(0.0, 0.5))
def test_the_voluntary_baseline_stays_within_its_band(own: float, reference: float, band: float) -> None:
    held = float(voluntary_baseline(own, reference_pbpm=reference, band=band))
    assert (1.0 - band) * reference <= held <= (1.0 + band) * reference
    if (1.0 - band) * reference <= own <= (1.0 + band) * reference:
        assert held == own
    assert abs(held - reference) <= abs(own - reference) + 1e-9


@given(pbpm, st.floats(0.0, 0.5), ratios)
def test_the_band_is_symmetric_and_scales(reference: float, band: float, factor: float) -> None:
    above, below = (voluntary_baseline(reference * side, reference_pbpm=reference, band=band) for side in (4.0, 0.1))
    assert float(above) - reference == pytest.approx(reference - float(below))
    scaled = voluntary_baseline(4.0 * reference * factor, reference_pbpm=reference * factor, band=band)
    assert float(scaled) == pytest.approx(float(above) * factor)


@given(pbpm, pbpm, shares)
def test_the_mix_lies_between_its_parts(claims: float, voluntary: float, share: float) -> None:
    mix = mixed_pbpm(claims, voluntary_pbpm=voluntary, voluntary_share=share)
    assert min(claims, voluntary) - 1e-9 <= mix <= max(claims, voluntary) + 1e-9


@given(shares, st.floats(0.9, 1.1))
def test_inside_the_band_benchmark_and_expenditure_move_alike(share: float, ratio: float) -> None:
    plain = settle(AGED)
    mixed = settle(replace(AGED, voluntary_share=share, voluntary_cost_ratio=ratio))
    moved = mixed["benchmark_final"] / plain["benchmark_final"]
    assert moved == pytest.approx(mixed["expenditure"] / plain["expenditure"])
    assert mixed["gross_savings_rate"] == pytest.approx(plain["gross_savings_rate"], abs=1e-12)


@given(st.floats(1.1, 3.0), st.floats(0.01, 1.0))
def test_above_the_band_the_voluntary_cost_savings(ratio: float, share: float) -> None:
    at_edge, above = (
        settle(replace(AGED, voluntary_share=share, voluntary_cost_ratio=one))["gross_savings"] for one in (1.1, ratio)
    )
    assert above <= at_edge + 1e-6


def test_a_full_rate_book_knows_no_voluntary_history() -> None:
    one = replace(AGED, voluntary_share=0.5, voluntary_cost_ratio=1.05)
    terms = {"rate_book_weight": 1.0}
    assert settle(one, terms=terms)["benchmark_final"] == settle(AGED, terms=terms)["benchmark_final"]


# ---------------------------------------------------------------- baseline and exclusions


@given(
    st.dictionaries(st.sampled_from(EXCLUSIONS), st.floats(0.0, 100.0)), st.floats(600.0, 9000.0), st.floats(0.1, 9.0)
)
def test_what_counts_scales_and_never_exceeds_the_gross(parts: dict[str, float], gross: float, factor: float) -> None:
    excluded = excluded_shares(load_terms("lead"))
    counted = counted_pbpm(gross, parts=parts, excluded=excluded)
    assert 0.0 <= counted <= gross
    assert gross - counted == pytest.approx(sum(excluded[kind] * amount for kind, amount in parts.items()), abs=1e-6)
    scaled = counted_pbpm(gross * factor, parts={k: v * factor for k, v in parts.items()}, excluded=excluded)
    assert scaled == pytest.approx(counted * factor, abs=1e-6)


@pytest.mark.parametrize(
    ("kind", "term", "other"),
    [
        ("ime", "baseline.exclude_ime", False),
        ("dsh", "baseline.exclude_dsh", False),
        ("uncompensated_care", "baseline.exclude_uncompensated_care", False),
        ("above_p99", "baseline.truncated_at_p99", True),
        ("sahs", "baseline.sahs_excluded", 0.0),
        ("skin_substitutes", "baseline.skin_substitutes_excluded", 1.0),
    ],
)
def test_each_exclusion_has_its_switch(kind: str, term: str, other: object) -> None:
    by_default, switched = (
        counted_pbpm(1000.0, parts={kind: 50.0}, excluded=excluded_shares(load_terms("lead", terms)))
        for terms in ({}, {term: other})
    )
    assert by_default != switched


@given(pbpm, st.floats(0.8, 1.5), ratios, ratios)
def test_risk_standardising_undoes_risk(counted: float, trend: float, score: float, reference: float) -> None:
    """A base year that costs its score, at today's prices, is the same as one at the score of base year 3."""
    standard = risk_standardised_pbpm(counted * score / trend, trend=trend, risk_score=score, reference_score=reference)
    assert standard == pytest.approx(counted * reference)


@given(pbpm, ratios, st.floats(0.3, 1.0))
def test_shift_and_counted_share_act_on_the_baseline(weighted: float, shift: float, counted: float) -> None:
    assert current_baseline(weighted, counted=counted, shift=shift) == pytest.approx(weighted * counted * shift)
    assert completed_pbpm(weighted, completion_factor=1.0) == weighted


@given(st.floats(0.5, 1.0))
def test_equal_exclusions_in_all_years_and_the_region_keep_the_savings_rate(counted: float) -> None:
    less = replace(
        AGED, counted_base=counted, counted_performance=counted, region_pbpm=counted * AGED.region_pbpm,
        national_pbpm=counted * AGED.national_pbpm,
    )  # fmt: skip
    assert settle(less)["gross_savings_rate"] == pytest.approx(settle(AGED)["gross_savings_rate"], abs=1e-12)


# ---------------------------------------------------------------- update and class


@given(st.integers(2027, 2036))
def test_the_guardrail_of_the_first_year_is_that_of_2027(first: int) -> None:
    own = guardrail_years(np.arange(first, 2037), first_performance_year=first, counted="since_entry")
    assert own.tolist() == list(range(2027, 2027 + 2037 - first))
    assert guardrail_years(YEARS, first_performance_year=first, counted="calendar") is YEARS


@given(st.floats(0.8, 1.3), st.floats(0.001, 0.05), st.floats(0.001, 0.05), st.sampled_from(["acpt", "blend"]))
def test_the_update_is_continuous_at_the_guardrail(two_way: float, up: float, down: float, applies_to: str) -> None:
    rails = {"acpt_weight": 1 / 3, "guardrail_up": up, "guardrail_down": down, "applies_to": applies_to}
    for edge in (two_way + up, two_way - down, two_way + 3 * up, two_way - 3 * down):
        low, high = (update_factor(two_way, acpt=edge + step, **rails) for step in (-1e-9, 1e-9))
        assert 0.0 <= float(high) - float(low) <= 1e-9


def test_redetermination_gives_every_year_its_own_class() -> None:
    shift = np.array([1.0, 1.05, 1.10, 1.0])
    category = replace(AGED, baseline_shift=shift)
    found = {}
    for redetermined in (False, True):
        terms = load_terms("lead", {"spending_class_redetermined": redetermined})
        lines = settle_lead(
            {"aged_disabled": category}, option="global", terms=terms, spending_class="lower",
            **(OTHERS | {"performance_years": [2027, 2028, 2029, 2030]}),
        )  # fmt: skip
        found[redetermined] = (lines["administrative_add_on"] > 0.0).tolist()
    assert found == {False: [False] * 4, True: [False, False, True, False]}


# ---------------------------------------------------------------- risk


@given(ratios, st.floats(0.0, 0.1), st.floats(-0.05, 0.05))
def test_the_cap_is_symmetric_around_demographic_growth(score: float, cap: float, growth: float) -> None:
    ratio = float(capped_risk_ratio(score, reference_score=1.0, cap=cap, demographic_growth=growth))
    mirrored = float(
        capped_risk_ratio(2.0 * (1.0 + growth) - score, reference_score=1.0, cap=cap, demographic_growth=growth)
    )
    assert ratio - (1.0 + growth) == pytest.approx((1.0 + growth) - mirrored, abs=1e-12)
    assert abs(ratio - (1.0 + growth)) <= cap + 1e-12


@given(ratios, st.floats(10.0, 5000.0), st.floats(10.0, 20_000.0))
def test_small_and_growing_categories_have_no_cap(score: float, reference: float, beneficiaries: float) -> None:
    applies = cap_applies(
        beneficiaries, reference_beneficiaries=reference, minimum_reference=1500.0, skip_at_growth=3.0
    )
    ratio = float(capped_risk_ratio(score, reference_score=1.0, cap=0.03, applies=applies))
    small = reference < 1500.0 or beneficiaries >= 3.0 * reference
    assert ratio == (score if small else min(max(score, 0.97), 1.03))


def test_the_switches_of_the_cap_reach_the_settlement() -> None:
    grown = replace(AGED, risk_score_py=1.08, demographic_growth=0.02, reference_person_years=1000.0)
    capped = settle(grown)["updated_pbpm_aged_disabled"] / 1.03
    shifted = settle(grown, terms={"risk_cap.demographic_shift": "reach_aged_disabled"})
    free = settle(grown, terms={"risk_cap.minimum_sizes": True})
    halved = settle(grown, terms={"normalisation_factor.aged_disabled": 1.08 / 1.01})
    assert shifted["updated_pbpm_aged_disabled"] == pytest.approx(capped * 1.05)
    assert free["updated_pbpm_aged_disabled"] == pytest.approx(capped * 1.08)
    assert halved["updated_pbpm_aged_disabled"] == pytest.approx(capped * 1.01)


@given(ratios, ratios, shares)
def test_the_concurrent_score_lies_between_prospective_score_and_cost(
    prospective: float, cost: float, response: float
) -> None:
    ratio = concurrent_score_ratio(prospective, cost_ratio=cost, response=response)
    assert min(1.0, cost) - 1e-12 <= ratio / prospective <= max(1.0, cost) + 1e-12
    assert concurrent_score_ratio(prospective, cost_ratio=cost, response=0.0) == prospective
    assert normalised_score(ratio, factor=1.0) == ratio


# ---------------------------------------------------------------- add-on


@given(st.lists(shares, min_size=10, max_size=10), st.integers(2026, 2036))
def test_the_add_on_is_paid_until_the_rate_book_is_full(weight: list[float], last: int) -> None:
    paid = add_on_paid(YEARS, rate_book_weight=np.array(weight), last_year=last)
    assert paid.tolist() == [one < 1.0 and year <= last for one, year in zip(weight, YEARS, strict=True)]


@pytest.mark.parametrize("higher", [False, True])
@pytest.mark.parametrize("rural", [False, True])
@pytest.mark.parametrize("for_rural", [False, True])
def test_nobody_gets_the_add_on_twice(higher: bool, rural: bool, for_rural: bool) -> None:
    lines = settle(
        AGED, spending_class="higher" if higher else "lower", rural=rural, terms={"payments.addon_for_rural": for_rural}
    )
    eligible = bool(add_on_eligible(higher_spending=higher, rural=rural, for_rural=for_rural))
    assert lines["administrative_add_on"] == pytest.approx(0.015 * lines["benchmark_before_discount"] * eligible)


# ---------------------------------------------------------------- composition


@given(st.floats(-5e6, 5e6), st.floats(-5e6, 5e6), st.floats(-5e6, 5e6), st.booleans(), st.booleans())
def test_lines_beside_claims_tie_out(charge: float, payout: float, net: float, best: bool, rural: bool) -> None:
    line = settle(
        AGED, added_to_expenditure={"charge": charge, "payout": -payout}, beside={"net": net}, high_performer=best,
        rural=rural,
    )  # fmt: skip
    near, scale = pytest.approx, 1e-6
    assert (line["charge"], line["payout"], line["net"]) == (charge, -payout, net)
    assert line["expenditure_net"] == near(line["expenditure"] + charge - payout, abs=scale)
    assert line["gross_savings"] == near(line["benchmark_final"] - line["expenditure_net"], abs=scale)
    assert line["settlement_balance"] == near(
        line["net_shared_savings"] - line["enhanced_pcc_repayment"] + line["high_performers_pool"] + net, abs=scale
    )
    assert (line["high_performers_pool"] > 0.0) == best
    plain = settle(AGED)
    assert "expenditure_net" not in plain
    assert plain["expenditure"] == line["expenditure"]
    assert plain["benchmark_final"] == line["benchmark_final"]


@pytest.mark.parametrize("option", ["global", "professional"])
def test_both_options_from_one_preparation_settle_as_alone(option: str) -> None:
    rng = np.random.default_rng(5)
    shape = (2, 3, 10)
    category = replace(
        AGED, person_years=rng.uniform(7e3, 9e3, (2, 1, 10)), two_way_trend=rng.uniform(1.0, 1.3, shape),
        risk_score_py=rng.uniform(0.9, 1.1, shape), expenditure_pbpm=rng.uniform(900.0, 1200.0, shape),
        voluntary_share=0.1, voluntary_cost_ratio=rng.uniform(0.8, 1.2, shape),
        baseline_shift=rng.uniform(0.9, 1.1, shape),
    )  # fmt: skip
    terms = load_terms("lead")
    others = {"entrant": "renewing_mssp", "performance_years": YEARS, "terms": terms, "spending_class": "lower"}
    common = lead_benchmarks({"aged_disabled": category}, **others)
    shared = settle_lead_option(common, option=option, quality_score=0.9, terms=terms)
    alone = settle_lead({"aged_disabled": category}, option=option, quality_score=0.9, **others)
    assert shared.keys() == alone.keys()
    for name, amount in shared.items():
        np.testing.assert_array_equal(amount, alone[name])
        assert np.broadcast_shapes(amount.shape, shape) == shape
    assert shared["high_performers_pool"].strides == (0, 0, 0)
