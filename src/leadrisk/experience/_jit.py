"""The one place that says how kernels are compiled.

Every kernel keeps its bits on any CPU: ``fastmath`` never allows reassociation, contraction to fused multiply-add or
approximate functions, so the vector width cannot change a result. Kernels release the GIL and stay serial inside;
parallelism lives one level up, in the tasks.

The compiled code is cached under a directory named after a hash of all kernel sources, the processor and the version of
Numba. Numba itself watches only the file of the cached function, so a change in an inlined helper of another module
would otherwise go unnoticed; and machines of different kinds that share a home would write the same index. The cache
saves time and nothing else: where it cannot be found, read or written, kernels are compiled in memory.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import llvmlite.binding as llvm  # type: ignore[import-untyped]
import numba
from numba.core.caching import CompileResultCacheImpl, FunctionCache, UserProvidedCacheLocator
from numba.core.codegen import get_host_cpu_features

if TYPE_CHECKING:
    from collections.abc import Callable

    Function = Callable[..., Any]

_EXACT = {"nnan", "ninf", "nsz"}
_KERNEL_SOURCES = ("experience/*.py", "futures/*.py", "contract/*_kernel.py")
_UNUSABLE = (OSError, EOFError, pickle.UnpicklingError)  # no space, no permission, a file cut short


class _Files(CompileResultCacheImpl):  # type: ignore[misc]  # Numba is not typed
    """Numba's cache files in our directory or nowhere; Numba alone would try ``__pycache__`` beside the source next."""

    _locator_classes = (UserProvidedCacheLocator,)


class _Cache(FunctionCache):  # type: ignore[misc]  # Numba is not typed
    """Numba's cache, except that a failure of it costs a compilation and not the run."""

    _impl_class = _Files

    def load_overload(self, *arguments: object) -> object:
        try:
            return super().load_overload(*arguments)
        except _UNUSABLE:
            with suppress(OSError):
                self.flush()  # an index cut short would fail every time
            return None

    def save_overload(self, *arguments: object) -> None:
        with suppress(*_UNUSABLE):
            super().save_overload(*arguments)


@cache
def cache_directory() -> str | None:
    """Directory of compiled kernels, made if need be; none where no directory can be written.

    It stands under ``LEADRISK_CACHE_DIR``, else the user's cache, in a folder named after a hash of the kernel sources,
    Numba's version and the processor that Numba compiles for.
    """
    digest = hashlib.sha256(f"{numba.__version__} {_processor()}".encode())
    package = Path(__file__).resolve().parent.parent
    for pattern in _KERNEL_SOURCES:
        for source in sorted(package.glob(pattern)):
            digest.update(source.name.encode())
            digest.update(source.read_bytes())
    try:
        base = os.environ.get("LEADRISK_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        directory = Path(base).absolute() / "leadrisk" / digest.hexdigest()[:16]
        directory.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=directory).close()
    except (OSError, RuntimeError):  # RuntimeError: a user without a home
        return None
    return str(directory)


def _processor() -> str:
    """Processor and features that Numba compiles for, which ``NUMBA_CPU_NAME`` and ``NUMBA_CPU_FEATURES`` may set."""
    name, features = numba.config.CPU_NAME, numba.config.CPU_FEATURES
    name = llvm.get_host_cpu_name() if name is None else name
    return f"{name} {get_host_cpu_features() if features is None else features}"


def kernel(function: Function) -> Function:
    """Compile a whole kernel: no GIL, cached on disk where a directory can be written, same bits everywhere."""
    compiled = numba.njit(nogil=True, error_model="numpy", fastmath=_EXACT)(function)
    directory = cache_directory()
    if directory is not None:
        previous, numba.config.CACHE_DIR = numba.config.CACHE_DIR, directory
        try:
            compiled._cache = _Cache(function)  # in place of enable_caching(), which takes Numba's own
        except RuntimeError:  # the directory became unusable since it was tried
            pass
        finally:
            numba.config.CACHE_DIR = previous
    return cast("Function", compiled)


def inlined(function: Function) -> Function:
    """Compile a small function that is inlined into kernels by LLVM, under the same rules of arithmetic."""
    return cast("Function", numba.njit(error_model="numpy", fastmath=_EXACT, inline="always")(function))
