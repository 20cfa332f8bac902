"""Print a settled case as a table that can be followed line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

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

    Amounts that are taken off, and losses, are printed with a minus sign.

    Parameters
    ----------
    result
        What :func:`leadrisk.contract.case.settle_case` returned.
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


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(item)}" for key, item in value.items())
    if isinstance(value, list):
        return " / ".join(_plain(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
