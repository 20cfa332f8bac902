"""What really happened to an ACO's beneficiaries, by person and year: the table that calibration is fitted to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.calibration.roster_assemble import assemble, consecutive_years, note_contradictions
from leadrisk.calibration.roster_columns import DEFAULT_CATEGORY
from leadrisk.calibration.roster_faults import Faults
from leadrisk.calibration.roster_file import open_table
from leadrisk.calibration.roster_long import long_blocks
from leadrisk.calibration.roster_shape import misnamed, recognise, unread
from leadrisk.calibration.roster_wide import wide_blocks
from leadrisk.calibration.synpuf import LABEL as SYNTHETIC_LABEL
from leadrisk.calibration.synpuf import synthetic_blocks
from leadrisk.errors import InputError
from leadrisk.scenario.category_tables import CATEGORY_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from numpy.typing import NDArray

    from leadrisk.calibration.roster_block import Block
    from leadrisk.calibration.roster_file import RosterTable


@dataclass(frozen=True)
class RosterFile:
    """One file that was read.

    Parameters
    ----------
    name
        File name without folders.
    rows
        Rows below the header.
    ignored
        Columns that were not read, as named in the file.
    """

    name: str
    rows: int
    ignored: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Roster:
    """Beneficiaries by calendar year, linked over the years; no identifier is kept.

    Parameters
    ----------
    years
        Consecutive calendar years, ascending.
    months
        Months with Part A and B outside Medicare Advantage, float32 (person, year), whole numbers of 0 to 12;
        0 where the person is not in the roster that year. Every person has months in some year.
    cost
        Part A and B dollars paid in those months, float64 (person, year); as paid, not annualised, 0 where
        months are 0.
    score
        Risk score, float32 (person, year); NaN where it is not known or months are 0.
    category
        Index into :data:`leadrisk.scenario.category_tables.CATEGORY_NAMES`, int8 (person, year); -1 where months are 0.
    died
        Whether the person died in that year, bool (person, year); ``False`` where months are 0.
    dual, disabled
        Full or partial dual eligibility, and entitlement by disability rather than age, in the person's last year,
        bool (person,); ``None`` where no file says so for everyone.
    age
        Age in the last of the years, or that it would have been, int16 (person,), -1 where not known; ``None``
        where no file has it.
    label
        What to call the data in a report: the file names, or "CMS DE-SynPUF, synthetic".
    synthetic
        Whether the persons are made up, as those of CMS DE-SynPUF are.
    files
        What was read.
    notes
        Defaults that were taken and rows that were passed over, in sentences.
    one_score
        Whether one risk score stands for all years of a person, so that the roster says nothing of its changes.

    Examples
    --------
    >>> months, cost = np.array([[12.0, 5.0], [12.0, 12.0]], "float32"), np.array([[900.0, 7000.0], [0.0, 50.0]])
    >>> roster = Roster(
    ...     years=(2024, 2025), months=months, cost=cost, score=np.full((2, 2), np.nan, "float32"),
    ...     category=np.zeros((2, 2), "int8"), died=np.array([[False, True], [False, False]]),
    ...     dual=None, disabled=None, age=None, label="made up", synthetic=True, files=(), notes=(),
    ... )
    >>> roster.persons, roster.person_years.round(2).tolist()
    (2, [2.0, 1.42])
    """

    years: tuple[int, ...]
    months: NDArray[np.float32]
    cost: NDArray[np.float64]
    score: NDArray[np.float32]
    category: NDArray[np.int8]
    died: NDArray[np.bool_]
    dual: NDArray[np.bool_] | None
    disabled: NDArray[np.bool_] | None
    age: NDArray[np.int16] | None
    label: str
    synthetic: bool
    files: tuple[RosterFile, ...]
    notes: tuple[str, ...]
    one_score: bool = False

    @property
    def persons(self) -> int:
        """How many persons."""
        return len(self.months)

    @property
    def person_years(self) -> NDArray[np.float64]:
        """Months over 12, float64 (year,)."""
        years: NDArray[np.float64] = self.months.sum(axis=0, dtype=np.float64) / 12.0
        return years

    @property
    def rows(self) -> int:
        """Rows read from all files."""
        return sum(file.rows for file in self.files)


def read_roster(paths: Sequence[str | PathLike[str]]) -> Roster:
    r"""Read and check beneficiary-level tables, in the long form, the wide form or as CMS's DE-SynPUF.

    Parameters
    ----------
    paths
        Files of one form, CSV (also compressed by gzip) or Parquet; `docs/reference/roster.md` describes the forms.

    Returns
    -------
    Roster
        Beneficiaries by year, without their keys.

    Raises
    ------
    InputError
        If pyarrow is not installed, a file cannot be read or its columns fit no form.
    RosterError
        If values break rules: the first by file, row and column, and totals.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "members.csv"
    ...     _ = file.write_text("beneficiary,year,cost,months\nA,2024,900,12\nA,2025,50,12\nB,2025,7000,5\n")
    ...     roster = read_roster([file])
    >>> roster.label, roster.years, roster.cost.tolist()
    ('members.csv', (2024, 2025), [[900.0, 50.0], [0.0, 7000.0]])
    """
    if not paths:
        msg = "no file of a roster is named"
        raise InputError(msg, cure="name one or more CSV or Parquet files")
    tables = [open_table(path) for path in paths]
    _refuse_twice(tables)
    form = recognise(tables)
    faults = Faults(tables)
    notes: list[str] = []
    if form == "synpuf":
        blocks, persons, notes = synthetic_blocks(tables, faults)
    elif form == "wide":
        blocks, persons = wide_blocks(tables, faults)
    else:
        blocks, persons = long_blocks(tables, faults)
    try:
        years = consecutive_years(blocks)
    except InputError:
        faults.raise_if_any()
        raise
    note_contradictions(blocks, persons, years, faults)
    faults.raise_if_any()
    found = assemble(blocks, persons, years, default_category=CATEGORY_NAMES.index(DEFAULT_CATEGORY))
    files = tuple(RosterFile(table.path.name, table.rows, unread(table.columns, form)) for table in tables)
    one_score = form == "wide" and len(years) > 1 and any("risk_score" in table.columns for table in tables)
    notes += _defaults(blocks, files) + ["one risk score for all years"] * one_score + _misnamed(tables, form)
    if left_out := persons - len(found.months):
        notes.append(f"beneficiaries left out, who have no month in any year: {left_out:,}")
    label = SYNTHETIC_LABEL if form == "synpuf" else ", ".join(file.name for file in files)
    return Roster(
        **found._asdict(),
        label=label,
        synthetic=form == "synpuf",
        files=files,
        notes=tuple(notes),
        one_score=one_score,
    )


def _refuse_twice(tables: Sequence[RosterTable]) -> None:
    seen = set()
    for table in tables:
        if (file := table.path.resolve()) in seen:
            msg = "is named twice"
            raise InputError(msg, path=table.path, cure="name each file once")
        seen.add(file)


def _defaults(blocks: Sequence[Block], files: Sequence[RosterFile]) -> list[str]:
    """Say which columns are missing and what stands for them."""
    notes = []
    for missing, what in (
        ("category", f"no category, all are taken as {DEFAULT_CATEGORY}"),
        ("score", "no risk scores"),
        ("died", "no deaths are known"),
    ):
        without = sorted({block.table for block in blocks if getattr(block, missing) is None})
        if without:
            where = "" if len(without) == len(files) else f"{', '.join(files[table].name for table in without)}: "
            notes.append(f"{where}{what}")
    return notes


def _misnamed(tables: Sequence[RosterTable], form: str) -> list[str]:
    return [
        f"{table.path.name}: the column {name!r} was not read; it would be as {meant}"
        for table in tables
        for name, meant in misnamed(table.columns, form)
    ]
