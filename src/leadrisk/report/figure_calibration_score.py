"""What a roster's score predicts and how long cost lasts, against the fitted engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from leadrisk.calibration.diagnostics import DECILES
from leadrisk.report import figure_style as look

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from leadrisk.calibration.diagnostics import Portrait

    Floats = NDArray[np.float64]

_TWO_SIDED_95 = 1.96
_BESIDE = 0.09  # by which roster and engine stand apart
_LEAST_SPAN = 0.1  # of ratios around 1
_LEAST_TOP = 0.8  # of the axis of correlations


def decile_figure(data: Portrait, fitted: Portrait, *, label: str) -> look.Drawing:
    """Draw the predictive ratio of the score in each of its deciles, with 95 % intervals of the roster's."""
    figure = look.new_figure(width=5.6, height=3.4)
    axes = figure.subplots()
    decile: Floats = np.arange(1.0, DECILES + 1.0)
    axes.axhline(1.0, color=look.INK, linewidth=0.8, zorder=1.5)
    ratios, errors = np.asarray(data.decile_ratios), np.asarray(data.decile_errors)
    _points(axes, decile - _BESIDE, ratios, errors, roster=True)
    _points(axes, decile + _BESIDE, np.asarray(fitted.decile_ratios), np.asarray(fitted.decile_errors), roster=False)
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, 1.0 - _LEAST_SPAN), max(high, 1.0 + _LEAST_SPAN))
    axes.set_xticks(range(1, DECILES + 1))
    axes.set_xlabel("decile of the risk score, lowest first")
    axes.set_ylabel("mean score over mean annualised cost")
    titled(axes, "Predictive ratio of the score", label)
    axes.grid(axis="y")
    axes.legend(loc="best")
    description = (
        f"Lowest decile: roster {ratios[0]:.2f} with standard error {errors[0]:.2f}, highest {ratios[-1]:.2f} with "
        f"{errors[-1]:.2f}; the score predicts the cost of a decile where the ratio is 1."
    )
    return look.Drawing(figure, "Predictive ratio of the score by its decile", description)


def lag_figure(data: Portrait, fitted: Portrait, *, label: str) -> look.Drawing:
    """Draw the correlation of the normal scores of cost by lag, with 95 % intervals of the roster's."""
    figure = look.new_figure(width=4.4, height=3.2)
    axes = figure.subplots()
    lags = np.array(sorted(data.lag_correlations))
    found = np.array([data.lag_correlations[lag] for lag in lags.tolist()])
    errors = np.array([data.lag_errors[lag] for lag in lags.tolist()])
    engine = np.array([fitted.lag_correlations.get(lag, np.nan) for lag in lags.tolist()])
    _points(axes, lags - _BESIDE / 2, found, errors, roster=True)
    _points(axes, lags + _BESIDE / 2, engine, None, roster=False)
    axes.set_xlim(0.5, lags[-1] + 0.5)
    axes.set_ylim(0.0, max(_LEAST_TOP, float(found.max()) + 0.15))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("years apart")
    axes.set_ylabel("correlation of normal scores of cost")
    titled(axes, "How long the dear stay dear", label)
    axes.grid(axis="y")
    axes.legend(loc="lower left")
    description = "; ".join(
        f"{lag} year{'s' if lag > 1 else ''} apart: roster {mine:.3f} with standard error {error:.3f}, engine {of:.3f}"
        for lag, mine, error, of in zip(lags.tolist(), found, errors, engine, strict=True)
    )
    return look.Drawing(figure, "Correlation of cost by lag", f"{description}.")


def titled(axes: Axes, title: str, label: str) -> None:
    """Put a title over a panel and below it, smaller, whose data it shows."""
    axes.set_title(title, pad=19)
    axes.annotate(
        label, (0.0, 1.0), xycoords="axes fraction", xytext=(0, 6), textcoords="offset points", fontsize=7.5,
        color=look.MUTED,
    )  # fmt: skip


def _points(axes: Axes, x: Floats, y: Floats, errors: Floats | None, *, roster: bool) -> None:
    index = 0 if roster else 1
    axes.errorbar(
        x, y, yerr=None if errors is None else _TWO_SIDED_95 * errors, color=look.contract_colour(index),
        fmt=look.contract_marker(index), markersize=4.5, linewidth=1.2, capsize=2.5,
        label=("roster" if roster else "fitted engine") + ("" if errors is None else ", 95 % interval"),
    )  # fmt: skip
