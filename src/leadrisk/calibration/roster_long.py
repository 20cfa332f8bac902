"""Rows of the long form, one per beneficiary and year, as person-years, checked value by value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrisk.calibration import roster_values as values
from leadrisk.calibration.roster_block import Block
from leadrisk.calibration.roster_columns import NAMES, WORDS
from leadrisk.calibration.roster_values import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadrisk.calibration.roster_faults import Faults
    from leadrisk.calibration.roster_file import RosterTable


def long_blocks(tables: Sequence[RosterTable], faults: Faults) -> tuple[list[Block], int]:
    """Read files with one row per beneficiary-year, linked over all files by their key.

    Returns
    -------
    tuple
        One block a file, and how many persons there are.
    """
    read = []
    for number, table in enumerate(tables):
        names = [name for name in NAMES if name in table.columns]
        data = table.read([name for name in names if name not in WORDS], [name for name in names if name in WORDS])
        read.append({name: Column(number, name, data[name]) for name in names})
    persons, count = values.linked([data.pop("beneficiary") for data in read], faults)
    blocks = []
    for number, person in enumerate(persons):
        data = read[number]
        read[number] = {}
        months = values.months(data["months"], faults, blank_is_absent=False)
        absent = months == 0.0
        block = Block(
            table=number,
            repeated="beneficiary",
            in_year="months",
            person=person,
            year=values.years(data["year"], faults),
            months=months,
            cost=values.cost(data["cost"], months, faults),
            score=values.scores(data["risk_score"], faults) if "risk_score" in data else None,
            age=values.ages(data["age"], faults) if "age" in data else None,
            category=values.categories(data["category"], absent, faults) if "category" in data else None,
            died=values.flags(data["died"], faults, blank_is_no=True) if "died" in data else None,
            dual=values.flags(data["dual"], faults, blank_is_no=False) if "dual" in data else None,
            disabled=values.flags(data["disabled"], faults, blank_is_no=False) if "disabled" in data else None,
        )
        blocks.append(block)
    return blocks, count
