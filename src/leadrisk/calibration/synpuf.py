"""CMS's DE-SynPUF Beneficiary Summary files, read as they are published: one file a year, synthetic persons.

`Part A and B dollars` are those that the files give: inpatient, outpatient and carrier claims. Skilled nursing,
home health and hospice are not in them, so the level is low; the persons are made up, so deaths, their cost and
the link between 2009 and 2010 are not like those of real persons.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.calibration import roster_values as values
from leadrisk.calibration.roster_block import Block
from leadrisk.calibration.roster_columns import (
    MOST_AGE,
    MOST_COST,
    SYNTHETIC_COLUMNS,
    SYNTHETIC_COSTS,
    SYNTHETIC_KEY,
    SYNTHETIC_MONTHS,
)
from leadrisk.calibration.roster_values import IS_MISSING, Column
from leadrisk.errors import InputError
from leadrisk.scenario.category_tables import CATEGORY_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from leadrisk.calibration.roster_faults import Faults
    from leadrisk.calibration.roster_file import RosterTable

LABEL = "CMS DE-SynPUF, synthetic"
_YEAR = re.compile(r"DE1_0_(\d{4})_Beneficiary_Summary", re.IGNORECASE)
_ESRD, _BIRTH, _DEATH = "BENE_ESRD_IND", "BENE_BIRTH_DT", "BENE_DEATH_DT"
_AGED = 65


def file_year(table: RosterTable) -> int:
    """Return the calendar year of a file, which stands in its name only.

    Raises
    ------
    InputError
        If the name is not CMS's.

    Examples
    --------
    >>> from pathlib import Path
    >>> from leadrisk.calibration.roster_file import RosterTable
    >>> file_year(RosterTable(Path("DE1_0_2008_Beneficiary_Summary_File_Sample_1.csv"), (), ".csv"))
    2008
    """
    found = _YEAR.search(table.path.name)
    if not found:
        msg = "has columns of a DE-SynPUF Beneficiary Summary, which holds its year in the file name only"
        raise InputError(msg, path=table.path, cure="name it as CMS does, DE1_0_2008_Beneficiary_Summary_...")
    return int(found[1])


def synthetic_blocks(tables: Sequence[RosterTable], faults: Faults) -> tuple[list[Block], int, list[str]]:
    """Read Beneficiary Summary files, linked by ``DESYNPUF_ID``.

    Returns
    -------
    tuple
        One block a file, how many persons there are, and what was passed over, in sentences.
    """
    years = [file_year(table) for table in tables]
    read = []
    for number, table in enumerate(tables):
        textual = (SYNTHETIC_KEY, _ESRD)
        data = table.read([name for name in SYNTHETIC_COLUMNS if name not in textual], textual)
        read.append({name: Column(number, name, data[name]) for name in SYNTHETIC_COLUMNS})
    persons, count = values.linked([data.pop(SYNTHETIC_KEY) for data in read], faults)
    blocks, notes = [], []
    for number, (year, person) in enumerate(zip(years, persons, strict=True)):
        data = read[number]
        months = _months(data, faults)
        paid = sum((_dollars(data[name], faults) for name in SYNTHETIC_COSTS), np.zeros(len(person)))
        without = (months == 0.0) & (paid > 0.0)
        if without.any():
            notes.append(
                f"{year}: ${paid[without].sum():,.0f} of {without.sum():,} beneficiaries left out, who have no month "
                "of Part A and B outside Medicare Advantage"
            )
        if (negative := (months > 0.0) & (paid < 0.0)).any():
            notes.append(f"{year}: beneficiaries with negative dollars, taken as 0: {negative.sum():,}")
        age = _age(data[_BIRTH], year, faults)
        category = {"y": CATEGORY_NAMES.index("esrd"), "0": CATEGORY_NAMES.index("aged_disabled")}
        block = Block(
            table=number,
            repeated=SYNTHETIC_KEY,
            in_year=SYNTHETIC_MONTHS[0],
            person=person,
            year=np.full(len(person), year, np.int16),
            months=months,
            cost=np.where(months == 0.0, 0.0, np.maximum(paid, 0.0)),
            age=age,
            category=values.choices(data[_ESRD], category, faults, rule="must be Y or 0"),
            died=_died(data[_DEATH], year, faults),
            disabled=(age < _AGED).astype(np.int8),
        )
        blocks.append(block)
    return blocks, count, notes


def _months(data: dict[str, Column], faults: Faults) -> NDArray[np.float32]:
    """Months with both parts, less those in Medicare Advantage (HMO), float32 (record,)."""
    hospital, medical, advantage = (
        values.months(data[name], faults, blank_is_absent=False) for name in SYNTHETIC_MONTHS
    )
    return np.maximum(np.minimum(hospital, medical) - advantage, np.float32(0.0))


def _dollars(column: Column, faults: Faults) -> NDArray[np.float64]:
    """Dollars of one kind of claim, float64 (record,); reversals make some of them negative."""
    found, blank = values.numbers(column, faults)
    faults.add(column.table, column.name, IS_MISSING, blank)
    return values.limited(found, column, faults, low=-MOST_COST, high=MOST_COST, dollars=True)


def _age(column: Column, year: int, faults: Faults) -> NDArray[np.float32]:
    """Age reached in the year, float32 (record,)."""
    found, blank = values.numbers(column, faults)
    faults.add(column.table, column.name, IS_MISSING, blank)
    earliest = (year - MOST_AGE) * 10_000 + 101
    born = values.limited(found, column, faults, low=earliest, high=year * 10_000 + 1231, whole=0.0)
    return (year - born // 10_000).astype(np.float32)


def _died(column: Column, year: int, faults: Faults) -> NDArray[np.int8]:
    """1 where there is a date of death, int8 (record,)."""
    found, _ = values.numbers(column, faults)
    dated = values.limited(found, column, faults, low=year * 10_000 + 101, high=year * 10_000 + 1231, whole=0.0)
    return (~np.isnan(dated)).astype(np.int8)
