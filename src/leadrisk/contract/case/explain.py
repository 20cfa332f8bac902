"""What the unverified terms of a case are worth: the case settled again with one reading changed at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, cast

from leadrisk.contract.case.settle import checked_program, settle_case, settle_on_terms
from leadrisk.contract.case.source import CaseSource, open_case
from leadrisk.contract.term import override
from leadrisk.contract.terms import load_terms
from leadrisk.errors import InputError
from leadrisk.scenario.overlay import flatten_terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from os import PathLike

    from leadrisk.contract.term import Term
    from leadrisk.contract.terms import UnverifiedTerm


class OpenReading(TypedDict):
    """One unverified term read otherwise: what the bottom line gains (or loses) in dollars.

    ``dollars`` is ``None`` where a case like this is refused under the other reading.
    """

    term: str
    value: object
    alternative: object
    grade: str
    source: str
    dollars: float | None


def explain_case(case: str | PathLike[str] | Mapping[str, object] | CaseSource) -> list[OpenReading]:
    """Settle a case again with every open reading changed, one at a time.

    Open is a term of grade B* or C that the case read and that may be read otherwise: it has a ``stress`` or
    ``others``, other ``choices``, or answers yes or no. A term that the case itself overrides is read at its default
    too.

    Parameters
    ----------
    case
        As for :func:`leadrisk.contract.case.settle_case`.

    Returns
    -------
    list of OpenReading
        Changes of the line that :func:`bottom_line` names, largest first whatever their sign.

    Raises
    ------
    InputError
        If the file cannot be read, or a key or value is wrong.

    Examples
    --------
    A Professional saving of $12.0 M on $100.0 M: 60 % of the first 10 and 35 % of the next 2 are $6.7 M. At 50 %
    of the first 10, or of all 12, it is $1.0 M or $0.7 M less. Sequestration, 2 % of the shared amount, takes
    $0.106 M more where it is taken from the $12.0 M.

    >>> readings = explain_case({
    ...     "program": "lead", "option": "professional", "benchmark_final": 100_000_000, "gross_savings": 12_000_000,
    ... })
    >>> for reading in (reading for reading in readings if reading["dollars"]):
    ...     print(reading["term"], reading["alternative"], round(reading["dollars"]))
    professional_savings rfa_2026_banded -980000
    professional_savings rfa_2026 -686000
    sequestration_base gross -106000
    """
    source = open_case(case)
    program = checked_program(source)
    settled = settle_case(source)
    line = bottom_line(settled)
    own = flatten_terms(source.subtable(("terms",)))
    readings: list[OpenReading] = []
    for unverified in cast("list[UnverifiedTerm]", settled["unverified_term_details"]):
        name = unverified["name"]
        term = load_terms(program).table[name]
        for alternative in _alternatives(term, current=unverified["value"], overridden=name in own):
            try:
                other = settle_on_terms(source, load_terms(program, {**own, name: alternative}))
            except InputError:
                dollars = None
            else:
                dollars = cast("float", other[line]) - cast("float", settled[line])
            readings.append(
                {
                    "term": name,
                    "value": unverified["value"],
                    "alternative": alternative,
                    "grade": unverified["grade"],
                    "source": unverified["source"],
                    "dollars": dollars,
                }
            )
    return sorted(readings, key=lambda reading: -abs(reading["dollars"] or 0.0))


def bottom_line(settled: Mapping[str, object]) -> str:
    """Name the line that readings are compared on: the settlement balance, or net shared savings where there is none.

    Examples
    --------
    >>> bottom_line({"net_shared_savings": 7.84e6, "settlement_balance": None})
    'net_shared_savings'
    """
    return "net_shared_savings" if settled["settlement_balance"] is None else "settlement_balance"


def _alternatives(term: Term, *, current: object, overridden: bool) -> Iterator[object]:
    """Other readings of a term: its default, its choices, what there is to try; none twice."""
    candidates = [term.value] if overridden else []
    candidates += [True, False] if isinstance(term.value, bool) else term.choices
    seen = [current]
    for candidate in [*candidates, *term.alternatives]:
        value = override(term, candidate).value
        if value not in seen:
            seen.append(value)
            yield value
