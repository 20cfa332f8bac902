"""One row of CMS's public use file of the Medicare Shared Savings Program (MSSP), figure by figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from itertools import takewhile

from leadrisk.errors import InputError

Row = Mapping[str, str]

TYPES = ("ESRD", "DIS", "AGDU", "AGND")
PERSON_YEAR_NAMES = {"ESRD": "ESRD", "DIS": "DIS", "AGDU": "AGED_Dual", "AGND": "AGED_NonDual"}
FILE_YEARS = ("BY1", "BY2", "BY3", "PY")
AGREEMENT_YEARS = 5
FIVE_YEARS_SINCE = (2019, 7)
FIRST_AFTER_THREE_YEARS = 2022
SMALL_COUNT = 5.0
TYPICAL_HIGH_NEEDS_SHARE = 0.10
_SHOWN = 5


def find_row(rows: Sequence[Row], aco_id: str) -> Row:
    """Return the row of one ACO.

    Parameters
    ----------
    rows
        Rows of one file.
    aco_id
        ``ACO_ID``, in capitals or not.

    Raises
    ------
    InputError
        If no ACO has that identifier (the nearest are named, or those whose name holds the text), or several rows.

    Examples
    --------
    >>> find_row([{"ACO_ID": "A4950"}], "a4950")
    {'ACO_ID': 'A4950'}
    >>> find_row([{"ACO_ID": "A1001"}, {"ACO_ID": "A4950"}], "A4590")
    Traceback (most recent call last):
    leadrisk.errors.InputError: ACO_ID: no ACO of the file, which lists 2, has the identifier A4590 (nearest: A4950, \
A1001)
    """
    wanted = aco_id.strip().upper()
    found = [row for row in rows if row["ACO_ID"].strip().upper() == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        msg = f"{wanted} stands in {len(found)} rows"
        raise InputError(msg, key="ACO_ID", cure="give the file of one performance year")
    msg = f"no ACO of the file, which lists {len(rows):,}, has the identifier {aco_id.strip()}"
    raise InputError(msg, key="ACO_ID", cure=_nearest(rows, wanted))


def _nearest(rows: Sequence[Row], wanted: str) -> str:
    named = [row for row in rows if wanted and wanted in row.get("ACO_Name", "").upper()]
    if named:
        listed = ", ".join(f"{row['ACO_ID']} {row['ACO_Name']}" for row in named[:_SHOWN])
        more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
        return f"by name: {listed}{more}"
    if wanted.startswith("D"):
        return "identifiers of MSSP begin with A; those with D are ACO REACH's, which publishes no cost by type"
    near = sorted((row["ACO_ID"] for row in rows), key=lambda known: _likeness(known, wanted), reverse=True)
    return f"nearest: {', '.join(near[:_SHOWN])}"


def _likeness(known: str, wanted: str) -> tuple[float, int]:
    """Order identifiers by how many characters they share, then by how far they agree from the start."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(known, wanted, strict=False))
    return SequenceMatcher(None, known, wanted).ratio(), len(list(same))


@cache  # the figures of all ACOs are read again for each one
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


def figure(row: Row, column: str) -> float | None:
    """Read a figure of a row, ``None`` where it is suppressed.

    Raises
    ------
    InputError
        If it is a text that is no number; the message names ACO and column.

    Examples
    --------
    >>> figure({"ACO_ID": "A1001", "N_AB": "n/a"}, "N_AB")
    Traceback (most recent call last):
    leadrisk.errors.InputError: N_AB: must be a number, got the text "n/a" for A1001
    """
    try:
        return number(row[column])
    except InputError as error:
        msg = f"{error.problem} for {row.get('ACO_ID', 'this ACO')}"
        raise InputError(msg, key=column) from None


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
    value = figure(row, column)
    if value is None:
        msg = f"is suppressed for {row.get('ACO_ID', 'this ACO')}, so it cannot be used"
        raise InputError(msg, key=column)
    return value


