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
    """Draw the mean settlements added up since the start, with and without rebasing, one panel a contract."""
    names = with_ratchet(summary)
    lines = {}
    for name in names:
        years = summary["contracts"][name]["years"]
        rebased = np.cumsum([year["net_settlement"]["mean"] for year in years.values()])
        lines[name] = rebased, rebased - np.asarray(summary["ratchet"][name]["cumulative_mean"])
    scale = money_scale(np.concatenate([values for pair in lines.values() for values in pair]))
    figure, grid = look.panels(len(names), height=1.9, extra=0.3)
    described = []
    for axes, name in zip(grid, names, strict=True):
        years = [int(year) for year in summary["contracts"][name]["years"]]
        rebased, kept = (values / scale.divisor for values in lines[name])
        colour = look.contract_colour(list(summary["contracts"]).index(name))
        axes.fill_between(years, rebased, kept, color=colour, alpha=0.15, linewidth=0)
        axes.plot(years, kept, color=look.NEUTRAL, linestyle="--", marker="s", markersize=3, label="without rebasing")
        axes.plot(years, rebased, color=colour, marker="o", markersize=3, label="as the rules are, with rebasing")
        for values, other in ((rebased, kept), (kept, rebased)):
            above = values[-1] >= other[-1]
            axes.annotate(
                signed(values[-1]),
                (years[-1], values[-1]),
                xytext=(6, 3 if above else -3),
                textcoords="offset points",
                va="bottom" if above else "top",
                fontsize=8,
            )
        axes.set_title(contract_label(name), pad=8)
        axes.set_xticks(years[:: 1 if len(years) <= 5 else 3])
        axes.set_xlim(years[0] - 0.3, years[-1] + 1.1)
        axes.grid(axis="y")
        look.zero_line(axes)
        axes.spines[["left", "bottom"]].set_visible(False)
        change = gain_or_loss(summary["ratchet"][name]["mean"])
        described.append(f"{contract_label(name)}: by {years[-1]} rebasing has added up to {change} on average")
    grid[0].set_ylabel(scale.unit)
    figure.legend(*grid[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return look.Drawing(figure, "Mean settlements added up, with and without rebasing", f"{'; '.join(described)}.")
