"""Whether a backtest was calibrated and sharp: coverage, ranks of what came, and forecasts against it by size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.report import figure_style as look
from leadrisk.validation.backtest_scores import SIZE_BANDS
from leadrisk.validation.scores import LEVELS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from leadrisk.validation.backtest import Backtest
    from leadrisk.validation.backtest_scores import Scored

_RIVALS = (("naive", "naive line"), ("gaussian", "Gaussian panel"), ("closed_rule", "closed rule"))


def draw_backtest(found: Backtest) -> look.Drawing:
    """Draw coverage, ranks and forecasts against what came, ACOs in the same agreement period."""
    group, summary = found.groups["same_agreement_period"], found.summary
    with look.style():
        figure = look.new_figure(height=6.2)
        upper, lower = figure.subfigures(2, 1, squeeze=False, height_ratios=[1.0, 1.05])[:, 0]
        left, right = upper.subplots(1, 2)
        _coverage(left, summary)
        _ranks(right, summary)
        _against(lower.subplots(1, len(SIZE_BANDS), sharex=True, sharey=True).tolist(), group)
    held = ", ".join(f"{level} %: {summary['coverage'][str(level)]:.1f} %" for level in LEVELS)
    return look.Drawing(
        figure,
        f"Savings of {summary['test_year']} foretold for {summary['n']} ACOs",
        f"Share of ACOs inside the engine's intervals, {held}.",
    )


def _coverage(axes: Axes, summary: dict[str, Any]) -> None:
    places = np.arange(len(LEVELS))
    error = np.array([summary["coverage_error"][str(level)] for level in LEVELS])
    axes.bar(places, 4.0 * error, bottom=-2.0 * error, width=0.8, color=look.GRID, label="nominal ± 2 standard errors")
    series = [("coverage", "engine"), *((f"coverage_{name}", label) for name, label in _RIVALS)]
    for number, (key, label) in enumerate(series):
        if summary.get(key):
            gap = [summary[key][str(level)] - level for level in LEVELS]
            axes.plot(
                places + (number - 1.5) * 0.15,
                gap,
                look.contract_marker(number),
                color=look.contract_colour(number),
                markersize=6 if number == 0 else 4.5,
                label=label,
            )
    look.zero_line(axes)
    axes.use_sticky_edges = False
    axes.set_xticks(places, [f"{level} %" for level in LEVELS])
    axes.set_ylabel("coverage less nominal, points")
    axes.set_title("Coverage of the intervals")
    axes.grid(axis="y")
    axes.legend(loc="upper right", fontsize=7, facecolor=look.PAPER, frameon=True, edgecolor="none")


def _ranks(axes: Axes, summary: dict[str, Any]) -> None:
    counts = np.array(summary["pit"])
    bins = counts.size
    even = counts.sum() / bins
    error = np.sqrt(even * (1.0 - 1.0 / bins))
    axes.axhspan(even - 2.0 * error, even + 2.0 * error, color=look.GRID, zorder=0.5)
    axes.axhline(even, color=look.INK, linewidth=0.8)
    axes.bar((np.arange(bins) + 0.5) / bins, counts, width=0.86 / bins, color=look.contract_colour(0))
    axes.set_xlim(0, 1)
    axes.set_xlabel("rank of what came in the forecast")
    axes.set_ylabel("ACOs")
    axes.set_title("Ranks of what came, ± 2 standard errors")


def _against(panels: list[Axes], group: Scored) -> None:
    mean = np.array([float(one.draws.mean()) for one in group.forecasts])
    low, high = (np.array([one.quantile(p) for one in group.forecasts]) for p in (0.05, 0.95))
    for axes, (label, least, most) in zip(panels, SIZE_BANDS, strict=True):
        inside = (group.lives >= least) & (group.lives < most)
        axes.axline((0.0, 0.0), slope=1.0, color=look.MUTED, linewidth=0.8)
        axes.vlines(mean[inside], low[inside], high[inside], color=look.contract_colour(4), linewidth=0.5, alpha=0.45)
        axes.plot(mean[inside], group.actual[inside], "o", color=look.contract_colour(0), markersize=2.2)
        axes.set_title(f"{label} lives", fontsize=8)
        axes.grid()
    panels[0].set_ylabel("actual savings, % of benchmark\n(line: 90 % interval)")
    panels[0].figure.supxlabel("mean forecast, % of benchmark", fontsize=8.5, color=look.MUTED)
