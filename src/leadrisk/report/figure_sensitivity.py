"""Tornado plot: how far the reserve moves between the two ends of each assumption's plausible range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadrisk.report import figure_style as look
from leadrisk.report.formatting import MINUS, contract_label, dollars, money_scale
from leadrisk.scenario.plausible_correlations import PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

_MOST_BARS = 15
_SHADES = {"low": 0.35, "high": 0.9}
ENDS = tuple(_SHADES)


def tornado_figure(found: Mapping[str, Any]) -> look.Drawing:
    """Draw the change of the 99 % reserve at both ends of the ranges that move it most, one panel a contract.

    Parameters
    ----------
    found
        From :func:`leadrisk.run.sensitivity.sensitivity`.
    """
    shown = found["assumptions"][:_MOST_BARS]
    contracts = found["contracts"]
    scale = money_scale(
        [one["reserve_99"]["value"] for record in shown for ends in record["change"].values() for one in ends.values()]
    )
    with look.style():
        figure, grid = look.panels(len(contracts), height=0.5 + 0.24 * len(shown), extra=0.5)
        for index, (axes, name) in enumerate(zip(grid, contracts, strict=True)):
            _panel(axes, shown, name, colour=look.contract_colour(index), divisor=scale.divisor)
        figure.supxlabel(
            f"change of the 99 % reserve, {scale.unit}; whiskers: one standard error", color=look.MUTED, fontsize=8.5
        )
        handles, labels = grid[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper right", ncols=2)
    said = "; ".join(f"{contract_label(name)}: {_largest(shown, name)}" for name in contracts)
    return look.Drawing(figure, "Sensitivity of the 99 % reserve to grade C assumptions", f"{said}.")


def _panel(axes: Axes, shown: list[Mapping[str, Any]], contract: str, *, colour: str, divisor: float) -> None:
    for end, alpha in _SHADES.items():
        rows = [row for row, record in enumerate(shown) if end in record["change"][contract]]
        moves = [shown[row]["change"][contract][end]["reserve_99"] for row in rows]
        axes.barh(
            rows,
            [move["value"] / divisor for move in moves],
            height=0.66,
            facecolor=colour,
            alpha=alpha,
            label=f"{end} end of the range",
            xerr=[move["se"] / divisor for move in moves],
            error_kw={"ecolor": look.INK, "elinewidth": 0.8, "capsize": 1.5},
        )
    axes.set_title(contract_label(contract))
    axes.set_yticks(range(len(shown)), [_label(record) for record in shown], color=look.INK)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    look.zero_line(axes, vertical=True)


def _label(record: Mapping[str, Any]) -> str:
    pair = record["key"].removeprefix(PREFIX)
    name = pair.replace(".", " with " if pair != record["key"] else ": ").replace("_", " ")
    return f"{name}, {range_end(record['low'])} to {range_end(record['high'])}"


def range_end(value: float) -> str:
    """Write a value of an assumption in full, however small.

    Examples
    --------
    >>> range_end(0.000025), range_end(5), range_end(0.10)
    ('0.000025', '5', '0.1')
    """
    text = f"{value:.8f}".rstrip("0").rstrip(".")
    return text.replace("-", MINUS)


def _largest(shown: list[Mapping[str, Any]], contract: str) -> str:
    sizes = {
        record["key"]: max(
            (abs(one["reserve_99"]["value"]) for one in record["change"][contract].values()), default=0.0
        )
        for record in shown
    }
    if not sizes:
        return "nothing moves it"
    key = max(sizes, key=lambda name: sizes[name])
    return f"{key} moves it most, by up to {dollars(sizes[key])}"
