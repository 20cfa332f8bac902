"""The MSSP public use file of any year since 2021, read into the columns of 2023.

What differs: 2021 has a column for each track, ``Sav_Rate``, a quality score without its percent sign, days without
leading zeros, and of the regional adjustment only the sign (1 positive, 0 negative, blank none) where later files give
dollars; 2024 calls it ``RegAdj``.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from leadrisk.cohort.public_use_row import FILE_YEARS, PERSON_YEAR_NAMES, TYPES, Row, figure, start_of
from leadrisk.cohort.public_use_shape import WANTED, refuse_first_bytes, refuse_other_columns
from leadrisk.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

_STEMS = ("Per_Capita_Exp_ALL", "CMS_HCC_RiskScore")
_SINGLE = (
    "ACO_ID",
    "ACO_Name",
    "Agreement_Period_Num",
    "Current_Start_Date",
    "Current_Track",
    "N_AB",
    "N_AB_Year_PY",
    "Sav_rate",
    "PosRegAdj",
    "HistBnchmk",
    "UpdatedBnchmk",
    "Per_Capita_Exp_TOTAL_PY",
    "QualScore",
)
_TRACK_COLUMNS = {
    "Current_BASIC_A": "A",
    "Current_BASIC_B": "B",
    "Current_BASIC_C": "C",
    "Current_BASIC_D": "D",
    "Current_BASIC_E": "E",
    "Current_ENHANCED": "EN",
    "Current_Track_1": "Track 1",
    "Current_Track_1_Plus": "Track 1+",
    "Current_Track_2": "Track 2",
    "Current_Track_3": "Track 3",
}
_NO_AGREEMENT_BEGAN = 2021
_YEAR_IN_NAME = re.compile(r"(?<!\d)20\d\d(?!\d)")


@dataclass(frozen=True, eq=False)  # a file is itself alone, so what is found in it can be kept
class PublicUseFile:
    """All rows of one year.

    Attributes
    ----------
    year
        Performance year.
    rows
        One an ACO, under the column names of 2023, every value as text.
    regional_dollars
        Whether the regional adjustment stands in dollars; else only its sign does.
    """

    year: int
    rows: tuple[Row, ...]
    regional_dollars: bool = True


def read_public_use_file(path: str | PathLike[str], *, year: int | None = None) -> PublicUseFile:
    """Read the public use file as CMS publishes it.

    Parameters
    ----------
    path
        Comma-separated file, one row per ACO.
    year
        Performance year; left out: the year the newest agreement of the file began (2021, in which none began, for
        2020), which must be the year in the name of the file, if that holds one.

    Returns
    -------
    PublicUseFile
        Rows under the column names of 2023.

    Raises
    ------
    InputError
        If the file cannot be read, is another file, lacks a column that is needed, or is of another year.

    Examples
    --------
    >>> read_public_use_file("no/such/file.csv")
    Traceback (most recent call last):
    leadrisk.errors.InputError: no/such/file.csv: cannot be read: No such file or directory
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        msg = f"cannot be read: {error.strerror}"
        raise InputError(msg, path=path) from None
    refuse_first_bytes(content, path=path)
    rows = [_as_of_2023(row) for row in _table(content, path)]
    try:
        chosen = _year(rows, path, year)
        marks = {row["PosRegAdj"].strip() for row in rows}
        _refuse_fractions(rows)
    except InputError as error:
        raise InputError(error.problem, path=path, key=error.key, cure=error.cure) from None
    return PublicUseFile(chosen, tuple(rows), regional_dollars=not marks <= {"0", "1", ""})


def needed_columns() -> list[str]:
    """Columns of the file that a scenario is made from, under their names of 2023.

    Examples
    --------
    >>> len(needed_columns())
    53
    """
    by_type = [f"{stem}_{name}_{year}" for stem in _STEMS for name in TYPES for year in FILE_YEARS]
    weights = [f"N_AB_Year_{name}_{year}" for name in PERSON_YEAR_NAMES.values() for year in ("BY3", "PY")]
    return [*_SINGLE, *by_type, *weights]


