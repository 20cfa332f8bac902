"""Print a settled case as a table that can be followed line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from leadrisk.contract.case.explain import OpenReading
    from leadrisk.contract.case.lines import Line
    from leadrisk.contract.terms import UnverifiedTerm

_TOTALS = {
    "benchmark_before_discount",
    "benchmark_final",
    "gross_savings",
    "net_shared_savings",
    "settlement_balance",
}


def render_case(result: Mapping[str, object], console: Console) -> None:
    """Print a settled case: every line with its dollars and how they came, then the unverified terms.

    Where the result holds ``explain``, what other readings of those terms are worth follows, the dearest first.

    Amounts that are taken off, and losses, are printed with a minus sign.

    Parameters
    ----------
    result
        What :func:`leadrisk.contract.case.settle_case` returned, with ``explain`` as
        :func:`leadrisk.contract.case.explain_case` returned it and ``explained_line``, or without.
    console
        Where to print.

    Examples
    --------
    >>> from rich.console import Console
    >>> from leadrisk.contract.case import settle_case
    >>> result = settle_case({
    ...     "program": "reach", "option": "global", "performance_year": 2022,
    ...     "benchmark_final": 100_000_000, "gross_savings": 8_000_000,
    ... })
    >>> with (console := Console(width=100)).capture() as capture:
    ...     render_case(result, console)
    >>> [line.split()[:3] for line in capture.get().splitlines() if "Net" in line]
    [['Net', 'shared', 'savings']]
    """
    console.print(Text(_title(result), style="bold"))
    table = Table("line", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("dollars", justify="right", no_wrap=True)
    table.add_column("how it came")
    table.add_column("grade", no_wrap=True)
    for line in cast("Sequence[Line]", result["lines"]):
        style = "bold" if line["name"] in _TOTALS else ""
        cells = (line["label"], f"{line['dollars']:,.2f}", line["how"], line["grade"])
        table.add_row(*(Text(cell, style=style) for cell in cells))
    console.print(table)
    _print_unverified(cast("Sequence[UnverifiedTerm]", result["unverified_term_details"]), console)
    if "explain" in result:
        render_readings(result, console)


def _title(result: Mapping[str, object]) -> str:
    program = {"lead": "LEAD", "reach": "ACO REACH", "mssp": "Shared Savings Program"}[str(result["program"])]
    parts = [f"{program} {result.get('option') or result['track']}, performance year {result['performance_year']}"]
    if result["entrant"]:
        parts.append(str(result["entrant"]).replace("_", " "))
    if result["spending_class"]:
        parts.append(f"{result['spending_class']}-spending")
    title = ", ".join(parts)
    return f"{result['name']}: {title}" if result["name"] else title


def _print_unverified(terms: Sequence[UnverifiedTerm], console: Console) -> None:
    if not terms:
        console.print(Text("Every term used is confirmed by CMS text, CMS data or a specialist's summary (A, B)."))
        return
    heading = "Unverified terms used (B*: one unofficial transcription of the CMS paper; C: inferred or an analog)"
    console.print()
    console.print(Text(heading, style="bold"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("term", overflow="fold", no_wrap=True)
    for column in ("grade", "value", "to try", "source"):
        table.add_column(column)
    for term in terms:
        stress = "" if term["stress"] is None else _plain(term["stress"])
        table.add_row(
            *(Text(cell) for cell in (term["name"], term["grade"], _plain(term["value"]), stress, term["source"]))
        )
    console.print(table)


def render_readings(result: Mapping[str, object], console: Console) -> None:
    """Print what other readings of the unverified terms are worth, the dearest first, then those without effect.

    Parameters
    ----------
    result
        A settled case with ``explain`` and ``explained_line``, as for :func:`render_case`.
    console
        Where to print.
    """
    readings = cast("Sequence[OpenReading]", result["explain"])
    year = cast("int", result["performance_year"])
    name = str(result["explained_line"]).replace("_", " ")
    if not result["unverified_terms"]:
        return
    console.print()
    console.print(Text(f"Open readings: change of the {name} if one term is read otherwise", style="bold"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("dollars", justify="right", no_wrap=True)
    table.add_column("term", overflow="fold", no_wrap=True)
    for column in ("grade", "value", "instead"):
        table.add_column(column)
    moving = [reading for reading in readings if round(reading["dollars"] or 0.0, 2)]
    for reading in moving:
        readings_then = [_in_year(reading[key], year) for key in ("value", "alternative")]
        if readings_then[0] == readings_then[1]:  # another year of the table matters
            readings_then = [reading["value"], reading["alternative"]]
        cells = (f"{reading['dollars']:+,.2f}", reading["term"], reading["grade"], *map(_plain, readings_then))
        table.add_row(*(Text(cell) for cell in cells))
    if moving:
        console.print(table)
    unknown = {reading["term"] for reading in readings if reading["dollars"] is None}
    still = {reading["term"] for reading in readings} - {reading["term"] for reading in moving} - unknown
    _print_names("No change", still, console)
    _print_names("Refused under another reading", unknown, console)
    without = set(cast("list[str]", result["unverified_terms"])) - {reading["term"] for reading in readings}
    _print_names("No other reading on record", without, console)


def _print_names(heading: str, names: set[str], console: Console) -> None:
    if names:
        console.print(Text(f"{heading}: {', '.join(sorted(names))}."))


def _in_year(value: object, year: int) -> object:
    """Value of a table by year in one year, as :meth:`leadrisk.contract.terms.Terms.by_year` takes it."""
    if not isinstance(value, dict) or "edges" in value:
        return value
    return value[max((known for known in value if known <= year), default=min(value))]


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(item)}" for key, item in value.items())
    if isinstance(value, list):
        return " / ".join(_plain(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
