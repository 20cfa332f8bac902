"""How a result answers to what the cells of a sweep differ in: one panel a parameter, or lines of a grid of two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.ticker import FuncFormatter, NullFormatter

from leadrisk.report import figure_style as look
from leadrisk.report.formatting import MINUS, contract_label

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_LOG_FROM = 8.0  # highest over lowest value
_MOST_LINES, _MOST_PANELS = 8, 9
_LABEL = "kept after costs, dollars per beneficiary and year"


def varied_numbers(dataset: xr.Dataset) -> list[str]:
    """Coordinates of the cells that are numbers and differ."""
    return [
        str(name)
        for name, values in dataset.coords.items()
        if values.dims == ("cell",) and name != "lives" and values.dtype.kind in "if" and np.unique(values).size > 1
    ]


def response_figure(dataset: xr.Dataset) -> look.Drawing | None:
    """Draw what an ACO keeps after its costs against what cells differ in; ``None`` where no number differs.

    Parameters
    ----------
    dataset
        Finished cells of a sweep.
    """
    keys = varied_numbers(dataset)
    if not keys:
        return None
    years = dataset["beneficiary_years"].values[:, None]
    mean, error = dataset["after_costs_mean"].values / years, dataset["after_costs_mean_se"].values / years
    two = len(keys) == 2 and 1 < np.unique(dataset[keys[1]]).size <= _MOST_LINES and dataset.attrs["design"] == "grid"
    with look.style():
        drawn = _lines if two else _panels
        figure = drawn(dataset, keys[:_MOST_PANELS], mean, error)
        figure.supylabel(_LABEL, color=look.MUTED, fontsize=8.5)
    spread = "; ".join(
        f"{contract_label(name)}: {_dollars(mean[:, i].min())} to {_dollars(mean[:, i].max())}"
        for i, name in enumerate(dataset["contract"].values.tolist())
    )
    return look.Drawing(figure, f"{dataset.attrs['sweep']}: {', '.join(keys)}", f"{_LABEL}, mean: {spread}.")


def _lines(dataset: xr.Dataset, keys: list[str], mean: Array, error: Array) -> Any:
    """Panel by contract: the first parameter along the axis, a line for each value of the second."""
    contracts = dataset["contract"].values.tolist()
    x, other = (dataset[key].values for key in keys)
    figure, grid = look.panels(len(contracts), height=2.7, extra=0.4)
    levels = np.unique(other)
    shades = mpl.colormaps["viridis"](np.linspace(0.08, 0.82, levels.size))
    for index, (axes, name) in enumerate(zip(grid, contracts, strict=True)):
        for number, level in enumerate(levels):
            rows = np.flatnonzero(other == level)
            rows = rows[np.argsort(x[rows])]
            axes.errorbar(
                x[rows],
                mean[rows, index],
                yerr=2.0 * error[rows, index],
                color=shades[number],
                linestyle=look.contract_dash(number),
                marker=look.contract_marker(number),
                markersize=4,
                linewidth=1.3,
                elinewidth=0.8,
                capsize=2,
                label=f"{level:g}",
            )
        axes.set_title(contract_label(name))
        _finish(axes, x, keys[0])
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=len(labels), title=_words(keys[1]))
    return figure


def _panels(dataset: xr.Dataset, keys: list[str], mean: Array, error: Array) -> Any:
    """Panel by parameter: a point for each cell and contract."""
    contracts = dataset["contract"].values.tolist()
    columns = look.abreast(len(keys))
    rows = -(-len(keys) // columns)
    figure = look.new_figure(height=2.3 * rows + 0.5)
    grid: list[Axes] = figure.subplots(rows, columns, sharey=True, squeeze=False).ravel().tolist()
    for axes, key in zip(grid, keys, strict=False):
        x = dataset[key].values
        alone = len(keys) == 1
        for index, name in enumerate(contracts):
            order = np.argsort(x, kind="stable")
            axes.errorbar(
                x[order],
                mean[order, index],
                yerr=2.0 * error[order, index],
                color=look.contract_colour(index),
                linestyle=look.contract_dash(index) if alone else "none",
                marker=look.contract_marker(index),
                markersize=4 if alone else 3,
                markerfacecolor=look.contract_colour(index) if index == 0 else "none",
                alpha=1.0 if alone else 0.75,
                elinewidth=0.7,
                label=contract_label(name),
            )
        _finish(axes, x, key)
    for axes in grid[len(keys) :]:
        axes.remove()
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=len(labels))
    return figure


def _finish(axes: Axes, x: Array, key: str) -> None:
    if x.min() > 0.0 and x.max() / x.min() >= _LOG_FROM:
        axes.set_xscale("log")
    values = np.unique(x)
    if values.size <= 5:
        axes.set_xticks(values, [f"{value:,.6g}" for value in values])
        axes.minorticks_off()
    else:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
        if axes.get_xscale() == "log":
            axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _dollars(value)))
    axes.grid(axis="y")
    look.zero_line(axes)
    axes.set_xlabel(_words(key))


def _words(key: str) -> str:
    """Write a key so that it is read.

    Examples
    --------
    >>> _words("cohort.high_needs_share")
    'cohort: high needs share'
    """
    return key.replace(".", ": ", 1).replace("_", " ")


def _dollars(value: float) -> str:
    """Write dollars in whole dollars.

    Examples
    --------
    >>> _dollars(1234.4)
    '$1,234'
    """
    return f"{MINUS if round(value) < 0 else ''}${abs(value):,.0f}"
