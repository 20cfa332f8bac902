"""The categories of a LEAD case, checked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from leadrisk.contract.alignment import aligned_person_years, esrd_person_years_moved
from leadrisk.contract.case.lead_spending import base_years, performance_year, three_numbers
from leadrisk.contract.case.values import FACTOR, MOST_PBPM, MOST_PERSON_YEARS, factor, number
from leadrisk.contract.inputs import CategoryInputs
from leadrisk.contract.update import two_way_trend
from leadrisk.scenario.category_tables import CATEGORY_NAMES

if TYPE_CHECKING:
    from leadrisk.contract.case.source import CaseSource
    from leadrisk.contract.terms import Terms

_CATEGORY = (
    "person_years",
    "base_year_pbpm",
    "region_pbpm",
    "national_pbpm",
    "two_way_trend",
    "national_trend",
    "regional_trend",
    "aco_market_share",
    "acpt",
    "risk_score_by3",
    "risk_score_py",
    "ai_risk_score_py",
    "expenditure_pbpm",
    "prior_savings_pbpm",
    "base_year_trend",
    "base_year_risk_score",
    "base_year_exclusions",
    "performance_year_exclusions",
    "runout_months",
    "baseline_shift",
    "voluntary_share",
    "voluntary_cost_ratio",
    "demographic_growth",
    "reference_person_years",
    "voluntary_additions",
    "midyear_additions",
)
_ESRD_AND_HIGH_NEEDS = "high_needs_person_years"


def check_categories(source: CaseSource, terms: Terms) -> dict[str, CategoryInputs]:
    """Check ``[categories]`` key by key; empty where the case has none."""
    source.only(("categories",), CATEGORY_NAMES)
    given = source.subtable(("categories",))
    mode = source.choice(("alignment", "mode"), ("prospective", "hybrid"))
    categories = {
        name: _check_category(source, name, terms, hybrid=mode == "hybrid") for name in CATEGORY_NAMES if name in given
    }
    _move_esrd(source, categories, terms)
    if categories and not sum(float(category.person_years) for category in categories.values()) > 0.0:
        first = next(iter(categories))
        raise source.wrong(("categories", first, "person_years"), "must not be 0 in every category")
    return categories


def _check_category(source: CaseSource, name: str, terms: Terms, *, hybrid: bool) -> CategoryInputs:
    at = ("categories", name)
    source.only(at, (*_CATEGORY, _ESRD_AND_HIGH_NEEDS) if name == "esrd" else _CATEGORY)

    def pbpm(key: str, *, above: bool = False) -> float:
        return number(source, (*at, key), lowest=0.0, above=above, highest=MOST_PBPM)

    def score(key: str) -> float:
        return number(source, (*at, key), lowest=0.0, above=True, highest=50.0)

    def optional(key: str, default: float, *, lowest: float, highest: float) -> float:
        given = source.number((*at, key), lowest=lowest, highest=highest)
        return default if given is None else given

    risk_score_by3 = score("risk_score_by3")
    return CategoryInputs(
        person_years=_person_years(source, at, terms, hybrid=hybrid),
        base_year_pbpm=base_years(source, at, terms, reference_score=risk_score_by3),
        region_pbpm=pbpm("region_pbpm", above=True),
        national_pbpm=pbpm("national_pbpm", above=True),
        two_way_trend=_check_trend(source, at),
        acpt=factor(source, (*at, "acpt")),
        risk_score_by3=risk_score_by3,
        risk_score_py=score("risk_score_py"),
        expenditure_pbpm=performance_year(source, at, terms),
        prior_savings_pbpm=optional("prior_savings_pbpm", 0.0, lowest=0.0, highest=MOST_PBPM),
        ai_risk_score_py=source.number((*at, "ai_risk_score_py"), lowest=0.0, above=True, highest=50.0),
        baseline_shift=optional("baseline_shift", 1.0, lowest=0.2, highest=5.0),
        voluntary_share=optional("voluntary_share", 0.0, lowest=0.0, highest=1.0),
        voluntary_cost_ratio=optional("voluntary_cost_ratio", 1.0, lowest=0.0, highest=10.0),
        demographic_growth=optional("demographic_growth", 0.0, lowest=-0.5, highest=0.5),
        reference_person_years=source.number(
            (*at, "reference_person_years"), lowest=0.0, above=True, highest=MOST_PERSON_YEARS
        ),
    )


def _person_years(source: CaseSource, at: tuple[str, ...], terms: Terms, *, hybrid: bool) -> float:
    """Person-years with what hybrid alignment adds during the year."""
    given = number(source, (*at, "person_years"), lowest=0.0, highest=MOST_PERSON_YEARS)
    additions = {
        key: source.number((*at, key), lowest=0.0, highest=MOST_PERSON_YEARS)
        for key in ("voluntary_additions", "midyear_additions")
    }
    if not hybrid:
        for key, amount in additions.items():
            if amount is not None:
                raise source.wrong(
                    (*at, key),
                    "has no place under prospective alignment, which is not updated during the year",
                    'write mode = "hybrid" in [alignment], or leave it out',
                )
        return given
    return float(
        aligned_person_years(
            given,
            mode="hybrid",
            voluntary_additions=additions["voluntary_additions"] or 0.0,
            midyear_additions=additions["midyear_additions"] or 0.0,
            voluntary_exposure=terms.number("alignment.voluntary_exposure"),
            midyear_exposure=terms.number("alignment.midyear_exposure"),
        )
    )


def _move_esrd(source: CaseSource, categories: dict[str, CategoryInputs], terms: Terms) -> None:
    """Move beneficiaries who have ESRD and are high needs to the category that has precedence."""
    at = ("categories", "esrd", _ESRD_AND_HIGH_NEEDS)
    if source.get(at) is None:
        return
    esrd = categories["esrd"]
    both = number(source, at, lowest=0.0, highest=float(esrd.person_years))
    moved = float(esrd_person_years_moved(both, precedence=terms.choice("esrd_precedence")))
    if not moved:
        return
    if "high_needs" not in categories:
        raise source.wrong(at, "needs a category to move to", "give [categories.high_needs]")
    other = categories["high_needs"]
    joined = other.person_years + moved
    spent = other.expenditure_pbpm * other.person_years + esrd.expenditure_pbpm * moved
    categories["high_needs"] = replace(other, person_years=joined, expenditure_pbpm=spent / joined)
    categories["esrd"] = replace(esrd, person_years=esrd.person_years - moved)


def check_base_years(source: CaseSource, at: tuple[str, ...]) -> tuple[float, ...]:
    """Check the three base years at a location, in dollars per beneficiary per month."""
    return three_numbers(source, at, above=True, highest=MOST_PBPM, example="[1000, 1020, 1060]")


def _check_trend(source: CaseSource, at: tuple[str, ...]) -> float:
    parts = ("national_trend", "regional_trend", "aco_market_share")
    given = [key for key in parts if source.get((*at, key)) is not None]
    if source.get((*at, "two_way_trend")) is not None:
        if given:
            raise source.wrong((*at, given[0]), "has no place beside two_way_trend", "leave one of the two out")
        return factor(source, (*at, "two_way_trend"))
    if not given:
        raise source.missing((*at, "two_way_trend"), f"{FACTOR}; or give {', '.join(parts)}")
    return float(
        two_way_trend(
            national=factor(source, (*at, "national_trend")),
            regional=factor(source, (*at, "regional_trend")),
            aco_market_share=number(source, (*at, "aco_market_share"), lowest=0.0, highest=1.0),
        )
    )
