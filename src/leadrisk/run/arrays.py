"""Arrays of a whole run that blocks write their rows into: in memory here, in a store in ``chunk_writer``."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from leadrisk.run.chunks import Declared


class Arrays(Protocol):
    """Arrays of a whole run that blocks write their rows into."""

    def declare(self, declared: Declared) -> None:
        """Make an array of zeros, if it is not there yet."""

    def write(self, name: str, values: NDArray[Any], *, rows: slice | None = None, first: int | None = None) -> None:
        """Write the populations ``rows`` of one block, at place ``first`` of what stands before populations.

        ``None``: the array has no such dimension. Values are stretched to what is written.
        """


class HeldArrays:
    """Arrays in memory, written from any thread: untouched pages cost nothing."""

    def __init__(self) -> None:
        self._declared: dict[str, Declared] = {}
        self._arrays: dict[str, NDArray[Any]] = {}
        self._lock = Lock()

    def declare(self, declared: Declared) -> None:
        """Make an array of zeros, if it is not there yet."""
        with self._lock:
            if declared.name not in self._arrays:
                self._arrays[declared.name] = np.zeros(declared.shape, declared.dtype)
                self._declared[declared.name] = declared

    def write(self, name: str, values: NDArray[Any], *, rows: slice | None = None, first: int | None = None) -> None:
        """Write rows of an array."""
        array = self._arrays[name] if first is None else self._arrays[name][first]
        array[... if rows is None else rows] = values

    def labelled(self, *, coords: Mapping[Any, Any], attrs: Mapping[str, Any]) -> xr.Dataset:
        """Label what was written."""
        found = {name: (one.dims, self._arrays[name], dict(one.attrs)) for name, one in self._declared.items()}
        return xr.Dataset(found, coords=coords, attrs=attrs)
