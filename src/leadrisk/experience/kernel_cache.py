"""What the directory of compiled kernels holds: written down after a warm-up, and compared with it by a check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from leadrisk.errors import LeadriskError
from leadrisk.experience._jit import cache_directory, is_writable
from leadrisk.files import write_atomically

_LIST = "warm.json"
_COMPILED = ("*/*.nbi", "*/*.nbc")
_CURE = "run leadrisk warmup as a user who may write there, or set LEADRISK_CACHE_DIR"


class KernelCache(NamedTuple):
    """Compiled kernels in a directory."""

    directory: Path
    kernels: int
    """Functions, each compiled for one or more kinds of arguments."""
    size: int
    """Bytes."""


def writable_directory() -> Path:
    """Directory of compiled kernels, to write into.

    Raises
    ------
    LeadriskError
        If there is no directory that can be written.
    """
    directory = cache_directory()
    if directory is None or not is_writable(directory):
        place = f"{directory} cannot be written" if directory else "no directory for compiled kernels can be written"
        message = f"{place}: set LEADRISK_CACHE_DIR to a directory that can"
        raise LeadriskError(message)
    return Path(directory)


def write_list() -> None:
    """Write down which files the directory of compiled kernels holds.

    Raises
    ------
    LeadriskError
        If there is no directory that can be written.
    """
    directory = writable_directory()
    write_atomically(directory / _LIST, (json.dumps(_files(directory), indent=2) + "\n").encode())


def read_list() -> KernelCache:
    """Compare the directory of compiled kernels with what a warm-up of this version on this processor left there.

    Raises
    ------
    LeadriskError
        If there was none, or if a file is missing or compiled code is of another size.
    """
    directory = cache_directory()
    if directory is None:
        message = f"there are no compiled kernels, and no directory for them can be written: {_CURE}"
        raise LeadriskError(message)
    try:
        expected: dict[str, int] = json.loads((Path(directory) / _LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"no warm-up of this version on this kind of processor was finished in {directory}: {_CURE}"
        raise LeadriskError(message) from error
    found = _files(Path(directory))
    damaged = [  # an index grows with every signature that a later command meets
        name for name, size in expected.items() if name not in found or (name.endswith(".nbc") and found[name] != size)
    ]
    if damaged:
        message = f"{len(damaged)} of {len(expected)} files are missing or damaged in {directory}: {_CURE}"
        raise LeadriskError(message)
    return KernelCache(Path(directory), sum(name.endswith(".nbi") for name in found), sum(found.values()))


def _files(directory: Path) -> dict[str, int]:
    """Size of each file by its name in the directory."""
    paths = sorted(path for pattern in _COMPILED for path in directory.glob(pattern))
    return {str(path.relative_to(directory)): path.stat().st_size for path in paths}
