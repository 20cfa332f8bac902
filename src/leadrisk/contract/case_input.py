"""A settlement case, checked: what the settlement functions are called with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

from leadrisk.contract.inputs import CategoryInputs, Entrant, Option
from leadrisk.contract.reach import FIRST_YEAR as REACH_FIRST_YEAR
from leadrisk.contract.reach import LAST_YEAR as REACH_LAST_YEAR
from leadrisk.contract.update import two_way_trend
from leadrisk.scenario.model import CATEGORY_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadrisk.contract.case_source import CaseSource

OPTIONS = ("global", "professional")
ENTRANTS = ("renewing_reach", "renewing_mssp", "newly_entering")
FIRST_YEAR, LAST_YEAR = 2027, 2036

_COMMON = ("name", "description", "program", "option", "performance_year", "terms", "expected")
_TOTALS = ("benchmark_final", "expenditure", "gross_savings")
_LEAD = (
    "entrant",
    "spending_class",
    "quality_score",
    "base_pcc_share",
    "benchmark_before_discount",
    "categories",
)
_REACH = ("heba_net", "stop_loss_net")
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
_MOST_DOLLARS, _MOST_PBPM, _MOST_PERSON_YEARS = 1e12, 1e6, 1e8
_FACTOR = "a cumulative factor from base year 3, such as 1.062 for 6.2 %"


@dataclass(frozen=True, slots=True)
class Case:
    """A checked case; totals that were not given are ``None``, dollars unless named otherwise."""

    program: Literal["lead", "reach"]
    option: Option
    performance_year: int
    name: str | None = None
    entrant: Entrant | None = None
    spending_class: Literal["lower", "higher"] | None = None
    quality_score: float | None = None
    base_pcc_share: float | None = None
    categories: Mapping[str, CategoryInputs] = field(default_factory=dict)
    benchmark_before_discount: float | None = None
    benchmark_final: float | None = None
    expenditure: float | None = None
    gross_savings: float | None = None
    heba_net: float = 0.0
    stop_loss_net: float = 0.0


def check_case(source: CaseSource) -> Case:
    """Check a case key by key.

    Raises
    ------
    InputError
        If a key is unknown or missing, a value of the wrong kind or out of range, or keys contradict.

    Examples
    --------
    >>> from leadrisk.contract.case_source import open_case
    >>> case = check_case(open_case({
    ...     "program": "lead", "option": "global", "performance_year": 2027,
    ...     "benchmark_final": 100e6, "gross_savings": 8e6,
    ... }))
    >>> case.gross_savings
    8000000.0
    """
    if source.get(("program",)) == "mssp":
        problem = "settlement of the Shared Savings Program is not available in this version"
        raise source.wrong(("program",), problem, "available: lead, reach")
    program = source.choice(("program",), ("lead", "reach"), required=True)
    for key in ("name", "description"):
        if not isinstance(source.table.get(key, ""), str):
            raise source.wrong((key,), f"must be text, got {source.table[key]!r}", f'write {key} = "..."')
    return _check_lead(source) if program == "lead" else _check_reach(source)


def _check_lead(source: CaseSource) -> Case:
    source.only((), (*_COMMON, *_LEAD, *_TOTALS), elsewhere=dict.fromkeys(_REACH, "belongs to ACO REACH cases only"))
    year = source.year(("performance_year",), FIRST_YEAR, LAST_YEAR)
    case = Case(
        program="lead",
        option=cast("Option", source.choice(("option",), OPTIONS, required=True)),
        performance_year=year or FIRST_YEAR,
        name=cast("str | None", source.get(("name",))),
        entrant=cast("Entrant | None", source.choice(("entrant",), ENTRANTS)),
        spending_class=cast(
            'Literal["lower", "higher"] | None', source.choice(("spending_class",), ("lower", "higher"))
        ),
        quality_score=_share(source, "quality_score"),
        base_pcc_share=_share(source, "base_pcc_share"),
        categories=_check_categories(source),
        benchmark_before_discount=_dollars(source, "benchmark_before_discount", above=True),
        benchmark_final=_dollars(source, "benchmark_final", above=True),
        expenditure=_dollars(source, "expenditure"),
        gross_savings=_signed_dollars(source, "gross_savings"),
    )
    # The corridor of a case from benchmark_final is the same in every year; anything else depends on it.
    if year is None and (case.categories or case.benchmark_before_discount is not None):
        raise source.missing(("performance_year",), f"a year from {FIRST_YEAR} to {LAST_YEAR}")
    if case.categories:
        _no_totals(source)
        if case.entrant is None:
            raise source.missing(("entrant",), f"one of {', '.join(ENTRANTS)}")
    elif case.benchmark_before_discount is not None:
        _check_benchmark_before_discount(source, case)
    else:
        _check_totals(source, case)
    return case


def _check_reach(source: CaseSource) -> Case:
    source.only((), (*_COMMON, *_TOTALS, *_REACH), elsewhere=dict.fromkeys(_LEAD, "belongs to LEAD cases only"))
    year = source.year(("performance_year",), REACH_FIRST_YEAR, REACH_LAST_YEAR)
    if year is None:
        raise source.missing(("performance_year",), f"a year from {REACH_FIRST_YEAR} to {REACH_LAST_YEAR}")
    case = Case(
        program="reach",
        option=cast("Option", source.choice(("option",), OPTIONS, required=True)),
        performance_year=year,
        name=cast("str | None", source.get(("name",))),
        benchmark_final=_dollars(source, "benchmark_final", above=True),
        expenditure=_dollars(source, "expenditure"),
        gross_savings=_signed_dollars(source, "gross_savings"),
        heba_net=_signed_dollars(source, "heba_net") or 0.0,
        stop_loss_net=_signed_dollars(source, "stop_loss_net") or 0.0,
    )
    _check_totals(source, case)
    if (case.benchmark_final or 0.0) + case.heba_net <= 0.0:
        raise source.wrong(("heba_net",), f"leaves no benchmark, got {case.heba_net!r}")
    return case


def _check_totals(source: CaseSource, case: Case) -> None:
    if case.benchmark_final is None:
        cure = "give benchmark_final with expenditure or gross_savings"
        cure = cure if case.program == "reach" else f"give [categories.aged_disabled] and so on, or {cure[5:]}"
        raise source.wrong(("benchmark_final",), "is missing", cure)
    if case.expenditure is None and case.gross_savings is None:
        raise source.missing(("expenditure",), "the dollars spent, or gross_savings")
    if case.expenditure is not None and case.gross_savings is not None:
        raise source.wrong(("gross_savings",), "has no place beside expenditure", "leave one of the two out")
    if case.gross_savings is not None and case.gross_savings > case.benchmark_final + case.heba_net:
        problem = f"must not exceed the benchmark, got {case.gross_savings!r}"
        raise source.wrong(("gross_savings",), problem, "expenditure would be negative")


def _check_benchmark_before_discount(source: CaseSource, case: Case) -> None:
    for key in ("benchmark_final", "gross_savings"):
        if source.get((key,)) is not None:
            raise source.wrong((key,), "has no place beside benchmark_before_discount", "leave one of the two out")
    if case.expenditure is None:
        raise source.missing(("expenditure",), "the dollars spent")
    if case.spending_class is None:
        raise source.missing(("spending_class",), '"lower" or "higher"; totals alone do not tell')


def _no_totals(source: CaseSource) -> None:
    for key in ("benchmark_before_discount", *_TOTALS):
        if source.get((key,)) is not None:
            raise source.wrong((key,), "has no place beside [categories]", "leave one of the two out")


def _check_categories(source: CaseSource) -> dict[str, CategoryInputs]:
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

    def dollars(key: str, *, above: bool = False) -> float:
        return _number(source, (*at, key), lowest=0.0, above=above, highest=_MOST_PBPM)

    def score(key: str) -> float:
        return _number(source, (*at, key), lowest=0.0, above=True, highest=50.0)

    return CategoryInputs(
        person_years=_number(source, (*at, "person_years"), lowest=0.0, highest=_MOST_PERSON_YEARS),
        base_year_pbpm=_check_base_years(source, (*at, "base_year_pbpm")),
        region_pbpm=dollars("region_pbpm", above=True),
        national_pbpm=dollars("national_pbpm", above=True),
        two_way_trend=_check_trend(source, at),
        acpt=_factor(source, (*at, "acpt")),
        risk_score_by3=score("risk_score_by3"),
        risk_score_py=score("risk_score_py"),
        expenditure_pbpm=dollars("expenditure_pbpm"),
        prior_savings_pbpm=source.number((*at, "prior_savings_pbpm"), lowest=0.0, highest=_MOST_PBPM) or 0.0,
        ai_risk_score_py=source.number((*at, "ai_risk_score_py"), lowest=0.0, above=True, highest=50.0),
    )


def _check_base_years(source: CaseSource, at: tuple[str, ...]) -> tuple[float, ...]:
    value = source.get(at)
    if value is None:
        raise source.missing(at, "[base year 1, base year 2, base year 3]")
    if not isinstance(value, list | tuple) or len(value) != 3:
        raise source.wrong(at, f"must be three numbers, got {value!r}", "write for example [1000, 1020, 1060]")
    return tuple(_number(source, (*at, year), lowest=0.0, above=True, highest=_MOST_PBPM) for year in range(3))


def _check_trend(source: CaseSource, at: tuple[str, ...]) -> float:
    parts = ("national_trend", "regional_trend", "aco_market_share")
    given = [key for key in parts if source.get((*at, key)) is not None]
    if source.get((*at, "two_way_trend")) is not None:
        if given:
            raise source.wrong((*at, given[0]), "has no place beside two_way_trend", "leave one of the two out")
        return _factor(source, (*at, "two_way_trend"))
    if not given:
        raise source.missing((*at, "two_way_trend"), f"{_FACTOR}; or give {', '.join(parts)}")
    return float(
        two_way_trend(
            national=_factor(source, (*at, "national_trend")),
            regional=_factor(source, (*at, "regional_trend")),
            aco_market_share=_number(source, (*at, "aco_market_share"), lowest=0.0, highest=1.0),
        )
    )


def _number(
    source: CaseSource,
    at: tuple[str | int, ...],
    *,
    lowest: float,
    highest: float,
    above: bool = False,
    cure: str | None = None,
) -> float:
    value = source.number(at, lowest=lowest, highest=highest, required=True, above=above, cure=cure)
    return cast("float", value)


def _factor(source: CaseSource, at: tuple[str, ...]) -> float:
    return _number(source, at, lowest=0.5, highest=5.0, cure=f"write {_FACTOR}")


def _share(source: CaseSource, key: str) -> float | None:
    return source.number((key,), lowest=0.0, highest=1.0, cure="write a share such as 0.9 for 90 %")


def _dollars(source: CaseSource, key: str, *, above: bool = False) -> float | None:
    return source.number((key,), lowest=0.0, highest=_MOST_DOLLARS, above=above)


def _signed_dollars(source: CaseSource, key: str) -> float | None:
    return source.number((key,), lowest=-_MOST_DOLLARS, highest=_MOST_DOLLARS)
