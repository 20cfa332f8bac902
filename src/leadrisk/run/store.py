"""Write a run's numbers, and tell two runs apart by their digest."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.run.plan import plan_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import xarray as xr

RESULTS = "results.zarr"
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
            for part in _parts(array, rows=rows):
                total.update(np.ascontiguousarray(part.values.astype("<f8", copy=False)).data)
    return total.hexdigest()


def _row_bytes(array: xr.Variable) -> int:
    """Bytes of one population, at one place of what stands before populations."""
    axis = array.dims.index("population") if "population" in array.dims else -1
    return int(np.prod(array.shape[axis + 1 :]) * array.dtype.itemsize)


def _parts(array: xr.Variable, *, rows: int) -> Iterator[xr.Variable]:
    """Give an array piece by piece in the order of its numbers, at most so many populations at a time."""
    if "population" not in array.dims:
        yield array
        return
    for one in [array] if array.dims[0] == "population" else array:
        for block in plan_blocks(array.sizes["population"], size=rows):
            yield one[block.rows]


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write indented JSON with a final newline."""
    path.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
