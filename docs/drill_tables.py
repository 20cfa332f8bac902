"""Table of the drills, written from the list that the tests themselves take their counts from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markdown_tables import list_table, write_pages

from drill_list import DRILLS

if TYPE_CHECKING:
    from pathlib import Path

_WAYS = {"--threads": "threads", "--workers": "processes"}


def write(folder: Path) -> None:
    """Write the table into a folder."""
    write_pages(folder, {"drills.md": drill_table()})


def drill_table() -> str:
    """What is broken, how often, what happens, and the test that does it."""
    rows = []
    for name, drill in DRILLS.items():
        ways = " and ".join(_WAYS.get(way, way) for way in drill.runs if way)
        broken = f"{drill.broken}; once each with {ways}" if ways else drill.broken
        rows.append((broken, str(drill.times), drill.outcome, f"`test_{name}`"))
    return list_table(("what is broken", "times", "what happens", "test"), rows, (38, 6, 36, 20))
