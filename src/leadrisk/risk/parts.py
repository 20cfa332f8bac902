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

Paths = TypeVar("Paths", "xr.Dataset", "xr.DataArray")


def population_parts(paths: Paths, *, at_once: int = _PART_BYTES) -> Iterator[Paths]:
    """Give neighbouring populations of lines of a settlement, a part at a time, nothing read yet.

    Parameters
    ----------
    paths
        One line, or some of one contract.
    at_once
        Bytes that a part of all of them may take.
    """
    populations = paths.sizes["population"]
    rows = max(1, at_once * populations // max(paths.nbytes, 1))
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
