"""Pages of the reference that are written from the code: assumptions, LEAD terms, variables, command-line help."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import Console

from leadrisk.cli import app
from leadrisk.contract.terms import load_terms
from leadrisk.experience.factors import FACTORS
from leadrisk.experience.variables import EXPERIENCE
from leadrisk.risk.drivers import LAYERS
from leadrisk.scenario.assumption import assumptions
from leadrisk.scenario.model import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from leadrisk.contract.term import Term

COMMANDS = ("run", "settle", "validate", "schema")


def write(folder: Path) -> None:
    """Write every generated page; files that would not change are left alone, so builds stay incremental."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {
        "scenario.md": scenario_tables(),
        "lead-terms.md": term_tables("lead"),
        "reach-terms.md": term_tables("reach"),
        "experience.md": variable_table(),
        "factors.md": factor_table(),
        **{f"help-{command}.txt": command_help(command) for command in COMMANDS},
    }
    for name, text in pages.items():
        file = folder / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def scenario_tables() -> str:
    """One table of the scenario after another, every key with default, unit, meaning, source and grade."""
    parts = []
    for table, group in groupby(_described(), key=lambda record: record["key"].rpartition(".")[0]):
        heading = f"`[{table}]`" if table else "At the top of the file"
        rows = [
            (
                f"`{record['key'].rpartition('.')[2]}`",
                _plain(record["default"], missing="required"),
                f"{record['meaning']} ({record['unit']})",
                record["source"],
                record["grade"],
            )
            for record in group
        ]
        columns = ("key", "default", "meaning (unit)", "source", "grade")
        parts.append(f"### {heading}\n\n{_table(columns, rows, (27, 10, 31, 24, 8))}")
    return "\n".join(parts)


def _described() -> list[dict[str, Any]]:
    """Assumptions with the three categories, which have the same keys, written once."""
    records = assumptions(Scenario)
    kept = [r for r in records if not r["key"].startswith(("categories.high_needs.", "categories.esrd."))]
    for record in kept:
        record["key"] = record["key"].replace("categories.aged_disabled.", "categories.<category>.")
    return kept


def term_tables(programme: str) -> str:
    """Every term of a programme with value, unit, source, grade and the alternative to try."""
    parts = []
    table = load_terms(programme).table
    for group, names in groupby(sorted(table, key=_group_order), key=_group):
        rows = [
            (
                f"`{name}`",
                _plain(table[name].value),
                _unit_and_source(table[name]),
                table[name].grade,
                _plain(table[name].stress, missing=""),
            )
            for name in names
        ]
        columns = ("term", "value", "unit, and where it comes from", "grade", "to try")
        parts.append(f"### {group}\n\n{_table(columns, rows, (27, 17, 32, 8, 16))}")
    return "\n".join(parts)


def _unit_and_source(term: Term) -> str:
    choices = f": one of {', '.join(term.choices)}" if term.choices else ""
    return f"{term.unit}{choices}. {term.source[:1].upper()}{term.source[1:]}"


def _group(name: str) -> str:
    first, dot, _ = name.partition(".")
    known = {"rea": "Regional efficiency adjustment (REA)", "psa": "Prior savings adjustment (PSA)"}
    return known.get(first, first.replace("_", " ").capitalize()) if dot else "Choices and schedules"


def _group_order(name: str) -> tuple[str, str]:
    return ("" if "." not in name else name.partition(".")[0], name)


def variable_table() -> str:
    """Variables of an experience."""
    rows = [(f"`{v.name}`", ", ".join(v.dims), v.units, v.meaning) for v in EXPERIENCE]
    return _table(("variable", "dimensions", "units", "meaning"), rows, (16, 26, 24, 34))


def factor_table() -> str:
    """Systemic factors: layer, how many numbers, whether they touch persons."""
    rows = [
        (
            f"`{factor.name}`",
            LAYERS[factor.layer],
            factor.span.replace("_", " "),
            "persons (S1)" if factor.touches_persons else "totals (S2)",
            factor.meaning,
        )
        for factor in FACTORS
    ]
    return _table(("factor", "layer", "a number for", "acts on", "a positive number means"), rows, (20, 22, 18, 14, 26))


def command_help(command: str) -> str:
    """Text that ``leadrisk COMMAND --help`` prints."""
    console = Console(width=92, no_color=True, force_terminal=False)
    with console.capture() as capture:
        app.help_print([command], console=console)
    return capture.get().strip("\n") + "\n"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int]) -> str:
    lines = [
        ":::{list-table}",
        ":class: wide-table",
        ":header-rows: 1",
        f":widths: {' '.join(map(str, widths))}",
        "",
    ]
    for row in (header, *rows):
        for at, cell in enumerate(row):
            lines.append(f"{'*' if at == 0 else ' '} - {_cell(cell)}")
    return "\n".join([*lines, ":::", ""])


def _cell(text: str) -> str:
    return (
        text
        if text.startswith("`")
        else text.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_").replace("<", "&lt;")
    )


def _plain(value: object, *, missing: str = "none") -> str:
    if value is None:
        return missing
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_plain(item)}" for key, item in value.items()) or "empty"
    if isinstance(value, list | tuple):
        return ", ".join(_plain(item) for item in value) or "empty"
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value) or "empty"
