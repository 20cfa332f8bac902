"""Distributions of the totals of many contracts, one above the other on one axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.report import figure_style as look
from leadrisk.report.formatting import contract_label, signed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure

    from leadrisk.report.figure_data import Histogram
    from leadrisk.report.formatting import MoneyScale

#: Height of the highest bar of a contract, of the one unit that it has.
_RIDGE = 0.62


def ridges(
    summary: Mapping[str, Any], totals: Mapping[str, Histogram], *, scale: MoneyScale, order: Sequence[str]
) -> Figure:
    """Draw one histogram above a band of quantiles for each contract, the first of the order on top.

    Parameters
    ----------
    summary
        Risk summary, whose quantiles are drawn below the histograms.
    totals
        Totals by contract, all with the same edges.
    scale
        Unit of the axis.
    order
        Names of the contracts.
    """
    figure = look.new_figure(height=0.6 + 0.72 * len(order))
    axes = figure.subplots()
    columns = list(summary["contracts"])
    for row, name in enumerate(order):
        base = len(order) - 1 - row
        colour = look.contract_colour(columns.index(name))
        edges, counts = totals[name].edges / scale.divisor, totals[name].counts
        heights = base + _RIDGE * counts / max(counts.max(), np.finfo(np.float64).tiny)
        axes.stairs(heights, edges, baseline=base, fill=True, color=colour, alpha=0.3)
        axes.stairs(heights, edges, baseline=base, color=colour, linewidth=1.0)
        total = summary["contracts"][name]["net_settlement_total"]
        strip = base - 0.13
        for low, high, width in (("p05", "p95", 2.0), ("p25", "p75", 6.0)):
            span = [total[low] / scale.divisor, total[high] / scale.divisor]
            axes.plot(span, [strip, strip], color=colour, linewidth=width, solid_capstyle="butt")
        middle = total["p50"] / scale.divisor
        axes.plot(middle, strip, "o", color=look.PAPER, markeredgecolor=colour, markersize=5.5)
        axes.text(1.01, base, signed(middle), transform=axes.get_yaxis_transform(), va="center", fontweight="bold")
    axes.text(1.01, len(order) - 0.3, "median", transform=axes.get_yaxis_transform(), va="center", color=look.MUTED)
    look.zero_line(axes, vertical=True)
    axes.set_yticks(range(len(order)), [contract_label(name) for name in reversed(order)], color=look.INK)
    axes.set_ylim(-0.35, len(order) - 0.2)
    axes.set_xlim(edges[0], edges[-1])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    return figure
