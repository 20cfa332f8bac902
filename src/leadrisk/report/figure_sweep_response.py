"""How a result answers to what the cells of a sweep differ in: one panel a parameter, or lines of a grid of two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.ticker import FuncFormatter

from leadrisk.report import figure_style as look
from leadrisk.report.formatting import MINUS, contract_label

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_MOST_LINES, _MOST_PANELS, _MOST_TICKS = 8, 9, 5
_LABEL = "kept after costs, dollars per beneficiary and year"


def varied_numbers(dataset: xr.Dataset) -> list[str]:
    """Coordinates of the cells that are numbers and differ; those of a grid in its order, which a store forgets."""
    found = [
        str(name)
        for name, values in dataset.coords.items()
        if values.dims == ("cell",) and name != "lives" and values.dtype.kind in "if" and np.unique(values).size > 1
    ]
    grid = list(dataset.attrs["dimensions"])
    return sorted(found, key=lambda name: (grid.index(name) if name in grid else len(grid), name))


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
        if two:
            figure = _lines(dataset, keys)
        else:
            figure = _panels(dataset, keys[:_MOST_PANELS], mean, error)
            figure.supylabel(_LABEL, color=look.MUTED, fontsize=8.5)
    spread = "; ".join(
        f"{contract_label(name)}: {_dollars(mean[:, i].min())} to {_dollars(mean[:, i].max())}"
        for i, name in enumerate(dataset["contract"].values.tolist())
    )
    return look.Drawing(figure, f"{dataset.attrs['sweep']}: {', '.join(keys)}", f"{_LABEL}, mean: {spread}.")


def _lines(dataset: xr.Dataset, keys: list[str]) -> Figure:
    """Mean above, reserve below, a panel by contract: one parameter along the axis, a line for each value of the other.

    What moves the spread of the paths alone shows in the reserve only.
    """
    contracts = dataset["contract"].values.tolist()
    years = dataset["beneficiary_years"].values[:, None]
    rows = (
        ("mean after costs,\n$ per beneficiary and year", "after_costs_mean", years),
        ("99 % reserve, $ million", "reserve_99", np.full_like(years, 1e6)),
    )
    x, other = (dataset[key].values for key in keys)
    levels = np.unique(other)
    shades = mpl.colormaps["viridis"](np.linspace(0.08, 0.82, levels.size))
    figure = look.new_figure(height=5.0)
    grid = figure.subplots(len(rows), len(contracts), sharex=True, sharey="row", squeeze=False)
    for row, (label, name, divisor) in enumerate(rows):
        values, errors = dataset[name].values / divisor, dataset[f"{name}_se"].values / divisor
        for index in range(len(contracts)):
            axes = grid[row, index]
            for number, level in enumerate(levels):
                cells = np.flatnonzero(other == level)
                cells = cells[np.argsort(x[cells])]
                axes.errorbar(
                    x[cells],
                    values[cells, index],
                    yerr=2.0 * errors[cells, index],
                    color=shades[number],
                    linestyle=look.contract_dash(number),
                    marker=look.contract_marker(number),
                    markersize=4,
                    linewidth=1.3,
                    elinewidth=0.8,
                    capsize=2,
                    label=f"{level:g}",
                )
            _finish(axes, x, keys[0] if row == len(rows) - 1 else "", log=keys[0] in dataset.attrs["log_scales"])
        grid[row, 0].set_ylabel(label)
    for axes, contract in zip(grid[0], contracts, strict=True):
        axes.set_title(contract_label(contract))
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=len(labels), title=_words(keys[1]))
    return figure


def _panels(dataset: xr.Dataset, keys: list[str], mean: Array, error: Array) -> Figure:
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
        _finish(axes, x, key, log=key in dataset.attrs["log_scales"])
    for axes in grid[len(keys) :]:
        axes.remove()
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=len(labels))
    return figure


def _finish(axes: Axes, x: Array, key: str, *, log: bool) -> None:
    values = np.unique(x)
    if log:
        log_axis(axes)
    else:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    if values.size <= _MOST_TICKS:
        axes.set_xticks(values, [f"{value:,.6g}" for value in values])
        axes.minorticks_off()
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.4g}".replace("-", MINUS)))
    axes.grid(axis="y")
    look.zero_line(axes)
    axes.set_xlabel(_words(key))


def log_axis(axes: Axes) -> None:
    """Logarithmic axis along x, with numbers in full at 1, 2 and 5 of each decade."""
    axes.set_xscale("log")
    for set_formatter in (axes.xaxis.set_major_formatter, axes.xaxis.set_minor_formatter):
        set_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}" if f"{value:.0e}"[0] in "125" else ""))


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
