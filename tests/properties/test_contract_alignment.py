"""Invariants of minimum alignment, hybrid alignment and the criteria of high needs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrisk.contract.alignment import (
    aligned_person_years,
    alignment_minimum,
    esrd_person_years_moved,
    grown_minimum,
    minimum_kind,
    years_in_model,
)
from leadrisk.contract.high_needs import Condition, high_needs_at_checks, meets_high_needs_criteria
from leadrisk.contract.terms import load_terms

shares = st.floats(0.0, 1.0)
YEARS = np.arange(2027, 2037)


@given(st.sampled_from(["standard", "high_needs", "newly_entering"]), st.floats(0.0, 0.5))
def test_minimums_rise_to_the_standard_ones(kind: str, growth: float) -> None:
    terms = load_terms("lead", {"alignment.minimum_growth": growth})
    minimum = alignment_minimum(kind, years=YEARS, terms=terms)
    for count, standard in ((minimum.aligned, 5000.0), (minimum.claims_aligned, 3000.0)):
        assert np.all(np.diff(count) >= 0.0)
        assert np.all(count <= standard)
        assert np.all(count == np.rint(count))
    first = {"standard": 5000.0, "high_needs": 800.0, "newly_entering": 1000.0}[kind]
    assert minimum.aligned[0] == first


def test_a_minimum_above_the_ceiling_is_not_lowered() -> None:
    assert grown_minimum(6000.0, elapsed=np.array([0, 5]), growth=0.1, ceiling=5000.0).tolist() == [6000.0, 6000.0]


@given(shares, st.sampled_from(["renewing_reach", "renewing_mssp", "newly_entering"]))
def test_more_than_forty_percent_high_needs_comes_first(share: float, entrant: str) -> None:
    kind = minimum_kind(entrant=entrant, high_needs_share=share, high_needs_share_above=0.40)
    other = "newly_entering" if entrant == "newly_entering" else "standard"
    assert kind == ("high_needs" if share > 0.40 else other)


@given(st.lists(st.lists(st.booleans(), min_size=10, max_size=10), min_size=1, max_size=5))
def test_who_falls_below_the_minimum_settles_that_year_and_leaves(below: list[list[bool]]) -> None:
    took_part = years_in_model(np.array(below), below_minimum="exit_at_year_end")
    for path, years in zip(below, took_part.tolist(), strict=True):
        last = path.index(True) if True in path else 9
        assert years == [year <= last for year in range(10)]
    assert years_in_model(np.array(below), below_minimum="continue").all()


@given(st.floats(0.0, 1e5), st.floats(0.0, 1e4), st.floats(0.0, 1e4), shares, shares)
def test_hybrid_alignment_only_adds(
    person_years: float, voluntary: float, midyear: float, first: float, second: float
) -> None:
    found = {
        mode: aligned_person_years(
            person_years, mode=mode, voluntary_additions=voluntary, midyear_additions=midyear,
            voluntary_exposure=first, midyear_exposure=second,
        )
        for mode in ("prospective", "hybrid")
    }  # fmt: skip
    assert found["prospective"] == person_years <= found["hybrid"] <= person_years + voluntary + midyear + 1e-6


@given(st.floats(0.0, 1e4))
def test_nobody_is_lost_between_esrd_and_high_needs(both: float) -> None:
    assert [esrd_person_years_moved(both, precedence=one) for one in ("esrd", "high_needs")] == [0.0, both]


CRITERIA = (
    {"mobility": True},
    {"frailty": True},
    {"risk_score": 3.0},
    {"risk_score": 0.35, "esrd": True},
    {"risk_score": 2.0, "unplanned_admissions": 2.0},
    {"skilled_nursing_days": 45.0},
)


@pytest.mark.parametrize("criterion", CRITERIA)
def test_each_criterion_of_high_needs_suffices_and_just_below_it_does_not(criterion: dict[str, float]) -> None:
    terms = load_terms("lead")
    assert meets_high_needs_criteria(Condition(**criterion), terms=terms)
    for name, value in criterion.items():
        if name != "esrd":
            below = not value if value is True else value - 0.01
            assert not meets_high_needs_criteria(Condition(**{**criterion, name: below}), terms=terms)


@pytest.mark.parametrize(
    ("term", "condition"),
    [
        ("high_needs.home_health", {"home_health_days": 90.0}),
        ("high_needs.esrd_moderate", {"risk_score": 0.24, "esrd": True, "unplanned_admissions": 2.0}),
    ],
)
def test_clauses_of_reach_have_their_switch(term: str, condition: dict[str, float]) -> None:
    readings = (load_terms("lead", {term: counts}) for counts in (False, True))
    found = [meets_high_needs_criteria(Condition(**condition), terms=terms) for terms in readings]
    assert [bool(one) for one in found] == [False, True]


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_once_high_needs_always_high_needs(met: list[bool]) -> None:
    at_checks = np.array(met)
    sticky = high_needs_at_checks(at_checks, sticky=True).tolist()
    assert sticky == [any(met[: check + 1]) for check in range(len(met))]
    assert high_needs_at_checks(at_checks, sticky=False).tolist() == met
