"""Person-years of all files put side by side: what contradicts across rows, and the arrays of a roster."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leadrisk.calibration.roster_repeated import note_repeated
from leadrisk.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from leadrisk.calibration.roster_block import Block
    from leadrisk.calibration.roster_faults import Faults

_NEVER = np.iinfo(np.int16).max


class Matrices(NamedTuple):
    """Arrays of a roster, described in :class:`leadrisk.calibration.roster.Roster`."""

    years: tuple[int, ...]
    months: NDArray[np.float32]
    cost: NDArray[np.float64]
    score: NDArray[np.float32]
    category: NDArray[np.int8]
    died: NDArray[np.bool_]
    dual: NDArray[np.bool_] | None
    disabled: NDArray[np.bool_] | None
    age: NDArray[np.int16] | None


def consecutive_years(blocks: Sequence[Block]) -> list[int]:
    """Return the calendar years of all blocks, ascending.

    Raises
    ------
    InputError
        If there is none, or a year between two others is missing.
    """
    found = np.unique(np.concatenate([np.unique(block.year) for block in blocks]))
    years: list[int] = found[found >= 0].tolist()
    if not years:
        msg = "the roster has no rows"
        raise InputError(msg, cure="name files with a row per beneficiary")
    gap = next((year for year, after in pairwise(years) if after != year + 1), None)
    if gap is not None:
        msg = f"the roster has the years {', '.join(map(str, years))}: {gap + 1} is missing"
        raise InputError(msg, cure="add the year, or leave out what lies before or after it")
    return years


def note_contradictions(blocks: Sequence[Block], persons: int, years: Sequence[int], faults: Faults) -> None:
    """Note repeated person-years, and months in years after that of death.

    Parameters
    ----------
    persons
        How many persons the blocks number.
    years
        From `consecutive_years`.
    """
    cells = []
    dead_from = np.full(persons + 1, _NEVER, np.int16)
    for block in blocks:
        known = (block.person >= 0) & (block.year >= 0)
        cell = block.person.astype(np.int64) * len(years) + (block.year - years[0])
        cells.append((block.table, block.repeated, np.where(known, cell, -1)))
        if block.died is not None:
            died = known & (block.died == 1)
            np.minimum.at(dead_from, block.person[died], block.year[died])
    cure = "one row per beneficiary and year: add up the rows of a beneficiary in a year"
    note_repeated(cells, persons * len(years), faults, rule="repeats a beneficiary and year", cure=cure)
    for block in blocks:
        after = (block.months > 0.0) & (block.year > dead_from[block.person]) & (block.person >= 0)
        cure = "a year after that of death has no months"
        faults.add(block.table, block.in_year, "must be 0 after the year of death", after, cure=cure)


def assemble(blocks: Sequence[Block], persons: int, years: Sequence[int], *, default_category: int) -> Matrices:
    """Put person-years that passed all checks into arrays (person, year); persons without months are left out.

    Raises
    ------
    InputError
        If nobody has a month.
    """
    shape = (persons, len(years))
    months, cost = np.zeros(shape, np.float32), np.zeros(shape, np.float64)
    score, category = np.full(shape, np.nan, np.float32), np.full(shape, -1, np.int8)
    died = np.zeros(shape, np.bool_)
    rows = []
    for block in blocks:
        row = np.flatnonzero(block.months > 0.0)
        rows.append(row)
        at = block.person[row], block.year[row] - years[0]
        months[at], cost[at] = block.months[row], block.cost[row]
        category[at] = default_category if block.category is None else block.category[row]
        if block.score is not None:
            score[at] = block.score[row]
        if block.died is not None:
            died[at] = block.died[row] == 1
    kept = (months > 0.0).any(axis=1)
    if not kept.any():
        msg = "nobody in the roster has a month"
        raise InputError(msg, cure="months count the months of the year in which a beneficiary is in the roster")
    last = len(years) - 1 - np.argmax(months[:, ::-1] > 0.0, axis=1)
    dual, disabled, age = np.full(persons, -1, np.int8), np.full(persons, -1, np.int8), np.full(persons, np.nan)
    for block, row in zip(blocks, rows, strict=True):
        final = row[last[block.person[row]] == block.year[row] - years[0]]
        person = block.person[final]
        if block.dual is not None:
            dual[person] = block.dual[final]
        if block.disabled is not None:
            disabled[person] = block.disabled[final]
        if block.age is not None:
            age[person] = block.age[final] + (years[-1] - block.year[final])
    return Matrices(
        years=tuple(years),
        months=months[kept],
        cost=cost[kept],
        score=score[kept],
        category=category[kept],
        died=died[kept],
        dual=dual[kept] == 1 if (dual[kept] >= 0).all() else None,
        disabled=disabled[kept] == 1 if (disabled[kept] >= 0).all() else None,
        age=_whole_ages(age[kept]) if any(block.age is not None for block in blocks) else None,
    )


def _whole_ages(age: NDArray[np.float64]) -> NDArray[np.int16]:
    return np.where(np.isnan(age), -1.0, age).astype(np.int16)
