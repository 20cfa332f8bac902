"""Rows of the wide form, one per beneficiary, as person-years, checked value by value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.calibration import roster_values as values
from leadrisk.calibration.roster_block import Block
from leadrisk.calibration.roster_columns import WIDE_ONCE, WORDS
from leadrisk.calibration.roster_repeated import note_repeated
from leadrisk.calibration.roster_shape import YEARLY, wide_years
from leadrisk.calibration.roster_values import Column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from leadrisk.calibration.roster_faults import Faults
    from leadrisk.calibration.roster_file import RosterTable


def wide_blocks(tables: Sequence[RosterTable], faults: Faults) -> tuple[list[Block], int]:
    """Read files with one row per beneficiary and a set of columns a year.

    Returns
    -------
    tuple
        One block a file and year, and how many persons there are.
    """
    blocks: list[Block] = []
    keys: list[Column] = []
    first = 0
    for number, table in enumerate(tables):
        names = [name for name in table.columns if name in WIDE_ONCE or YEARLY.fullmatch(name)]
        textual = [name for name in names if name.partition("_")[0] in WORDS]
        data = table.read([name for name in names if name not in textual], textual)
        columns = {name: Column(number, name, data[name]) for name in names}
        if "beneficiary" in columns:
            keys.append(columns.pop("beneficiary"))
        person = np.arange(first, first + table.rows, dtype=np.int32)
        blocks += _wide_file(number, person, columns, faults)
        first += table.rows
    if keys:
        persons, count = values.linked(keys, faults)
        where = [(key.table, key.name, person) for key, person in zip(keys, persons, strict=True)]
        cure = "the wide form has one row per beneficiary: join the rows, or use the long form"
        note_repeated(where, count, faults, rule="repeats a beneficiary", cure=cure)
    return blocks, first


def _wide_file(number: int, person: NDArray[np.int32], columns: Mapping[str, Column], faults: Faults) -> list[Block]:
    years = wide_years(columns)
    months = {year: values.months(columns[f"months_{year}"], faults, blank_is_absent=True) for year in years}
    never = np.logical_and.reduce([months[year] == 0.0 for year in years])
    one_score = values.scores(columns["risk_score"], faults) if "risk_score" in columns else None
    one_category = values.categories(columns["category"], never, faults) if "category" in columns else None
    dual = values.flags(columns["dual"], faults, blank_is_no=False) if "dual" in columns else None
    disabled = values.flags(columns["disabled"], faults, blank_is_no=False) if "disabled" in columns else None
    age = values.ages(columns["age"], faults) if "age" in columns else None
    blocks = []
    for year in years:
        absent = months[year] == 0.0
        score, category = columns.get(f"risk_score_{year}"), columns.get(f"category_{year}")
        died = columns.get(f"died_{year}")
        block = Block(
            table=number,
            repeated="beneficiary",
            in_year=f"months_{year}",
            person=person,
            year=np.full(len(person), year, np.int16),
            months=months[year],
            cost=values.cost(columns[f"cost_{year}"], months[year], faults),
            score=one_score if score is None else values.scores(score, faults),
            age=None if age is None else age - np.float32(years[-1] - year),
            category=one_category if category is None else values.categories(category, absent, faults),
            died=None if died is None else values.flags(died, faults, blank_is_no=True),
            dual=dual,
            disabled=disabled,
        )
        blocks.append(block)
    return blocks
