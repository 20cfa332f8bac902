"""Every statistic of a summary as one row: what summary.csv holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

_READING = "open_reading."
_FRACTION = re.compile(r"(^|\.)prob_|_share(\.|$)|_rate(\.|$)")


class Row(TypedDict):
    """One statistic of one contract: a line of summary.csv."""

    contract: str
    year: str
    statistic: str
    value: float
    standard_error: float | None
    unit: str


def summary_rows(summary: Mapping[str, Any]) -> list[Row]:
    """Flatten a summary into one row a statistic.

    Parameters
    ----------
    summary
        Risk summary.

    Returns
    -------
    list of Row
        ``year`` is ``total`` for the whole term; differences stand under their own name as contract, figures
        of no one contract under ``all``, those of staying out under ``stay_out``; the standard error is None
        where the statistic has none.

    Examples
    --------
    >>> contract = {"prob_negative_total": 0.2, "prob_negative_total_se": 0.01}
    >>> [tuple(row.values()) for row in summary_rows({"contracts": {"lead_global": contract}})]
    [('lead_global', 'total', 'prob_negative_total', 0.2, 0.01, 'fraction')]
    """
    rows: list[Row] = []
    for name, contract in summary["contracts"].items():
        rows.extend(_contract_rows(name, contract))
    for part, total in (("differences", "net_settlement_total"), ("differences_after_costs", "net_of_costs_total")):
        for name, found in summary.get(part, {}).items():
            rows.extend(_rows(name, "total", {total: found}))
    choice = summary.get("choice", {})
    for name, found in choice.get("best", {}).items():
        rows.extend(_rows(name, "total", {"prob_best": found}))
    for name, found in choice.get("regret", {}).items():
        rows.extend(_rows(name, "total", {"regret": found}))
    for name, found in summary.get("ratchet", {}).items():
        whole = {key: value for key, value in found.items() if key != "cumulative_mean"}
        rows.extend(_rows(name, "total", {"ratchet": whole}))
        for year, value in zip(summary["contracts"][name]["years"], found.get("cumulative_mean", ()), strict=False):
            rows.extend(_rows(name, str(year), {"ratchet.cumulative_mean": value}))
    for reading in summary.get("open_readings", ()):
        for name, change in reading["change"].items():
            statistic = f"{_READING}{reading['term']} = {reading['alternative']}"
            rows.extend(_rows(name, "total", {statistic: change}))
    for name, amount in summary.get("guarantee", {}).items():
        rows.extend(_rows(name, "total", {"guarantee": amount}))
    cost = summary.get("programme_cost_total_mean")
    return rows if cost is None else [*rows, *_rows("all", "total", {"programme_cost_total_mean": cost})]


def _contract_rows(name: str, contract: Mapping[str, Any]) -> Iterator[Row]:
    apart = {"program", "years", "waterfall", "drivers", "liquidity"}
    yield from _rows(name, "total", {key: value for key, value in contract.items() if key not in apart})
    for year, found in contract.get("years", {}).items():
        yield from _rows(name, str(year), found)
    cash = contract.get("liquidity") or {}
    yield from _rows(name, "total", {key: value for key, value in cash.items() if key != "by_year"})
    for year, found in cash.get("by_year", {}).items():
        yield from _rows(name, str(year), {"lowest_cash": found})
    path = contract.get("waterfall", {})
    steps = {line["name"]: line["dollars"] for line in path.get("lines", ())}
    yield from _rows(name, str(path.get("year")), {"one_path": steps})
    for driver in contract.get("drivers", ()):
        numbers = {key: value for key, value in driver.items() if key not in {"layer", "label"}}
        yield from _rows(name, "total", {f"driver.{driver['layer']}": numbers})


def _rows(contract: str, year: str, found: Mapping[str, Any], prefix: str = "") -> Iterator[Row]:
    for name, value in found.items():
        statistic = f"{prefix}{name}"
        if isinstance(value, Mapping):
            if set(value) == {"value", "se"}:
                yield _row(contract, year, statistic, value["value"], value["se"])
            else:
                yield from _rows(contract, year, value, f"{statistic}.")
        elif not (name.endswith("_se") and name.removesuffix("_se") in found):
            yield _row(contract, year, statistic, value, found.get(f"{name}_se"))


def _row(contract: str, year: str, statistic: str, value: float, error: float | None) -> Row:
    return {
        "contract": contract,
        "year": year,
        "statistic": statistic,
        "value": value,
        "standard_error": error,
        "unit": "fraction" if _FRACTION.search(statistic) and not statistic.startswith(_READING) else "dollars",
    }
