"""Values that cases of every programme give: dollars, shares, factors, totals."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from leadrisk.contract.case.source import CaseSource
    from leadrisk.scenario.valid_keys import Location

COMMON = ("name", "description", "program", "performance_year", "terms", "expected")
TOTALS = ("benchmark_final", "expenditure", "gross_savings")
MOST_DOLLARS, MOST_PBPM, MOST_PERSON_YEARS = 1e12, 1e6, 1e8
FACTOR = "a cumulative factor from base year 3, such as 1.062 for 6.2 %"


class Totals(NamedTuple):
    """Dollars of a case that starts from its final benchmark; what was not given is ``None``."""

    benchmark_final: float | None
    expenditure: float | None
    gross_savings: float | None


def read_totals(source: CaseSource) -> Totals:
    """Return the totals as written."""
    return Totals(
        benchmark_final=dollars(source, "benchmark_final", above=True),
        expenditure=dollars(source, "expenditure"),
        gross_savings=signed_dollars(source, "gross_savings"),
    )


def check_totals(source: CaseSource, totals: Totals, *, added: float = 0.0, cure: str | None = None) -> None:
    """Check that a benchmark stands beside either expenditure or gross savings.

    Parameters
    ----------
    added
        Dollars that come to the benchmark before gross savings are taken.
    cure
        What to give where the benchmark is missing.
    """
    if totals.benchmark_final is None:
        cure = cure or "give benchmark_final with expenditure or gross_savings"
        raise source.wrong(("benchmark_final",), "is missing", cure)
    if totals.expenditure is None and totals.gross_savings is None:
        raise source.missing(("expenditure",), "the dollars spent, or gross_savings")
    if totals.expenditure is not None and totals.gross_savings is not None:
        raise source.wrong(("gross_savings",), "has no place beside expenditure", "leave one of the two out")
    if totals.gross_savings is not None and totals.gross_savings > totals.benchmark_final + added:
        problem = f"must not exceed the benchmark, got {totals.gross_savings!r}"
        raise source.wrong(("gross_savings",), problem, "expenditure would be negative")


def number(
    source: CaseSource,
    at: Location,
    *,
    lowest: float,
    highest: float,
    above: bool = False,
    cure: str | None = None,
) -> float:
    """Return a number that must be there."""
    value = source.number(at, lowest=lowest, highest=highest, required=True, above=above, cure=cure)
    return cast("float", value)


def factor(source: CaseSource, at: Location) -> float:
    """Return a cumulative trend factor that must be there."""
    return number(source, at, lowest=0.5, highest=5.0, cure=f"write {FACTOR}")


def share(source: CaseSource, key: str) -> float | None:
    """Return a share between 0 and 1."""
    return source.number((key,), lowest=0.0, highest=1.0, cure="write a share such as 0.9 for 90 %")


def dollars(source: CaseSource, key: str, *, above: bool = False) -> float | None:
    """Return dollars, not negative; ``above`` leaves zero out."""
    return source.number((key,), lowest=0.0, highest=MOST_DOLLARS, above=above)


def signed_dollars(source: CaseSource, key: str) -> float | None:
    """Return dollars of either sign."""
    return source.number((key,), lowest=-MOST_DOLLARS, highest=MOST_DOLLARS)
