"""Write a run's outputs: complete under their final name, or absent."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import xarray as xr

MANIFEST = "manifest.json"
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


@contextmanager
def complete_or_absent(out: Path) -> Iterator[Path]:
    """Give a directory to write into that becomes ``out`` only when everything in it was written.

    An earlier complete run under the same name is replaced at the end, in one rename; anything else is refused.

    Raises
    ------
    InputError
        If ``out`` is a file or a directory that does not hold a run, or if its parent cannot be written.
    """
    out = out.absolute()
    if out.exists() and not (out.is_dir() and ((out / MANIFEST).is_file() or not any(out.iterdir()))):
        what = "is a directory without a run in it" if out.is_dir() else "is a file"
        problem = f"{what}, refusing to replace it"
        raise InputError(problem, path=out, key="--out", cure="choose another directory")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _remove_stale(out)
        partial = out.with_name(f".{out.name}.partial-{os.getpid()}")
        partial.mkdir()
    except OSError as error:
        problem = f"cannot be written: {error.strerror or error}"
        raise InputError(problem, path=out, key="--out", cure="choose a writable directory") from error
    try:
        yield partial
        if out.exists():
            old = out.with_name(f".{out.name}.replaced-{os.getpid()}")
            out.rename(old)
            partial.rename(out)
            shutil.rmtree(old)
        else:
            partial.rename(out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _remove_stale(out: Path) -> None:
    """Clear what killed runs left behind; a partial directory of a living process stays."""
    for left in out.parent.glob(f".{out.name}.partial-*"):
        process = left.name.rpartition("-")[2]
        if process.isdigit() and not Path(f"/proc/{process}").exists():
            shutil.rmtree(left, ignore_errors=True)


def write_results(path: Path, *, experience: xr.Dataset, settlement: xr.Dataset) -> None:
    """Write experience and settlement as two groups of one Zarr v3 store, chunked by populations."""
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


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write indented JSON with a final newline."""
    path.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
