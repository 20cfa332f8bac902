"""Read a programme's terms, hand them to the rules, and remember which ones were used."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from leadrisk.contract.corridor import Corridor
from leadrisk.contract.term import Term, override
from leadrisk.errors import InputError
from leadrisk.scenario.overlay import flatten_terms

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

PROGRAMS = ("lead", "reach", "mssp")
_TABLES = {"lead": "terms", "mssp": "mssp_terms", "reach": "reach_terms"}  # of a scenario's contract
_PERFORMANCE_YEARS = {"lead": (2027, 2036), "reach": (2021, 2026), "mssp": (2012, 2045)}


class UnverifiedTerm(TypedDict):
    """What the reader of a result must know about a term that no readable CMS text confirms."""

    name: str
    value: object
    grade: str
    source: str
    stress: object


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one programme.

    Every access is recorded, so that a result can name the unverified terms that stand behind it.

    Parameters
    ----------
    program
        ``"lead"``, ``"reach"`` or ``"mssp"``.
    table
        The terms by dotted name.
    """

    program: str
    table: Mapping[str, Term]
    _used: set[str] = field(default_factory=set, repr=False)

    def value(self, name: str) -> object:
        """Return the value of a term as it stands in the terms file."""
        self._used.add(name)
        return self.table[name].value

    def number(self, name: str) -> float:
        """Return a single number."""
        value = self.value(name)
        if not isinstance(value, int | float):
            msg = f"term {name} is not a number"
            raise TypeError(msg)
        return float(value)

    def flag(self, name: str) -> bool:
        """Return the answer to a yes-or-no term."""
        return self.value(name) is True

    def choice(self, name: str) -> str:
        """Return the reading chosen."""
        return str(self.value(name))

    def weights(self, name: str) -> tuple[float, ...]:
        """Return a list of numbers."""
        return tuple(np.asarray(self.value(name), dtype=np.float64).tolist())

    def corridor(self, name: str) -> Corridor:
        """Return a risk corridor."""
        value = self.value(name)
        if not isinstance(value, Mapping):
            msg = f"term {name} is not a corridor"
            raise TypeError(msg)
        return Corridor(edges=tuple(value["edges"]), shares=tuple(value["shares"]))

    def by_year(self, name: str, years: ArrayLike) -> NDArray[np.float64]:
        """Return one number per performance year.

        A year after the table's last takes the last value, a year before its first the first; a term
        that does not change with the year is repeated.

        Examples
        --------
        >>> load_terms("lead").by_year("discount.global_higher", [2027, 2031, 2036]).tolist()
        [0.0175, 0.0275, 0.03]
        """
        value = self.value(name)
        year_array = np.asarray(years, dtype=np.int64)
        if not isinstance(value, Mapping):
            return np.full(year_array.shape, self.number(name))
        table = sorted((int(year), float(number)) for year, number in value.items())
        position = np.searchsorted([year for year, _ in table], year_array, side="right") - 1
        return np.array([number for _, number in table])[np.maximum(position, 0)]

    def used(self) -> tuple[str, ...]:
        """Return the names of the terms read so far, sorted."""
        return tuple(sorted(self._used))

    def unverified(self) -> list[UnverifiedTerm]:
        """Return the terms read so far whose grade is B* or C, sorted by name.

        Examples
        --------
        >>> terms = load_terms("lead")
        >>> terms.number("quality.at_risk"), terms.number("psa.cap")
        (0.03, 0.05)
        >>> [term["name"] for term in terms.unverified()]
        ['psa.cap']
        """
        return [
            {
                "name": name,
                "value": term.value,
                "grade": term.grade,
                "source": term.source,
                "stress": term.stress,
            }
            for name, term in ((name, self.table[name]) for name in self.used())
            if term.grade in {"B*", "C"}
        ]


def load_terms(program: str, overrides: Mapping[str, object] | None = None) -> Terms:
    """Load the terms of a programme, with single ones replaced.

    Parameters
    ----------
    program
        ``"lead"``, ``"reach"`` or ``"mssp"``.
    overrides
        New values by dotted name, or nested as TOML reads dotted keys. A number given for a term by year
        stands for every year; a table of years replaces those years only.

    Raises
    ------
    InputError
        If the programme or a term is unknown, or a value does not fit its term.

    Examples
    --------
    >>> load_terms("lead", {"rea": {"cap": 0.04}}).number("rea.cap")
    0.04
    """
    if program not in PROGRAMS:
        msg = f"unknown programme {program!r}"
        raise InputError(msg, key="program", cure=f"one of {', '.join(PROGRAMS)}")
    defaults = _defaults(program)
    table = dict(defaults)
    for name, value in flatten_terms(overrides or {}).items():
        if name not in defaults:
            owner = next((other for other in PROGRAMS if other != program and name in _defaults(other)), None)
            if owner is not None:
                problem = f"{name!r} is a term of {owner.upper()}, not of {program.upper()}"
                cure = f"in a scenario it stands under [contract.{_TABLES[owner]}]"
                raise InputError(problem, key=f"terms.{name}", cure=cure)
            near = difflib.get_close_matches(name, list(defaults), n=1, cutoff=0.3)
            msg = f"no such term {name!r}"
            raise InputError(msg, key=f"terms.{name}", cure=f"did you mean {near[0]!r}?" if near else None)
        table[name] = override(defaults[name], value)
    return Terms(program, table)


@cache
def _defaults(program: str) -> Mapping[str, Term]:
    folder = files("leadrisk.contract").joinpath("terms").joinpath(program)
    topics = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    first_year, last_year = _PERFORMANCE_YEARS[program]
    table: dict[str, Term] = {}
    for topic in topics:
        for name, term in _terms_in(tomllib.loads(topic.read_text(encoding="utf-8")), ""):
            if name in table:
                msg = f"term {name} stands twice among the terms of {program}"
                raise ValueError(msg)
            table[name] = replace(term, first_year=first_year, last_year=last_year)
    return table


def _terms_in(table: Mapping[str, object], prefix: str) -> Iterator[tuple[str, Term]]:
    for key, entry in table.items():
        if not isinstance(entry, dict):
            continue
        name = f"{prefix}{key}"
        if "grade" not in entry:
            yield from _terms_in(entry, f"{name}.")
            continue
        fields = dict(entry)
        fields["choices"] = tuple(fields.get("choices", ()))
        fields["value"] = _year_keys(fields["value"])
        fields["stress"] = _year_keys(fields.get("stress"))
        fields["others"] = tuple(_year_keys(other) for other in fields.get("others", ()))
        yield name, Term(name=name, **fields)


def _year_keys(value: object) -> object:
    if isinstance(value, dict) and "edges" not in value:
        return {int(year): number for year, number in value.items()}
    return value
