"""The terms files are complete, and overrides are checked."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from leadrisk.contract.case import settle_case
from leadrisk.contract.mssp_inputs import ENROLLMENT_TYPES
from leadrisk.contract.term import Term, override
from leadrisk.contract.terms import PROGRAMS, load_terms
from leadrisk.errors import InputError
from leadrisk.scenario.category_tables import CATEGORY_NAMES


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_term_has_unit_source_and_grade(program: str) -> None:
    for name, term in load_terms(program).table.items():
        assert term.unit, name
        assert term.source, name
        assert term.grade in {"A", "B", "B*", "C"}, name
        assert not term.choices or term.value in term.choices, name


@pytest.mark.parametrize("program", PROGRAMS)
def test_default_stress_and_choices_of_every_term_are_valid_overrides(program: str) -> None:
    for name, term in load_terms(program).table.items():
        for value in (term.value, *term.choices, *([] if term.stress is None else [term.stress])):
            changed = load_terms(program, {name: value}).table[name]
            assert changed.grade == term.grade
            assert changed.source.startswith("set by the user")
            if not (term.by_year and value is term.stress):
                assert changed.value == value, name


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_stress_is_another_value(program: str) -> None:
    for name, term in load_terms(program).table.items():
        if term.stress is not None:
            assert override(term, term.stress).value != term.value, name


@pytest.mark.parametrize(
    ("years", "first", "last"),
    [((2027, 2036), 2026, 2037), ((2021, 2026), 2020, 2027), ((2012, 2045), 2011, 2046)],
)
def test_a_table_by_year_takes_the_years_of_its_programme(years: tuple[int, int], first: int, last: int) -> None:
    term = Term(
        "share", {years[0]: 0.1}, unit="share", source="test", grade="C", first_year=years[0], last_year=years[1]
    )
    assert override(term, {str(years[1]): 0.5}).value == {years[0]: 0.1, years[1]: 0.5}
    assert override(term, 0.5).value == {years[0]: 0.5}
    for year in (first, last):
        with pytest.raises(InputError, match=f"got {year} .write a year {years[0]} to {years[1]}"):
            override(term, {year: 0.5})


def test_the_terms_of_a_programme_know_its_years() -> None:
    assert load_terms("reach").table["sequestration.rate"].first_year == 2021
    assert load_terms("lead").table["sequestration.rate"].last_year == 2036


def test_years_of_a_table_outside_the_programme_may_be_overridden_too() -> None:
    term = Term("share", {2024: 0.1, 2027: 0.2}, unit="share", source="test", grade="C")
    assert override(term, {2024: 0.3}).value == {2024: 0.3, 2027: 0.2}
    assert override(term, 0.5).value == {2024: 0.5}
    with pytest.raises(InputError, match="keyed by performance year, got 2025"):
        override(term, {2025: 0.3})


def test_years_beyond_the_table_take_the_last_value() -> None:
    terms = load_terms("lead")
    np.testing.assert_array_equal(terms.by_year("rate_book_weight", [2020, 2031, 2032, 2036]), [0.0, 0.0, 1.0, 1.0])
    np.testing.assert_array_equal(terms.by_year("discount.global_lower", [2027, 2036]), [0.03, 0.03])
    assert terms.by_year("guardrail.up", 2027).shape == ()


def test_a_table_of_years_changes_those_years_only() -> None:
    terms = load_terms("lead", {"rate_book_weight": {"2032": 0.2, "2033": 0.4}})
    np.testing.assert_allclose(terms.by_year("rate_book_weight", [2031, 2032, 2033, 2036]), [0.0, 0.2, 0.4, 0.4])


def test_a_number_for_a_term_by_year_stands_for_every_year() -> None:
    terms = load_terms("lead", {"rate_book_weight": 0.5})
    np.testing.assert_array_equal(terms.by_year("rate_book_weight", [2027, 2036]), [0.5, 0.5])


def test_only_terms_that_were_read_are_reported() -> None:
    terms = load_terms("lead")
    assert terms.unverified() == []
    terms.corridor("corridor.global.savings")
    terms.number("quality.at_risk")
    assert terms.used() == ("corridor.global.savings", "quality.at_risk")
    assert [term["name"] for term in terms.unverified()] == ["corridor.global.savings"]
    assert load_terms("lead").used() == ()


def test_terms_travel_to_another_process() -> None:
    terms = load_terms("lead", {"rea.cap": 0.04})
    assert pickle.loads(pickle.dumps(terms)).number("rea.cap") == 0.04


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("rea.capp", 0.04, r"terms\.rea\.capp: no such term .*did you mean 'rea\.cap"),
        ("rea", {"capp": 0.04}, r"terms\.rea\.capp: no such term"),
        ("rea.cap", "much", r"terms\.rea\.cap: must be a number, got 'much'"),
        ("rea.cap", True, r"terms\.rea\.cap: must be a number, got True"),
        ("rea.cap", -0.01, r"terms\.rea\.cap: must be between 0 and 1, got -0\.01"),
        ("rea.cap", float("nan"), r"terms\.rea\.cap: must be between 0 and 1, got nan"),
        ("rea.cap", float("inf"), r"terms\.rea\.cap: must be between 0 and 1, got inf"),
        ("rea.cap", 10**400, r"terms\.rea\.cap: must be between 0 and 1, got 10+ "),
        ("discount.professional", 1, r"must be between 0 and 0\.5, got 1"),
        ("quality.at_risk", 1, r"must be between 0 and 0\.5, got 1"),
        ("coding_intensity_factor.esrd", 0, r"must be between 0\.5 and 2, got 0"),
        ("professional_positive_rea", 1, r"must be true or false, got 1"),
        (
            "professional_savings",
            "rfa",
            r"must be one of py2027_paper, rfa_2026, .*did you mean 'rfa_2026'",
        ),
        ("rate_book_weight", {"2040": 0.5}, r"must be keyed by performance year, got '2040'"),
        ("rate_book_weight", {"2032": 0.5, "²": 0.5}, r"must be keyed by performance year, got '²'"),
        ("rate_book_weight", {"2032": 1.5}, r"must be between 0 and 1, got 1\.5"),
        ("baseline.weights_renewing", [0.5, 0.5], r"must be 3 numbers"),
        ("baseline.weights_renewing", [0, 0, 0], r"must not all be zero"),
        ("quality.ladder_percentiles", [0.1, 0.2, 0.2, 0.3, 0.4, 0.5, 0.6], r"must rise from number to number, got \["),
        ("quality.ladder_percentiles", [0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05], r"must rise from number to number"),
        ("corridor.global.savings", [[0.1, 1.0]], r"must have edges and shares"),
        ("corridor.global.savings", {"edges": [0.1], "share": [1.0]}, r"must have edges and shares"),
        ("corridor.global.savings", {"edges": [0.1], "shares": [1.0]}, r"one share more than edges"),
        ("corridor.global.savings", {"edges": [0.3, 0.1], "shares": [1, 0.5, 0.1]}, r"edges must rise"),
    ],
)
def test_a_wrong_override_says_what_and_how_to_cure_it(name: str, value: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_terms("lead", {name: value})


CATEGORY = {
    "person_years": 1000, "base_year_pbpm": [1000, 1020, 1060], "region_pbpm": 1120, "national_pbpm": 1100,
    "two_way_trend": 1.06, "acpt": 1.05, "risk_score_by3": 1, "risk_score_py": 1.02, "ai_risk_score_py": 1.04,
    "expenditure_pbpm": 1100, "prior_savings_pbpm": 30,
}  # fmt: skip
TYPE = {
    "person_years": 1000, "base_year_per_capita": [12000, 12200, 12700], "region_per_capita": 13400,
    "national_per_capita": 13200, "prior_savings_per_capita": 300, "national_trend": 1.06, "regional_trend": 1.05,
    "aco_market_share": 0.1, "acpt": 1.05, "risk_score_by3": 1, "risk_score_py": 1.08, "demographic_ratio": 1.01,
    "paid_per_capita": 13100, "excess_per_capita": 50,
}  # fmt: skip
LEAD = {
    "program": "lead", "performance_year": 2032, "entrant": "renewing_reach", "quality_score": 0.0,
    "categories": dict.fromkeys(CATEGORY_NAMES, CATEGORY),
}  # fmt: skip
REACH = {"program": "reach", "performance_year": 2026, "benchmark_final": 1e8, "gross_savings": 8e6}
MSSP = {
    "program": "mssp", "performance_year": 2027, "agreement_period": 2, "assigned_beneficiaries": 3200,
    "types": dict.fromkeys(ENROLLMENT_TYPES, TYPE),
}  # fmt: skip
CASES = {
    "lead-global": LEAD | {"option": "global"},
    "lead-professional": LEAD | {"option": "professional"},
    "reach-global": REACH | {"option": "global"},
    "reach-professional": REACH | {"option": "professional"},
    "mssp-enhanced": MSSP | {"track": "ENHANCED", "agreement_start": 2023},
    "mssp-basic": MSSP | {"track": "E", "agreement_start": 2025},
}


def values_at_limits(term: Term) -> list[object]:
    if term.choices or isinstance(term.value, bool):
        return list(term.choices or (True, False))
    if isinstance(term.value, list):
        size = len(term.value)
        return [np.linspace(term.lowest, term.highest, size).tolist() if term.rising else [term.highest] * size]
    if isinstance(term.value, dict) and not term.by_year:
        return [{"edges": [1.0], "shares": shares} for shares in ([0, 0], [0, 1], [1, 0])]
    return [term.lowest, term.highest]


def test_every_programme_has_a_case_at_its_limits() -> None:
    assert {case["program"] for case in CASES.values()} == set(PROGRAMS)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_case_is_finite_with_every_term_at_its_limits(case: dict[str, object]) -> None:
    for name, term in load_terms(str(case["program"])).table.items():
        for value in values_at_limits(term):
            amounts = [
                amount for amount in settle_case(case | {"terms": {name: value}}).values() if isinstance(amount, float)
            ]
            assert np.isfinite(amounts).all(), (name, value)


def test_an_unknown_programme_is_an_input_error() -> None:
    with pytest.raises(InputError, match=rf"unknown programme 'medicaid' \(one of {', '.join(PROGRAMS)}\)"):
        load_terms("medicaid")


def test_a_term_of_another_programme_is_told_its_home() -> None:
    with pytest.raises(InputError, match=r"'share_rate\.E' is a term of MSSP, not of LEAD .*\[contract\.mssp_terms\]"):
        load_terms("lead", {"share_rate": {"E": 0.6}})
