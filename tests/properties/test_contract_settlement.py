"""Invariants of the update, the adjustments and the whole LEAD settlement."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrisk.contract.lead import CategoryInputs, Entrant, Option, settle_lead, spending_class_of
from leadrisk.contract.terms import load_terms
from leadrisk.contract.update import update_factor

trends = st.floats(0.7, 2.0)
options = st.sampled_from(["global", "professional"])
entrants = st.sampled_from(["renewing_reach", "renewing_mssp", "newly_entering"])
pbpm = st.floats(200.0, 9000.0)
scores = st.floats(0.5, 2.0)
category_inputs = st.builds(
    CategoryInputs,
    person_years=st.floats(10.0, 50_000.0),
    base_year_pbpm=st.tuples(pbpm, pbpm, pbpm),
    region_pbpm=pbpm,
    national_pbpm=pbpm,
    two_way_trend=trends,
    acpt=trends,
    risk_score_by3=scores,
    risk_score_py=scores,
    expenditure_pbpm=pbpm,
    prior_savings_pbpm=st.floats(0.0, 300.0),
)
categories = st.dictionaries(st.sampled_from(["aged_disabled", "high_needs", "esrd"]), category_inputs, min_size=1)
years = st.integers(2027, 2036)
DOLLAR_LINES = (
    "benchmark_before_discount",
    "benchmark_final",
    "gross_savings",
    "shared_savings",
    "net_shared_savings",
    "enhanced_pcc_repayment",
    "administrative_add_on",
    "settlement_balance",
)


def _settle(
    inputs: dict[str, CategoryInputs],
    option: Option,
    entrant: Entrant,
    year: int,
    quality: float,
    **terms: object,
) -> dict[str, float]:
    lines = settle_lead(
        inputs,
        option=option,
        entrant=entrant,
        performance_years=[year],
        quality_score=quality,
        terms=load_terms("lead", terms),
    )
    return {name: float(np.ravel(amount)[0]) for name, amount in lines.items()}


@given(trends, trends, st.floats(0.0, 0.05), st.floats(0.0, 0.05), st.sampled_from(["acpt", "blend"]))
def test_guardrail_keeps_the_update_near_the_two_way_trend(
    two_way: float, acpt: float, up: float, down: float, applies_to: str
) -> None:
    update = float(
        update_factor(
            two_way, acpt=acpt, acpt_weight=1 / 3, guardrail_up=up, guardrail_down=down, applies_to=applies_to
        )
    )
    reach = 1.0 if applies_to == "blend" else 1 / 3
    assert two_way - reach * down - 1e-12 <= update <= two_way + reach * up + 1e-12


@given(categories, options, years, st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)))
def test_better_quality_never_lowers_the_benchmark(
    inputs: dict[str, CategoryInputs], option: Option, year: int, qualities: tuple[float, float]
) -> None:
    # The net amount is not monotone: a higher benchmark widens the bands in which losses are borne in full.
    low, high = (_settle(inputs, option, "renewing_reach", year, quality) for quality in sorted(qualities))
    assert low["benchmark_final"] <= high["benchmark_final"] * (1.0 + 1e-12)
    assert low["gross_savings"] <= high["gross_savings"] + 1e-9 * high["benchmark_final"]


@given(categories, options, entrants, years, st.floats(0.1, 50.0))
def test_settlement_scales_with_the_population(
    inputs: dict[str, CategoryInputs], option: Option, entrant: Entrant, year: int, factor: float
) -> None:
    larger = {name: replace(one, person_years=factor * one.person_years) for name, one in inputs.items()}
    before, after = (_settle(given_, option, entrant, year, 0.9) for given_ in (inputs, larger))
    scale = before["benchmark_final"] * factor
    for name in DOLLAR_LINES:
        assert after[name] == pytest.approx(factor * before[name], abs=1e-9 * scale), name


@given(categories, options, entrants, years)
def test_lines_tie_out(inputs: dict[str, CategoryInputs], option: Option, entrant: Entrant, year: int) -> None:
    line = _settle(inputs, option, entrant, year, 0.8)
    near = pytest.approx
    scale = 1e-9 * (line["benchmark_final"] + line["expenditure"])
    assert line["benchmark_before_discount"] - line["discount"] == near(line["benchmark_after_discount"], abs=scale)
    assert line["benchmark_after_discount"] - line["quality_adjustment"] == near(line["benchmark_final"], abs=scale)
    assert line["benchmark_final"] - line["expenditure"] == near(line["gross_savings"], abs=scale)
    assert line["shared_savings"] - line["sequestration"] == near(line["net_shared_savings"], abs=scale)
    assert line["net_shared_savings"] - line["enhanced_pcc_repayment"] == near(line["settlement_balance"], abs=scale)
    assert line["sequestration"] >= 0.0


@given(categories, entrants, years)
def test_allowing_the_regional_adjustment_never_hurts_professional(
    inputs: dict[str, CategoryInputs], entrant: Entrant, year: int
) -> None:
    without, allowed = (
        _settle(inputs, "professional", entrant, year, 0.9, professional_positive_rea=allow) for allow in (False, True)
    )
    assert allowed["benchmark_final"] >= without["benchmark_final"] * (1.0 - 1e-12)


@pytest.mark.parametrize("option", ["global", "professional"])
@pytest.mark.parametrize("entrant", ["renewing_reach", "renewing_mssp", "newly_entering"])
@pytest.mark.parametrize("derive_class", [True, False])
def test_arrays_settle_like_scalars(option: Option, entrant: Entrant, derive_class: bool) -> None:
    rng = np.random.default_rng(27)
    populations, futures, performance_years = 3, 4, np.arange(2027, 2037)
    shape = (populations, futures, performance_years.size)

    def draw(centre: float, *shape: int) -> np.ndarray:
        return centre * rng.uniform(0.8, 1.25, shape)

    inputs = {
        name: CategoryInputs(
            person_years=draw(size, populations, 1, shape[2]),
            base_year_pbpm=tuple(draw(cost, populations, futures, 1) for _ in range(3)),
            region_pbpm=cost,
            national_pbpm=draw(cost, shape[2]),
            two_way_trend=draw(1.2, *shape),
            acpt=np.linspace(1.05, 1.6, shape[2]),
            risk_score_by3=1.0,
            risk_score_py=draw(1.0, *shape),
            expenditure_pbpm=draw(1.2 * cost, *shape),
            prior_savings_pbpm=draw(0.05 * cost, 1, futures, 1),
            ai_risk_score_py=draw(1.0, *shape) if name == "high_needs" else None,
        )
        for name, size, cost in (
            ("aged_disabled", 8000.0, 1000.0),
            ("high_needs", 900.0, 3000.0),
            ("esrd", 50.0, 8000.0),
        )
    }
    terms = load_terms("lead")
    quality = rng.uniform(0.5, 1.0, shape)
    higher = spending_class_of(inputs, entrant=entrant, terms=terms)
    assert 0 < np.count_nonzero(higher) < higher.size
    lines = settle_lead(
        inputs,
        option=option,
        entrant=entrant,
        performance_years=performance_years,
        quality_score=quality,
        terms=terms,
        spending_class=None if derive_class else higher,
    )
    for at in np.ndindex(shape):
        single = settle_lead(
            {name: _pick(one, at, shape) for name, one in inputs.items()},
            option=option,
            entrant=entrant,
            performance_years=performance_years[at[2] : at[2] + 1],
            quality_score=float(quality[at]),
            terms=terms,
            spending_class="higher" if higher[at[0], at[1], 0] else "lower",
        )
        assert lines.keys() == single.keys()
        for name, amount in lines.items():
            expected = float(np.ravel(single[name])[0])
            assert float(np.broadcast_to(amount, shape)[at]) == pytest.approx(expected, rel=1e-12), name


def _pick(inputs: CategoryInputs, at: tuple[int, ...], shape: tuple[int, ...]) -> CategoryInputs:
    def one(value: object) -> object:
        if isinstance(value, tuple):
            return tuple(one(item) for item in value)
        return None if value is None else float(np.broadcast_to(value, shape)[at])

    return CategoryInputs(**{field.name: one(getattr(inputs, field.name)) for field in fields(inputs)})
