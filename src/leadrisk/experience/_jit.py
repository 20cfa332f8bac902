"""The one place that says how kernels are compiled.

Every kernel keeps its bits on any CPU: ``fastmath`` never allows reassociation, contraction to fused multiply-add or
approximate functions, so the vector width cannot change a result. Kernels release the GIL and stay serial inside;
parallelism lives one level up, in the tasks.

The compiled code is cached under a directory named after a hash of all kernel sources. Numba itself watches only the
file of the cached function, so a change in an inlined helper of another module would otherwise go unnoticed.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

    Function = Callable[..., Any]

_EXACT = {"nnan", "ninf", "nsz"}
_KERNEL_SOURCES = ("experience", "futures")


@cache
def cache_directory() -> str:
    """Directory of compiled kernels: ``LEADRISK_CACHE_DIR`` or the user's cache, then one folder per source hash."""
    package = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for folder in _KERNEL_SOURCES:
        for source in sorted((package / folder).glob("*.py")):
            digest.update(source.name.encode())
            digest.update(source.read_bytes())
    base = os.environ.get("LEADRISK_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return str(Path(base) / "leadrisk" / digest.hexdigest()[:16])


def kernel(function: Function) -> Function:
    """Compile a whole kernel: no GIL, cached on disk where a directory can be written, same bits everywhere."""
    previous = numba.config.CACHE_DIR
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": _EXACT}
    numba.config.CACHE_DIR = cache_directory()
    try:
        return cast("Function", numba.njit(cache=True, **options)(function))
    except RuntimeError:  # no directory can be written: compile in memory
        return cast("Function", numba.njit(**options)(function))
    finally:
        numba.config.CACHE_DIR = previous


def inlined(function: Function) -> Function:
    """Compile a small function that is inlined into kernels by LLVM, under the same rules of arithmetic."""
    return cast("Function", numba.njit(error_model="numpy", fastmath=_EXACT, inline="always")(function))
