"""An ACO REACH case, checked: what the settlement functions are called with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from leadrisk.contract.case.lead_category import check_base_years
from leadrisk.contract.case.values import (
    MOST_DOLLARS,
    MOST_PBPM,
    MOST_PERSON_YEARS,
    check_totals,
    dollars,
    factor,
    number,
    read_totals,
    share,
    signed_dollars,
)
from leadrisk.contract.reach import FIRST_YEAR, LAST_YEAR
from leadrisk.contract.reach_inputs import ReachCategory
from leadrisk.scenario.category_tables import CATEGORY_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadrisk.contract.case.source import CaseSource
    from leadrisk.contract.inputs import Option

OPTIONS = ("global", "professional")
KEYS = (
    "option",
    "benchmark_unadjusted",
    "retrospective_trend",
    "categories",
    "quality_score",
    "heba_net",
    "heba_up_share",
    "heba_down_share",
    "beneficiary_months",
    "stop_loss_net",
)
_CATEGORY = (
    "person_years",
    "base_year_pbpm",
    "region_pbpm",
    "national_pbpm",
    "projected_trend",
    "actual_national_trend",
    "risk_score_by3",
    "risk_score_py",
    "demographic_growth",
    "reference_person_years",
    "expenditure_pbpm",
)
_STARTS = ("categories", "benchmark_unadjusted", "benchmark_final")


@dataclass(frozen=True, slots=True)
class ReachCase:
    """A checked case; what was not given is ``None``, dollars unless named otherwise."""

    option: Option
    performance_year: int
    categories: Mapping[str, ReachCategory] = field(default_factory=dict)
    benchmark_unadjusted: float | None = None
    retrospective_trend: float | None = None
    quality_score: float | None = None
    heba_net: float | None = None
    heba_shares: tuple[float, float] | None = None
    beneficiary_months: float | None = None
    stop_loss_net: float = 0.0
    benchmark_final: float | None = None
    expenditure: float | None = None
    gross_savings: float | None = None


def check_reach_case(source: CaseSource) -> ReachCase:
    """Check an ACO REACH case key by key.

    Raises
    ------
    InputError
        If a key is unknown or missing, a value of the wrong kind or out of range, or keys contradict.

    Examples
    --------
    >>> from leadrisk.contract.case.source import open_case
    >>> case = check_reach_case(open_case({
    ...     "program": "reach", "option": "global", "performance_year": 2024, "benchmark_unadjusted": 100e6,
    ...     "retrospective_trend": 0.95, "quality_score": 0.8, "expenditure": 90e6,
    ... }))
    >>> case.retrospective_trend
    0.95
    """
    year = source.year(("performance_year",), FIRST_YEAR, LAST_YEAR)
    if year is None:
        raise source.missing(("performance_year",), f"a year from {FIRST_YEAR} to {LAST_YEAR}")
    option = cast("Option", source.choice(("option",), OPTIONS, required=True))
    totals = read_totals(source)
    categories = _check_categories(source)
    case = ReachCase(
        option=option,
        performance_year=year,
        categories=categories,
        benchmark_unadjusted=dollars(source, "benchmark_unadjusted", above=True),
        retrospective_trend=source.number(("retrospective_trend",), lowest=0.5, highest=2.0),
        quality_score=share(source, "quality_score"),
        heba_net=signed_dollars(source, "heba_net"),
        heba_shares=_check_heba_shares(source, months_known=bool(categories)),
        beneficiary_months=source.number(
            ("beneficiary_months",), lowest=0.0, above=True, highest=12.0 * MOST_PERSON_YEARS
        ),
        stop_loss_net=signed_dollars(source, "stop_loss_net") or 0.0,
        benchmark_final=totals.benchmark_final,
        expenditure=totals.expenditure,
        gross_savings=totals.gross_savings,
    )
    _check_start(source, case)
    return case


def _check_start(source: CaseSource, case: ReachCase) -> None:
    """Check that the case starts from one place, with all that this start needs and nothing else."""
    given = [key for key in _STARTS if source.get((key,)) is not None]
    if len(given) > 1:
        raise source.wrong((given[1],), f"has no place beside {given[0]}", "leave one of the two out")
    if case.categories:
        _only_for(source, "categories", ("retrospective_trend", "expenditure", "gross_savings", "beneficiary_months"))
    elif case.benchmark_unadjusted is not None:
        _only_for(source, "benchmark_unadjusted", ("gross_savings",))
        if case.retrospective_trend is None:
            raise source.missing(("retrospective_trend",), "actual over projected national trend, such as 0.967")
        number(source, ("expenditure",), lowest=0.0, highest=MOST_DOLLARS)
    else:
        _only_for(source, "benchmark_final", ("retrospective_trend", "quality_score"))
        cure = "give benchmark_final, benchmark_unadjusted or [categories]"
        check_totals(source, read_totals(source), added=case.heba_net or 0.0, cure=cure)
        if (case.benchmark_final or 0.0) + (case.heba_net or 0.0) <= 0.0:
            raise source.wrong(("heba_net",), f"leaves no benchmark, got {case.heba_net!r}")
        return
    if case.quality_score is None:
        raise source.missing(("quality_score",), "share of the quality points earned, 0 to 1")


def _only_for(source: CaseSource, start: str, keys: tuple[str, ...]) -> None:
    for key in keys:
        if source.get((key,)) is not None:
            raise source.wrong((key,), f"has no place in a case from {start}", "leave it out")


def _check_heba_shares(source: CaseSource, *, months_known: bool) -> tuple[float, float] | None:
    keys = ("heba_up_share", "heba_down_share")
    given = [key for key in keys if source.get((key,)) is not None]
    if not given:
        if source.get(("beneficiary_months",)) is not None:
            raise source.wrong(("beneficiary_months",), "is used with heba_up_share and heba_down_share only")
        return None
    if source.get(("heba_net",)) is not None:
        raise source.wrong(("heba_net",), f"has no place beside {given[0]}", "leave one of the two out")
    up, down = (number(source, (key,), lowest=0.0, highest=1.0) for key in keys)
    if up + down > 1.0:
        raise source.wrong((keys[1],), f"and {keys[0]} must sum to at most 1, got {up:g} + {down:g}")
    if not months_known and source.get(("beneficiary_months",)) is None:
        raise source.missing(("beneficiary_months",), "beneficiary-months of the performance year")
    return up, down


def _check_categories(source: CaseSource) -> dict[str, ReachCategory]:
    source.only(("categories",), CATEGORY_NAMES)
    given = source.subtable(("categories",))
    categories = {name: _check_category(source, name) for name in CATEGORY_NAMES if name in given}
    if categories and not sum(float(category.person_years) for category in categories.values()) > 0.0:
        first = next(iter(categories))
        raise source.wrong(("categories", first, "person_years"), "must not be 0 in every category")
    return categories


def _check_category(source: CaseSource, name: str) -> ReachCategory:
    at = ("categories", name)
    source.only(at, _CATEGORY)

    def pbpm(key: str, *, above: bool = False) -> float:
        return number(source, (*at, key), lowest=0.0, above=above, highest=MOST_PBPM)

    def score(key: str) -> float:
        return number(source, (*at, key), lowest=0.0, above=True, highest=50.0)

    return ReachCategory(
        person_years=number(source, (*at, "person_years"), lowest=0.0, highest=MOST_PERSON_YEARS),
        base_year_pbpm=check_base_years(source, (*at, "base_year_pbpm")),
        region_pbpm=pbpm("region_pbpm", above=True),
        national_pbpm=pbpm("national_pbpm", above=True),
        projected_trend=factor(source, (*at, "projected_trend")),
        actual_national_trend=factor(source, (*at, "actual_national_trend")),
        risk_ratio=score("risk_score_py") / score("risk_score_by3"),
        expenditure_pbpm=pbpm("expenditure_pbpm"),
        demographic_growth=source.number((*at, "demographic_growth"), lowest=-0.5, highest=0.5) or 0.0,
        reference_person_years=source.number(
            (*at, "reference_person_years"), lowest=0.0, above=True, highest=MOST_PERSON_YEARS
        ),
    )
