"""What rebasing at the second agreement period costs under the Shared Savings Program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.report import figure_style as look
from leadrisk.report.formatting import contract_label, gain_or_loss, money_scale, signed

if TYPE_CHECKING:
    from collections.abc import Mapping


def with_ratchet(summary: Mapping[str, Any]) -> list[str]:
    """Contracts whose mean cost of rebasing is known year by year."""
    found = summary.get("ratchet", {})
    return [name for name in summary["contracts"] if "cumulative_mean" in found.get(name, {})]


def ratchet_figure(summary: Mapping[str, Any]) -> look.Drawing:
    """Draw what rebasing changes on average, added up since the start, one panel a contract."""
    names = with_ratchet(summary)
    changes = {name: np.asarray(summary["ratchet"][name]["cumulative_mean"]) for name in names}
    scale = money_scale(np.concatenate(list(changes.values())))
    figure, grid = look.panels(len(names), height=1.9, extra=0.1)
    described = []
    for axes, name in zip(grid, names, strict=True):
        years = [int(year) for year in summary["contracts"][name]["years"]]
        change = changes[name] / scale.divisor
        colour = look.contract_colour(list(summary["contracts"]).index(name))
        axes.fill_between(years, change, 0.0, color=colour, alpha=0.15, linewidth=0)
        axes.plot(years, change, color=colour, marker="o", markersize=3)
        last = signed(change[-1])
        axes.annotate(
            f"+{last}" if change[-1] > 0 and last.strip("0.") else last,
            (years[-1], change[-1]),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
        axes.set_title(contract_label(name), pad=8)
        axes.set_xticks(years[:: 1 if len(years) <= 5 else 3])
        axes.set_xlim(years[0] - 0.3, years[-1] + 2.0)
        axes.margins(y=0.14)
        axes.grid(axis="y")
        look.zero_line(axes)
        axes.spines[["left", "bottom"]].set_visible(False)
        total = gain_or_loss(summary["ratchet"][name]["mean"])
        described.append(f"{contract_label(name)}: by {years[-1]} rebasing has added up to {total} on average")
    grid[0].set_ylabel(scale.unit)
    return look.Drawing(
        figure, "What rebasing changes on average, added up since the start", f"{'; '.join(described)}."
    )
