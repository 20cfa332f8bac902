"""The results as rows: key figures for page and terminal, every statistic for summary.csv."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from rich.markup import escape
from rich.table import Table

from leadrisk.report.formatting import (
    NOT_AVAILABLE,
    MoneyScale,
    chance_with_error,
    contract_label,
    digits_for,
    is_known,
    percent,
    signed,
    summary_scale,
    term_label,
    with_error,
)
from leadrisk.report.wording import compare, term, term_length

if TYPE_CHECKING:
    from rich.console import Console


_FRACTION = re.compile(r"(^|\.)prob_|_share(\.|$)|_rate(\.|$)")


class Row(TypedDict):
    """One statistic of one contract: a line of summary.csv."""

    contract: str
    year: str
    statistic: str
    value: float
    standard_error: float | None
    unit: str


class KeyFigure(NamedTuple):
    """One line of the key-figures table: what it is, and its text for each contract in order."""

    label: str
    note: str
    cells: tuple[str, ...]


def key_figures(summary: Mapping[str, Any], *, scale: MoneyScale) -> list[KeyFigure]:
    """Figures that a decision rests on, each with its standard error.

    Parameters
    ----------
    summary
        Risk summary.
    scale
        Unit of money, named in the labels.

    Returns
    -------
    list of KeyFigure
        In the order: expectation, spread, chances, reserves.
    """
    contracts = list(summary["contracts"].values())
    length, unit = term_label(term_length(summary)), scale.unit

    def total(name: str) -> tuple[str, ...]:
        totals = [contract["net_settlement_total"] for contract in contracts]
        return _money([(t[name], t[f"{name}_se"]) for t in totals], scale=scale)

    def reserve(level: int) -> tuple[str, ...]:
        held = [contract[f"reserve_{level}"] for contract in contracts]
        return _money([(h["value"], h["se"]) for h in held], scale=scale)

    return [
        KeyFigure(f"Expected {length} net settlement, {unit}", "positive: CMS pays the ACO", total("mean")),
        KeyFigure(f"5% of paths end below, {unit}", "", total("p05")),
        KeyFigure(f"5% of paths end above, {unit}", "", total("p95")),
        KeyFigure(
            "Chance of losing money over the term",
            "total below zero",
            _chances(contracts, "prob_negative_total"),
        ),
        KeyFigure(
            "Chance of owing CMS in some year",
            "a shared loss in at least one year",
            _chances(contracts, "prob_loss_any_year"),
        ),
        KeyFigure(f"Cash to hold to be 95% sure, {unit}", "deepest point of the added-up settlement", reserve(95)),
        KeyFigure(f"Cash to hold to be 99% sure, {unit}", "", reserve(99)),
    ]


def further_figures(summary: Mapping[str, Any], *, scale: MoneyScale) -> list[KeyFigure]:
    """Figures beside the settlement that the page adds to the key figures.

    Parameters
    ----------
    summary
        Risk summary.
    scale
        Unit of money, named in the labels.

    Returns
    -------
    list of KeyFigure
        Worst cases, what stands outside the settlement, the luck of patients.
    """
    contracts = list(summary["contracts"].values())
    totals = [contract["net_settlement_total"] for contract in contracts]
    cost, unit = summary.get("programme_cost_total_mean") or 0.0, scale.unit
    worst = _money([(t["tvar_99_loss"], t["tvar_99_loss_se"]) for t in totals], scale=scale)
    after = _money([(t["mean"] - cost, t["mean_se"]) for t in totals], scale=scale)
    add_on = [sum(year["administrative_add_on_mean"] for year in c["years"].values()) for c in contracts]
    guarantee = [summary.get("guarantee", {}).get(name) for name in summary["contracts"]]
    cells = tuple(signed(cost / scale.divisor) for _ in contracts)
    rows = [
        KeyFigure(f"Average loss in the worst 1% of paths, {unit}", "of the total; a negative loss is a gain", worst),
        KeyFigure(
            "Chance of a negative balance in some year",
            "settlement less the repayment of Enhanced PCC advances",
            _chances(contracts, "prob_cheque_any_year"),
        ),
        KeyFigure(f"Expected care-management cost, {unit}", "not part of the settlement", cells),
        KeyFigure(f"Expected net settlement after that cost, {unit}", "", after),
        KeyFigure(
            f"Expected administrative add-on, {unit}",
            "paid outside the settlement, not in the figures above",
            tuple(signed(amount / scale.divisor) for amount in add_on),
        ),
        KeyFigure(
            "Share of the variance that is the luck of patients",
            "of the total",
            tuple(percent(c["patient_luck_share"]["mean"]) for c in contracts),
        ),
    ]
    if any(is_known(amount) for amount in guarantee):
        shown = tuple(signed(a / scale.divisor) if is_known(a) else NOT_AVAILABLE for a in guarantee)
        rows.append(KeyFigure(f"Financial guarantee asked by CMS, {unit}", "pledged, not spent", shown))
    return rows


def difference_figures(summary: Mapping[str, Any], *, scale: MoneyScale) -> list[KeyFigure]:
    """Compare the two contracts on the same paths; empty when only one was run."""
    compared = compare(summary)
    if compared is None:
        return []
    paired = summary["differences"][f"{compared.first}_minus_{compared.second}"]
    first, last, unit = contract_label(compared.first), contract_label(compared.second), scale.unit

    def gap(name: str) -> tuple[str, ...]:
        return _money([(paired[name], paired.get(f"{name}_se"))], scale=scale)

    return [
        KeyFigure(f"{first} minus {last}, expected total, {unit}", "on the same simulated paths", gap("mean")),
        KeyFigure(f"5% of paths below, {unit}", f"{last} ahead where negative", gap("p05")),
        KeyFigure(f"5% of paths above, {unit}", "", gap("p95")),
        KeyFigure(
            f"Paths on which {first} comes out ahead",
            "",
            (chance_with_error(paired["prob_first_better"], paired.get("prob_first_better_se")),),
        ),
    ]


def _money(pairs: Sequence[tuple[float, object]], *, scale: MoneyScale) -> tuple[str, ...]:
    digits = digits_for(_in(scale, error) for _, error in pairs)
    return tuple(with_error(value / scale.divisor, _in(scale, error), digits=digits) for value, error in pairs)


def _chances(contracts: Iterable[Mapping[str, Any]], name: str) -> tuple[str, ...]:
    return tuple(chance_with_error(contract[name], contract[f"{name}_se"]) for contract in contracts)


def _in(scale: MoneyScale, error: object) -> float | None:
    return error / scale.divisor if is_known(error) else None


def terminal_summary(summary: Mapping[str, Any], console: Console) -> None:
    """Print the key figures of every contract side by side.

    Parameters
    ----------
    summary
        Risk summary.
    console
        Where to print.
    """
    table = Table(title=f"{escape(str(summary['scenario']))}, LEAD {term(summary)}", title_justify="left")
    table.add_column("")
    for name in summary["contracts"]:
        table.add_column(contract_label(name), justify="right", no_wrap=True)
    for figure in key_figures(summary, scale=summary_scale(summary)):
        table.add_row(figure.label, *figure.cells)
    console.print(table)
    console.print(
        f"{summary['populations']:,} populations x {summary['futures']:,} futures; ± is one standard error. "
        f"Negative: the ACO owes CMS.",
        style="dim",
    )


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
        of no one contract under ``all``; the standard error is None where the statistic has none.

    Examples
    --------
    >>> contract = {"prob_negative_total": 0.2, "prob_negative_total_se": 0.01}
    >>> [tuple(row.values()) for row in summary_rows({"contracts": {"lead_global": contract}})]
    [('lead_global', 'total', 'prob_negative_total', 0.2, 0.01, 'fraction')]
    """
    rows: list[Row] = []
    for name, contract in summary["contracts"].items():
        whole = {key: value for key, value in contract.items() if key not in {"years", "waterfall", "drivers"}}
        rows.extend(_rows(name, "total", whole))
        for year, found in contract.get("years", {}).items():
            rows.extend(_rows(name, str(year), found))
        path = contract.get("waterfall", {})
        steps = {line["name"]: line["dollars"] for line in path.get("lines", ())}
        rows.extend(_rows(name, str(path.get("year")), {"median_path": steps}))
        for driver in contract.get("drivers", ()):
            numbers = {key: value for key, value in driver.items() if key not in {"layer", "label"}}
            rows.extend(_rows(name, "total", {f"driver.{driver['layer']}": numbers}))
    for name, found in summary.get("differences", {}).items():
        rows.extend(_rows(name, "total", {"net_settlement_total": found}))
    for name, amount in summary.get("guarantee", {}).items():
        rows.extend(_rows(name, "total", {"guarantee": amount}))
    cost = summary.get("programme_cost_total_mean")
    return rows if cost is None else [*rows, *_rows("all", "total", {"programme_cost_total_mean": cost})]


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
        "unit": "fraction" if _FRACTION.search(statistic) else "dollars",
    }


