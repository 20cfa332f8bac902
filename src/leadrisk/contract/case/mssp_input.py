"""A Shared Savings Program case, checked: what the settlement functions are called with."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isclose
from typing import TYPE_CHECKING, cast

from leadrisk.contract.case.mssp_type import CaseType, check_types
from leadrisk.contract.case.values import TOTALS, Totals, check_totals, dollars, read_totals, share
from leadrisk.contract.mssp_inputs import ONE_SIDED, TRACKS
from leadrisk.scenario.mssp_table import MINIMUM_SAVINGS_RATES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadrisk.contract.case.source import CaseSource
    from leadrisk.contract.mssp_inputs import Track
    from leadrisk.contract.terms import Terms

FIRST_YEAR, LAST_YEAR = 2019, 2036
DEFAULT_YEAR = 2027
QUALITY_STANDARDS = ("met", "alternative", "not_met")
MOST_BENEFICIARIES = 1e8

KEYS = (
    "track",
    "agreement_period",
    "agreement_start",
    "assigned_beneficiaries",
    "minimum_savings_rate",
    "quality_standard",
    "quality_score",
    "share_rate",
    "loss_rate",
    "revenue",
    "disaster_adjustment",
    "reduced_sharing",
    "types",
)


@dataclass(frozen=True, slots=True)
class MsspCase:
    """A checked case; what was not given is ``None``, dollars unless named otherwise."""

    track: Track
    performance_year: int
    agreement_period: int
    agreement_start: int
    totals: Totals
    assigned_beneficiaries: float | None = None
    minimum_savings_rate: float | None = None
    quality_standard: str = "met"
    quality_score: float | None = None
    share_rate: float | None = None
    loss_rate: float | None = None
    revenue: float | None = None
    disaster_adjustment: float = 0.0
    reduced_sharing: bool = False
    types: Mapping[str, CaseType] = field(default_factory=dict)


def check_mssp_case(source: CaseSource, terms: Terms) -> MsspCase:
    """Check a Shared Savings Program case key by key.

    Raises
    ------
    InputError
        If a key is unknown or missing, a value of the wrong kind or out of range, or keys contradict.

    Examples
    --------
    >>> from leadrisk.contract.case.source import open_case
    >>> from leadrisk.contract.terms import load_terms
    >>> case = check_mssp_case(open_case({
    ...     "program": "mssp", "track": "E", "minimum_savings_rate": 0.01,
    ...     "benchmark_final": 100e6, "gross_savings": 8e6,
    ... }), load_terms("mssp"))
    >>> case.totals.gross_savings, case.quality_standard
    (8000000.0, 'met')
    """
    year = source.year(("performance_year",), FIRST_YEAR, LAST_YEAR)
    track = cast("Track", source.choice(("track",), TRACKS, required=True))
    with_types = source.get(("types",)) is not None
    if with_types and year is None:
        raise source.missing(("performance_year",), f"a year from {FIRST_YEAR} to {LAST_YEAR}")
    period, start = _check_agreement(source, year or DEFAULT_YEAR, required=with_types)
    case = MsspCase(
        track=track,
        performance_year=year or DEFAULT_YEAR,
        agreement_period=period,
        agreement_start=start,
        totals=read_totals(source),
        assigned_beneficiaries=source.number(
            ("assigned_beneficiaries",), lowest=0.0, above=True, highest=MOST_BENEFICIARIES
        ),
        minimum_savings_rate=source.number(
            ("minimum_savings_rate",), lowest=0.0, highest=0.2, cure="write a share such as 0.02 for 2 %"
        ),
        quality_standard=source.choice(("quality_standard",), QUALITY_STANDARDS) or "met",
        quality_score=share(source, "quality_score"),
        share_rate=share(source, "share_rate"),
        loss_rate=share(source, "loss_rate"),
        revenue=dollars(source, "revenue", above=True),
        disaster_adjustment=dollars(source, "disaster_adjustment") or 0.0,
        reduced_sharing=_yes_or_no(source, "reduced_sharing"),
        types=check_types(source, agreement_start=start, terms=terms),
    )
    _check_together(source, case)
    return case


def _check_together(source: CaseSource, case: MsspCase) -> None:
    if case.assigned_beneficiaries is None and case.minimum_savings_rate is None:
        cure = "the beneficiaries that set the minimum savings rate (42 CFR 425.605(b)), or minimum_savings_rate"
        raise source.missing(("assigned_beneficiaries",), cure)
    for key in ("loss_rate", "revenue", "disaster_adjustment"):
        if case.track in ONE_SIDED and source.get((key,)):
            cure = "levels A and B of the BASIC track share no losses (42 CFR 425.605(d)(1))"
            raise source.wrong((key,), f"has no place under track {case.track}", cure)
    _check_minimum_rate(source, case)
    if case.revenue is not None and case.track == "ENHANCED":
        cure = "its loss limit is a share of the benchmark (42 CFR 425.610(g))"
        raise source.wrong(("revenue",), "has no place under track ENHANCED", cure)
    if case.reduced_sharing and case.track == "ENHANCED":
        cure = "only low-revenue ACOs under the BASIC track share savings below the minimum (42 CFR 425.605(h))"
        raise source.wrong(("reduced_sharing",), "has no place under track ENHANCED", cure)
    if case.quality_standard == "alternative" and case.quality_score is None and case.share_rate is None:
        raise source.missing(("quality_score",), "the score that the share rate is multiplied by, 0 to 1")
    if not case.types:
        check_totals(
            source,
            case.totals,
            cure="give [types.aged_nondual] and so on, or benchmark_final with expenditure or gross_savings",
        )
        return
    for key in TOTALS:
        if source.get((key,)) is not None:
            raise source.wrong((key,), "has no place beside [types]", "leave one of the two out")


def _check_minimum_rate(source: CaseSource, case: MsspCase) -> None:
    rate = case.minimum_savings_rate
    if rate is None:
        return
    at = ("minimum_savings_rate",)
    if case.track in ONE_SIDED:
        cure = "there it goes by size (42 CFR 425.605(b)(1)); give assigned_beneficiaries"
        raise source.wrong(at, f"has no place under track {case.track}", cure)
    if not any(isclose(rate, offered, abs_tol=1e-12) for offered in MINIMUM_SAVINGS_RATES):
        offered = ", ".join(f"{one:g}" for one in MINIMUM_SAVINGS_RATES)
        cure = "or leave it out and give assigned_beneficiaries, for the rate by size (42 CFR 425.605(b)(2))"
        raise source.wrong(at, f"must be one of {offered} under a two-sided track, got {rate:g}", cure)


def _check_agreement(source: CaseSource, year: int, *, required: bool) -> tuple[int, int]:
    start = source.year(("agreement_start",), FIRST_YEAR, LAST_YEAR)
    period = source.number(("agreement_period",), lowest=1.0, highest=10.0)
    if required and start is None:
        raise source.missing(("agreement_start",), "the first performance year of the agreement period")
    if required and period is None:
        raise source.missing(("agreement_period",), "1 for the first, 2 for the second and so on")
    if period is not None and period != int(period):
        raise source.wrong(("agreement_period",), f"must be a whole number, got {period!r}")
    if start is not None and start > year:
        raise source.wrong(("agreement_start",), f"must not lie after performance_year {year}, got {start}")
    return int(period or 1), start or year


def _yes_or_no(source: CaseSource, key: str) -> bool:
    value = source.get((key,))
    if not isinstance(value, bool | None):
        raise source.wrong((key,), f"must be true or false, got {value!r}")
    return value is True
