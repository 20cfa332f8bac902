"""Where the blocks of a run leave their numbers: in memory, or in a group of a Zarr store while the run goes on."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import xarray as xr
import zarr
from xarray.core.indexing import LazilyIndexedArray
from zarr.core.sync import sync

from leadrisk.errors import InputError
from leadrisk.run.chunks import ChunkedArray, create_chunked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from os import PathLike

    from numpy.typing import NDArray

    from leadrisk.run.chunks import Declared

_ROOT = "zarr.json"
_LABELLING = Lock()  # one at a time: who waits for the loop must not wait for another who does


class Arrays(Protocol):
    """Arrays of a whole run that blocks write their rows into, from any thread."""

    def declare(self, declared: Declared) -> None:
        """Make an array of zeros, if it is not there yet."""

    def write(self, name: str, values: NDArray[Any], *, rows: slice | None = None, first: int | None = None) -> None:
        """Write the populations ``rows`` of one block, at place ``first`` of what stands before populations.

        ``None``: the array has no such dimension. Values are stretched to what is written.
        """

    def finish(self, *, coords: Mapping[Any, Any], attrs: Mapping[str, Any]) -> xr.Dataset:
        """Label what was written; nothing can be written afterwards."""


@contextmanager
def arrays_of_run(store: str | PathLike[str] | None, group: str, *, block: int) -> Iterator[Arrays]:
    """Give arrays to write a run into; what was not finished leaves nothing behind.

    Parameters
    ----------
    store
        Directory of a Zarr v3 store, made if absent; ``None`` keeps the arrays in memory.
    group
        Name of the group in the store; it appears when it is complete.
    block
        Populations of a chunk; blocks that write have the same size, so that no two touch one chunk.

    Raises
    ------
    InputError
        If the store cannot be written, is something else, or has such a group.
    """
    if store is None:
        yield _Held()
        return
    path = Path(store).absolute()
    made = not path.exists()
    staging = _staging(path, group)
    try:
        yield _Stored(path / group, staging=staging, block=block)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if made and not (path / group).exists() and {entry.name for entry in path.iterdir()} <= {_ROOT}:
            shutil.rmtree(path, ignore_errors=True)


def _staging(path: Path, group: str) -> Path:
    """Check a store, and make a directory in it for a group that is not complete."""
    other = "choose another directory"
    if (path / group).exists():
        problem = f"already holds a group {group!r}, refusing to replace it"
        raise InputError(problem, path=path, key="store", cure=f"delete it or {other}")
    try:
        if path.exists() and any(path.iterdir()) and not (path / _ROOT).is_file():
            problem = "is a directory without a Zarr store in it"
            raise InputError(problem, path=path, key="store", cure=other)
        path.mkdir(parents=True, exist_ok=True)
        zarr.open_group(path, mode="a", zarr_format=3)
        return Path(tempfile.mkdtemp(prefix=f".{group}.partial-", dir=path))
    except OSError as error:
        problem = f"cannot be written: {error.strerror or error}"
        raise InputError(problem, path=path, key="store", cure="choose a writable directory") from error


class _Held:
    """Arrays in memory: untouched pages cost nothing."""

    def __init__(self) -> None:
        self._declared: dict[str, Declared] = {}
        self._arrays: dict[str, NDArray[Any]] = {}
        self._lock = Lock()

    def declare(self, declared: Declared) -> None:
        with self._lock:
            if declared.name not in self._arrays:
                self._arrays[declared.name] = np.zeros(declared.shape, declared.dtype)
                self._declared[declared.name] = declared

    def write(self, name: str, values: NDArray[Any], *, rows: slice | None = None, first: int | None = None) -> None:
        array = self._arrays[name] if first is None else self._arrays[name][first]
        array[... if rows is None else rows] = values

    def finish(self, *, coords: Mapping[Any, Any], attrs: Mapping[str, Any]) -> xr.Dataset:
        found = {name: (one.dims, self._arrays[name], dict(one.attrs)) for name, one in self._declared.items()}
        return xr.Dataset(found, coords=coords, attrs=attrs)


class _Stored:
    """Arrays in a group of a Zarr store, which gets its name when it is complete."""

    def __init__(self, target: Path, *, staging: Path, block: int) -> None:
        self._target, self._block = target, block
        self._group = staging / target.name  # not the directory of mkdtemp itself, which nobody else may read
        self._declared: dict[str, Declared] = {}
        self._arrays: dict[str, ChunkedArray] = {}
        self._lock = Lock()
        zarr.create_group(self._group, zarr_format=3)

    def declare(self, declared: Declared) -> None:
        with self._lock:
            if declared.name not in self._arrays:
                self._arrays[declared.name] = create_chunked(self._group, declared, block=self._block)
                self._declared[declared.name] = declared

    def write(self, name: str, values: NDArray[Any], *, rows: slice | None = None, first: int | None = None) -> None:
        self._arrays[name].write(values, rows=rows or slice(0, 0), first=first)

    def finish(self, *, coords: Mapping[Any, Any], attrs: Mapping[str, Any]) -> xr.Dataset:
        labels = xr.Dataset(coords=coords, attrs=attrs)
        texts = {name: array.astype(object) for name, array in labels.coords.items() if array.dtype.kind == "U"}
        with _LABELLING:
            before = sync(_tasks())
            try:  # Zarr v3 specifies texts of variable length only
                labels.assign_coords(texts).to_zarr(self._group, mode="a", zarr_format=3, consolidated=False)
            finally:
                sync(_ended_but(before))
        self._group.rename(self._target)
        lazy = {
            name: LazilyIndexedArray(ChunkedArray(one, self._target / name, block=self._block))
            for name, one in self._declared.items()
        }
        found = {name: xr.Variable(one.dims, lazy[name], dict(one.attrs)) for name, one in self._declared.items()}
        return xr.Dataset(found, coords=coords, attrs=attrs)


async def _tasks() -> set[asyncio.Task[Any]]:
    """What runs on Zarr's loop, which all threads of the process share."""
    return asyncio.all_tasks()


async def _ended_but(known: set[asyncio.Task[Any]]) -> None:
    """Wait for the writes begun since: a file written after the directory was removed would bring it back."""
    while others := asyncio.all_tasks() - known - {asyncio.current_task()}:
        await asyncio.wait(others)
