"""One term of a programme: its value, where it comes from, and the check of a value put in its place."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from leadrisk.errors import InputError


@dataclass(frozen=True, slots=True)
class Term:
    """A number or choice the rules read.

    Parameters
    ----------
    name
        Dotted name, for example ``corridor.global.savings``.
    value
        Number, yes or no, one of ``choices``, list of weights, corridor (``edges`` and ``shares``) or
        table of numbers by performance year.
    unit, source, grade
        What the value is measured in, where it comes from, and how firm that source is (A, B, B*, C).
    stress, others
        The alternative to try where the value is unsettled, and further ones.
    choices
        The readings a choice may take.
    lowest, highest
        Smallest and largest number allowed; shares end at 1.
    rising
        Whether the numbers of a list must rise from one to the next, as percentiles do.
    first_year, last_year
        Performance years of the programme: the keys a table by year may have beside its own.
    """

    name: str
    value: object
    unit: str
    source: str
    grade: str
    stress: object = None
    others: tuple[object, ...] = ()
    choices: tuple[str, ...] = ()
    lowest: float = 0.0
    highest: float = 1.0
    rising: bool = False
    first_year: int = 2027
    last_year: int = 2036

    @property
    def by_year(self) -> bool:
        """Whether the term holds one number per performance year."""
        return isinstance(self.value, Mapping) and "edges" not in self.value

    @property
    def alternatives(self) -> tuple[object, ...]:
        """What to try in place of the value: the stress first, then the others."""
        return (*(() if self.stress is None else (self.stress,)), *self.others)


def override(term: Term, value: object) -> Term:
    """Return the term with another value, checked to be of the same kind.

    Raises
    ------
    InputError
        If the value is of another kind, not one of the choices, not finite or out of range.

    Examples
    --------
    >>> cap = Term("rea.cap", 0.05, unit="share", source="example", grade="B")
    >>> override(cap, 0.04).value
    0.04
    """
    return replace(term, value=_checked(term, value), source=f"set by the user (default: {term.source})")


def _checked(term: Term, value: object) -> object:
    if isinstance(term.value, bool):
        if not isinstance(value, bool):
            raise _wrong(term, f"must be true or false, got {value!r}", "write true or false")
        return value
    if term.choices:
        return _one_of(term, value)
    if isinstance(term.value, list):
        return _weights(term, value, len(term.value))
    if term.by_year:
        return _years(term, value)
    if isinstance(term.value, Mapping):
        return _corridor(term, value)
    return _number(term, value)


def _number(term: Term, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(term, f"must be a number, got {value!r}", f"unit: {term.unit}")
    if not term.lowest <= value <= term.highest:
        limits = f"{term.lowest:,.15g} and {term.highest:,.15g}"
        raise _wrong(term, f"must be between {limits}, got {value!r}", f"unit: {term.unit}")
    return value


def _one_of(term: Term, value: object) -> str:
    if not isinstance(value, str) or value not in term.choices:
        near = difflib.get_close_matches(str(value), term.choices, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}?" if near else f"write {term.choices[0]!r}"
        raise _wrong(term, f"must be one of {', '.join(term.choices)}, got {value!r}", hint)
    return value


def _weights(term: Term, value: object, length: int) -> list[float]:
    if not isinstance(value, list | tuple) or len(value) != length:
        raise _wrong(term, f"must be {length} numbers, got {value!r}", f"write for example {term.value}")
    weights = [_number(term, item) for item in value]
    if term.rising and not all(lower < upper for lower, upper in pairwise(weights)):
        raise _wrong(term, f"must rise from number to number, got {weights}", f"write for example {term.value}")
    if not sum(weights) > 0.0:
        raise _wrong(term, "must not all be zero", f"write for example {term.value}")
    return weights


def _years(term: Term, value: object) -> dict[int, float]:
    years: dict[int, float] = dict(term.value) if isinstance(term.value, Mapping) else {}
    if not isinstance(value, Mapping):
        return {min(years): _number(term, value)}
    valid = {str(year) for year in (*years, *range(term.first_year, term.last_year + 1))}
    for year, number in value.items():
        if str(year) not in valid:
            cure = f"write a year {term.first_year} to {term.last_year}"
            raise _wrong(term, f"must be keyed by performance year, got {year!r}", cure)
        years[int(year)] = _number(term, number)
    return dict(sorted(years.items()))


def _corridor(term: Term, value: object) -> dict[str, list[float]]:
    cure = "write for example { edges = [0.15, 0.35, 0.50], shares = [1.00, 0.50, 0.25, 0.10] }"
    if not isinstance(value, Mapping) or set(value) != {"edges", "shares"}:
        raise _wrong(term, f"must have edges and shares, got {value!r}", cure)
    edges, shares = value["edges"], value["shares"]
    if not isinstance(edges, list | tuple) or not isinstance(shares, list | tuple) or len(shares) != len(edges) + 1:
        raise _wrong(term, "must have one share more than edges", cure)
    edges, shares = [_number(term, edge) for edge in edges], [_number(term, share) for share in shares]
    if any(upper <= lower for lower, upper in pairwise([0.0, *edges])):
        raise _wrong(term, f"edges must rise from above 0, got {edges}", cure)
    return {"edges": edges, "shares": shares}


def _wrong(term: Term, problem: str, cure: str) -> InputError:
    return InputError(problem, key=f"terms.{term.name}", cure=cure)
