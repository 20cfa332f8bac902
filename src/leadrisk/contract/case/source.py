"""The settlement case as written, and the checks that point at the file, line and key of a wrong value."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from os import PathLike, fspath
from typing import TYPE_CHECKING

from leadrisk.errors import InputError
from leadrisk.scenario.toml_file import read_toml
from leadrisk.scenario.valid_keys import dotted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadrisk.scenario.valid_keys import Location


@dataclass(frozen=True, slots=True)
class CaseSource:
    """A parsed case with what is needed to say where a value stands.

    Parameters
    ----------
    table
        The case as nested tables.
    path
        File it was read from; ``None`` for a mapping.
    lines
        Line of each key in that file.
    """

    table: Mapping[str, object]
    path: str | None = None
    lines: Mapping[Location, int] = field(default_factory=dict)

    def wrong(self, location: Location, problem: str, cure: str | None = None) -> InputError:
        """Return the error for the value at a location."""
        return InputError(problem, path=self.path, line=self.line(location), key=dotted(location), cure=cure)

    def line(self, location: Location) -> int | None:
        """Return the line of a key, or of the table that should hold it."""
        for depth in range(len(location), 0, -1):
            if location[:depth] in self.lines:
                return self.lines[location[:depth]]
        return None

    def get(self, location: Location) -> object:
        """Return the value at a location, or ``None`` where there is none."""
        value: object = self.table
        for part in location:
            if isinstance(value, Mapping):
                value = value.get(part)
            elif isinstance(value, list | tuple) and isinstance(part, int):
                value = value[part]
            else:
                return None
        return value

    def subtable(self, location: Location) -> Mapping[str, object]:
        """Return the table at a location; empty where there is none."""
        value = self.get(location)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise self.wrong(location, f"must be a table, got {value!r}", f"write [{dotted(location)}]")
        return value

    def only(self, location: Location, keys: Iterable[str], *, elsewhere: Mapping[str, str] | None = None) -> None:
        """Check that a table holds no other keys.

        Parameters
        ----------
        elsewhere
            Keys that would be valid in another setting, with a sentence that says so.
        """
        valid = list(keys)
        for key in self.subtable(location) if location else self.table:
            if key in valid:
                continue
            if elsewhere and key in elsewhere:
                raise self.wrong((*location, key), elsewhere[key], f"valid keys here: {', '.join(valid)}")
            raise self.wrong((*location, key), "there is no such key", nearest(str(key), valid))

    def choice(self, location: Location, choices: Sequence[str], *, required: bool = False) -> str | None:
        """Return one of several words."""
        value = self.get(location)
        if value is None:
            if required:
                raise self.missing(location, f"one of {', '.join(choices)}")
            return None
        if not isinstance(value, str) or value not in choices:
            near = _near(str(value), choices)
            cure = f'did you mean "{near}"?' if near else None
            raise self.wrong(location, f"must be one of {', '.join(choices)}, got {value!r}", cure)
        return value

    def year(self, location: Location, first: int, last: int) -> int | None:
        """Return a calendar year."""
        value = self.get(location)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not first <= value <= last:
            raise self.wrong(location, f"must be a year from {first} to {last}, got {value!r}")
        return value

    def number(
        self,
        location: Location,
        *,
        lowest: float,
        highest: float,
        required: bool = False,
        above: bool = False,
        cure: str | None = None,
    ) -> float | None:
        """Return a finite number within bounds; ``above`` leaves the lower bound itself out."""
        value = self.get(location)
        if value is None:
            if required:
                raise self.missing(location, "a number")
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(location, f"must be a number, got {value!r}", cure)
        if isinstance(value, float) and not math.isfinite(value):
            raise self.wrong(location, f"must be a finite number, got {value!r}", cure)
        if value < lowest or value > highest or (above and value == lowest):
            bound = f"above {lowest:,.15g}" if above else f"at least {lowest:,.15g}"
            rule = f"must be {bound} and at most {highest:,.15g}" if value > highest else f"must be {bound}"
            raise self.wrong(location, f"{rule}, got {value!r}", cure)
        return float(value)

    def missing(self, location: Location, what: str) -> InputError:
        """Return the error for a key that is needed but left out."""
        return self.wrong(location, "is missing", f"write {location[-1]} = {what}")


def open_case(case: object) -> CaseSource:
    """Read the case file at a path, or take a mapping or an opened case as it is.

    Raises
    ------
    InputError
        If it is neither, or the file cannot be read or is not TOML.

    Examples
    --------
    >>> open_case({"program": "lead"}).get(("program",))
    'lead'
    """
    if isinstance(case, CaseSource):
        return case
    if isinstance(case, Mapping):
        return CaseSource(case)
    if not isinstance(case, str | PathLike):
        msg = f"a case is a path or a mapping, got {type(case).__name__}"
        raise InputError(msg, cure="pass the path of a TOML file")
    table, lines = read_toml(case)
    return CaseSource(table, fspath(case), lines)


def nearest(word: str, choices: Iterable[str]) -> str:
    """Name the choice that comes closest to a word, or all of them.

    Examples
    --------
    >>> nearest("glabal", ["global", "professional"])
    'did you mean "global"?'
    """
    choices = list(choices)
    near = _near(word, choices)
    return f'did you mean "{near}"?' if near else f"valid: {', '.join(choices)}"


def _near(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice that comes closest, whatever its capitals."""
    plain = {choice.casefold(): choice for choice in choices}
    word = word.casefold()
    near = difflib.get_close_matches(word, plain, n=1, cutoff=0.6)
    near = near or [choice for choice in plain if len(word) > 3 and choice.startswith(word)]
    return plain[near[0]] if near else None
