"""A LEAD case, checked: what the settlement functions are called with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

from leadrisk.contract.case.lead_alignment import AlignmentCase, check_alignment
from leadrisk.contract.case.lead_category import check_categories
from leadrisk.contract.case.values import TOTALS, check_totals, dollars, read_totals, share

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadrisk.contract.case.source import CaseSource
    from leadrisk.contract.inputs import CategoryInputs, Entrant, Option
    from leadrisk.contract.terms import Terms

OPTIONS = ("global", "professional")
ENTRANTS = ("renewing_reach", "renewing_mssp", "newly_entering")
FIRST_YEAR, LAST_YEAR = 2027, 2036

KEYS = (
    "option",
    "entrant",
    "spending_class",
    "quality_score",
    "base_pcc_share",
    "benchmark_before_discount",
    "categories",
    "first_performance_year",
    "high_performer",
    "rural",
    "alignment",
)


@dataclass(frozen=True, slots=True)
class LeadCase:
    """A checked case; totals that were not given are ``None``, dollars unless named otherwise."""

    option: Option
    performance_year: int
    entrant: Entrant | None = None
    spending_class: Literal["lower", "higher"] | None = None
    quality_score: float | None = None
    base_pcc_share: float | None = None
    categories: Mapping[str, CategoryInputs] = field(default_factory=dict)
    benchmark_before_discount: float | None = None
    benchmark_final: float | None = None
    expenditure: float | None = None
    gross_savings: float | None = None
    first_performance_year: int = FIRST_YEAR
    high_performer: bool = False
    rural: bool = False
    alignment: AlignmentCase | None = None


def check_lead_case(source: CaseSource, terms: Terms) -> LeadCase:
    """Check a LEAD case key by key.

    Raises
    ------
    InputError
        If a key is unknown or missing, a value of the wrong kind or out of range, or keys contradict.

    Examples
    --------
    >>> from leadrisk.contract.case.source import open_case
    >>> from leadrisk.contract.terms import load_terms
    >>> source = open_case({
    ...     "program": "lead", "option": "global", "performance_year": 2027,
    ...     "benchmark_final": 100e6, "gross_savings": 8e6,
    ... })
    >>> case = check_lead_case(source, load_terms("lead"))
    >>> case.gross_savings
    8000000.0
    """
    year = source.year(("performance_year",), FIRST_YEAR, LAST_YEAR)
    totals = read_totals(source)
    case = LeadCase(
        option=cast("Option", source.choice(("option",), OPTIONS, required=True)),
        performance_year=year or FIRST_YEAR,
        entrant=cast("Entrant | None", source.choice(("entrant",), ENTRANTS)),
        spending_class=cast(
            'Literal["lower", "higher"] | None', source.choice(("spending_class",), ("lower", "higher"))
        ),
        quality_score=share(source, "quality_score"),
        base_pcc_share=share(source, "base_pcc_share"),
        categories=check_categories(source, terms),
        benchmark_before_discount=dollars(source, "benchmark_before_discount", above=True),
        benchmark_final=totals.benchmark_final,
        expenditure=totals.expenditure,
        gross_savings=totals.gross_savings,
        first_performance_year=_first_year(source, year),
        high_performer=_flag(source, "high_performer"),
        rural=_flag(source, "rural"),
        alignment=check_alignment(source),
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
        for key in ("first_performance_year", "high_performer", "rural", "alignment"):
            if source.get((key,)) is not None:
                cure = "give [categories] or benchmark_before_discount, or leave it out"
                raise source.wrong((key,), "has no effect on a case from benchmark_final", cure)
        cure = "give [categories.aged_disabled] and so on, or benchmark_final with expenditure or gross_savings"
        check_totals(source, totals, cure=cure)
    return case


def _check_benchmark_before_discount(source: CaseSource, case: LeadCase) -> None:
    if case.alignment is not None and case.entrant is None:
        raise source.missing(("entrant",), f"one of {', '.join(ENTRANTS)}; the minimum alignment depends on it")
    for key in ("benchmark_final", "gross_savings"):
        if source.get((key,)) is not None:
            raise source.wrong((key,), "has no place beside benchmark_before_discount", "leave one of the two out")
    if case.expenditure is None:
        raise source.missing(("expenditure",), "the dollars spent")
    if case.spending_class is None:
        raise source.missing(("spending_class",), '"lower" or "higher"; totals alone do not tell')


def _no_totals(source: CaseSource) -> None:
    for key in ("benchmark_before_discount", *TOTALS):
        if source.get((key,)) is not None:
            raise source.wrong((key,), "has no place beside [categories]", "leave one of the two out")


def _first_year(source: CaseSource, performance_year: int | None) -> int:
    first = source.year(("first_performance_year",), FIRST_YEAR, performance_year or LAST_YEAR)
    return first or FIRST_YEAR


def _flag(source: CaseSource, key: str) -> bool:
    value = source.get((key,))
    if value is not None and not isinstance(value, bool):
        raise source.wrong((key,), f"must be true or false, got {value!r}", "write true or false")
    return bool(value)