def year_rows(contract: Mapping[str, Any], *, scale: MoneyScale) -> list[dict[str, str]]:
    """Text of the year table of one contract.

    Parameters
    ----------
    contract
        One contract of the risk summary.
    scale
        Unit of money.

    Returns
    -------
    list of dict
        One row a performance year.
    """
    digits = 2 if scale.divisor == 1e6 else 1
    years = contract["years"]
    error_digits = digits_for((_in(scale, y["net_settlement"]["mean_se"]) for y in years.values()), most=digits)

    def money(amount: float, places: int = 1) -> str:
        return signed(amount / scale.divisor, digits=places)

    rows = []
    for year, found in years.items():
        net, rate = found["net_settlement"], found["gross_savings_rate"]
        rows.append(
            {
                "year": str(year),
                "benchmark": money(found["benchmark_final_mean"]),
                "expenditure": money(found["expenditure_mean"]),
                "rate": f"{signed(rate['p50'] * 100)}%",
                "rate_range": f"{signed(rate['p05'] * 100)} to {signed(rate['p95'] * 100)}",
                "net": with_error(net["mean"] / scale.divisor, _in(scale, net["mean_se"]), digits=error_digits),
                "net_range": f"{money(net['p05'])} to {money(net['p95'])}",
                "owing": chance_with_error(found["prob_loss"], found["prob_loss_se"]),
                "add_on": money(found["administrative_add_on_mean"], digits),
            }
        )
    return rows
