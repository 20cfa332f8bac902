"""A scenario from one row of CMS's public use file of the Medicare Shared Savings Program (MSSP).

The file *Performance Year Financial and Quality Results* of 2023 has one row per ACO. It holds no base year
of LEAD, so each figure of a scenario follows by an assumption, given with its grade in `NOTES`: A is a
published figure or arithmetic on it, C a judgement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadrisk.cohort.public_use_row import (
    FILE_YEAR,
    FILE_YEARS,
    PERSON_YEAR_NAMES,
    TYPES,
    agreement_period,
    find_row,
    number,
    required,
    type_cost,
    type_score,
    type_shares,
)
from leadrisk.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from leadrisk.cohort.public_use_row import Row

FIRST_PERFORMANCE_YEAR = 2027
CONTRACTS = ("lead_global", "lead_professional", "mssp_enhanced", "mssp_basic_e")
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
    "mssp.agreement_period": (
        f"Agreement_Period_Num, one more where its five years end before {FIRST_PERFORMANCE_YEAR}. A; an agreement "
        "that still runs is taken to begin anew in that year. C"
    ),
    "mssp.disabled_share": (
        f"Person-years of {FILE_YEAR} by enrollment type, over those of all but ESRD; cost per person-year of the type "
        "over that of all but ESRD. A"
    ),
    "contract.names": "Both options of LEAD and the two-sided tracks of MSSP, on the same paths.",
    "quality.relative_level": (
        f"QualScore less the mean of 2023 ({QUALITY_MEAN}), over the SD across ACOs ({QUALITY_SD}). A"
    ),
}


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
                row_cost, row_score = type_cost(row, name, year), type_score(row, name, year)
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
    score_now = type_score(row, name, "PY")
    for year in FILE_YEARS:
        cost, score = type_cost(row, name, year), type_score(row, name, year)
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
    adjustment = required(row, "PosRegAdj")
    first_period = row["Agreement_Period_Num"].strip() == "1"
    weight = (0.35 if adjustment > 0.0 else 0.15) if first_period else 0.50
    return adjustment / weight / (required(row, "HistBnchmk") - adjustment)


def mssp_table(row: Row, means: Mapping[tuple[str, str], tuple[float, float]]) -> dict[str, Any]:
    """How the ACO would stand in MSSP: agreement period, and shares and relative costs of the enrollment types.

    Parameters
    ----------
    means
        From :func:`cohort_means`; a type whose cost is suppressed takes the mean of its cohort.

    Returns
    -------
    dict
        Table ``mssp`` of a scenario.
    """
    others = [name for name in TYPES if name != "ESRD"]
    years = type_shares(row)
    all_years = sum(years[name] for name in others)
    share = {name: years[name] / all_years for name in others}
    costs = {name: type_cost(row, name, "PY") for name in others}
    cost = {name: means[name, "PY"][0] if value is None else value for name, value in costs.items()}
    mean = sum(share[name] * cost[name] for name in others)
    return {
        "agreement_period": agreement_period(row, first_year=FIRST_PERFORMANCE_YEAR),
        "disabled_share": round(share["DIS"], 4),
        "aged_dual_share": round(share["AGDU"], 4),
        "disabled_cost": round(cost["DIS"] / mean, 3),
        "aged_dual_cost": round(cost["AGDU"] / mean, 3),
    }


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
    lives = f"{required(row, 'N_AB'):,.0f}"
    columns = ("Per_Capita_Exp_TOTAL_PY", "HistBnchmk", "PosRegAdj", "UpdatedBnchmk")
    cost, historical, regional, updated = (f"${required(row, column):,.0f}" for column in columns)
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
        Tables ``cohort``, ``categories``, ``quality``, ``mssp`` and ``contract``; money in dollars of 2026 per
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
        name: cost * NATIONAL_GROWTH_2022_TO_BY3 / 12.0 * (type_score(row, name, "PY") or 1.0)
        for name, cost in NATIONAL_2022.items()
    }
    others = [name for name in TYPES if name != "ESRD"]
    rest = 1.0 - esrd_share
    mixed = [sum(shares[name] * dollars[name][year] for name in others) / rest for year in range(3)]
    mixed_national = sum(shares[name] * national[name] for name in others) / rest
    high_needs_of_rest = high_needs_share / rest
    aged_disabled_factor = 1.0 / (1.0 + high_needs_of_rest * (high_needs_cost_ratio - 1.0))
    high_needs_factor = aged_disabled_factor * high_needs_cost_ratio

    rate = required(row, "Sav_rate") / 100.0
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
            "lives": int(required(row, "N_AB")),
            "high_needs_share": high_needs_share,
            "esrd_share": round(esrd_share, 5),
        },
        "categories": {
            "aged_disabled": category(mixed, mixed_national, aged_disabled_factor),
            "high_needs": category(mixed, mixed_national, high_needs_factor),
            "esrd": category(dollars["ESRD"], national["ESRD"], 1.0),
        },
        "quality": {"relative_level": round((required(row, "QualScore") - QUALITY_MEAN) / QUALITY_SD, 2)},
        "mssp": mssp_table(row, means),
        "contract": {"entrant": entrant, "names": list(CONTRACTS)},
    }
