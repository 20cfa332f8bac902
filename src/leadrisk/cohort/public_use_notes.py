"""What each figure of a scenario from the public use file rests on: the comments above its lines, with their grade.

A is a published figure or arithmetic on it, B a secondary source, C a judgement.
"""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING

from leadrisk.cohort.public_use_levels import GROWTH, NATIONAL_YEAR, growth_in_words, quality_across_acos
from leadrisk.cohort.public_use_region import regional_weights, times_adjusted
from leadrisk.cohort.public_use_row import (
    FILE_YEARS,
    FIVE_YEARS_SINCE,
    TYPES,
    TYPICAL_HIGH_NEEDS_SHARE,
    figure,
    high_needs_share,
    person_years,
    required,
    start_of,
    type_cost,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadrisk.cohort.public_use_layout import PublicUseFile
    from leadrisk.cohort.public_use_region import Region
    from leadrisk.cohort.public_use_row import Row

FIRST_PERFORMANCE_YEAR = 2027
HIGH_NEEDS_COST_RATIO = 2.5
MSSP_ASKS_FOR = 5_000
BELOW_MSSP_SIZE = "MSSP asks for 5,000 beneficiaries (42 CFR 425.110): here a yardstick, no offer."
FAR_FROM_LAST = 0.15
_FEW = 5
_ORDINALS = {1: "first", 2: "second", 3: "third"}
_TYPE_WORDS = {"ESRD": "ESRD", "DIS": "disabled", "AGDU": "aged dual", "AGND": "aged non-dual"}
_REGION = (
    "weight {lower:g} where positive and {higher:g} where negative (42 CFR 425.601), {why}. Relative to HistBnchmk "
    "less {adjustment}, then the same for every category. C"
)


def notes(
    file: PublicUseFile, row: Row, *, entrant: str, region: Region, base_years: Sequence[float]
) -> dict[str, str]:
    """Comments of a scenario by dotted key, as :func:`leadrisk.scenario.write.scenario_toml` takes them.

    Parameters
    ----------
    file
        All rows of one year.
    row
        The ACO's.
    entrant
        Where the ACO comes from; a newly entering one has no prior savings.
    region
        What its region's cost was taken from.
    base_years
        Cost of all but ESRD in LEAD's base years, in any unit; told where the last one lies far from the others.
    """
    year = file.year
    mean, spread = quality_across_acos(year, quality_scores(file))
    return {
        "cohort.lives": "Assigned beneficiaries (N_AB). A",
        "cohort.high_needs_share": _high_needs_share(row),
        "cohort.esrd_share": _esrd_share(row),
        "categories": _level(file, row) + _unusual(base_years),
        "categories.aged_disabled": (
            f"Disabled, aged dual and aged non-dual, weighted by {year} person-years, less High Needs. C"
            f"{_suppressed(row, TYPES[1:])}"
        ),
        "categories.high_needs": (
            f"Split off at {HIGH_NEEDS_COST_RATIO} times the cost of Aged & Disabled, the total kept. C"
        ),
        "categories.esrd": (
            "The file's ESRD type; a few dozen persons, so its years are noisy. C, by the same steps."
            f"{_suppressed(row, TYPES[:1])}"
        ),
        "region_pbpm": _region(row, region),
        "national_pbpm": _national(year),
        "prior_savings_pbpm": (
            "None: new to ACO contracts."
            if entrant == "newly_entering"
            else f"The published savings of {year} (Sav_rate) as a share of cost, the same for every category. "
            "One year only. C"
        ),
        "mssp.agreement_period": _agreement_period(row),
        "mssp.disabled_share": (
            f"Person-years of {year} by enrollment type, over those of all but ESRD; cost per person-year of the type "
            "over that of all but ESRD. A"
        ),
        "contract.names": "Both options of LEAD and the two-sided tracks of MSSP, on the same paths."
        + (f" {BELOW_MSSP_SIZE}" if required(row, "N_AB") < MSSP_ASKS_FOR else ""),
        "quality.relative_level": (
            "QualScore is not published: taken as the average ACO's. C"
            if figure(row, "QualScore") is None
            else f"QualScore less the mean of {year} ({mean:.1f}), over the SD across ACOs ({spread:.1f}). A"
        ),
    }


def quality_scores(file: PublicUseFile) -> list[float]:
    """Every published quality score of a file, in points."""
    return [score for row in file.rows if (score := figure(row, "QualScore")) is not None]


def published_figures(file: PublicUseFile, row: Row) -> str:
    """Quote what the file says about an ACO, for the comment that opens its scenario.

    Examples
    --------
    >>> from leadrisk.cohort.public_use_layout import PublicUseFile
    >>> names = ["ACO_ID", "ACO_Name", "N_AB", "Current_Start_Date", "Agreement_Period_Num", "Current_Track"]
    >>> row = dict(zip(names, ["A1", "Small", "5000", "01/01/2022", "1", "E"])) | {"QualScore": "80.00%"}
    >>> money = ["Per_Capita_Exp_TOTAL_PY", "HistBnchmk", "PosRegAdj", "UpdatedBnchmk"]
    >>> row |= dict.fromkeys(money, "10000") | {"Sav_rate": "3.77%"}
    >>> published_figures(PublicUseFile(2023, (row,)), row)[:60]
    'Published for 2023: A1 Small, 5,000 assigned beneficiaries, '
    """
    track = row["Current_Track"]
    words = "ENHANCED" if track == "EN" else f"BASIC {track}" if len(track) == 1 else track
    columns = ("Per_Capita_Exp_TOTAL_PY", "HistBnchmk", "UpdatedBnchmk")
    cost, historical, updated = (f"${required(row, column):,.0f}" for column in columns)
    return (
        f"Published for {file.year}: {row['ACO_ID']} {row['ACO_Name']}, {required(row, 'N_AB'):,.0f} assigned "
        f"beneficiaries, {words}, agreement period {row['Agreement_Period_Num']} from {row['Current_Start_Date']}; "
        f"cost per person-year {cost}, historical benchmark {historical} with {_adjustment(file, row)}, "
        f"updated benchmark {updated}, savings rate {row['Sav_rate']}, quality score {row['QualScore'] or 'none'}."
    )


def source(year: int, *, written_by: str) -> str:
    """Say where the figures come from and what the letters behind the notes mean.

    Examples
    --------
    >>> source(2023, written_by="x.")[-13:]
    'Written by x.'
    """
    return (
        f"Source: CMS, Medicare Shared Savings Program, Performance Year Financial and Quality Results {year} "
        "(data.cms.gov). The letter behind each note is the grade of its evidence: A a primary source or "
        "arithmetic on it, B a secondary source, C a judgement. Whatever is not written here has the default of "
        f"the program, with its own source and grade. Written by {written_by}"
    )


def _adjustment(file: PublicUseFile, row: Row) -> str:
    published = figure(row, "PosRegAdj")
    if published is None:
        return "no regional adjustment published"
    if file.regional_dollars:
        return f"a regional adjustment of ${published:,.0f}"
    return f"a {'positive' if published > 0.0 else 'negative'} regional adjustment (its dollars are not published)"


def _high_needs_share(row: Row) -> str:
    if high_needs_share(row) > TYPICAL_HIGH_NEEDS_SHARE:
        return (
            "The file does not know High Needs. Its long-term institutional residents (Perc_LTI, A) are more than the "
            "10 % of a typical panel, and all are taken to meet LEAD's criteria. C"
        )
    return "The file does not know High Needs; 10 % of a typical panel (6-16 %), from LEAD's criteria. C"


def _esrd_share(row: Row) -> str:
    if person_years(row, "ESRD", "PY") is None:
        return (
            "ESRD person-years over all. CMS hides them (fewer than 11) with those of a second type, so that neither "
            "follows from the total: 5 for ESRD, what the other types leave over for the second. C"
        )
    return "ESRD person-years over all person-years. A"


def _level(file: PublicUseFile, row: Row) -> str:
    year = file.year
    same_start = sum(other["Current_Start_Date"] == row["Current_Start_Date"] for other in file.rows)
    few = (
        f" Only {same_start} in the file, so little but the ACO itself is compared with it."
        if same_start < _FEW
        else ""
    )
    return (
        "Dollars per beneficiary per month of 2026 (LEAD's BY3). For each enrollment type and year of "
        "the file: the ACO's cost per person-year over the person-year weighted mean of all ACOs with "
        f"the same start date, both brought to their own {year} risk score.{few} LEAD BY1 takes the mean of the "
        f"file's BY1 and BY2, LEAD BY2 its BY3, LEAD BY3 its performance year {year}. C (the file's figures "
        f"A). Level: the {year} mean of those ACOs {growth_in_words(year)}. CMS "
        "truncates these costs at the 99th percentile, LEAD does not: they are about 5 % low, the ACO's "
        "and its region's alike."
    )


def _unusual(base_years: Sequence[float]) -> str:
    """Say where an ACO stands far from its own past.

    Examples
    --------
    >>> _unusual([100.0, 104.0, 102.0])
    ''
    >>> _unusual([1300.0, 1200.0, 800.0])[:56]
    ' Unusual: on average these base years lie 38 % above the'
    """
    over_last = fmean(base_years) / base_years[-1] - 1.0
    if abs(over_last) <= FAR_FROM_LAST:
        return ""
    side = "above" if over_last > 0.0 else "below"
    return (
        f" Unusual: on average these base years lie {abs(over_last) * 100:.0f} % {side} the last one (all but ESRD). "
        "Scores that moved by coding, or another list of participants, do that; put the ACO's own figures here first."
    )


def _suppressed(row: Row, names: tuple[str, ...]) -> str:
    hidden = [
        f"{_TYPE_WORDS[name]} {', '.join(years)}"
        for name in names
        if (years := [year for year in FILE_YEARS if type_cost(row, name, year) is None])
    ]
    if not hidden:
        return ""
    return (
        f" Suppressed in the file: {'; '.join(hidden)}. Such a year takes the mean of the known ones, each against the "
        "ACOs with the same start date, and where none is known their mean."
    )


def _region(row: Row, region: Region) -> str:
    if region.basis == "unknown":
        return (
            "No regional adjustment is published for this ACO. Region 3.4 % above it: the mean of the 68 ACOs without "
            "one in 2021 that 2022 shows in their next agreement, with one (SD 4.6 %). The same for every category. C"
        )
    if region.basis == "sign":
        return (
            "The file gives the sign of the regional adjustment, not its dollars. Estimate: HistBnchmk x (0.72 x d - "
            "0.0015), 0 where that has the other sign; d is HistBnchmk over the file's base years (at the trend of the "
            "ACOs with the same start date and BY3's risk scores), less 1. Error against the dollars that 2022 "
            "publishes: 0.8 % of the benchmark (SD over 276 ACOs). The estimate over its weight gives region less ACO: "
            + _weight_and_base(row, "the estimate")
        )
    return "PosRegAdj over its weight gives region less ACO: " + _weight_and_base(row, "PosRegAdj")


def _weight_and_base(row: Row, adjustment: str) -> str:
    lower, higher = regional_weights(row)
    times = times_adjusted(row)
    why = f"as in its {_ORDINALS.get(times, 'fourth')} agreement with a regional adjustment"
    return _REGION.format(lower=lower, higher=higher, why=why, adjustment=adjustment)


def _national(year: int) -> str:
    between = "".join(f" x {GROWTH[at].factor:g} ({at}-{(at + 1) % 100})" for at in range(NATIONAL_YEAR, year))
    growth = "and the growth above" if between else f"x the growth above from {NATIONAL_YEAR}"
    return (
        f"National assignable cost per person-year of {NATIONAL_YEAR} (CMS settlement workbook, A){between} "
        f"{growth}, at the ACO's own mix of types and its {year} risk score of each. C"
    )


def _agreement_period(row: Row) -> str:
    began = "; an agreement that still runs is taken to begin anew in that year. C"
    if start_of(row["Current_Start_Date"]) < FIVE_YEARS_SINCE:
        rule = "Agreement_Period_Num, two more: agreements of three years were followed in 2022, those of 2022 end in"
        return f"{rule} {FIRST_PERFORMANCE_YEAR - 1}. A"
    return f"Agreement_Period_Num, one more where its five years end before {FIRST_PERFORMANCE_YEAR}. A{began}"
