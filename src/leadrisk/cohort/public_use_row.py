"""One row of CMS's public use file of the Medicare Shared Savings Program (MSSP), figure by figure."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from leadrisk.errors import InputError

if TYPE_CHECKING:
    from os import PathLike

Row = Mapping[str, str]

FILE_YEAR = 2023
TYPES = ("ESRD", "DIS", "AGDU", "AGND")
PERSON_YEAR_NAMES = {"ESRD": "ESRD", "DIS": "DIS", "AGDU": "AGED_Dual", "AGND": "AGED_NonDual"}
AGREEMENT_YEARS = 5
FILE_YEARS = ("BY1", "BY2", "BY3", "PY")

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


def read_public_use_file(path: str | PathLike[str]) -> list[dict[str, str]]:
    """Read the public use file as CMS publishes it.

    Parameters
    ----------
    path
        Comma-separated file, one row per ACO.

    Returns
    -------
    list of dict
        Rows, every value as text.

    Raises
    ------
    InputError
        If the file cannot be read or lacks a column that is needed.

    Examples
    --------
    >>> read_public_use_file("no/such/file.csv")
    Traceback (most recent call last):
    leadrisk.errors.InputError: no/such/file.csv: cannot be read: No such file or directory
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, restval=""))
    except OSError as error:
        msg = f"cannot be read: {error.strerror}"
        raise InputError(msg, path=path) from None
    except (UnicodeDecodeError, csv.Error) as error:
        msg = f"is not a UTF-8 table: {error}"
        raise InputError(msg, path=path) from None
    lacking = [name for name in _columns() if not rows or name not in rows[0]]
    if lacking:
        msg = f"lacks {len(lacking)} columns, the first one {lacking[0]}"
        cure = f"give the MSSP Performance Year Financial and Quality Results of {FILE_YEAR}"
        raise InputError(msg, path=path, line=1, cure=cure)
    return rows


def find_row(rows: Sequence[Row], aco_id: str) -> Row:
    """Return the row of one ACO.

    Examples
    --------
    >>> find_row([{"ACO_ID": "A4950"}], "A4950")
    {'ACO_ID': 'A4950'}
    """
    for row in rows:
        if row["ACO_ID"] == aco_id:
            return row
    msg = f"no ACO of the file has the identifier {aco_id}"
    raise InputError(msg, key="ACO_ID")


def number(text: str) -> float | None:
    """Read a figure of the file; ``*`` (fewer than 11 persons), ``-`` and blanks are suppressed.

    Percentages stay in percentage points.

    Examples
    --------
    >>> number("78.09%"), number("1,234"), number("$-49"), number("*"), number("")
    (78.09, 1234.0, -49.0, None, None)
    """
    plain = text.strip().rstrip("%").replace(",", "").replace("$", "")
    if plain in {"", "*", "-", "."}:
        return None
    try:
        return float(plain)
    except ValueError:
        msg = f'must be a number, got the text "{text}"'
        raise InputError(msg) from None


def type_shares(row: Row) -> dict[str, float]:
    """Shares of the four enrollment types in the performance year; suppressed types split what is left over.

    Examples
    --------
    >>> names = ["ESRD", "DIS", "AGED_Dual", "AGED_NonDual"]
    >>> row = dict(zip([f"N_AB_Year_{name}_PY" for name in names], ["*", "10", "20", "65"]))
    >>> type_shares(row | {"N_AB_Year_PY": "100"})
    {'ESRD': 0.05, 'DIS': 0.1, 'AGDU': 0.2, 'AGND': 0.65}
    """
    years = {name: number(row[f"N_AB_Year_{column}_PY"]) for name, column in PERSON_YEAR_NAMES.items()}
    known = {name: value for name, value in years.items() if value is not None}
    left_over = max(0.0, required(row, "N_AB_Year_PY") - sum(known.values()))
    hidden = len(TYPES) - len(known)
    filled = {name: known.get(name, left_over / hidden if hidden else 0.0) for name in TYPES}
    total = sum(filled.values())
    return {name: value / total for name, value in filled.items()}


def agreement_period(row: Row, *, first_year: int) -> int:
    """Which agreement period an ACO would be in: the file's, or the next one where its five years end before.

    Agreements run five calendar years; those that began in July 2019 run half a year longer (42 CFR 425.200).

    Examples
    --------
    >>> agreement_period({"Agreement_Period_Num": "1", "Current_Start_Date": "01/01/2022"}, first_year=2027)
    2
    >>> agreement_period({"Agreement_Period_Num": "1", "Current_Start_Date": "01/01/2023"}, first_year=2027)
    1
    """
    month, _, year = row["Current_Start_Date"].split("/")
    first_after = int(year) + AGREEMENT_YEARS + (month != "01")
    return int(required(row, "Agreement_Period_Num")) + (first_after <= first_year)


def type_cost(row: Row, name: str, year: str) -> float | None:
    """Dollars per person-year of one enrollment type in one year of the file, ``None`` where suppressed."""
    return number(row[f"Per_Capita_Exp_ALL_{name}_{year}"])


def type_score(row: Row, name: str, year: str) -> float | None:
    """HCC score of one enrollment type in one year of the file, ``None`` where suppressed."""
    return number(row[f"CMS_HCC_RiskScore_{name}_{year}"])


def required(row: Row, column: str) -> float:
    """Read a figure that must be there.

    Raises
    ------
    InputError
        If it is suppressed.

    Examples
    --------
    >>> required({"N_AB": "5,000"}, "N_AB")
    5000.0
    """
    value = number(row[column])
    if value is None:
        msg = f"is suppressed for {row.get('ACO_ID', 'this ACO')}, so it cannot be used"
        raise InputError(msg, key=column)
    return value


def _columns() -> list[str]:
    by_type = [f"{stem}_{name}_{year}" for stem in _STEMS for name in TYPES for year in FILE_YEARS]
    weights = [f"N_AB_Year_{name}_{year}" for name in PERSON_YEAR_NAMES.values() for year in ("BY3", "PY")]
    return [*_SINGLE, *by_type, *weights]
