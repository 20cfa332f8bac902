"""Which form a roster has, by the names of its columns; a table that fits none is refused, never guessed."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from leadrisk.calibration.roster_columns import (
    COLUMNS,
    FIRST_YEAR,
    IN_YEAR,
    LAST_YEAR,
    NAMES,
    ONCE_OR_IN_YEAR,
    SYNTHETIC_COLUMNS,
    SYNTHETIC_KEY,
    WIDE_ONCE,
)
from leadrisk.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from leadrisk.calibration.roster_file import RosterTable

YEARLY = re.compile(rf"({'|'.join(IN_YEAR)})_(\d{{4}})")
"""A column of one year in the wide form."""

LONG_NEEDS = tuple(column.name for column in COLUMNS if column.required in {"long", "both"})
_WIDE_NEEDS = tuple(column.name for column in COLUMNS if column.required == "both")


def wide_years(names: Iterable[str]) -> list[int]:
    """Years of the wide form, ascending.

    Examples
    --------
    >>> wide_years(["cost_2025", "months_2025", "cost_2024", "age"])
    [2024, 2025]
    """
    return sorted({int(match[2]) for name in names if (match := YEARLY.fullmatch(name))})


def recognise(tables: Sequence[RosterTable]) -> str:
    """Say which form all files have.

    Returns
    -------
    str
        ``"long"``, ``"wide"`` or ``"synpuf"``.

    Raises
    ------
    InputError
        If a file has none, misses a column, mixes forms, or has another form than the first file.

    Examples
    --------
    >>> from pathlib import Path
    >>> from leadrisk.calibration.roster_file import RosterTable
    >>> recognise([RosterTable(Path("a.csv"), ("beneficiary", "year", "cost", "months"), ".csv")])
    'long'
    >>> recognise([RosterTable(Path("a.csv"), ("beneficiary", "year", "Cost", "months"), ".csv")])
    Traceback (most recent call last):
    leadrisk.errors.InputError: a.csv:1: cost: is missing (rename the column Cost)
    """
    forms = [_form(table) for table in tables]
    for table, form in zip(tables, forms, strict=True):
        if form != forms[0]:
            msg = f"has the {form} form, but {tables[0].path} has the {forms[0]} form"
            raise InputError(msg, path=table.path, cure="read files of one form at a time")
    if forms[0] == "wide":
        years = [wide_years(table.columns) for table in tables]
        for table, own in zip(tables, years, strict=True):
            if own != years[0]:
                msg = f"has the years {_listed(own)}, but {tables[0].path} has {_listed(years[0])}"
                cure = "put all years of a beneficiary in one row, or use the long form"
                raise InputError(msg, path=table.path, cure=cure)
    return forms[0]


def _form(table: RosterTable) -> str:
    names = set(table.columns)
    header = None if table.place == "row" else 1
    if SYNTHETIC_KEY in names:
        _require(table, SYNTHETIC_COLUMNS)
        return "synpuf"
    years = wide_years(names)
    if years and "year" in names:
        yearly = next(name for name in table.columns if YEARLY.fullmatch(name))
        msg = f"has both year and {yearly}, so it is neither the long nor the wide form"
        raise InputError(msg, path=table.path, line=header, cure="leave one of them out")
    if not years:
        _require(table, LONG_NEEDS)
        return "long"
    outside = [year for year in years if not FIRST_YEAR <= year <= LAST_YEAR]
    if outside:
        msg = f"a column is of the year {outside[0]}; years are {FIRST_YEAR} to {LAST_YEAR}"
        raise InputError(msg, path=table.path, line=header, cure="rename the column")
    _require(table, [f"{name}_{year}" for year in years for name in _WIDE_NEEDS])
    for name in ONCE_OR_IN_YEAR:
        own = [f"{name}_{year}" for year in years if f"{name}_{year}" in names]
        if name in names and own:
            msg = f"stands beside {own[0]}"
            raise InputError(msg, path=table.path, line=header, key=name, cure="keep one for all years or one a year")
        if own and len(own) < len(years):
            absent = next(f"{name}_{year}" for year in years if f"{name}_{year}" not in names)
            msg = f"is missing, but {own[0]} is there"
            cure = "give all years or none; leave blank what is not known" if name == "risk_score" else "give all years"
            raise InputError(msg, path=table.path, line=header, key=absent, cure=cure)
    return "wide"


def _require(table: RosterTable, needed: Iterable[str]) -> None:
    missing = [name for name in needed if name not in table.columns]
    if not missing:
        return
    near = _near(missing[0], table.columns)
    cure = f"rename the column {near}" if near else "the forms of a roster: docs/reference/roster.md"
    others = f"; so {'are' if len(missing) > 2 else 'is'} {_listed(missing[1:])}" if missing[1:] else ""
    line = None if table.place == "row" else 1
    msg = f"is missing{others}"
    raise InputError(msg, path=table.path, line=line, key=missing[0], cure=cure)


def unread(columns: Iterable[str], form: str) -> tuple[str, ...]:
    """Columns that a form does not have; they are passed over.

    Examples
    --------
    >>> unread(["cost_2024", "months_2024", "zip", "year"], "wide")
    ('zip', 'year')
    """
    return tuple(name for name in columns if not _is_read(name, form))


def misnamed(columns: Sequence[str], form: str) -> list[tuple[str, str]]:
    """Columns that are passed over but look as if they should not be, each with the name that would be read.

    Examples
    --------
    >>> misnamed(["cost_2024", "months_2024", "Risk Score 2024", "zip"], "wide")
    [('Risk Score 2024', 'risk_score_2024')]
    """
    plain = {name: _plain(name) for name in unread(columns, form)}
    return [(name, meant) for name, meant in plain.items() if _is_read(meant, form) and meant not in columns]


def _is_read(name: str, form: str) -> bool:
    if form == "synpuf":
        return name in SYNTHETIC_COLUMNS
    if form == "long":
        return name in NAMES
    return name in WIDE_ONCE or YEARLY.fullmatch(name) is not None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")


def _near(wanted: str, names: Sequence[str]) -> str | None:
    plain = {_plain(name): name for name in names}
    found = get_close_matches(wanted, plain, n=1, cutoff=0.8)
    return plain[found[0]] if found else None


def _listed(items: Sequence[object]) -> str:
    return ", ".join(map(str, items))
