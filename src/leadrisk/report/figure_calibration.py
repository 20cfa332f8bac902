"""Cost of a roster against the fitted engine: quantiles, and concentration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from leadrisk.calibration.diagnostics import PUBLISHED_SHARES, PUBLISHED_SOURCE, QUANTILES, TOP_SHARES
from leadrisk.report import figure_style as look
from leadrisk.report.figure_calibration_score import decile_figure, lag_figure, titled

if TYPE_CHECKING:
    from leadrisk.calibration.diagnostics import Portrait

ROSTER, ENGINE = look.contract_colour(0), look.contract_colour(1)
_MARKED = (0.5, 0.75, 0.9, 0.95, 0.99, 0.999)
_TICKS = (0.01, 0.1, 1.0, 10.0, 100.0)


def draw_calibration(data: Portrait, fitted: Portrait, *, label: str) -> dict[str, look.Drawing]:
    """Draw every figure of a calibration.

    Parameters
    ----------
    data, fitted
        Figures of the roster and of the engine.
    label
        What the roster is called, synthetic persons named as such.

    Returns
    -------
    dict of str to Drawing
        ``quantiles``, ``concentration``, ``lags`` where there are two years, ``deciles`` where there are scores.
    """
    with look.style():
        drawings = {
            "quantiles": quantile_figure(data, fitted, label=label),
            "concentration": concentration_figure(data, fitted, label=label),
        }
        if data.lag_correlations:
            drawings["lags"] = lag_figure(data, fitted, label=label)
        if data.decile_ratios is not None and fitted.decile_ratios is not None:
            drawings["deciles"] = decile_figure(data, fitted, label=label)
    return drawings


def quantile_figure(data: Portrait, fitted: Portrait, *, label: str) -> look.Drawing:
    """Draw quantiles of annualised cost of the engine against those of the roster."""
    shown = (data.quantiles > 0) & (fitted.quantiles > 0)
    figure = look.new_figure(width=5.2, height=4.6)
    axes = figure.subplots()
    axes.set_xscale("log")
    axes.set_yscale("log")
    low = min(data.quantiles[shown].min(), fitted.quantiles[shown].min()) / 1.6
    high = max(data.quantiles[shown].max(), fitted.quantiles[shown].max()) * 1.6
    axes.plot([low, high], [low, high], color=look.NEUTRAL, linewidth=0.9, zorder=1)
    axes.annotate(
        "equal", (low * 2.2, low * 2.2), xytext=(4, -9), textcoords="offset points", fontsize=7.5, color=look.MUTED
    )
    axes.plot(data.quantiles[shown], fitted.quantiles[shown], "o", color=ENGINE, markersize=4, zorder=3)
    for share, x, y in zip(np.array(QUANTILES)[shown], data.quantiles[shown], fitted.quantiles[shown], strict=True):
        if any(abs(share - marked) < 1e-9 for marked in _MARKED):
            axes.annotate(
                f"{100 * share:g} %", (x, y), xytext=(-6, 5), textcoords="offset points", ha="right", fontsize=7.5,
                color=look.INK,
            )  # fmt: skip
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    axes.set_aspect("equal")
    axes.set_xlabel("roster, annualised cost over the mean")
    axes.set_ylabel("fitted engine, annualised cost over the mean")
    titled(axes, "Quantiles of annualised cost", label)
    axes.grid()
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(FixedLocator([tick for tick in _TICKS if low < tick < high]))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    at = QUANTILES.index(0.99)
    description = (
        f"99th percentile of annualised cost over its mean: roster {data.quantiles[at]:.1f}, "
        f"engine {fitted.quantiles[at]:.1f}; 95th: {data.quantiles[QUANTILES.index(0.95)]:.1f} and "
        f"{fitted.quantiles[QUANTILES.index(0.95)]:.1f}."
    )
    return look.Drawing(figure, "Quantiles of annualised cost, engine against roster", description)


def concentration_figure(data: Portrait, fitted: Portrait, *, label: str) -> look.Drawing:
    """Draw which share of in-year cost the dearest persons have: roster, engine and published shares."""
    figure = look.new_figure(width=5.2, height=3.8)
    axes = figure.subplots()
    axes.plot(*data.lorenz, color=ROSTER, linewidth=1.8, label="roster")
    axes.plot(*fitted.lorenz, color=ENGINE, linewidth=1.8, linestyle="--", label="fitted engine")
    axes.plot(TOP_SHARES, PUBLISHED_SHARES, "D", color=look.INK, markersize=4.5, label="published, 65 and over")
    axes.set_xscale("log")
    axes.set_xlim(0.001, 1.0)
    axes.set_ylim(0.0, 1.0)
    axes.xaxis.set_major_locator(FixedLocator([0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 1.0]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f} %"))
    axes.set_xlabel("dearest persons of a year")
    axes.set_ylabel("their share of in-year cost")
    titled(axes, "Concentration of cost", label)
    axes.grid()
    axes.legend(loc="upper left")
    description = "; ".join(
        f"top {100 * share:g} %: roster {100 * mine:.1f} %, engine {100 * engine:.1f} %, published {100 * known:.1f} %"
        for share, mine, engine, known in zip(
            TOP_SHARES, data.top_shares, fitted.top_shares, PUBLISHED_SHARES, strict=True
        )
    )
    return look.Drawing(figure, "Concentration of in-year cost", f"{description}. Published: {PUBLISHED_SOURCE}.")
