"""Read a group of a run's store, complete or still being written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from xarray.core.indexing import LazilyIndexedArray

from leadrisk.errors import InputError
from leadrisk.run.chunks import ChunkedArray, Declared

if TYPE_CHECKING:
    from pathlib import Path


def declared_arrays(group: Path) -> tuple[dict[str, Declared], int]:
    """Arrays of a group by name, without its coordinates, and the populations of a chunk.

    Raises
    ------
    InputError
        If there is no such group.
    """
    found, chunk = {}, 1
    for path in sorted(group.glob("*/zarr.json")):
        said = json.loads(path.read_bytes())
        dims, name = tuple(said["dimension_names"] or ()), path.parent.name
        if name in dims:
            continue
        attrs = said["attributes"]
        found[name] = Declared(name, dims, tuple(said["shape"]), np.dtype(said["data_type"]), attrs)
        if "population" in dims:
            chunk = said["chunk_grid"]["configuration"]["chunk_shape"][dims.index("population")]
    if not found:
        problem = "holds no results"
        raise InputError(problem, path=group, cure="name a directory that leadrisk run has written")
    return found, chunk


def open_group(store: Path, group: str) -> xr.Dataset:
    """Open a group; its variables are read when their values are asked for, and not kept.

    Parameters
    ----------
    store
        Zarr store of a run, ``results.zarr``.
    group
        ``experience`` or ``settlement``. While a run goes on, chunks that are not there yet read as zeros.
    """
    declared, chunk = declared_arrays(store / group)
    variables = {
        name: xr.Variable(
            one.dims, LazilyIndexedArray(ChunkedArray(one, store / group / name, block=chunk)), dict(one.attrs)
        )
        for name, one in declared.items()
    }
    with xr.open_zarr(store, group=group, chunks=None, consolidated=False, drop_variables=list(declared)) as labels:
        coords = {name: coord.load().variable for name, coord in labels.coords.items()}
        return xr.Dataset(variables, coords=coords, attrs=labels.attrs)
