"""Write a run's numbers, and tell two runs apart by their digest."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.run.chunks import Declared
from leadrisk.run.plan import plan_blocks
from leadrisk.run.stream import arrays_of_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import xarray as xr

    from leadrisk.run.plan import Block

RESULTS = "results.zarr"
_CHUNK_POPULATIONS = 128
_PART_BYTES = 1 << 24  # read at a time: large enough for opening files to cost nothing, small beside what is held


def digest(experience: xr.Dataset, settlement: xr.Dataset) -> str:
    """SHA-256 over the numeric results in a fixed order: group, then variables by name, little-endian bytes.

    Two runs agree in it if and only if every number of their experience and settlement agrees to the last bit. Results
    opened from a store are read part by part.
    """
    total = hashlib.sha256()
    for group, dataset in (("experience", experience), ("settlement", settlement)):
        for name in sorted(str(variable) for variable in dataset.data_vars):
            array = dataset[name].variable
            total.update(f"{group}/{name}{array.dims}{array.shape}".encode())
            rows = max(1, _PART_BYTES // max(_row_bytes(array), 1))
            for _, _, part in _parts(array, rows=rows):
                total.update(np.ascontiguousarray(part.values.astype("<f8", copy=False)).data)
    return total.hexdigest()


def write_results(path: Path, *, experience: xr.Dataset, settlement: xr.Dataset) -> None:
    """Write experience and settlement held in memory as two groups of one store, chunked by 128 populations."""
    for group, dataset in (("experience", experience), ("settlement", settlement)):
        block = min(_CHUNK_POPULATIONS, dataset.sizes["population"])
        with arrays_of_run(path, group, block=block) as arrays:
            for name, labelled in dataset.data_vars.items():
                array = labelled.variable
                dims = tuple(map(str, array.dims))
                arrays.declare(Declared(str(name), dims, array.shape, array.dtype, array.attrs))
                for first, rows, part in _parts(array, rows=block):
                    arrays.write(str(name), part.values, rows=rows and rows.rows, first=first)
            arrays.finish(coords=dataset.coords, attrs=dataset.attrs)


def _row_bytes(array: xr.Variable) -> int:
    """Bytes of one population, at one place of what stands before populations."""
    axis = array.dims.index("population") if "population" in array.dims else -1
    return int(np.prod(array.shape[axis + 1 :]) * array.dtype.itemsize)


def _parts(array: xr.Variable, *, rows: int) -> Iterator[tuple[int | None, Block | None, xr.Variable]]:
    """Give an array piece by piece in the order of its numbers: place before the populations, populations, piece."""
    if "population" not in array.dims:
        yield None, None, array
        return
    leading = range(array.shape[0]) if array.dims[0] != "population" else (None,)
    for first in leading:
        one = array if first is None else array[first]
        for block in plan_blocks(array.sizes["population"], size=rows):
            yield first, block, one[block.rows]


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write indented JSON with a final newline."""
    path.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
