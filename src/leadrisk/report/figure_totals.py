"""Distribution of the total of every contract, and of the difference between two on the same paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.report import figure_style as look
from leadrisk.report.figure_ridges import ridges
from leadrisk.report.formatting import (
    EN_DASH,
    contract_label,
    dollars,
    gain_or_loss,
    money_scale,
    percent,
    signed,
    term_label,
    term_length,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

    from leadrisk.report.figure_data import FigureData, Histogram
    from leadrisk.report.formatting import MoneyScale
    from leadrisk.report.ranking import Comparison

#: More contracts than this are not drawn over each other.
_MOST_OVERLAID = 2


def distribution_figure(summary: Mapping[str, Any], totals: Mapping[str, Histogram]) -> look.Drawing:
    """Draw the totals of every contract on one axis.

    Two contracts lie over each other; more stand one above the other, the highest median on top.

    Parameters
    ----------
    summary
        Risk summary, whose quantiles are drawn below the histograms.
    totals
        Net settlement over the term by contract.
    """
    length = term_label(term_length(summary))
    scale = money_scale([edge for found in totals.values() for edge in found.shown])
    contracts = summary["contracts"]
    if len(totals) > _MOST_OVERLAID:
        order = sorted(totals, key=lambda name: -contracts[name]["net_settlement_total"]["p50"])
        figure = ridges(summary, totals, scale=scale, order=order)
    else:
        figure = _overlaid(summary, totals, scale=scale)
    ranges = f"thin line 5{EN_DASH}95%, thick line 25{EN_DASH}75%"
    figure.axes[-1].set_xlabel(f"{length} net settlement, {scale.unit}; {ranges}")
    described = []
    for name, contract in contracts.items():
        low, middle, high = (gain_or_loss(contract["net_settlement_total"][q]) for q in ("p05", "p50", "p95"))
        described.append(f"{contract_label(name)}: median {middle}, nine paths in ten between {low} and {high}")
    return look.Drawing(figure, f"Distribution of the {length} total", f"{'; '.join(described)}.")


def _overlaid(summary: Mapping[str, Any], totals: Mapping[str, Histogram], *, scale: MoneyScale) -> Figure:
    figure = look.new_figure(height=3.3 + 0.25 * len(totals))
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3.2, 0.35 + 0.45 * len(totals)])
    for index, (name, found) in enumerate(totals.items()):
        colour, dash = look.contract_colour(index), look.contract_dash(index)
        edges = found.edges / scale.divisor
        upper.stairs(found.counts, edges, fill=True, color=colour, alpha=0.16)
        upper.stairs(found.counts, edges, color=colour, linewidth=1.6, linestyle=dash, label=contract_label(name))
        total = summary["contracts"][name]["net_settlement_total"]
        for low, high, width in (("p05", "p95", 2.0), ("p25", "p75", 6.0)):
            span = [total[low] / scale.divisor, total[high] / scale.divisor]
            lower.plot(span, [index, index], color=colour, linewidth=width, solid_capstyle="butt")
        middle = total["p50"] / scale.divisor
        lower.plot(middle, index, look.contract_marker(index), color=look.PAPER, markeredgecolor=colour, markersize=6)
        lower.annotate(
            f"median {signed(middle)}",
            (middle, index),
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            bbox={"facecolor": look.PAPER, "edgecolor": "none", "pad": 0.6},
        )
    look.zero_line(upper, vertical=True)
    look.zero_line(lower, vertical=True)
    upper.set_yticks([])
    upper.set_ylabel("share of paths")
    upper.spines["left"].set_visible(False)
    figure.legend(loc="outside upper right", ncols=len(totals))
    lower.set_yticks(range(len(totals)), [contract_label(name) for name in totals], color=look.INK)
    lower.set_ylim(len(totals) - 0.5, -0.9)
    lower.spines["left"].set_visible(False)
    lower.grid(axis="x")
    return figure


def difference_figure(
    summary: Mapping[str, Any], data: FigureData, compared: Comparison, *, after_costs: bool = False
) -> look.Drawing:
    """Draw the difference of two contracts path by path, each side of zero named.

    Parameters
    ----------
    summary
        Risk summary.
    data
        With the histogram of the difference.
    compared
        Which contract is subtracted from which.
    after_costs
        Whether it is of totals after costs, or of net settlements.

    Raises
    ------
    ValueError
        If the data hold no difference.
    """
    if data.difference is None:
        message = "no contracts were compared"
        raise ValueError(message)
    first, second = compared.first, compared.second
    names = list(summary["contracts"])
    scale = money_scale(data.difference.shown)
    edges, heights = data.difference.edges / scale.divisor, data.difference.counts
    middles = (edges[:-1] + edges[1:]) / 2
    figure = look.new_figure(height=2.8)
    axes = figure.subplots()
    for name, side, where, place, share in (
        (second, middles < 0, "left", (0.0, 1.03), data.ahead[1]),
        (first, middles >= 0, "right", (1.0, 1.03), data.ahead[0]),
    ):
        index = names.index(name)
        axes.bar(
            edges[:-1][side],
            heights[side],
            np.diff(edges)[side],
            align="edge",
            facecolor=look.contract_colour(index),
            alpha=0.75,
            edgecolor=look.PAPER,
            linewidth=0.2,
            hatch=look.contract_hatch(index),
        )
        axes.text(
            *place,
            f"{contract_label(name)} better\non {percent(share)} of paths",
            transform=axes.transAxes,
            ha=where,
            va="bottom",
            color=look.contract_colour(index),
            fontweight="bold",
        )
    look.zero_line(axes, vertical=True)
    axes.set_yticks([])
    axes.set_ylim(0, max(heights.max(), 1) * 1.05)
    axes.spines["left"].set_visible(False)
    length = term_label(term_length(summary))
    pair = f"{contract_label(first)} minus {contract_label(second)}"
    axes.set_xlabel(f"{pair} on the same path, {length} total{' after costs' if after_costs else ''}, {scale.unit}")
    description = (
        f"{contract_label(first)} comes out ahead on {percent(compared.prob_first_better)} of the paths; "
        f"on average {contract_label(compared.better)} is ahead by {dollars(compared.difference)}."
    )
    return look.Drawing(
        figure, f"{contract_label(first)} against {contract_label(second)} on the same paths", description
    )
