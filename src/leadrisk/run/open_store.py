"""A group of a run's store read back: lazily, whoever wrote it, and also while chunks are still missing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
import zarr
from xarray.core.indexing import LazilyIndexedArray

from leadrisk.errors import InputError
from leadrisk.run.chunks import ChunkedArray, Declared

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    Metadata = Mapping[str, Any]

_META = "zarr.json"


def open_group(store: Path, group: str) -> xr.Dataset:
    """Open a group of a Zarr v3 store that a run writes.

    The metadata of each array are read where they stand, so the store need not be consolidated. Chunks that have no
    file are zero. Dimensions whose labels are not written yet have none.

    Parameters
    ----------
    store
        Directory of the store.
    group
        ``experience`` or ``settlement``.

    Returns
    -------
    xarray.Dataset
        Its variables are read when their values are asked for, and not kept.

    Raises
    ------
    InputError
        If there is no such group, or it has an array that no run writes.
    """
    directory = store / group
    of_group = _metadata(directory)
    if of_group is None or of_group["node_type"] != "group":
        problem = f"has no group {group!r} of a run's results"
        raise InputError(problem, path=store, cure="name the results.zarr of a finished run")
    labels: dict[str, Any] = {}
    lines: dict[str, xr.Variable] = {}
    for path in sorted(entry for entry in directory.iterdir() if entry.is_dir()):
        found = _metadata(path)
        if found is None:
            continue
        dims = tuple(found.get("dimension_names") or ())
        if path.name in dims:
            attrs = {key: value for key, value in found["attributes"].items() if key != "_FillValue"}
            labels[path.name] = xr.Variable(dims, _labels(path), attrs)
        else:
            lines[path.name] = _line(path, found)
    return xr.Dataset(lines, coords=labels, attrs=dict(of_group["attributes"]))


def declared_arrays(group: Path) -> dict[str, Declared]:
    """Arrays of a group by name, without its labels.

    Raises
    ------
    InputError
        If an array is stored otherwise than a run stores its numbers.
    """
    found = {path.parent.name: _metadata(path.parent) for path in sorted(group.glob(f"*/{_META}"))}
    return {
        name: _declared(group / name, one)
        for name, one in found.items()
        if one is not None and name not in (one.get("dimension_names") or ())
    }


def _metadata(directory: Path) -> Metadata | None:
    """Metadata of a group or an array; nothing where there are none, or none that are whole yet."""
    try:
        return {"attributes": {}, **json.loads((directory / _META).read_bytes())}
    except (OSError, ValueError):
        return None


def _labels(path: Path) -> Any:
    values = np.asarray(zarr.open_array(path, mode="r")[...])
    return np.array(values.tolist(), dtype=str) if values.dtype.kind in "OT" else values


def _line(path: Path, found: Metadata) -> xr.Variable:
    """Array of numbers, read without Zarr."""
    declared = _declared(path, found)
    block = 1 if declared.axis is None else found["chunk_grid"]["configuration"]["chunk_shape"][declared.axis]
    array = ChunkedArray(declared, path, block=block)
    return xr.Variable(declared.dims, LazilyIndexedArray(array), dict(declared.attrs))


def _declared(path: Path, found: Metadata) -> Declared:
    """What an array is; it must have the layout of :func:`leadrisk.run.chunks.create_chunked`."""
    plain = [codec["name"] for codec in found["codecs"]] == ["bytes"]
    separator = found["chunk_key_encoding"].get("configuration", {}).get("separator")
    dims, shape = tuple(found.get("dimension_names") or ()), tuple(found["shape"])
    if not plain or separator != "." or len(dims) != len(shape):
        problem = "is stored otherwise than a run stores its numbers"
        raise InputError(problem, path=path, cure="open it with xarray.open_zarr")
    return Declared(path.name, dims, shape, np.dtype(found["data_type"]), found["attributes"])
