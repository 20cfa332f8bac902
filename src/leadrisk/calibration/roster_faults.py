"""What is wrong with a roster, told in one report: the first values by file, row and column, and totals by rule."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from leadrisk.calibration.roster_file import RosterTable

LISTED = 20
"""How many values a report lists; the others are counted."""

_AMOUNT = re.compile(r"[-+($]{0,3}\d{1,3}(,\d{3}){0,2}(\.\d{1,2})?[)%]?")
_LONGEST_AMOUNT = 12
_LONGEST_SHAPE = 24
SHOWN_DOLLARS = 1e7
"""Dollars from here on are rounded in a report."""

_SHOWN_OTHERS = 1e4


@dataclass(frozen=True)
class Fault:
    """One value that breaks a rule.

    Parameters
    ----------
    path
        File as it was named.
    row
        Line in a text file, the header being line 1; row of a Parquet file, the first being 1.
    place
        ``"line"`` or ``"row"``.
    column
        Column as named in the file.
    problem
        The rule, with the value in a form that discloses no identifier.
    """

    path: str
    row: int
    place: str
    column: str
    problem: str

    def __str__(self) -> str:
        where = f"{self.path}:{self.row}" if self.place == "line" else f"{self.path}: row {self.row}"
        return f"{where}: {self.column}: {self.problem}"


class RosterError(InputError):
    """Values of a roster break rules.

    Parameters
    ----------
    faults
        The first of them, by file and row.
    totals
        How many values break each rule, by (column, rule).
    cures
        What to do about a rule, by (column, rule).

    Examples
    --------
    >>> fault = Fault("a.csv", 7, "line", "cost", "must not be below 0, got -3")
    >>> print(RosterError([fault], {("cost", "must not be below 0"): 1}, {}))
    a.csv:7: cost: must not be below 0, got -3
    """

    def __init__(
        self,
        faults: Sequence[Fault],
        totals: Mapping[tuple[str, str], int],
        cures: Mapping[tuple[str, str], str],
    ) -> None:
        self.faults, self.totals = tuple(faults), dict(totals)
        first, count = self.faults[0], sum(totals.values())
        told = {broken: f" ({cure})" for broken, cure in cures.items()}
        lines = list(map(str, self.faults[1:]))
        if count > 1:
            more = count - len(self.faults)
            lines.append(f"{f'and {more:,} more; ' if more else ''}in all {count:,} values break a rule:")
            lines += [
                f"  {column} {rule}: {number:,}{told.get((column, rule), '')}"
                for (column, rule), number in totals.items()
            ]
        only = next(iter(told.values()), "") if count == 1 else ""
        problem = "\n".join([f"{first.problem}{only}", *lines])
        is_line = first.place == "line"
        path = first.path if is_line else f"{first.path}: row {first.row}"
        super().__init__(problem, path=path, line=first.row if is_line else None, key=first.column)


@dataclass
class _Found:
    table: int
    record: int
    column: str
    rule: str
    got: str
    other: tuple[int, int] | None


@dataclass
class Faults:
    """Collects what is wrong, column by column, until `raise_if_any`.

    Parameters
    ----------
    tables
        The files, for the lines.
    """

    tables: Sequence[RosterTable]
    totals: Counter[tuple[str, str]] = field(default_factory=Counter)
    cures: dict[tuple[str, str], str] = field(default_factory=dict)
    _found: list[_Found] = field(default_factory=list)

    def add(
        self,
        table: int,
        column: str,
        rule: str,
        wrong: NDArray[np.bool_],
        *,
        got: Callable[[int], str] | None = None,
        other: Callable[[int], tuple[int, int]] | None = None,
        cure: str = "",
    ) -> None:
        """Note the values of one column that break one rule.

        Parameters
        ----------
        table
            Number of the file.
        column, rule
            Column as named in the file, and the rule in words.
        wrong
            Which records break it, bool (record,).
        got
            The value of a record in words that disclose no identifier; ``None`` where there is none to show.
        other
            Number of the file and record that a record contradicts.
        cure
            What to do about it.
        """
        count = int(np.count_nonzero(wrong))
        if not count:
            return
        self.totals[column, rule] += count
        if cure:
            self.cures[column, rule] = cure
        for record in np.flatnonzero(wrong)[:LISTED].tolist():
            shown = got(record) if got else ""
            self._found.append(_Found(table, record, column, rule, shown, other(record) if other else None))

    def raise_if_any(self) -> None:
        """Raise one `RosterError` for all that was noted, if anything was.

        Raises
        ------
        RosterError
            With the first `LISTED` values by file and row.
        """
        broken = [table.broken_lines(LISTED) for table in self.tables]
        for table, (count, _) in zip(self.tables, broken, strict=True):
            if count:
                self.totals["row", table.broken_rule] += count
        if not self.totals:
            return
        self._found.sort(
            key=lambda found: (found.table, found.record, self.tables[found.table].columns.index(found.column))
        )
        first = self._found[:LISTED]
        asked: dict[int, set[int]] = {}
        for found in first:
            for table_number, record in ((found.table, found.record), found.other or (found.table, found.record)):
                asked.setdefault(table_number, set()).add(record)
        lines = {number: self.tables[number].lines(sorted(records)) for number, records in asked.items()}
        told = [(found.table, self._fault(found, lines)) for found in first]
        for number, (table, (_, rows)) in enumerate(zip(self.tables, broken, strict=True)):
            told += [(number, Fault(str(table.path), row, table.place, "row", table.broken_rule)) for row in rows]
        told.sort(key=lambda pair: (pair[0], pair[1].row))
        raise RosterError([fault for _, fault in told[:LISTED]], self.totals, self.cures)

    def _fault(self, found: _Found, lines: Mapping[int, Mapping[int, int]]) -> Fault:
        table = self.tables[found.table]
        problem = f"{found.rule}, got {found.got}" if found.got else found.rule
        if found.other is not None:
            number, record = found.other
            elsewhere = "" if number == found.table else f" of {self.tables[number].path}"
            problem = f"{problem} (see {self.tables[number].place} {lines[number][record]}{elsewhere})"
        return Fault(str(table.path), lines[found.table][found.record], table.place, found.column, problem)


def shown_number(value: float, *, below: float = _SHOWN_OTHERS) -> str:
    """Write a number that broke a rule; large ones are rounded, since they may be a key in the wrong column.

    Examples
    --------
    >>> shown_number(-12.5), shown_number(123456789.0)
    ('-12.5', 'about 123,000,000')
    """
    if abs(value) < below:
        return f"{value:.10g}"
    return f"about {float(f'{value:.2e}'):,.0f}"


def shown_text(text: str) -> str:
    """Write a text that broke a rule: amounts as they are, all else by its shape, since it may be a name or a key.

    Examples
    --------
    >>> shown_text("1,234.50"), shown_text("Miller"), shown_text("1EG4-TE5")
    ('"1,234.50"', 'text like "Aaaaaa"', 'text like "9AA9-AA9"')
    """
    if len(text) <= _LONGEST_AMOUNT and _AMOUNT.fullmatch(text):
        return f'"{text}"'
    shape = "".join("9" if c.isdigit() else "A" if c.isupper() else "a" if c.isalpha() else c for c in text)
    cut = f"{shape[:_LONGEST_SHAPE]}..." if len(shape) > _LONGEST_SHAPE else shape
    return f'text like "{cut}"'
