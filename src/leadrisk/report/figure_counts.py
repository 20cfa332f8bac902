"""The paths of a settlement counted as the figures show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.report.figure_data import BAND_LEVELS, FigureData, Histogram
from leadrisk.report.ranking import compare, ranked_after_costs
from leadrisk.risk.choice import total_after_costs
from leadrisk.risk.parts import by_path, by_year

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_SHOWN = (0.1, 99.9)  # percent of the paths between which a histogram is drawn
_BARS = 60


def figure_data(summary: Mapping[str, Any], settlement: xr.Dataset) -> FigureData:
    """Count the paths of a settlement as the figures show them.

    Parameters
    ----------
    summary
        Risk summary, which says which contracts are compared.
    settlement
        Settled paths, dimensions contract, population, future, year, dollars.
    """
    net = settlement["net_settlement"].transpose("contract", "population", "future", "year")
    totals: dict[str, Array] = {}
    added_up: dict[str, Array] = {}
    for name in net["contract"].values:
        own = net.sel(contract=name)
        totals[str(name)] = by_path([own], lambda values: values.sum(axis=-1))[0].ravel()
        summed = np.zeros((net.sizes["population"], net.sizes["future"]))
        bands = []
        for values in by_year(own):
            summed += values
            bands.append(np.percentile(summed, BAND_LEVELS))
        added_up[str(name)] = np.array(bands)
    edges = _edges(list(totals.values()))
    compared = compare(summary)
    difference, ahead = None, (0.0, 0.0)
    if compared is not None:
        pair = compared.first, compared.second
        if ranked_after_costs(summary):
            first, second = (total_after_costs(settlement.sel(contract=name)).ravel() for name in pair)
        else:
            first, second = (totals[name] for name in pair)
        gap = first - second
        difference = _histogram(gap, _edges([gap]))
        ahead = float(np.mean(gap > 0)), float(np.mean(gap < 0))
    return FigureData(
        totals={name: _histogram(values, edges) for name, values in totals.items()},
        difference=difference,
        ahead=ahead,
        added_up=added_up,
    )


def _edges(values: list[Array]) -> Array:
    """Equal bars with an edge at zero, so that no bar belongs to gain and loss at once."""
    ends = np.array([np.percentile(one, _SHOWN) for one in values])
    low, high = ends[:, 0].min(), ends[:, 1].max()
    width = (high - low) / _BARS if high > low else max(abs(high), 1000.0)
    first = np.floor(low / width)
    edges: Array = np.arange(first, max(np.ceil(high / width), first + 1) + 1) * width
    return edges


def _histogram(values: Array, edges: Array) -> Histogram:
    return Histogram(edges, np.histogram(values, edges)[0].astype(np.float64))