def type_shares(row: Row) -> dict[str, float]:
    """Shares of the four enrollment types in the performance year.

    CMS hides a count below 11 and then a second one, or the first would follow from the total. A type hidden alone has
    what is left over; where ESRD and another are hidden, ESRD is the small one and counts as 5 person-years.

    Examples
    --------
    >>> names = ["ESRD", "DIS", "AGED_Dual", "AGED_NonDual"]
    >>> row = dict(zip([f"N_AB_Year_{name}_PY" for name in names], ["*", "10", "20", "65"]))
    >>> type_shares(row | {"N_AB_Year_PY": "100"})
    {'ESRD': 0.05, 'DIS': 0.1, 'AGDU': 0.2, 'AGND': 0.65}
    >>> type_shares(row | {"N_AB_Year_PY": "500", "N_AB_Year_AGED_Dual_PY": "*", "N_AB_Year_AGED_NonDual_PY": "400"})
    {'ESRD': 0.01, 'DIS': 0.02, 'AGDU': 0.17, 'AGND': 0.8}
    """
    years = {name: person_years(row, name, "PY") for name in TYPES}
    known = {name: value for name, value in years.items() if value is not None}
    left_over = max(0.0, required(row, "N_AB_Year_PY") - sum(known.values()))
    hidden = [name for name in TYPES if name not in known]
    if len(hidden) > 1 and "ESRD" in hidden:
        known["ESRD"] = min(SMALL_COUNT, left_over)
        left_over -= known["ESRD"]
        hidden.remove("ESRD")
    filled = {name: known.get(name, left_over / max(len(hidden), 1)) for name in TYPES}
    total = sum(filled.values())
    return {name: value / total for name, value in filled.items()}


def person_years(row: Row, name: str, year: str) -> float | None:
    """Person-years of one enrollment type in ``BY3`` or ``PY``, ``None`` where suppressed."""
    return figure(row, f"N_AB_Year_{PERSON_YEAR_NAMES[name]}_{year}")


def type_cost(row: Row, name: str, year: str) -> float | None:
    """Dollars per person-year of one enrollment type in one year of the file, ``None`` where suppressed."""
    return figure(row, f"Per_Capita_Exp_ALL_{name}_{year}")


def type_score(row: Row, name: str, year: str) -> float | None:
    """HCC score of one enrollment type in one year of the file, ``None`` where suppressed."""
    return figure(row, f"CMS_HCC_RiskScore_{name}_{year}")


def high_needs_share(row: Row) -> float:
    """Share of High Needs beneficiaries: 10 %, or the share of long-term institutional residents where that is higher.

    Examples
    --------
    >>> high_needs_share({"Perc_LTI": "1.71%"}), high_needs_share({"Perc_LTI": "57.82%"}), high_needs_share({})
    (0.1, 0.5782, 0.1)
    """
    residents = figure(row, "Perc_LTI") if "Perc_LTI" in row else None
    return max(TYPICAL_HIGH_NEEDS_SHARE, round((residents or 0.0) / 100.0, 4))


def start_of(text: str) -> tuple[int, int]:
    """Read the day an agreement began, as (year, month).

    Examples
    --------
    >>> start_of("7/1/2019"), start_of("01/01/2022")
    ((2019, 7), (2022, 1))
    """
    try:
        month, _, year = (int(part) for part in text.split("/"))
    except ValueError:
        msg = f'must be a day as month/day/year, got "{text}"'
        raise InputError(msg, key="Current_Start_Date") from None
    return year, month


def agreement_period(row: Row, *, first_year: int) -> int:
    """Which agreement period an ACO would be in: the file's, or a later one where its years end before.

    Agreements run five calendar years; those that began in July 2019 run half a year longer (42 CFR 425.200).
    Those of three years that 2021 still shows were all followed by a new one in 2022.

    Examples
    --------
    >>> agreement_period({"Agreement_Period_Num": "1", "Current_Start_Date": "01/01/2022"}, first_year=2027)
    2
    >>> agreement_period({"Agreement_Period_Num": "1", "Current_Start_Date": "01/01/2023"}, first_year=2027)
    1
    >>> agreement_period({"Agreement_Period_Num": "1", "Current_Start_Date": "1/1/2018"}, first_year=2027)
    3
    """
    year, month = start_of(row["Current_Start_Date"])
    of_three_years = (year, month) < FIVE_YEARS_SINCE
    next_start = FIRST_AFTER_THREE_YEARS if of_three_years else year + AGREEMENT_YEARS + (month > 1)
    begun = 0 if next_start > first_year else 1 + (first_year - next_start) // AGREEMENT_YEARS
    return int(required(row, "Agreement_Period_Num")) + begun
