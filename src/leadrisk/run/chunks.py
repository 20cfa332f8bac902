"""Arrays in a Zarr v3 store, one file a chunk of populations: written by the task that made it, read in parts.

A chunk is stored as the specification says for the codec ``bytes`` without compression: its numbers, little-endian, in
C order. Such a file needs no library to be written or read, which takes a fifth of the time (no event loop, no copies)
and lets a full disk fail where it is met.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr
from xarray.backends import BackendArray
from xarray.core import indexing

from leadrisk.errors import LeadriskError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import DTypeLike, NDArray

    Key = tuple[int | slice, ...]


@dataclass(frozen=True)
class Declared:
    """Name, dimensions and type of an array of a whole run; at most one dimension stands before the populations."""

    name: str
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: DTypeLike = np.float64
    attrs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def axis(self) -> int | None:
        """Axis of the populations; ``None`` where there is none."""
        return self.dims.index("population") if "population" in self.dims else None


class ChunkedArray(BackendArray):
    """An array of a store, as xarray reads arrays that are not in memory.

    Parameters
    ----------
    directory
        Of the array.
    block
        Populations a chunk.
    """

    def __init__(self, declared: Declared, directory: Path, *, block: int) -> None:
        self.shape, self.dtype = declared.shape, np.dtype(declared.dtype).newbyteorder("<")
        self._axis, self._directory, self._block = declared.axis, directory, block

    def __getitem__(self, key: indexing.ExplicitIndexer) -> NDArray[Any]:
        """Read a part of the array."""
        found: NDArray[Any] = indexing.explicit_indexing_adapter(
            key, self.shape, indexing.IndexingSupport.BASIC, self._read
        )
        return found

    def _file(self, block: int, first: int | None) -> Path:
        return self._directory / chunk_name(len(self.shape), self._axis, block=block, first=first)

    def _read(self, key: Key) -> NDArray[Any]:
        if self._axis is None:
            found = np.zeros(self.shape, self.dtype)
            self._fill(found, self._file(0, None), first_row=0)
            return np.asarray(found[key])
        before, populations, rest = key[: self._axis], key[self._axis], key[self._axis + 1 :]
        leading = [_numbers(part, extent) for part, extent in zip(before, self.shape, strict=False)]
        rows = _numbers(populations, self.shape[self._axis])
        inner = np.broadcast_to(0, self.shape[self._axis + 1 :])[rest].shape
        found = np.zeros((*map(len, leading), len(rows), *inner), self.dtype)
        for place in product(*map(enumerate, leading)):
            at, numbers = tuple(i for i, _ in place), [number for _, number in place]
            self._read_rows(found[at], rows, rest, first=numbers[0] if numbers else None)
        return np.asarray(found[tuple(0 if isinstance(part, int) else slice(None) for part in (*before, populations))])

    def _read_rows(self, out: NDArray[Any], rows: range, rest: Key, *, first: int | None) -> None:
        """Read populations ``rows`` chunk by chunk; rows of a chunk lie one after the other in its file."""
        axis = self._axis or 0
        whole = all(part == slice(None) for part in rest) and rows.step == 1
        at = 0
        while at < len(rows):
            block = rows[at] // self._block
            end = at + len(range(rows[at], min((block + 1) * self._block, rows.stop), rows.step))
            low, high = rows[at], rows[end - 1] + 1
            file = self._file(block, first)
            if whole:
                self._fill(out[at:end], file, first_row=low % self._block)
            else:
                part = np.zeros((high - low, *self.shape[axis + 1 :]), self.dtype)
                self._fill(part, file, first_row=low % self._block)
                out[at:end] = part[(slice(None, None, rows.step), *rest)]
            at = end

    def _fill(self, out: NDArray[Any], file: Path, *, first_row: int) -> None:
        """Read neighbouring rows of a chunk; a chunk without a file is zero."""
        if not out.size:
            return
        wanted, read = out.data.cast("B"), 0
        try:
            with file.open("rb", buffering=0) as opened:
                opened.seek(first_row * out[0].nbytes)
                while got := opened.readinto(wanted[read:]):  # at most 2 GB at a time
                    read += got
        except FileNotFoundError:
            if self._directory.is_dir():
                return
            message = f"{self._directory}: moved or deleted since it was opened; open it again"
            raise LeadriskError(message) from None
        if read != out.nbytes:
            message = f"{file}: shorter than its chunk, damaged"
            raise LeadriskError(message)


def chunk_name(dimensions: int, axis: int | None, *, block: int, first: int | None) -> str:
    """File of a chunk in the directory of its array.

    Parameters
    ----------
    dimensions, axis
        Of the array, and which of them is the populations; ``None``: the array is one chunk.
    block, first
        Number of the chunk along the populations, and place of what stands before them, if anything does.

    Examples
    --------
    >>> chunk_name(4, 1, block=7, first=2), chunk_name(2, None, block=0, first=None)
    ('c.2.7.0.0', 'c.0.0')
    """
    leading = () if first is None else (first,)
    place = (0,) * dimensions if axis is None else (*leading, block)
    return ".".join(["c", *map(str, (*place, *(0,) * (dimensions - len(place))))])


def create_chunked(group: Path, declared: Declared, *, block: int) -> None:
    """Declare an array in the directory of a group: its metadata, and no chunk yet.

    Parameters
    ----------
    block
        Populations a chunk; a chunk holds one place of what stands before the populations, and all that stands behind.
    """
    axis = declared.axis
    chunks = [
        extent if axis is None or at > axis else 1 if at < axis else block for at, extent in enumerate(declared.shape)
    ]
    zarr.create_array(
        group,
        name=declared.name,
        shape=declared.shape,
        chunks=tuple(chunks),
        dtype=np.dtype(declared.dtype).newbyteorder("<"),
        filters=None,
        compressors=None,  # random mantissas do not compress; writing stays as fast as the disk
        fill_value=0,
        zarr_format=3,
        attributes=dict(declared.attrs),
        chunk_key_encoding={"name": "default", "separator": "."},  # all chunks of an array in one directory
        dimension_names=declared.dims,
    )


def _numbers(part: int | slice, extent: int) -> range:
    if isinstance(part, slice):
        return range(extent)[part]
    number = range(extent)[part]
    return range(number, number + 1)
