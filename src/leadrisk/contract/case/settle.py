"""Settle one case: a TOML file or mapping in, every line of the settlement out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, cast

from leadrisk.contract.case import lead, mssp, reach
from leadrisk.contract.case.notes import total_notes
from leadrisk.contract.case.source import CaseSource, nearest, open_case
from leadrisk.contract.case.values import COMMON, TOTALS
from leadrisk.contract.terms import Terms, load_terms
from leadrisk.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

AMOUNTS = (
    "benchmark_before_discount",
    "discount",
    "benchmark_after_discount",
    "quality_adjustment",
    "benchmark_final",
    "expenditure",
    "gross_savings",
    "gross_savings_rate",
    "shared_savings",
    "sequestration",
    "net_shared_savings",
    "enhanced_pcc_repayment",
    "administrative_add_on",
    "settlement_balance",
)


class Program(NamedTuple):
    """A programme: its name for people, the keys of its cases, and the function that settles one."""

    label: str
    keys: tuple[str, ...]
    settle: Callable[[CaseSource, Terms], dict[str, object]]


PROGRAMS = {
    "lead": Program("LEAD", lead.KEYS, lead.settle_lead_case),
    "reach": Program("ACO REACH", reach.KEYS, reach.settle_reach_case),
    "mssp": Program("Shared Savings Program", mssp.KEYS, mssp.settle_mssp_case),
}


def settle_case(case: str | PathLike[str] | Mapping[str, object] | CaseSource) -> dict[str, object]:
    """Settle one performance year of one ACO.

    Parameters
    ----------
    case
        Path of a case file, the same keys as a mapping, or a case already opened. It gives either
        ``[categories]`` with everything the benchmark is made of, or totals: ``benchmark_before_discount``
        with ``expenditure``, or ``benchmark_final`` with ``expenditure`` or ``gross_savings``. A LEAD case without
        ``quality_score`` is settled at the term ``quality.score_if_not_given`` (0.88).

    Returns
    -------
    dict
        Every line in dollars under the names of :func:`leadrisk.contract.lead.settle_lead` (``None`` where
        the totals given do not tell), ``updated_pbpm`` by category, the spending class, ``lines`` for
        printing, ``notes`` on amounts that look wrong, and ``unverified_terms``: names of the terms used that no
        readable CMS text confirms.

    Raises
    ------
    InputError
        If the file cannot be read, or a key or value is wrong.

    Examples
    --------
    Global, $8.0 M saved on $100.0 M: all of it is shared, less 2 %.

    >>> result = settle_case({
    ...     "program": "lead", "option": "global", "performance_year": 2027,
    ...     "benchmark_final": 100_000_000, "gross_savings": 8_000_000,
    ... })
    >>> result["shared_savings"], result["net_shared_savings"]
    (8000000.0, 7840000.0)
    """
    source = open_case(case)
    name = checked_program(source)
    terms = _load_terms(source, name)
    result = settle_on_terms(source, terms)
    _check_expected(source, result)
    return result


def settle_on_terms(source: CaseSource, terms: Terms) -> dict[str, object]:
    """Settle an opened case whose keys are checked on any terms of its programme; its own overrides are not read."""
    name = terms.program
    result: dict[str, object] = {
        "name": source.get(("name",)),
        "program": name,
        "entrant": None,
        "spending_class": None,
        "quality_score": None,
        "updated_pbpm": {},
        "notes": [],
        **dict.fromkeys(AMOUNTS),
    }
    result |= PROGRAMS[name].settle(source, terms)
    result["notes"] = [*cast("list[str]", result["notes"]), *total_notes(result)]
    result["terms_used"] = list(terms.used())
    unverified = terms.unverified()
    result["unverified_terms"] = [term["name"] for term in unverified]
    result["unverified_term_details"] = unverified
    return result


def checked_program(source: CaseSource) -> str:
    """Return the name of the programme, once the keys of the case are known to be its own."""
    name = source.choice(("program",), tuple(PROGRAMS), required=True)
    assert name is not None
    for key in ("name", "description"):
        if not isinstance(source.table.get(key, ""), str):
            raise source.wrong((key,), f"must be text, got {source.table[key]!r}", f'write {key} = "..."')
    valid = (*COMMON, *TOTALS, *PROGRAMS[name].keys)
    elsewhere = {
        key: f"belongs to {other.label} cases only"
        for other in PROGRAMS.values()
        for key in other.keys
        if key not in valid
    }
    source.only((), valid, elsewhere=elsewhere)
    return name


def _load_terms(source: CaseSource, program: str) -> Terms:
    try:
        return load_terms(program, source.subtable(("terms",)))
    except InputError as error:
        location = tuple((error.key or "terms").split("."))
        line = source.line(location)
        raise InputError(error.problem, path=source.path, line=line, key=error.key, cure=error.cure) from None


def _check_expected(source: CaseSource, result: Mapping[str, object]) -> None:
    valid = [name for name, value in result.items() if isinstance(value, float)]
    for name in source.subtable(("expected",)):
        if isinstance(result.get(name), Mapping):
            source.only(("expected", name), _keys(result[name]))
        elif name == "spending_class":
            source.choice(("expected", name), ("lower", "higher"))
        elif name not in valid:
            raise source.wrong(("expected", name), "is no line of this settlement", nearest(name, valid))
        else:
            source.number(("expected", name), lowest=-1e12, highest=1e12)


def _keys(table: object) -> list[str]:
    return list(table) if isinstance(table, Mapping) else []
