"""Write a scenario as TOML, with a comment above each key that has one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

LINE_LENGTH = 110
SCHEMA_LINE = "#:schema scenario.schema.json"  # read by TOML editors
_BARE = re.compile("[A-Za-z0-9_-]+")


def scenario_toml(tables: Mapping[str, Any], *, heading: Sequence[str], notes: Mapping[str, str]) -> str:
    """Write nested tables as TOML.

    Parameters
    ----------
    tables
        Scenario as nested tables; plain values of a table come before its tables.
    heading
        Paragraphs of the comment that opens the file.
    notes
        Comment by dotted key; a note under the bare name of a key stands where the name first appears.

    Returns
    -------
    str
        Text that ``tomllib`` reads back as ``tables``.

    Examples
    --------
    >>> tables = {"name": "a", "cohort": {"lives": 5000}}
    >>> print(scenario_toml(tables, heading=["Small."], notes={"lives": "B"}))
    #:schema scenario.schema.json
    # Small.
    <BLANKLINE>
    name = "a"
    <BLANKLINE>
    [cohort]
    # B
    lives = 5000
    <BLANKLINE>
    """
    lines = [SCHEMA_LINE]
    for paragraph in heading:
        lines += [*_comment(paragraph), "#"]
    lines[-1:] = [""]
    _write_table(tables, "", lines, dict(notes))
    return "\n".join(lines) + "\n"


def _write_table(table: Mapping[str, Any], prefix: str, lines: list[str], notes: dict[str, str]) -> None:
    for name, value in table.items():
        if not isinstance(value, Mapping):
            lines += _comment(notes.pop(f"{prefix}{name}", "") or notes.pop(name, ""))
            lines.append(f"{_key(name)} = {_value(value)}")
    for name, value in table.items():
        if isinstance(value, Mapping):
            lines.append("")
            lines += _comment(notes.pop(f"{prefix}{name}", ""))
            if not value or not all(isinstance(inner, Mapping) for inner in value.values()):
                lines.append(f"[{prefix}{_key(name)}]")
            _write_table(value, f"{prefix}{_key(name)}.", lines, notes)


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in wrap(text, LINE_LENGTH - 2, break_on_hyphens=False)]


def _key(name: str) -> str:
    """Quote a name that TOML would take apart, such as a dotted one.

    Examples
    --------
    >>> _key("lives"), _key("persons.cost_slope")
    ('lives', '"persons.cost_slope"')
    """
    return name if _BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
