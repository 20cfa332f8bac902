"""Who gains: every ACO of a sweep, sorted, and against its size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FuncFormatter

from leadrisk.report import figure_style as look
from leadrisk.report.figure_sweep_response import log_axis
from leadrisk.report.formatting import MINUS, contract_label

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_PANEL_HEIGHT, _SIZE_HEIGHT = 2.1, 2.6  # inches
_OUTLYING = 1.0  # percent of interval ends, on each side, that may reach beyond the axis


def acos_figure(dataset: xr.Dataset) -> look.Drawing:
    """Draw what each ACO keeps after its costs, dollars per beneficiary and year, by contract.

    Parameters
    ----------
    dataset
        Finished cells of a sweep over a list of ACOs.
    """
    contracts = dataset["contract"].values.tolist()
    years = dataset["beneficiary_years"].values[:, None]
    mean = dataset["after_costs_mean"].values / years
    low, high = (dataset["after_costs_quantile"].sel(level=name).values / years for name in ("p05", "p95"))
    order = np.argsort(-mean[:, 0], kind="stable")
    limits = _limits(low, high)
    with look.style():
        figure = look.new_figure(height=_PANEL_HEIGHT * len(contracts) + _SIZE_HEIGHT + 0.4)
        heights = [_PANEL_HEIGHT] * len(contracts) + [_SIZE_HEIGHT]
        grid: list[Axes] = list(figure.subplots(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0])
        for index, (axes, name) in enumerate(zip(grid, contracts, strict=False)):
            _sorted(axes, *(values[order, index] for values in (mean, low, high)), index=index, limits=limits)
            axes.set_title(f"{contract_label(name)}: {_who(mean[:, index])}")
        order_is = f"ACOs, in the order of their mean under {contract_label(contracts[0])}"
        beyond = int(((low < limits[0]) | (high > limits[1])).any(axis=1).sum())
        note = f"; intervals of {beyond} reach beyond the axis" if beyond else ""
        grid[len(contracts) - 1].set_xlabel(order_is + note)
        _by_size(grid[-1], dataset["lives"].values, mean, contracts)
        figure.supylabel("kept after costs, dollars per beneficiary and year", color=look.MUTED, fontsize=8.5)
    said = "; ".join(f"{contract_label(name)}: {_who(mean[:, i])}" for i, name in enumerate(contracts))
    title = f"Who gains: ten years of LEAD for {len(mean)} ACOs" if _only_lead(contracts) else f"{len(mean)} ACOs"
    return look.Drawing(figure, title, f"{said}.")


def _only_lead(contracts: list[str]) -> bool:
    return all(name.startswith("lead_") for name in contracts)


def _sorted(axes: Axes, mean: Array, low: Array, high: Array, *, index: int, limits: tuple[float, float]) -> None:
    """One contract: the mean of each ACO, and where nine of ten paths lie."""
    places = np.arange(1, mean.size + 1)
    colour = look.contract_colour(index)
    width = min(3.0, 330.0 / mean.size)
    axes.vlines(places, low, high, color=colour, alpha=0.28, linewidth=width, label="5 % to 95 % of the paths")
    axes.plot(places, mean, ".", color=colour, markersize=min(7.0, 2.2 + 60.0 / mean.size), label="mean")
    look.zero_line(axes)
    axes.set_xlim(0, mean.size + 1)
    axes.set_ylim(*limits)
    axes.grid(axis="y")
    axes.yaxis.set_major_formatter(FuncFormatter(_whole_dollars))
    axes.legend(loc="lower left", ncols=2)


def _by_size(axes: Axes, lives: Array, mean: Array, contracts: list[str]) -> None:
    for index, name in enumerate(contracts):
        axes.plot(
            lives,
            mean[:, index],
            look.contract_marker(index),
            color=look.contract_colour(index),
            markersize=3.2,
            markeredgewidth=0.3 if index == 0 else 0.7,
            markerfacecolor=look.contract_colour(index) if index == 0 else "none",
            alpha=0.65,
            label=contract_label(name),
        )
    look.zero_line(axes)
    log_axis(axes)
    axes.yaxis.set_major_formatter(FuncFormatter(_whole_dollars))
    axes.grid(axis="y")
    axes.set_title("Mean by size")
    axes.set_xlabel("aligned beneficiaries")
    axes.legend(loc="lower right", ncols=len(contracts))


def _limits(low: Array, high: Array) -> tuple[float, float]:
    """Axis of all panels; the ends of a few very wide intervals may lie beyond it."""
    bottom, top = float(np.percentile(low, _OUTLYING)), float(np.percentile(high, 100.0 - _OUTLYING))
    pad = 0.05 * (top - bottom or 1.0)
    return min(bottom, 0.0) - pad, max(top, 0.0) + pad


def _who(mean: Array) -> str:
    """Say how many gain.

    Examples
    --------
    >>> import numpy as np
    >>> _who(np.array([3.0, -1.0, 2.0]))
    '2 of 3 gain on average'
    """
    return f"{int((mean > 0).sum())} of {mean.size} gain on average"


def _whole_dollars(value: float, _: Any) -> str:
    return f"{MINUS if value < 0 else ''}${abs(value):,.0f}"
