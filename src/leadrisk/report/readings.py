"""Which unverified reading of LEAD's rules the result hangs on: sentences for the answer, rows of the table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from leadrisk.report.formatting import (
    MoneyScale,
    contract_label,
    dollars,
    error_words,
    gain_or_loss,
    is_known,
    join_words,
    percent,
    plain,
    term,
    term_label,
    term_length,
)
from leadrisk.report.ranking import is_decided, on_offer, paired_difference, ranking
from leadrisk.report.tables import money_cells

if TYPE_CHECKING:
    from collections.abc import Iterator

_RATE_BOOK = "rate_book_weight"
_MOST_LISTED = 10
#: Longer values are left to the table.
_MOST_CHARACTERS = 90
#: What a term governs, as a noun phrase; other terms go by their name.
_PHRASES = {
    _RATE_BOOK: "the weight of the regional rate book",
    "professional_savings": "how LEAD Professional shares savings",
    "professional_losses": "how LEAD Professional shares losses",
    "alignment.below_minimum": "what happens below the minimum size",
}


class ReadingRow(NamedTuple):
    """One line of the table of open readings."""

    name: str
    source: str
    value: str
    alternative: str
    grade: str
    cells: tuple[str, ...]


def rate_book_year(summary: Mapping[str, Any], unverified_terms: Sequence[Mapping[str, Any]] = ()) -> int | None:
    """First performance year in which LEAD's benchmark rests on the regional rate book, by a reading still open.

    Parameters
    ----------
    summary
        Risk summary; its ``open_readings`` are looked at first.
    unverified_terms
        Records of the unverified terms of the run, with ``name`` and ``value``.

    Returns
    -------
    int or None
        None where the term is not open, or where the rate book does not come in within the term.

    Examples
    --------
    >>> weights = {"2031": 0.0, "2032": 1.0}
    >>> contract = {"years": {"2031": {}, "2032": {}}}
    >>> rate_book_year({"contracts": {"lead_global": contract}}, [{"name": "rate_book_weight", "value": weights}])
    2032
    """
    open_terms = {str(item["name"]): item["value"] for item in unverified_terms}
    open_terms |= {str(item["term"]): item["value"] for item in summary.get("open_readings", ())}
    weights = open_terms.get(_RATE_BOOK)
    if not isinstance(weights, Mapping):
        return None
    years = [int(year) for year in next(iter(summary["contracts"].values()))["years"]]
    coming = [int(year) for year, weight in weights.items() if weight > 0 and years[0] < int(year) <= years[-1]]
    return min(coming, default=None)


def value_words(value: object) -> str:
    """Value of a term for a reader; a number by year as the steps it takes.

    Examples
    --------
    >>> value_words({2030: 0.0, 2031: 0.0, 2032: 0.5, 2033: 1.0}), value_words({"2027": 1.01}), value_words(False)
    ('0 until 2031, 0.5 in 2032, 1 from 2033', '1.01', 'no')
    """
    by_year = _by_year(value)
    if not by_year:
        return plain(value)
    table = sorted(by_year.items())
    starts = [i for i, (_, number) in enumerate(table) if not i or number != table[i - 1][1]]
    if len(starts) == 1:
        return plain(table[0][1])
    parts = []
    for start, end in zip(starts, [*starts[1:], len(table)], strict=True):
        first, last = table[start][0], table[end - 1][0]
        when = f"in {first}" if first == last else f"from {first} to {last}"
        when = f"until {last}" if not start else f"from {first}" if end == len(table) else when
        parts.append(f"{plain(table[start][1])} {when}")
    return ", ".join(parts)


def both_readings(item: Mapping[str, Any]) -> tuple[str, str]:
    """Value of an open reading and its alternative; a table of years replaces those years only.

    Examples
    --------
    >>> both_readings({"value": {"2027": 0.1, "2028": 0.2}, "alternative": {"2028": 0.3}})
    ('0.1 until 2027, 0.2 from 2028', '0.1 until 2027, 0.3 from 2028')
    """
    now, other = item["value"], item["alternative"]
    return value_words(now), value_words(_by_year(now) | _by_year(other) if _by_year(other) else other)


def _by_year(value: object) -> dict[int, Any]:
    if not (isinstance(value, Mapping) and all(str(key).isdigit() for key in value)):
        return {}
    return {int(year): number for year, number in value.items()}


def reading_rows(summary: Mapping[str, Any], *, scale: MoneyScale) -> list[ReadingRow]:
    """Rows of the open readings that change the most, one cell a LEAD contract; empty where none was tried."""
    found = list(summary.get("open_readings", ()))[:_MOST_LISTED]
    columns = [
        money_cells([(item["change"][name]["value"], item["change"][name]["se"]) for item in found], scale=scale)
        for name in reading_contracts(summary)
    ]
    return [
        ReadingRow(
            str(item["term"]),
            str(item["source"]),
            *both_readings(item),
            str(item["grade"]),
            cells,
        )
        for item, cells in zip(found, zip(*columns, strict=True), strict=True)
    ]


def reading_contracts(summary: Mapping[str, Any]) -> list[str]:
    """Contracts whose open readings were tried."""
    return list(next((item["change"] for item in summary.get("open_readings", ())), {}))


def deciding_assumption(summary: Mapping[str, Any], unverified_terms: Sequence[Mapping[str, Any]] = ()) -> str:
    """Say what LEAD's expected result hangs on: the years of the rate book, and the open reading that matters most.

    Parameters
    ----------
    summary
        Risk summary.
    unverified_terms
        Records of the unverified terms of the run.

    Returns
    -------
    str
        One paragraph; empty where no term of LEAD is open.
    """
    year = rate_book_year(summary, unverified_terms)
    sentences = [] if year is None else [_rate_book(summary, year)]
    sentences.extend(_largest(summary))
    return " ".join(sentence for sentence in sentences if sentence)


def _rate_book(summary: Mapping[str, Any], first: int) -> str:
    phrases = []
    for name, contract in summary["contracts"].items():
        if not name.startswith("lead"):
            continue
        means = {int(year): found["net_settlement"]["mean"] for year, found in contract["years"].items()}
        late = sum(mean for year, mean in means.items() if year >= first)
        total = sum(means.values())
        label = contract_label(name)
        if late * (total - late) >= 0 and total:
            phrases.append(f"{percent(late / total)} of the expected {gain_or_loss(total)[2:]} under {label}")
        else:
            before = gain_or_loss(total - late)
            phrases.append(f"{gain_or_loss(late)} under {label}, after {before} in the years before")
    if not phrases:
        return ""
    last = int(term(summary)[-4:])
    when = f"In {first} alone, the year" if first == last else f"The years {first} to {last},"
    return (
        f"{when} when the regional rate book counts in LEAD\N{RIGHT SINGLE QUOTATION MARK}s benchmark, "
        f"{'comes' if first == last else 'bring'} {join_words(phrases)}; how and when it comes in is not published."
    )


def _largest(summary: Mapping[str, Any]) -> Iterator[str]:
    found = [
        item
        for item in summary.get("open_readings", ())
        if any(is_decided(change["value"], change["se"]) for change in item["change"].values())
    ]
    if not found:
        return
    item = found[0]
    now, other = both_readings(item)
    if max(len(now), len(other)) <= _MOST_CHARACTERS:
        read = f"If it is read as \N{LEFT DOUBLE QUOTATION MARK}{other}\N{RIGHT DOUBLE QUOTATION MARK} rather than "
        read += f"\N{LEFT DOUBLE QUOTATION MARK}{now}\N{RIGHT DOUBLE QUOTATION MARK}"
    else:
        read = "If it is read the other way"
    yield f"Of LEAD\N{RIGHT SINGLE QUOTATION MARK}s open readings the one that matters most is {_phrase(item['term'])}."
    yield f"{read}, the expected {term_label(term_length(summary))} settlement {_moves(item)}.{_turns(summary, item)}"
    others = [reading for reading in found if reading["term"] != item["term"]]
    if others:
        sizes = {name: change["value"] for name, change in others[0]["change"].items()}
        name = max(sizes, key=lambda name: abs(sizes[name]))
        verb, preposition = ("takes", "from") if sizes[name] < 0 else ("adds", "to")
        yield (
            f"Next comes {_phrase(others[0]['term'])}, where the other reading {verb} {dollars(sizes[name])} "
            f"{preposition} {contract_label(name)}."
        )


def _moves(item: Mapping[str, Any]) -> str:
    by_verb: dict[str, list[str]] = {}
    for name, change in item["change"].items():
        if is_decided(change["value"], change["se"]):
            by_verb.setdefault("falls" if change["value"] < 0 else "rises", []).append(
                f"by {dollars(change['value'])} ({error_words(change['se'])}) under {contract_label(name)}"
            )
    return join_words(f"{verb} {join_words(changes)}" for verb, changes in by_verb.items())


def _phrase(name: str) -> str:
    plainly = name.replace(".", ", ").replace("_", " ")
    return _PHRASES.get(name, f"\N{LEFT DOUBLE QUOTATION MARK}{plainly}\N{RIGHT DOUBLE QUOTATION MARK}")


def _turns(summary: Mapping[str, Any], item: Mapping[str, Any]) -> str:
    """Say so where the reading by itself changes which programme is ahead on expected value."""
    offered = ranking(summary)
    changes = item["change"]
    peers = [name for name in offered if name not in changes]
    tried = [name for name in on_offer(summary) if name in changes]
    if not peers or not tried:
        return ""
    peer = peers[0]
    leads = {name: paired_difference(summary, name, peer) for name in tried}
    gaps = {name: gap for name, gap in leads.items() if gap is not None}
    if not gaps:
        return ""
    before = max(gaps.values(), key=lambda gap: gap.mean)
    after = max(gaps, key=lambda name: gaps[name].mean + changes[name]["value"])
    moved = gaps[after].mean + changes[after]["value"]
    errors = (gaps[after].error, changes[after]["se"])
    known = [float(error) for error in errors if is_known(error)]
    if len(known) < 2 or not is_decided(moved, math.hypot(*known)):
        return ""
    if is_decided(before.mean, before.error) and before.mean * moved > 0:
        return ""
    winner, loser = (contract_label(peer), "LEAD") if moved < 0 else (contract_label(after), contract_label(peer))
    return f" By itself that would put {winner} ahead of {loser} on expected value."
