"""Write a run's numbers, and tell two runs apart by their digest."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np
from zarr.core.sync import sync

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import xarray as xr

_CHUNK_POPULATIONS = 128


def digest(experience: xr.Dataset, settlement: xr.Dataset) -> str:
    """SHA-256 over the numeric results in a fixed order: group, then variables by name, little-endian bytes.

    Two runs agree in it if and only if every number of their experience and settlement agrees to the last bit.
    """
    total = hashlib.sha256()
    for group, dataset in (("experience", experience), ("settlement", settlement)):
        for name in sorted(str(variable) for variable in dataset.data_vars):
            array = dataset[name]
            total.update(f"{group}/{name}{array.dims}{array.shape}".encode())
            total.update(np.ascontiguousarray(array.values.astype("<f8", copy=False)).data)
    return total.hexdigest()


def write_results(path: Path, *, experience: xr.Dataset, settlement: xr.Dataset) -> None:
    """Write experience and settlement as two groups of one Zarr v3 store, chunked by populations."""
    try:
        for group, labelled in (("experience", experience), ("settlement", settlement)):
            texts = {name: array.astype(object) for name, array in labelled.coords.items() if array.dtype.kind == "U"}
            dataset = labelled.assign_coords(texts)  # Zarr v3 specifies texts of variable length only
            encoding = {
                name: {
                    "chunks": tuple(
                        min(size, _CHUNK_POPULATIONS) if dim == "population" else 1 if dim == "contract" else size
                        for dim, size in zip(array.dims, array.shape, strict=True)
                    ),
                    "compressors": None,  # random mantissas do not compress; writing stays as fast as the disk
                }
                for name, array in dataset.data_vars.items()
            }
            dataset.to_zarr(path, group=group, mode="a", zarr_format=3, consolidated=False, encoding=encoding)
    except BaseException:
        sync(_other_writes_ended())
        raise


async def _other_writes_ended() -> None:
    """Wait until Zarr's loop is idle: a chunk written after the directory was removed would bring it back."""
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write indented JSON with a final newline."""
    path.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
