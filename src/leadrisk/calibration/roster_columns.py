"""Columns of a roster: what each means, which values are refused, what a blank means."""

from __future__ import annotations

from dataclasses import dataclass

from leadrisk.scenario.category_tables import CATEGORY_NAMES

FIRST_YEAR, LAST_YEAR = 1990, 2100
MOST_COST = 5_000_000.0
MOST_SCORE = 30.0
MOST_AGE = 120.0
WHOLE_WITHIN = 0.01
"""How far months may lie from a whole number; they are then rounded."""

BLANK = ("", "NA", "N/A", "n/a", "NULL", "null", "NaN", "nan", "None", ".")
"""What stands for a blank in a text file."""

YES = ("1", "true", "yes", "y", "t", "1.0")
NO = ("0", "false", "no", "n", "f", "0.0")
DEFAULT_CATEGORY = CATEGORY_NAMES[0]

IN_YEAR = ("cost", "months", "risk_score", "died", "category")
"""Columns that the wide form has once a year, as ``cost_2024``."""

ONCE_OR_IN_YEAR = ("risk_score", "category")
"""Columns that the wide form may have once for all years instead."""

WIDE_ONCE = ("beneficiary", "age", "dual", "disabled", *ONCE_OR_IN_YEAR)
"""Columns that the wide form may have once."""


@dataclass(frozen=True)
class RosterColumn:
    """One column of the long or wide form.

    Parameters
    ----------
    name
        Name in the long form; the wide form has it once a year where it is `IN_YEAR`, once where it is `WIDE_ONCE`.
    required
        ``"both"``, ``"long"`` or empty: the forms that must have it.
    meaning
        What it holds, with its unit.
    refused
        Which values are refused.
    blank
        What a blank means.
    """

    name: str
    required: str
    meaning: str
    refused: str
    blank: str


COLUMNS = (
    RosterColumn(
        name="beneficiary",
        required="long",
        meaning="any key, number or text, the same in every year; links years, finds repetitions, is not kept",
        refused="the same beneficiary twice in a year, or in two rows of the wide form",
        blank="refused",
    ),
    RosterColumn(
        name="year",
        required="long",
        meaning="calendar year",
        refused=f"outside {FIRST_YEAR} to {LAST_YEAR}; a gap between the years; a year with months after that of death",
        blank="refused",
    ),
    RosterColumn(
        name="months",
        required="both",
        meaning="months of the year in the roster: with Part A and B, outside Medicare Advantage, alive",
        refused=f"below 0, above 12, further than {WHOLE_WITHIN} from a whole number",
        blank="long: refused; wide: 0, not in the roster that year",
    ),
    RosterColumn(
        name="cost",
        required="both",
        meaning="Part A and B dollars paid in those months, not annualised",
        refused=f"below 0, above {MOST_COST:,.0f}, above 0 where months are 0",
        blank="refused, but where months are 0",
    ),
    RosterColumn(
        name="category",
        required="",
        meaning=f"{', '.join(CATEGORY_NAMES)}; without the column all are {DEFAULT_CATEGORY}",
        refused="any other word",
        blank="refused, but where months are 0",
    ),
    RosterColumn(
        name="risk_score",
        required="",
        meaning="risk score of the year, national mean about 1",
        refused=f"0 and below, above {MOST_SCORE:g}",
        blank="not known",
    ),
    RosterColumn(
        name="died",
        required="",
        meaning="yes where the person died in that year, having months in it; without the column no death is known",
        refused="what is neither yes nor no",
        blank="no",
    ),
    RosterColumn(
        name="age",
        required="",
        meaning="years of age in that year; wide: in the last year of the file",
        refused=f"below 0, above {MOST_AGE:g}",
        blank="not known",
    ),
    RosterColumn(
        name="dual",
        required="",
        meaning="yes where eligible for Medicaid too, fully or in part; that of the last year counts",
        refused="what is neither yes nor no",
        blank="refused",
    ),
    RosterColumn(
        name="disabled",
        required="",
        meaning="yes where entitled by disability rather than age; that of the last year counts",
        refused="what is neither yes nor no",
        blank="refused",
    ),
)
"""Columns of a roster, in the order of the reference."""

NAMES = tuple(column.name for column in COLUMNS)
WORDS = ("beneficiary", "category", "died", "dual", "disabled")
"""Columns that hold no numbers."""

SYNTHETIC_KEY = "DESYNPUF_ID"
SYNTHETIC_COSTS = ("MEDREIMB_IP", "MEDREIMB_OP", "MEDREIMB_CAR")
SYNTHETIC_MONTHS = ("BENE_HI_CVRAGE_TOT_MONS", "BENE_SMI_CVRAGE_TOT_MONS", "BENE_HMO_CVRAGE_TOT_MONS")
SYNTHETIC_COLUMNS = {
    SYNTHETIC_KEY: "links the years; is not kept",
    "BENE_BIRTH_DT": "age reached in the year; below 65 disabled",
    "BENE_DEATH_DT": "died in the year where there is a date",
    "BENE_ESRD_IND": "Y: esrd, 0: aged_disabled",
    **dict.fromkeys(SYNTHETIC_MONTHS, "months: the lesser of HI and SMI, less HMO, at least 0"),
    **dict.fromkeys(SYNTHETIC_COSTS, "cost: inpatient, outpatient and carrier claims added up, at least 0"),
}
"""Columns read of CMS's DE-SynPUF Beneficiary Summary files, and what for."""
