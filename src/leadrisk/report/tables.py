"""The results as text in tables: key figures for page and terminal, comparisons and years for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from leadrisk.report.formatting import (
    ABSENT,
    MoneyScale,
    chance_with_error,
    contract_label,
    digits_for,
    is_known,
    join_words,
    narrow_label,
    percent,
    programmes,
    signed,
    summary_scale,
    term,
    term_label,
    term_length,
    with_error,
)
from leadrisk.report.ranking import option_total, options_by_mean, paired_difference, ranking
from leadrisk.report.wording_luck import luck_of_the_reserve

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console


#: More contracts than this stand below one another on a terminal.
_MOST_COLUMNS = 3


class KeyFigure(NamedTuple):
    """One line of a table: what it is, a cell for each column, and what it is in a column head of the terminal.

    Without a ``head`` it stands on the page only.
    """

    label: str
    note: str
    cells: tuple[str, ...]
    head: str = ""


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
        In the order: expectation after costs and of the settlements, spread, chances, reserves; one cell a contract.
    """
    contracts = list(summary["contracts"].values())
    length, unit = term_label(term_length(summary)), scale.unit

    def total(name: str) -> tuple[str, ...]:
        return _statistic([contract["net_settlement_total"] for contract in contracts], name, scale=scale)

    def reserve(level: int) -> tuple[str, ...]:
        held = [contract[f"reserve_{level}"] for contract in contracts]
        return money_cells([(h["value"], h["se"]) for h in held], scale=scale)

    rows = [
        KeyFigure(f"Expected {length} net settlement, {unit}", "positive: CMS pays the ACO", total("mean"), "mean net"),
        KeyFigure(f"5% of paths end below, {unit}", "", total("p05"), "5% end below"),
        KeyFigure(f"5% of paths end above, {unit}", "", total("p95"), "5% end above"),
        KeyFigure(
            "Chance that the settlements add up to a loss",
            "total below zero",
            _chances(contracts, "prob_negative_total"),
            "total below zero",
        ),
        KeyFigure(
            "Chance of owing CMS in some year",
            "a shared loss in at least one year",
            _chances(contracts, "prob_loss_any_year"),
            "owes in some year",
        ),
        KeyFigure(
            f"Cash to hold to be 95% sure, {unit}",
            "deepest point of the added-up settlement; settlements alone",
            reserve(95),
            "cash, 95% sure",
        ),
        KeyFigure(f"Cash to hold to be 99% sure, {unit}", "", reserve(99), "cash, 99% sure"),
    ]
    cash = [(contract.get("liquidity") or {}).get("lowest_cash", {}) for contract in contracts]
    if any(is_known(found.get("p05")) for found in cash):
        note = "5% of paths fall below it; unlike cash to hold also with care management, fees and timing; LEAD only"
        lowest = _statistic(cash, "p05", scale=scale)
        rows.append(KeyFigure(f"Lowest month-end cash over the term, {unit}", note, lowest))
    if any("net_of_costs_total" in contract for contract in contracts):
        after = _statistic([contract.get("net_of_costs_total", {}) for contract in contracts], "mean", scale=scale)
        note = "with the administrative add-on, less care management, benefits and the fee of the guarantee"
        rows.insert(0, KeyFigure(f"Expected {length} result after costs, {unit}", note, after, "mean after costs"))
    return rows


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
    costs = [contract.get("care_cost_total_mean", cost) for contract in contracts]
    add_on = [sum(year["administrative_add_on_mean"] for year in c["years"].values()) for c in contracts]
    cells = tuple(signed(cost / scale.divisor) for cost in costs)
    rows = [
        KeyFigure(
            f"Average loss in the worst 1% of paths, {unit}",
            "of the total; a negative loss is a gain",
            _statistic(totals, "tvar_99_loss", scale=scale),
        ),
        KeyFigure(
            "Chance of a negative balance in some year",
            "settlement less the repayment of advances",
            _chances(contracts, "prob_cheque_any_year"),
        ),
        KeyFigure(f"Expected care-management cost, {unit}", "not part of the settlement", cells),
        KeyFigure(
            f"Expected administrative add-on, {unit}",
            "paid outside the settlement, not part of it",
            tuple(signed(amount / scale.divisor) for amount in add_on),
        ),
        KeyFigure(
            "Share of the variance that is the luck of patients",
            "of the total",
            tuple(percent(c["patient_luck_share"]["mean"]) for c in contracts),
        ),
    ]
    if not any("net_of_costs_total" in contract for contract in contracts):
        after = money_cells([(t["mean"] - c, t["mean_se"]) for t, c in zip(totals, costs, strict=True)], scale=scale)
        rows.insert(3, KeyFigure(f"Expected net settlement after that cost, {unit}", "", after))
    if any("prob_left" in contract for contract in contracts):
        left = [contract.get("prob_left", {}) for contract in contracts]
        cells = tuple(chance_with_error(f["value"], f["se"]) if f else ABSENT for f in left)
        rows.append(KeyFigure("Chance to have left the model before its end", "by the exit rule elected", cells))
    if any("prob_below_minimum" in contract for contract in contracts):
        note = "fewer aligned beneficiaries than CMS asks for, in some year"
        rows.append(KeyFigure("Chance of being too small", note, _chances(contracts, "prob_below_minimum")))
    guarantee = [summary.get("guarantee", {}).get(name) for name in summary["contracts"]]
    if any(is_known(amount) for amount in guarantee):
        shown = tuple(signed(a / scale.divisor) if is_known(a) else ABSENT for a in guarantee)
        rows.append(KeyFigure(f"Financial guarantee asked by CMS, {unit}", "pledged, not spent; LEAD only", shown))
    return rows


