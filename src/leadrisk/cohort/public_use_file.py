"""A scenario from one row of CMS's public use file of the Medicare Shared Savings Program (MSSP).

The file *Performance Year Financial and Quality Results* of 2023 has one row per ACO. It holds no base year
of LEAD, so each figure of a scenario follows by an assumption, given with its grade in `NOTES`: A is a
published figure or arithmetic on it, C a judgement.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadrisk.errors import InputError

if TYPE_CHECKING:
    from os import PathLike

Row = Mapping[str, str]

FILE_YEAR = 2023
TYPES = ("ESRD", "DIS", "AGDU", "AGND")
PERSON_YEAR_NAMES = {"ESRD": "ESRD", "DIS": "DIS", "AGDU": "AGED_Dual", "AGND": "AGED_NonDual"}
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

HIGH_NEEDS_SHARE = 0.10
HIGH_NEEDS_COST_RATIO = 2.5
GROWTH_TO_BY3 = 1.069 * 1.07 * 1.05
NATIONAL_GROWTH_2022_TO_BY3 = 1.074 * GROWTH_TO_BY3
NATIONAL_2022 = {"ESRD": 90_392.0, "DIS": 13_353.0, "AGDU": 20_765.0, "AGND": 11_610.0}
QUALITY_MEAN, QUALITY_SD = 82.3, 6.9
BASE_YEAR_WEIGHTS = {
    "renewing_mssp": (1 / 3, 1 / 3, 1 / 3),
    "renewing_reach": (1 / 3, 1 / 3, 1 / 3),
    "newly_entering": (0.10, 0.30, 0.60),
}

NOTES = {
    "cohort.lives": "Assigned beneficiaries (N_AB). A",
    "cohort.high_needs_share": (
        "The file does not know High Needs; 10 % of a typical panel (6-16 %), from LEAD's criteria. C"
    ),
    "cohort.esrd_share": "ESRD person-years over all person-years. A",
    "categories": (
        "Dollars per beneficiary per month of 2026 (LEAD's BY3). For each enrollment type and year of "
        "the file: the ACO's cost per person-year over the person-year weighted mean of all ACOs with "
        "the same start date, both brought to their own 2023 risk score. LEAD BY1 takes the mean of the "
        "file's BY1 and BY2, LEAD BY2 its BY3, LEAD BY3 its performance year 2023. C (the file's figures "
        "A). Level: the 2023 mean of those ACOs x 1.069 (2023-24, same ACOs, A) x 1.07 (2024-25, +9.5 % "
        "published less skin substitutes, which LEAD largely excludes, C) x 1.05 (2025-26, C). CMS "
        "truncates these costs at the 99th percentile, LEAD does not: they are about 5 % low, the ACO's "
        "and its region's alike."
    ),
    "categories.aged_disabled": (
        "Disabled, aged dual and aged non-dual, weighted by 2023 person-years, less High Needs. C"
    ),
    "categories.high_needs": (
        f"Split off at {HIGH_NEEDS_COST_RATIO} times the cost of Aged & Disabled, the total kept. C"
    ),
    "categories.esrd": ("The file's ESRD type; a few dozen persons, so its years are noisy. C, by the same steps."),
    "region_pbpm": (
        "PosRegAdj over its weight gives region less ACO: weight 0.35 where positive and 0.15 where "
        "negative in a first agreement period (42 CFR 425.601), 0.50 later (C; one known third period "
        "has 0.35). Relative to HistBnchmk less PosRegAdj, then the same for every category. C"
    ),
    "national_pbpm": (
        "National assignable cost per person-year of 2022 (CMS settlement workbook, A) x 1.074 (2022-23) "
        "and the growth above, at the ACO's own mix of types and its 2023 risk score of each. C"
    ),
    "prior_savings_pbpm": (
        "The published savings of 2023 (Sav_rate) as a share of cost, the same for every category. One year only. C"
    ),
    "quality.relative_level": (
        f"QualScore less the mean of 2023 ({QUALITY_MEAN}), over the SD across ACOs ({QUALITY_SD}). A"
    ),
}


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
    left_over = max(0.0, _required(row, "N_AB_Year_PY") - sum(known.values()))
    hidden = len(TYPES) - len(known)
    filled = {name: known.get(name, left_over / hidden if hidden else 0.0) for name in TYPES}
    total = sum(filled.values())
    return {name: value / total for name, value in filled.items()}


def cohort_means(rows: Sequence[Row], start_date: str) -> dict[tuple[str, str], tuple[float, float]]:
    """Mean cost and risk score by enrollment type and year over the ACOs with one start date.

    Parameters
    ----------
    rows
        All rows of the file.
    start_date
        ``Current_Start_Date``, so that the years BY1, BY2 and BY3 are the same calendar years.

    Returns
    -------
    dict
        ``(type, year)`` to ``(dollars per person-year, score)``, weighted by person-years (those of BY3 for
        the base years, those of the performance year for itself). Rows with a suppressed figure are left out.

    Raises
    ------
    InputError
        If every row of that start date has a figure suppressed.
    """
    same_start = [row for row in rows if row["Current_Start_Date"] == start_date]
    means: dict[tuple[str, str], tuple[float, float]] = {}
    for name in TYPES:
        for year in FILE_YEARS:
            weight = cost = score = 0.0
            for row in same_start:
                weight_year = "PY" if year == "PY" else "BY3"
                person_years = number(row[f"N_AB_Year_{PERSON_YEAR_NAMES[name]}_{weight_year}"])
                row_cost, row_score = _cost(row, name, year), _score(row, name, year)
                if person_years is not None and row_cost is not None and row_score is not None:
                    weight += person_years
                    cost += person_years * row_cost
                    score += person_years * row_score
            if weight == 0.0:
                msg = f"no ACO that started on {start_date} has a published figure for {name} in {year}"
                raise InputError(msg, key=f"Per_Capita_Exp_ALL_{name}_{year}")
            means[name, year] = (cost / weight, score / weight)
    return means


def relative_costs(row: Row, means: Mapping[tuple[str, str], tuple[float, float]], name: str) -> list[float]:
    """Cost of one enrollment type relative to the cohort in LEAD's three base years, at the scores of 2023.

    A suppressed year takes the mean of the years that are known, and 1 where none is.
    """
    relative: dict[str, float | None] = {}
    score_now = _score(row, name, "PY")
    for year in FILE_YEARS:
        cost, score = _cost(row, name, year), _score(row, name, year)
        mean_cost, mean_score = means[name, year]
        if cost is None:
            relative[year] = None
            continue
        own_growth = score_now / score if score_now is not None and score is not None else 1.0
        relative[year] = cost * own_growth / (mean_cost * means[name, "PY"][1] / mean_score)
    known = [value for value in relative.values() if value is not None]
    typical = sum(known) / len(known) if known else 1.0
    first, second, third, last = (value if value is not None else typical for value in relative.values())
    return [(first + second) / 2.0, third, last]


def region_over_aco(row: Row) -> float:
    """Regional over the ACO's own cost, less 1, from the published regional adjustment.

    Examples
    --------
    >>> row = {"PosRegAdj": "243", "HistBnchmk": "9771", "Agreement_Period_Num": "1"}
    >>> round(region_over_aco(row), 4)
    0.0729
    """
    adjustment = _required(row, "PosRegAdj")
    first_period = row["Agreement_Period_Num"].strip() == "1"
    weight = (0.35 if adjustment > 0.0 else 0.15) if first_period else 0.50
    return adjustment / weight / (_required(row, "HistBnchmk") - adjustment)


def published_figures(row: Row) -> str:
    """Quote what the file says about an ACO, for the comment that opens its scenario.

    Examples
    --------
    >>> names = ["ACO_ID", "ACO_Name", "N_AB", "Current_Start_Date", "Agreement_Period_Num", "Current_Track"]
    >>> row = dict(zip(names, ["A1", "Small", "5000", "01/01/2022", "1", "E"])) | {"QualScore": "80.00%"}
    >>> money = ["Per_Capita_Exp_TOTAL_PY", "HistBnchmk", "PosRegAdj", "UpdatedBnchmk"]
    >>> published_figures(row | dict.fromkeys(money, "10000") | {"Sav_rate": "3.77%"})[:60]
    'Published for 2023: A1 Small, 5,000 assigned beneficiaries, '
    """
    track = "ENHANCED" if row["Current_Track"] == "EN" else f"BASIC {row['Current_Track']}"
    lives = f"{_required(row, 'N_AB'):,.0f}"
    columns = ("Per_Capita_Exp_TOTAL_PY", "HistBnchmk", "PosRegAdj", "UpdatedBnchmk")
    cost, historical, regional, updated = (f"${_required(row, column):,.0f}" for column in columns)
    return (
        f"Published for {FILE_YEAR}: {row['ACO_ID']} {row['ACO_Name']}, {lives} assigned beneficiaries, "
        f"{track}, agreement period {row['Agreement_Period_Num']} from {row['Current_Start_Date']}; cost per "
        f"person-year {cost}, historical benchmark {historical} with a regional adjustment of {regional}, "
        f"updated benchmark {updated}, savings rate {row['Sav_rate']}, quality score {row['QualScore']}."
    )


def scenario_tables(
    rows: Sequence[Row],
    aco_id: str,
    *,
    entrant: str,
    high_needs_share: float = HIGH_NEEDS_SHARE,
    high_needs_cost_ratio: float = HIGH_NEEDS_COST_RATIO,
) -> dict[str, Any]:
    """Map one ACO of the file to the tables of a scenario.

    Parameters
    ----------
    rows
        All rows of the file, since the ACO is compared with those of the same start date.
    aco_id
        ``ACO_ID``.
    entrant
        ``renewing_mssp``, ``renewing_reach`` or ``newly_entering``; the last has no prior savings.
    high_needs_share
        Share of all beneficiaries who are High Needs.
    high_needs_cost_ratio
        Cost of High Needs over Aged & Disabled.

    Returns
    -------
    dict
        Tables ``cohort``, ``categories``, ``quality`` and ``contract``; money in dollars of 2026 per
        beneficiary per month, rounded to cents.
    """
    row = find_row(rows, aco_id)
    shares = type_shares(row)
    esrd_share = shares["ESRD"]
    means = cohort_means(rows, row["Current_Start_Date"])
    dollars = {
        name: [means[name, "PY"][0] * GROWTH_TO_BY3 / 12.0 * value for value in relative_costs(row, means, name)]
        for name in TYPES
    }
    national = {
        name: cost * NATIONAL_GROWTH_2022_TO_BY3 / 12.0 * (_score(row, name, "PY") or 1.0)
        for name, cost in NATIONAL_2022.items()
    }
    others = [name for name in TYPES if name != "ESRD"]
    rest = 1.0 - esrd_share
    mixed = [sum(shares[name] * dollars[name][year] for name in others) / rest for year in range(3)]
    mixed_national = sum(shares[name] * national[name] for name in others) / rest
    high_needs_of_rest = high_needs_share / rest
    aged_disabled_factor = 1.0 / (1.0 + high_needs_of_rest * (high_needs_cost_ratio - 1.0))
    high_needs_factor = aged_disabled_factor * high_needs_cost_ratio

    rate = _required(row, "Sav_rate") / 100.0
    savings_over_cost = 0.0 if entrant == "newly_entering" else max(0.0, rate / (1.0 - rate))
    region = region_over_aco(row)
    weights = BASE_YEAR_WEIGHTS[entrant]

    def category(base_years: Sequence[float], national_mean: float, factor: float) -> dict[str, Any]:
        baseline = sum(weight * value for weight, value in zip(weights, base_years, strict=True))
        return {
            "base_year_pbpm": [round(factor * value, 2) for value in base_years],
            "region_pbpm": round(factor * baseline * (1.0 + region), 2),
            "national_pbpm": round(factor * national_mean, 2),
            "prior_savings_pbpm": round(factor * base_years[2] * savings_over_cost, 2),
        }

    return {
        "cohort": {
            "lives": int(_required(row, "N_AB")),
            "high_needs_share": high_needs_share,
            "esrd_share": round(esrd_share, 5),
        },
        "categories": {
            "aged_disabled": category(mixed, mixed_national, aged_disabled_factor),
            "high_needs": category(mixed, mixed_national, high_needs_factor),
            "esrd": category(dollars["ESRD"], national["ESRD"], 1.0),
        },
        "quality": {"relative_level": round((_required(row, "QualScore") - QUALITY_MEAN) / QUALITY_SD, 2)},
        "contract": {"entrant": entrant},
    }


def _cost(row: Row, name: str, year: str) -> float | None:
    return number(row[f"Per_Capita_Exp_ALL_{name}_{year}"])


def _score(row: Row, name: str, year: str) -> float | None:
    return number(row[f"CMS_HCC_RiskScore_{name}_{year}"])


def _required(row: Row, column: str) -> float:
    value = number(row[column])
    if value is None:
        msg = f"is suppressed for {row.get('ACO_ID', 'this ACO')}, so it cannot be used"
        raise InputError(msg, key=column)
    return value


def _columns() -> list[str]:
    by_type = [f"{stem}_{name}_{year}" for stem in _STEMS for name in TYPES for year in FILE_YEARS]
    weights = [f"N_AB_Year_{name}_{year}" for name in PERSON_YEAR_NAMES.values() for year in ("BY3", "PY")]
    return [*_SINGLE, *by_type, *weights]
