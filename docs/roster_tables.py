"""Tables of the reference of rosters, written from the columns that the program reads."""

from __future__ import annotations

from markdown_tables import list_table

from leadrisk.calibration.roster_columns import COLUMNS, IN_YEAR, SYNTHETIC_COLUMNS, WIDE_ONCE

_REQUIRED = {"both": "both forms", "long": "long form", "": "no"}


def roster_columns() -> str:
    """Columns of the long and wide form: names, whether required, meaning, what is refused, what a blank means."""
    rows = [
        (
            [f"`{column.name}`", f"wide: {_wide_name(column.name)}"],
            _REQUIRED[column.required],
            column.meaning,
            column.refused,
            column.blank,
        )
        for column in COLUMNS
    ]
    return list_table(("column", "required", "meaning", "refused", "a blank means"), rows, (24, 11, 29, 22, 14))


def _wide_name(name: str) -> str:
    names = [f"`{name}_2024`"] * (name in IN_YEAR) + [f"`{name}`"] * (name in WIDE_ONCE)
    return " or ".join(names) or "in the names"


def synthetic_columns() -> str:
    """Columns read of DE-SynPUF and what becomes of them."""
    rows = [(f"`{name}`", use) for name, use in SYNTHETIC_COLUMNS.items()]
    return list_table(("column of CMS", "becomes"), rows, (40, 60))
