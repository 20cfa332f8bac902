"""Which option comes out best: totals after costs, and the chance to be the best on a path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadrisk.report import figure_style as look
from leadrisk.report.formatting import (
    EN_DASH,
    contract_label,
    is_known,
    money_scale,
    percent,
    signed,
    term_label,
    term_length,
)
from leadrisk.report.ranking import option_total, options_by_mean

if TYPE_CHECKING:
    from collections.abc import Mapping


def choice_figure(summary: Mapping[str, Any]) -> look.Drawing:
    """Draw what each option brings after costs beside its chance to be the best, best mean on top."""
    names = options_by_mean(summary)
    columns = list(summary["contracts"])
    totals = {name: option_total(summary, name) for name in names}
    scale = money_scale([total[q] for total in totals.values() for q in ("p05", "p95")])
    figure = look.new_figure(height=0.8 + 0.33 * len(names))
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=[1.6, 1])
    for row, name in enumerate(names):
        colour = look.contract_colour(columns.index(name)) if name in columns else look.INK
        total = totals[name]
        for low, high, width in (("p05", "p95", 2.0), ("p25", "p75", 7.0)):
            span = [total[low] / scale.divisor, total[high] / scale.divisor]
            left.plot(span, [row, row], color=colour, linewidth=width, solid_capstyle="butt")
        mean = total["mean"] / scale.divisor
        left.plot(mean, row, "D", color=look.PAPER, markeredgecolor=colour, markersize=5.5)
        text = f"mean {signed(mean)}" if name in columns else "0 for certain"
        left.annotate(
            text,
            (mean, row),
            xytext=(0, -6),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=7.5,
            bbox={"facecolor": look.PAPER, "edgecolor": "none", "pad": 0.4},
        )
        chance = summary["choice"]["best"][name]
        error = chance["se"] * 100 if is_known(chance["se"]) else 0.0
        right.barh(
            row,
            chance["value"] * 100,
            height=0.55,
            facecolor=colour,
            alpha=0.85,
            xerr=error,
            error_kw={"ecolor": look.INK, "elinewidth": 0.9, "capsize": 2},
        )
        right.annotate(
            percent(chance["value"]),
            (chance["value"] * 100 + error, row),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    left.set_yticks(range(len(names)), [contract_label(name) for name in names], color=look.INK)
    left.set_ylim(len(names) - 0.3, -0.6)
    for axes in (left, right):
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x")
        look.zero_line(axes, vertical=True)
    right.margins(x=0.2)
    right.set_xlim(left=0)
    length = term_label(term_length(summary))
    left.set_title(f"{length.capitalize()} total after costs")
    left.set_xlabel(f"{scale.unit}; thin line 5{EN_DASH}95%, thick line 25{EN_DASH}75%")
    right.set_title("Chance to be the best")
    right.set_xlabel("% of the paths")
    described = "; ".join(
        f"{contract_label(name)} is the best on {percent(summary['choice']['best'][name]['value'])} of the paths"
        for name in names
    )
    return look.Drawing(figure, "Which option comes out best, after costs", f"{described}.")
