"""Print a settled case as a table that can be followed line by line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from leadrisk.contract.term import override
from leadrisk.contract.terms import load_terms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


_WIDE = 160
_GAP = 2
_NARROWEST = 8


def case_console() -> Console:
    """Return where to print a case: as wide as the terminal, or wide where the output goes elsewhere."""
    console = Console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _WIDE
    return console


def render_case(result: Mapping[str, object], console: Console) -> None:
    """Print a settled case: every line with its dollars and how they came, notes, then the unverified terms.

    Nothing is cut, however narrow the console. A term by year is printed at its value of the performance year. Where
    the result holds ``explain``, what other readings of those terms are worth follows, the dearest first.

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
    for note in cast("Sequence[str]", result["notes"]):
        console.print(Text(f"Note: {note}."))
    _print_unverified(result, console)
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


def _print_unverified(result: Mapping[str, object], console: Console) -> None:
    terms = cast("Sequence[UnverifiedTerm]", result["unverified_term_details"])
    if not terms:
        console.print(Text("Every term used is confirmed by CMS text, CMS data or a specialist's summary (A, B)."))
        return
    heading = "Unverified terms used (B*: one unofficial transcription of the CMS paper; C: inferred or an analog)"
    console.print()
    console.print(Text(heading, style="bold"))
    rows = [("term", "grade", "value", "to try")]
    rows += [(term["name"], term["grade"], *_value_and_alternatives(term, result)) for term in terms]
    sources = ["", *(term["source"] for term in terms)]
    widths = _widths(rows, console.width)
    for row, source in zip(rows, sources, strict=True):
        grid = Table.grid(padding=(0, _GAP, 0, 0))
        for width in widths:
            grid.add_column(width=width, overflow="fold")
        grid.add_row(*map(Text, row))
        console.print(grid)
        if source:
            console.print(Padding(Text(source, style="dim"), (0, 0, 0, _GAP)))


def _value_and_alternatives(term: UnverifiedTerm, result: Mapping[str, object]) -> tuple[str, str]:
    """Value in the year settled, and what to try instead: the default where the case overrides the term."""
    default = load_terms(str(result["program"])).table[term["name"]]
    year = _year_of(term["name"], result)
    value = _in_year(term["value"], year)
    to_try = [default.value] if term["value"] != default.value else default.alternatives
    in_year = [_plain(_in_year(override(default, other).value, year)) for other in to_try]
    others = [other for other in dict.fromkeys(in_year) if other != _plain(value)]
    if to_try and not others:  # another year of the table differs
        return _plain(value), "the same this year"
    return _plain(value), " or ".join(others)


def _widths(rows: Sequence[tuple[str, ...]], most: int) -> list[int]:
    """Widths of the columns: names and grades in full, what is left to values and alternatives, half each at least."""
    name, grade, value, to_try = (max(map(cell_len, column)) for column in zip(*rows, strict=True))
    left = max(most - name - grade - 3 * _GAP, 2 * _NARROWEST)
    value = min(value, max(left // 2, left - to_try))
    return [name, grade, value, min(to_try, left - value)]


def _year_of(name: str, result: Mapping[str, object]) -> int:
    """Year whose value of a term counts; a later entrant's guardrail has years of its own."""
    year = result.get("guardrail_year") if name.startswith("guardrail.") else None
    return cast("int", result["performance_year"] if year is None else year)


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
    name = str(result["explained_line"]).replace("_", " ")
    if not result["unverified_terms"]:
        return
    console.print()
    console.print(Text(f"Open readings: change of the {name} if one term is read otherwise", style="bold"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("dollars", justify="right", no_wrap=True)
    table.add_column("term", overflow="fold")
    for column in ("grade", "value", "instead"):
        table.add_column(column, overflow="fold")
    moving = [reading for reading in readings if round(reading["dollars"] or 0.0, 2)]
    for reading in moving:
        year = _year_of(reading["term"], result)
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
