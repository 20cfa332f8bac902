"""Read the lines of a settlement in parts: no more of a line is in memory than a statistic needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import xarray as xr
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Statistic = Callable[[Array], Array]

_PART_BYTES = 1 << 24
_HELD_BYTES = 1 << 27

Paths = TypeVar("Paths", "xr.Dataset", "xr.DataArray")


def population_parts(paths: Paths) -> Iterator[Paths]:
    """Give neighbouring populations of a settlement, or of one of its lines, a part at a time, nothing read yet."""
    populations = paths.sizes["population"]
    others = np.prod([extent for dim, extent in paths.sizes.items() if dim in {"future", "year", "cash_year"}])
    rows = max(1, _PART_BYTES // (8 * int(others)))
    for first in range(0, populations, rows):
        yield paths.isel(population=slice(first, first + rows))


def by_path(lines: list[xr.DataArray], *statistics: Callable[..., Array]) -> list[Array]:
    """Statistics of each population's own paths, in one reading of the lines.

    Parameters
    ----------
    lines
        Dimensions population, future and a kind of year, all the same.
    statistics
        Each is given the lines' values, shape (population, future, year), and keeps the populations as first axis.

    Returns
    -------
    list of array
        One a statistic, for all populations.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray as xr
    >>> net = xr.DataArray(np.arange(24.0).reshape(4, 2, 3), dims=("population", "future", "year"))
    >>> total, lowest = by_path([net], lambda values: values.sum(axis=-1), lambda values: values.min(axis=-1))
    >>> total.shape, lowest[1].tolist()
    ((4, 2), [6.0, 9.0])
    """
    found: list[list[Array]] = [[] for _ in statistics]
    for parts in zip(*map(population_parts, lines), strict=True):
        values = [part.transpose("population", "future", ...).values for part in parts]
        for kept, statistic in zip(found, statistics, strict=True):
            kept.append(statistic(*values))
    return [np.concatenate(kept) for kept in found]


def by_year(line: xr.DataArray) -> Iterator[Array]:
    """Give a line year by year, shape (population, future); as many years are read at a time as fit 128 MB.

    Parameters
    ----------
    line
        Dimensions population, future and, last, a kind of year.
    """
    dim = line.dims[-1]
    together = max(1, _HELD_BYTES // (8 * line.sizes["population"] * line.sizes["future"]))
    for first in range(0, line.sizes[dim], together):
        held = line.isel({dim: slice(first, first + together)}).values
        for at in range(held.shape[-1]):
            yield held[..., at]


def yearly_means(line: xr.DataArray) -> Array:
    """Mean of a line over populations and futures, shape (year,)."""
    (per_population,) = by_path([line], lambda values: values.mean(axis=1))
    return np.asarray(per_population.mean(axis=0))
