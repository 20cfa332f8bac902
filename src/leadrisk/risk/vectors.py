"""Numbers of all paths that wait for their statistic: few are in memory at once, however many there are."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Hashable, Mapping
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from numpy.typing import DTypeLike

_HELD_BYTES = 1 << 22


class _Place(NamedTuple):
    first: int
    dtype: np.dtype[Any]


class PathVectors(Mapping[Hashable, NDArray[Any]]):
    """Vectors of shape (population, future) by name: in memory below 4 MB each, else in a file that has no name.

    The file lies where Python's ``tempfile`` puts files (``TMPDIR``). A vector without room there is held in memory.

    Parameters
    ----------
    populations, futures
        Shape of every vector.
    held_bytes
        Vectors below it are held in memory.

    Examples
    --------
    >>> with PathVectors(4, 2, held_bytes=0) as vectors:
    ...     for first in (0, 2):
    ...         vectors.put("total", first, np.full((2, 2), 1.0 + first))
    ...     vectors["total"].tolist()
    [[1.0, 1.0], [1.0, 1.0], [3.0, 3.0], [3.0, 3.0]]
    """

    def __init__(self, populations: int, futures: int, *, held_bytes: int = _HELD_BYTES) -> None:
        self._shape, self._held_bytes = (populations, futures), held_bytes
        self._held: dict[Hashable, NDArray[Any]] = {}
        self._stored: dict[Hashable, _Place] = {}
        self._file: IO[bytes] | None = None
        self._end = 0

    def __enter__(self) -> Self:
        """Give the vectors, none yet."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Forget all vectors and their file."""
        self._held.clear()
        self._stored.clear()
        if self._file is not None:
            self._file.close()

    def __contains__(self, name: object) -> bool:
        """Whether anything was put under a name."""
        return name in self._held or name in self._stored

    def __iter__(self) -> Iterator[Hashable]:
        """Names of the vectors."""
        yield from (*self._held, *self._stored)

    def __len__(self) -> int:
        """How many vectors there are."""
        return len(self._held) + len(self._stored)

    def put(self, name: Hashable, first: int, values: NDArray[Any]) -> None:
        """Write the numbers of neighbouring populations, from population ``first`` on."""
        if name not in self:
            self._place(name, values.dtype)
        if name in self._held:
            self._held[name][first : first + len(values)] = values
            return
        place, file = self._stored[name], self._opened()
        file.seek(place.first + first * self._bytes(place.dtype) // self._shape[0])
        file.write(np.ascontiguousarray(values, dtype=place.dtype).data.cast("B"))

    def __getitem__(self, name: Hashable) -> NDArray[Any]:
        """Give a whole vector, not to be changed."""
        if name in self._held:
            return self._held[name]
        place, file = self._stored[name], self._opened()
        found = np.empty(self._shape, place.dtype)
        file.seek(place.first)
        file.readinto(found.data.cast("B"))  # type: ignore[attr-defined]
        return found

    def _bytes(self, dtype: DTypeLike) -> int:
        return self._shape[0] * self._shape[1] * np.dtype(dtype).itemsize

    def _place(self, name: Hashable, dtype: np.dtype[Any]) -> None:
        """Find room for a vector: in the file where it is large and the disk has the room, else in memory."""
        size = self._bytes(dtype)
        if size >= self._held_bytes:
            try:
                os.posix_fallocate(self._opened().fileno(), self._end, size)
            except OSError:
                pass
            else:
                self._stored[name] = _Place(self._end, dtype)
                self._end += size
                return
        self._held[name] = np.empty(self._shape, dtype)

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="leadrisk-")  # noqa: SIM115 (closed on exit)
        return self._file
