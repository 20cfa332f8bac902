"""The paths of a settlement counted as the figures show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.report.figure_data import BAND_LEVELS, FigureData, Histogram
from leadrisk.report.ranking import compare, ranked_after_costs
from leadrisk.risk.choice import total_after_costs
from leadrisk.risk.parts import population_parts
from leadrisk.risk.vectors import PathVectors

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
    names = [str(name) for name in settlement["contract"].values]
    added_up: dict[str, Array] = {}
    ends: dict[str, Array] = {}
    with PathVectors(settlement.sizes["population"], settlement.sizes["future"]) as totals:
        for name in names:
            added_up[name] = _bands(settlement["net_settlement"].sel(contract=name), name, totals)
            ends[name] = np.percentile(totals[name], _SHOWN)
        edges = _edges(np.array([*ends.values()]))
        counted = {name: _histogram(totals[name], edges) for name in names}
        difference, ahead = None, (0.0, 0.0)
        compared = compare(summary)
        if compared is not None:
            pair = compared.first, compared.second
            if ranked_after_costs(summary):
                gap = np.subtract(*(total_after_costs(settlement.sel(contract=name)) for name in pair))
            else:
                gap = totals[pair[0]] - totals[pair[1]]
            difference = _histogram(gap, _edges(np.percentile(gap, _SHOWN)[None]))
            ahead = float(np.mean(gap > 0)), float(np.mean(gap < 0))
    return FigureData(totals=counted, difference=difference, ahead=ahead, added_up=added_up)


def _bands(net: xr.DataArray, name: str, totals: PathVectors) -> Array:
    """Quantiles of what has added up by each year; what all years bring goes to the totals."""
    with PathVectors(net.sizes["population"], net.sizes["future"]) as vectors:
        first = 0
        for part in population_parts(net):
            values = part.transpose("population", "future", "year").values
            totals.put(name, first, values.sum(axis=-1))
            summed = np.zeros(values.shape[:-1])
            for at in range(values.shape[-1]):
                summed += values[..., at]
                vectors.put(at, first, summed)
            first += len(values)
        return np.array([np.percentile(vectors[at], BAND_LEVELS) for at in range(net.sizes["year"])])


def _edges(ends: Array) -> Array:
    """Equal bars between some pairs of ends, with an edge at zero: no bar belongs to gain and loss at once."""
    low, high = ends[:, 0].min(), ends[:, 1].max()
    width = (high - low) / _BARS if high > low else max(abs(high), 1000.0)
    first = np.floor(low / width)
    edges: Array = np.arange(first, max(np.ceil(high / width), first + 1) + 1) * width
    return edges


def _histogram(values: Array, edges: Array) -> Histogram:
    return Histogram(edges, np.histogram(values, edges)[0].astype(np.float64))
