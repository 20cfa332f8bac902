"""A scenario from one row of CMS's public use file of the Medicare Shared Savings Program (MSSP).

The file *Performance Year Financial and Quality Results* has one row per ACO. It holds no base year of LEAD, so each
figure of a scenario follows by an assumption; :mod:`leadrisk.cohort.public_use_notes` words them for the comments.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from leadrisk.cohort.public_use_levels import (
    FIRST_FILE_YEAR,
    LAST_FILE_YEAR,
    NATIONAL,
    NATIONAL_YEAR,
    growth_to_base_year_3,
    quality_across_acos,
)
from leadrisk.cohort.public_use_notes import (
    FIRST_PERFORMANCE_YEAR,
    HIGH_NEEDS_COST_RATIO,
    notes,
    published_figures,
    quality_scores,
    source,
)
from leadrisk.cohort.public_use_region import region_of
from leadrisk.cohort.public_use_row import (
    FILE_YEARS,
    TYPES,
    agreement_period,
    figure,
    find_row,
    high_needs_share,
    person_years,
    required,
    type_cost,
    type_score,
    type_shares,
)
from leadrisk.errors import InputError
from leadrisk.scenario.write import scenario_toml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from leadrisk.cohort.public_use_layout import PublicUseFile
    from leadrisk.cohort.public_use_row import Row

CONTRACTS = ("lead_global", "lead_professional", "mssp_enhanced", "mssp_basic_e")
HIGHEST_QUALITY_LEVEL = 4.0
BASE_YEAR_WEIGHTS = {
    "renewing_mssp": (1 / 3, 1 / 3, 1 / 3),
    "renewing_reach": (1 / 3, 1 / 3, 1 / 3),
    "newly_entering": (0.10, 0.30, 0.60),
}


class FromRow(NamedTuple):
    """A scenario made from one row.

    Parameters
    ----------
    tables
        Tables ``cohort``, ``categories``, ``quality``, ``mssp`` and ``contract``; money in dollars of 2026 per
        beneficiary per month, rounded to cents.
    notes
        Comment by dotted key: what the figure rests on, with its grade.
    row
        The ACO's row.
    """

    tables: dict[str, Any]
    notes: dict[str, str]
    row: Row


def scenario_text(file: PublicUseFile, aco_id: str, *, entrant: str = "renewing_mssp") -> str:
    """Write one ACO of the file as a scenario in TOML, each figure with what it rests on.

    Parameters
    ----------
    file
        All rows of one year, from :func:`leadrisk.cohort.public_use_layout.read_public_use_file`.
    aco_id
        ``ACO_ID``.
    entrant
        ``renewing_mssp``, ``renewing_reach`` or ``newly_entering``.

    Returns
    -------
    str
        Text that :func:`leadrisk.scenario.load.load_scenario` accepts.

    Raises
    ------
    InputError
        If the file has no such ACO, suppresses a figure that nothing can stand in for, or is of a year whose costs
        nothing brings to 2026.
    """
    made = scenario_from_row(file, aco_id, entrant=entrant)
    name = made.row["ACO_Name"].strip() or made.row["ACO_ID"]
    named = {
        "name": name,
        "description": f"{name} ({made.row['ACO_ID']}) of MSSP {file.year} as LEAD entrant ({entrant})",
        **made.tables,
    }
    heading = [published_figures(file, made.row), source(file.year, written_by="leadrisk scenario --from-puf.")]
    return scenario_toml(named, heading=heading, notes=made.notes)


def scenario_from_row(
    file: PublicUseFile,
    aco_id: str,
    *,
    entrant: str,
) -> FromRow:
    """Map one ACO of the file to the tables of a scenario.

    Parameters
    ----------
    file
        All rows of one year, since the ACO is compared with those of the same start date.
    aco_id
        ``ACO_ID``.
    entrant
        ``renewing_mssp``, ``renewing_reach`` or ``newly_entering``; the last has no prior savings.

    Returns
    -------
    FromRow
        Tables of the scenario, what each figure rests on, and the ACO's row.
    """
    if not FIRST_FILE_YEAR <= file.year <= LAST_FILE_YEAR:
        problem = f"is of {file.year}; what brings costs to 2026 is known from {FIRST_FILE_YEAR} to {LAST_FILE_YEAR}"
        raise InputError(problem, cure="give a file of one of these years")
    row = find_row(file.rows, aco_id)
    shares = type_shares(row)
    esrd_share = shares["ESRD"]
    growth = growth_to_base_year_3(file.year)
    national_growth = growth_to_base_year_3(NATIONAL_YEAR)
    means = cohort_means(file, row["Current_Start_Date"])
    dollars = {
        name: [means[name, "PY"][0] * growth / 12.0 * value for value in relative_costs(row, means, name)]
        for name in TYPES
    }
    national = {
        name: cost * national_growth / 12.0 * (type_score(row, name, "PY") or 1.0) for name, cost in NATIONAL.items()
    }
    others = [name for name in TYPES if name != "ESRD"]
    rest = 1.0 - esrd_share
    mixed = [sum(shares[name] * dollars[name][year] for name in others) / rest for year in range(3)]
    mixed_national = sum(shares[name] * national[name] for name in others) / rest
    high_needs = min(high_needs_share(row), rest)
    aged_disabled_factor = 1.0 / (1.0 + high_needs / rest * (HIGH_NEEDS_COST_RATIO - 1.0))
    high_needs_factor = aged_disabled_factor * HIGH_NEEDS_COST_RATIO

    rate = required(row, "Sav_rate") / 100.0
    savings_over_cost = 0.0 if entrant == "newly_entering" else max(0.0, rate / (1.0 - rate))
    region = region_of(row, means, regional_dollars=file.regional_dollars)
    weights = BASE_YEAR_WEIGHTS[entrant]

    def category(base_years: Sequence[float], national_mean: float, factor: float) -> dict[str, Any]:
        baseline = sum(weight * value for weight, value in zip(weights, base_years, strict=True))
        return {
            "base_year_pbpm": [round(factor * value, 2) for value in base_years],
            "region_pbpm": round(factor * baseline * (1.0 + region.over_aco), 2),
            "national_pbpm": round(factor * national_mean, 2),
            "prior_savings_pbpm": round(factor * base_years[2] * savings_over_cost, 2),
        }

    tables = {
        "cohort": {
            "lives": int(required(row, "N_AB")),
            "high_needs_share": round(high_needs, 4),
            "esrd_share": round(esrd_share, 5),
        },
        "categories": {
            "aged_disabled": category(mixed, mixed_national, aged_disabled_factor),
            "high_needs": category(mixed, mixed_national, high_needs_factor),
            "esrd": category(dollars["ESRD"], national["ESRD"], 1.0),
        },
        "quality": {"relative_level": _quality_level(file, row)},
        "mssp": mssp_table(row, means),
        "contract": {"entrant": entrant, "names": list(CONTRACTS)},
    }
    return FromRow(tables, notes(file, row, entrant=entrant, region=region, base_years=mixed), row)


def _quality_level(file: PublicUseFile, row: Row) -> float:
    """Quality score in standard deviations over ACOs; the average where none is published."""
    score = figure(row, "QualScore")
    if score is None:
        return 0.0
    mean, spread = quality_across_acos(file.year, quality_scores(file))
    level = round((score - mean) / spread, 2)
    return min(max(level, -HIGHEST_QUALITY_LEVEL), HIGHEST_QUALITY_LEVEL)


@lru_cache(maxsize=64)  # asked for again by every ACO with the same start date
def cohort_means(file: PublicUseFile, start_date: str) -> dict[tuple[str, str], tuple[float, float]]:
    """Mean cost and risk score by enrollment type and year over the ACOs with one start date.

    Parameters
    ----------
    file
        All rows of one year.
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
    same_start = [row for row in file.rows if row["Current_Start_Date"] == start_date]
    means: dict[tuple[str, str], tuple[float, float]] = {}
    for name in TYPES:
        for year in FILE_YEARS:
            weight = cost = score = 0.0
            for row in same_start:
                years = person_years(row, name, "PY" if year == "PY" else "BY3")
                row_cost, row_score = type_cost(row, name, year), type_score(row, name, year)
                if years is not None and row_cost is not None and row_score is not None:
                    weight += years
                    cost += years * row_cost
                    score += years * row_score
            if weight == 0.0:
                msg = f"no ACO that started on {start_date} has a published figure for {name} in {year}"
                raise InputError(
                    msg, key=f"Per_Capita_Exp_ALL_{name}_{year}", cure="give the whole file, not single rows"
                )
            means[name, year] = (cost / weight, score / weight)
    return means


def relative_costs(row: Row, means: Mapping[tuple[str, str], tuple[float, float]], name: str) -> list[float]:
    """Cost of one enrollment type relative to the cohort in LEAD's three base years, at the scores of the last.

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