def head_to_head(summary: Mapping[str, Any], *, scale: MoneyScale) -> list[KeyFigure]:
    """Best contract less each other one on the same paths, in order of expected value; empty when only one was run.

    Returns
    -------
    list of KeyFigure
        Cells: mean, 5 and 95 % quantile of the difference, and the share of paths on which the best one is ahead.
    """
    best = ranking(summary)[0]
    others = [name for name in ranking(summary, of=list(summary["contracts"])) if name != best]
    gaps = {name: gap for name in others if (gap := paired_difference(summary, best, name)) is not None}
    columns = (
        money_cells([(gap.mean, gap.error) for gap in gaps.values()], scale=scale),
        money_cells([(gap.low, gap.low_error) for gap in gaps.values()], scale=scale),
        money_cells([(gap.high, gap.high_error) for gap in gaps.values()], scale=scale),
        tuple(chance_with_error(gap.prob_ahead, gap.prob_ahead_error) for gap in gaps.values()),
    )
    label = contract_label(best)
    return [
        KeyFigure(f"{label} minus {contract_label(name)}", "", cells)
        for name, cells in zip(gaps, zip(*columns, strict=True), strict=True)
    ]


def choice_figures(summary: Mapping[str, Any], *, scale: MoneyScale) -> list[KeyFigure]:
    """Chance of each option, staying out among them, to be the best on a path, with its regret; best mean first.

    Returns
    -------
    list of KeyFigure
        Cells: mean after costs, chance of being the best, mean and 95 % quantile of the regret.
    """
    chances, regret = summary["choice"]["best"], summary["choice"].get("regret", {})
    names = options_by_mean(summary)
    columns = (
        _statistic([option_total(summary, name) for name in names], "mean", scale=scale),
        tuple(chance_with_error(chances[name]["value"], chances[name]["se"]) for name in names),
        _statistic([regret.get(name, {}) for name in names], "mean", scale=scale),
        _statistic([regret.get(name, {}) for name in names], "p95", scale=scale),
    )
    return [
        KeyFigure(contract_label(name), "", cells)
        for name, cells in zip(names, zip(*columns, strict=True), strict=True)
    ]


def money_cells(pairs: Sequence[tuple[object, object]], *, scale: MoneyScale) -> tuple[str, ...]:
    """Amounts in the unit of a table, each with its standard error and as many decimals as the errors deserve.

    Examples
    --------
    >>> money_cells([(9.7e6, 2e5), (None, None)], scale=MoneyScale(1e6, "$ million"))
    ('9.7 ± 0.2', '—')
    """
    digits = digits_for(_in(scale, error) for _, error in pairs)
    return tuple(
        with_error(value / scale.divisor, _in(scale, error), digits=digits) if is_known(value) else ABSENT
        for value, error in pairs
    )


def _statistic(found: Sequence[Mapping[str, Any]], name: str, *, scale: MoneyScale) -> tuple[str, ...]:
    return money_cells([(each.get(name), each.get(f"{name}_se")) for each in found], scale=scale)


def _chances(contracts: Iterable[Mapping[str, Any]], name: str) -> tuple[str, ...]:
    return tuple(
        chance_with_error(contract[name], contract.get(f"{name}_se")) if name in contract else ABSENT
        for contract in contracts
    )


def _in(scale: MoneyScale, error: object) -> float | None:
    return error / scale.divisor if is_known(error) else None


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


def terminal_summary(summary: Mapping[str, Any], console: Console) -> None:
    """Print the key figures: contracts as columns, or as rows where there are more than three.

    Parameters
    ----------
    summary
        Risk summary.
    console
        Where to print.
    """
    names, scale = list(summary["contracts"]), summary_scale(summary)
    figures = [figure for figure in key_figures(summary, scale=scale) if figure.head]
    title = f"{escape(str(summary['scenario']))}, {programmes(summary)} {term(summary)}"
    if len(names) <= _MOST_COLUMNS:
        table = Table(title=title, title_justify="left")
        table.add_column("")
        for name in names:
            table.add_column(narrow_label(name), justify="right", no_wrap=True)
        for figure in figures:
            table.add_row(figure.label, *figure.cells)
    else:
        table = Table(title=f"{title}, {scale.unit}", title_justify="left", box=SIMPLE_HEAD, padding=0)
        table.add_column("", no_wrap=True)
        for figure in figures:
            table.add_column(figure.head, justify="right", min_width=6, overflow="fold")
        for row, name in enumerate(names):
            table.add_row(narrow_label(name), *(figure.cells[row].replace(" ± ", "\n± ") for figure in figures))
    console.print(table)
    if "choice" in summary:
        chances = summary["choice"]["best"]
        best = join_words(f"{contract_label(name)} on {percent(chances[name]['value'])}" for name in chances)
        console.print(f"Best choice after costs, path by path: {best}.")
    console.print(luck_of_the_reserve(summary))
    console.print(
        f"{summary['populations']:,} populations x {summary['futures']:,} futures; ± is one standard error. "
        f"Negative: the ACO owes CMS.",
        style="dim",
    )
