"""Results as NetCDF-4: a group of the file for each group of the store, written some populations at a time."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.run.plan import plan_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray

_CHUNK_BYTES = 1 << 20  # what HDF5 keeps of a variable by default
_PART_CHUNKS = 16


def write_netcdf(
    path: Path,
    groups: Mapping[str, xr.Dataset],
    *,
    about: Mapping[str, str],
    progress: Callable[[str, int, int], None] | None = None,
) -> None:
    """Write groups of results into one file.

    Numbers keep their bits and are not compressed; chunks that hold zeros alone take no room. Lists among attributes
    are written as JSON, since NetCDF knows no empty list.

    Parameters
    ----------
    about
        Attributes of the file.
    """
    h5netcdf = import_module("h5netcdf")
    total = sum(len(dataset.data_vars) for dataset in groups.values())
    done = 0
    with h5netcdf.File(path, "w") as file:
        file.attrs.update(about)
        for name, dataset in groups.items():
            group = file.create_group(name)
            group.attrs.update({key: _attribute(value) for key, value in dataset.attrs.items()})
            group.dimensions = {str(dim): extent for dim, extent in dataset.sizes.items()}
            for label, array in dataset.coords.items():
                _write_labels(group, str(label), array.variable)
            for line, array in dataset.data_vars.items():
                _write_line(group, str(line), array.variable)
                done += 1
                if progress is not None:
                    progress("writing NetCDF", done, total)


def _write_labels(group: Any, name: str, labels: xr.Variable) -> None:
    text = labels.dtype.kind in "UO"
    kind = import_module("h5py").string_dtype() if text else labels.dtype
    written = group.create_variable(name, labels.dims, kind)
    written[...] = labels.values.astype(object) if text else labels.values
    written.attrs.update({key: _attribute(value) for key, value in labels.attrs.items()})


def _write_line(group: Any, name: str, line: xr.Variable) -> None:
    axis = line.dims.index("population") if "population" in line.dims else None
    rows = _rows(line, axis)
    chunks = line.shape if axis is None else (*(1,) * axis, rows, *line.shape[axis + 1 :])
    written = group.create_variable(name, line.dims, line.dtype, chunks=chunks if line.ndim else None)
    written.attrs.update({key: _attribute(value) for key, value in line.attrs.items()})
    for place, values in _parts(line, axis, rows=rows * _PART_CHUNKS):
        if np.ascontiguousarray(values).view(np.uint8).any():  # a chunk that is not written reads as zeros
            written[place] = values


def _rows(line: xr.Variable, axis: int | None) -> int:
    """Populations of a chunk: all chunks about as long, since the last one takes the room of the others."""
    if axis is None:
        return 1
    row = line.dtype.itemsize * int(np.prod(line.shape[axis + 1 :]))
    chunks = -(-line.shape[axis] // max(1, _CHUNK_BYTES // row))
    return int(-(-line.shape[axis] // chunks))


def _parts(line: xr.Variable, axis: int | None, *, rows: int) -> Iterator[tuple[Any, NDArray[Any]]]:
    """Give places of an array and their numbers, of one contract and some populations at a time."""
    if axis is None:
        yield ..., np.asarray(line.values)
        return
    for leading in np.ndindex(line.shape[:axis]):
        for block in plan_blocks(line.shape[axis], size=rows):
            yield (*leading, block.rows), np.asarray(line[(*leading, block.rows)].values)


def _attribute(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (list, tuple, dict, bool)) else value
