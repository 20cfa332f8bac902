"""The one place that says how kernels are compiled.

Every kernel keeps its bits on any CPU: ``fastmath`` never allows reassociation, contraction to fused multiply-add or
approximate functions, so the vector width cannot change a result. Kernels release the GIL and stay serial inside;
parallelism lives one level up, in the tasks.

The compiled code is cached under a directory named after a hash of all kernel sources, the processor and the version of
Numba. Numba itself watches only the file of the cached function, so a change in an inlined helper of another module
would otherwise go unnoticed; and machines of different kinds that share a home would write the same index. Files are
known by what is in them and not by their dates, which container images cut to whole seconds. The cache saves time and
nothing else: where it cannot be found, read or written, kernels are compiled in memory, and what comes out of it is
used only if it is whole and of the signature that was asked for, whoever else writes there at the time.
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
from numba.core import event
from numba.core.caching import CompileResultCacheImpl, FunctionCache, UserProvidedCacheLocator
from numba.core.codegen import get_host_cpu_features
from numba.core.serialize import dumps

from leadrisk.experience.compilation import tell

if TYPE_CHECKING:
    from collections.abc import Callable

    Function = Callable[..., Any]

_EXACT = {"nnan", "ninf", "nsz"}
_KERNEL_SOURCES = ("experience/*.py", "futures/*.py", "contract/*_kernel.py")
_UNUSABLE = (  # no space, no permission, a file cut short, overwritten or of another library
    OSError, EOFError, MemoryError, pickle.UnpicklingError, ValueError, TypeError, LookupError, AttributeError,
    ImportError,
)  # fmt: skip

KERNELS: list[Any] = []
"""Compiled functions that are cached, in the order of their modules' imports."""


class _Place(UserProvidedCacheLocator):  # type: ignore[misc]  # Numba is not typed
    """Numba's place for a function under our directory, which may be one that is only read."""

    @classmethod
    def from_function(cls, function: Function, source: str) -> _Place:
        return cls(function, source)

    @classmethod
    def get_suitable_cache_subpath(cls, py_file: str) -> str:
        """Folder of a module's kernels: the same wherever the package is installed, unlike Numba's."""
        return Path(py_file).absolute().parent.name

    def get_source_stamp(self) -> str:
        return _sha256(self._py_file)


class _Files(CompileResultCacheImpl):  # type: ignore[misc]  # Numba is not typed
    """Numba's cache files in our directory or nowhere; Numba alone would try ``__pycache__`` beside the source next."""

    _locator_classes = (_Place,)

    def reduce(self, result: Any) -> tuple[bytes, bytes]:
        content: bytes = dumps(super().reduce(result))
        return self._seal(content), content

    def rebuild(self, target: object, payload: tuple[bytes, bytes]) -> Any:
        seal, content = payload
        if seal != self._seal(content):
            message = "not what was written"
            raise ValueError(message)
        return super().rebuild(target, pickle.loads(content))

    def _seal(self, content: bytes) -> bytes:
        return hashlib.sha256(self.locator.get_source_stamp().encode() + content).digest()


class _Cache(FunctionCache):  # type: ignore[misc]  # Numba is not typed
    """Numba's cache, except that a failure of it costs a compilation and not the run."""

    _impl_class = _Files

    def load_overload(self, signature: tuple[Any, ...], target: object) -> Any:
        try:
            found = super().load_overload(signature, target)
        except (OSError, MemoryError):  # passes, or is this process's own trouble: others may read what is there
            return None
        except _UNUSABLE:
            with suppress(OSError):
                self.flush()  # an index cut short would fail every time
            return None
        # Two processes that save different signatures at once may give both the same file.
        return found if found is not None and tuple(found.signature.args) == tuple(signature) else None

    def save_overload(self, *arguments: object) -> None:
        with suppress(*_UNUSABLE):
            super().save_overload(*arguments)


@cache
def _sha256(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


@cache
def cache_directory() -> str | None:
    """Directory of compiled kernels, made if need be; none where it can neither be written nor read.

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
        kept = any(directory.iterdir()) or is_writable(directory)
    except (OSError, RuntimeError):  # RuntimeError: a user without a home
        return None
    return str(directory) if kept else None


def is_writable(directory: str | os.PathLike[str]) -> bool:
    """Whether a file can be made in a directory: permissions alone do not tell."""
    try:
        tempfile.TemporaryFile(dir=directory).close()
    except OSError:
        return False
    return True


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
        finally:
            numba.config.CACHE_DIR = previous
    KERNELS.append(compiled)
    return cast("Function", compiled)


def inlined(function: Function) -> Function:
    """Compile a small function that is inlined into kernels by LLVM, under the same rules of arithmetic."""
    return cast("Function", numba.njit(error_model="numpy", fastmath=_EXACT, inline="always")(function))


class _Compilation(event.Listener):  # type: ignore[misc]  # Numba is not typed
    """Tells of the first compilation; a kernel that is found in the cache is none."""

    def on_start(self, _: object) -> None:
        directory = cache_directory()
        tell(kept=directory is not None and is_writable(directory))

    def on_end(self, _: object) -> None:
        pass


event.register("numba:compile", _Compilation())