def _table(content: bytes, path: str | PathLike[str]) -> list[dict[str, str]]:
    """Read the rows with the names of 2023 for columns that are needed, however they are written."""
    try:
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    except UnicodeDecodeError as error:
        msg = f"is not a UTF-8 table: {error}"
        raise InputError(msg, path=path, cure="save it as CSV UTF-8") from None
    except csv.Error as error:
        msg = f"is not a table: {error}"
        raise InputError(msg, path=path, cure=f"give the {WANTED}") from None
    header = [name.strip() for name in lines[0]]
    needed = [name for name in needed_columns() if name not in _stand_ins(header)]
    refuse_other_columns(header, needed, path=path)
    names = {name.casefold(): name for name in (*needed_columns(), *_TRACK_COLUMNS)}
    header = [names.get(name.casefold(), name) for name in header]
    rows = []
    for at, values in enumerate(lines[1:], start=2):
        if any(value.strip() for value in values):
            if len(values) != len(header):
                msg = f"has {len(values)} values for {len(header)} columns"
                raise InputError(msg, path=path, line=at, cure="download the file again")
            rows.append(dict(zip(header, values, strict=True)))
    if not rows:
        msg = "holds no ACO, only the names of columns"
        raise InputError(msg, path=path, cure=f"give the {WANTED}")
    return rows


def _stand_ins(header: Sequence[str]) -> set[str]:
    """Columns of 2023 that another column of this file stands for."""
    found = set()
    if "Current_BASIC_E" in header:
        found.add("Current_Track")
    if "RegAdj" in header:
        found.add("PosRegAdj")
    return found


def _as_of_2023(row: dict[str, str]) -> Row:
    """Bring a row of another year to the columns of 2023.

    Examples
    --------
    >>> row = {"ACO_ID": "A1001", "Current_BASIC_E": "1", "Current_Start_Date": "7/1/2019", "QualScore": "91.81"}
    >>> [_as_of_2023(row)[name] for name in ("Current_Track", "Current_Start_Date", "QualScore")]
    ['E', '07/01/2019', '91.81%']
    """
    year, month = start_of(row["Current_Start_Date"])
    changed = dict(row) | {"ACO_ID": row["ACO_ID"].strip(), "Current_Start_Date": f"{month:02}/01/{year}"}
    if "Current_Track" not in row:
        ticked = [track for column, track in _TRACK_COLUMNS.items() if row.get(column, "").strip() == "1"]
        changed["Current_Track"] = ticked[0] if ticked else "unknown"
    if "PosRegAdj" not in row and "RegAdj" in row:
        changed["PosRegAdj"] = row["RegAdj"]
    if row["QualScore"].strip() and figure(row, "QualScore") is not None:
        changed["QualScore"] = f"{row['QualScore'].strip().rstrip('%')}%"
    return changed


def _year(rows: Sequence[Row], path: str | PathLike[str], given: int | None) -> int:
    """Find the performance year; what the rows, the name of the file and the caller say must agree."""
    newest = max(start_of(row["Current_Start_Date"])[0] for row in rows)
    of_rows = max(newest, _NO_AGREEMENT_BEGAN)
    in_name = {int(found) for found in _YEAR_IN_NAME.findall(Path(path).name)}
    if given is None and in_name and of_rows not in in_name:
        msg = f"its name says {max(in_name)}, but its newest agreement began in {newest}"
        raise InputError(msg, cure=f"rename it, or give the year: --year {of_rows}")
    year = of_rows if given is None else given
    if year < newest:
        msg = f"cannot be of {year}: an agreement in it began in {newest}"
        raise InputError(msg, cure=f"give --year {of_rows}, or leave it out")
    return year


def _refuse_fractions(rows: Sequence[Row]) -> None:
    scores = [score for row in rows if (score := figure(row, "QualScore")) is not None]
    if scores and max(scores) <= 1.0:
        msg = f"must be in percent, the highest one is {max(scores):g}"
        raise InputError(msg, key="QualScore", cure="keep percentages as CMS publishes them, for example 78.09%")
