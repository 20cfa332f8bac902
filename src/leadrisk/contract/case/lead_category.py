"""The categories of a LEAD case, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrisk.contract.case.values import FACTOR, MOST_PBPM, MOST_PERSON_YEARS, factor, number
from leadrisk.contract.inputs import CategoryInputs
from leadrisk.contract.update import two_way_trend
from leadrisk.scenario.model import CATEGORY_NAMES

if TYPE_CHECKING:
    from leadrisk.contract.case.source import CaseSource

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
)


def check_categories(source: CaseSource) -> dict[str, CategoryInputs]:
    """Check ``[categories]`` key by key; empty where the case has none."""
    source.only(("categories",), CATEGORY_NAMES)
    given = source.subtable(("categories",))
    categories = {name: _check_category(source, name) for name in CATEGORY_NAMES if name in given}
    if categories and not sum(float(category.person_years) for category in categories.values()) > 0.0:
        first = next(iter(categories))
        raise source.wrong(("categories", first, "person_years"), "must not be 0 in every category")
    return categories


def _check_category(source: CaseSource, name: str) -> CategoryInputs:
    at = ("categories", name)
    source.only(at, _CATEGORY)

    def pbpm(key: str, *, above: bool = False) -> float:
        return number(source, (*at, key), lowest=0.0, above=above, highest=MOST_PBPM)

    def score(key: str) -> float:
        return number(source, (*at, key), lowest=0.0, above=True, highest=50.0)

    return CategoryInputs(
        person_years=number(source, (*at, "person_years"), lowest=0.0, highest=MOST_PERSON_YEARS),
        base_year_pbpm=_check_base_years(source, (*at, "base_year_pbpm")),
        region_pbpm=pbpm("region_pbpm", above=True),
        national_pbpm=pbpm("national_pbpm", above=True),
        two_way_trend=_check_trend(source, at),
        acpt=factor(source, (*at, "acpt")),
        risk_score_by3=score("risk_score_by3"),
        risk_score_py=score("risk_score_py"),
        expenditure_pbpm=pbpm("expenditure_pbpm"),
        prior_savings_pbpm=source.number((*at, "prior_savings_pbpm"), lowest=0.0, highest=MOST_PBPM) or 0.0,
        ai_risk_score_py=source.number((*at, "ai_risk_score_py"), lowest=0.0, above=True, highest=50.0),
    )


def _check_base_years(source: CaseSource, at: tuple[str, ...]) -> tuple[float, ...]:
    value = source.get(at)
    if value is None:
        raise source.missing(at, "[base year 1, base year 2, base year 3]")
    if not isinstance(value, list | tuple) or len(value) != 3:
        raise source.wrong(at, f"must be three numbers, got {value!r}", "write for example [1000, 1020, 1060]")
    return tuple(number(source, (*at, year), lowest=0.0, above=True, highest=MOST_PBPM) for year in range(3))


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
