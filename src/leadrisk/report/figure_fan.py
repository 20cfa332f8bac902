"""Fan chart: bands of the net settlement by year, and added up since the start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from leadrisk.report import figure_style as look
from leadrisk.report.figure_data import BAND_LEVELS
from leadrisk.report.formatting import EN_DASH, contract_label, gain_or_loss, money_scale

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

_WIDE_BAND, _NARROW_BAND = 0.2, 0.4


def fan_figure(
    summary: Mapping[str, Any], summed: Mapping[str, NDArray[np.float64]], *, rate_book: int | None = None
) -> look.Drawing:
    """Draw the bands of every contract, year by year above and added up below.

    Parameters
    ----------
    summary
        Risk summary, whose yearly quantiles are drawn.
    summed
        Quantiles of the net settlement added up since the start by contract, shape (year, level), dollars.
    rate_book
        Year to mark in the panels of LEAD, in which the regional rate book comes in.
    """
    years = [int(year) for year in next(iter(summary["contracts"].values()))["years"]]
    yearly = {
        name: np.array([[y["net_settlement"][f"p{q:02d}"] for q in BAND_LEVELS] for y in contract["years"].values()])
        for name, contract in summary["contracts"].items()
    }
    columns = min(len(yearly), 3 if len(yearly) == 3 else 2)
    rows = -(-len(yearly) // columns)
    names = list(yearly)
    height = 2.1 if len(years) > 1 else 1.5
    figure = look.new_figure(height=2 * rows * (height if rows == 1 else 1.55) + 0.7)
    grid = figure.subplots(2 * rows, columns, sharex=True, squeeze=False)
    for block, (kind, bands) in enumerate((("each year", yearly), ("added up since the start", summed))):
        scale = money_scale(np.concatenate([b.ravel() for b in bands.values()]))
        scaled_by: dict[str, int] = {}
        places = grid[block * rows : (block + 1) * rows].ravel()
        for index, (name, values) in enumerate(bands.items()):
            axes = places[index]
            program = _program(name)
            axes.sharey(places[scaled_by.setdefault(program, index)])
            _fan_panel(axes, years, values / scale.divisor, colour=look.contract_colour(index))
            said = kind if len(bands) < 5 else kind.removesuffix(" since the start")
            axes.set_title(f"{contract_label(name)}, {said}" if columns < 3 else contract_label(name), pad=8)
            beside = index % columns > 0 and _program(names[index - 1]) == program
            axes.tick_params(axis="y", labelleft=not beside)
            if rate_book is not None and not block and program == "lead":
                _mark(axes, rate_book)
            if index % columns == 0:
                axes.set_ylabel(scale.unit if columns < 3 else f"{scale.unit}, {kind.removesuffix(' since the start')}")
            lowest = bool(block) and index + columns >= len(bands)
            axes.tick_params(axis="x", length=3 * lowest, labelbottom=lowest)
        for axes in places[len(bands) :]:
            axes.remove()
    keys = [
        Patch(color=look.NEUTRAL, alpha=_WIDE_BAND, linewidth=0, label=f"nine paths in ten (5{EN_DASH}95%)"),
        Patch(color=look.NEUTRAL, alpha=_NARROW_BAND, linewidth=0, label=f"half of the paths (25{EN_DASH}75%)"),
        Line2D([], [], color=look.NEUTRAL, linewidth=1.8, marker="o", markersize=3, label="median"),
    ]
    figure.legend(handles=keys, loc="outside lower center", ncols=3)
    last = {contract_label(name): [gain_or_loss(v) for v in values[-1]] for name, values in summed.items()}
    description = "; ".join(
        f"{label}: by {years[-1]} the median path has added up to {v[2]}, nine in ten to between {v[0]} and {v[4]}"
        for label, v in last.items()
    )
    return look.Drawing(figure, "Net settlement by year and added up, with bands", f"{description}.")


def _program(name: str) -> str:
    return name.partition("_")[0]


def _mark(axes: Axes, year: int) -> None:
    axes.axvline(year, color=look.MUTED, linewidth=0.8, linestyle=(0, (2, 2)), zorder=1.4)
    axes.annotate(
        "rate book",
        (year, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(-3, -1),
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=7.5,
        color=look.MUTED,
    )


def _fan_panel(axes: Axes, years: list[int], values: NDArray[np.float64], *, colour: str) -> None:
    single = len(years) == 1
    x = np.array([years[0] - 0.3, years[0] + 0.3]) if single else np.array(years)
    values = np.repeat(values, 2, axis=0) if single else values
    axes.fill_between(x, values[:, 0], values[:, 4], color=colour, alpha=_WIDE_BAND, linewidth=0)
    axes.fill_between(x, values[:, 1], values[:, 3], color=colour, alpha=_NARROW_BAND, linewidth=0)
    axes.plot(x, values[:, 2], color=colour, linewidth=1.8, marker="" if single else "o", markersize=3)
    axes.set_xticks(years[:: 1 if len(years) <= 5 else 3])
    axes.set_xlim(x[0] - 0.3, x[-1] + 0.6)
    axes.grid(axis="y")
    look.zero_line(axes)
    axes.spines[["left", "bottom"]].set_visible(False)
