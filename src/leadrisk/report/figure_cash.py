"""Lowest month-end cash position of each year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from leadrisk.report import figure_style as look
from leadrisk.report.figure_data import CASH_LEVELS, cash_by_year, with_cash
from leadrisk.report.formatting import contract_label, gain_or_loss, money_scale, signed

if TYPE_CHECKING:
    from collections.abc import Mapping


def cash_figure(summary: Mapping[str, Any]) -> look.Drawing:
    """Draw the median and the poor end of the lowest month-end cash by year, one panel a contract."""
    names = with_cash(summary)
    found = {name: cash_by_year(summary["contracts"][name]) for name in names}
    scale = money_scale([year[q] for years in found.values() for year in years.values() for q in CASH_LEVELS])
    figure, grid = look.panels(len(names), height=1.9, extra=0.3)
    described = []
    for axes, (name, by_year) in zip(grid, found.items(), strict=True):
        years = list(by_year)
        worst, poor, middle = (np.array([by_year[y][q] for y in years]) / scale.divisor for q in CASH_LEVELS)
        colour = look.contract_colour(list(summary["contracts"]).index(name))
        axes.fill_between(years, worst, middle, color=colour, alpha=0.2, linewidth=0)
        axes.fill_between(years, poor, middle, color=colour, alpha=0.25, linewidth=0)
        axes.plot(years, middle, color=colour, linewidth=1.8, marker="o", markersize=3)
        at = int(worst.argmin())
        axes.annotate(
            signed(worst[at]),
            (years[at], worst[at]),
            xytext=(0, -3),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=8,
        )
        axes.set_title(contract_label(name), pad=8)
        axes.set_xticks(years[:: 1 if len(years) <= 5 else 3])
        axes.set_xlim(years[0] - 0.3, years[-1] + 0.6)
        axes.margins(y=0.14)
        axes.grid(axis="y")
        look.zero_line(axes)
        axes.spines[["left", "bottom"]].set_visible(False)
        deepest = gain_or_loss(worst[at] * scale.divisor).replace("a loss of ", "minus ").replace("a gain of ", "")
        described.append(f"{contract_label(name)}: deepest in {years[at]}, where 1% of paths fall below {deepest}")
    grid[0].set_ylabel(scale.unit)
    keys = [
        Line2D([], [], color=look.NEUTRAL, linewidth=1.8, marker="o", markersize=3, label="median"),
        Patch(color=look.NEUTRAL, alpha=0.45, linewidth=0, label="down to the 5% quantile"),
        Patch(color=look.NEUTRAL, alpha=0.2, linewidth=0, label="down to the 1% quantile"),
    ]
    figure.legend(handles=keys, loc="outside lower center", ncols=3)
    return look.Drawing(figure, "Lowest month-end cash of each year of the term", f"{'; '.join(described)}.")
