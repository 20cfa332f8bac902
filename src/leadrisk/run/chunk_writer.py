"""Chunks of one task: written under names of their own, checked, and named when all of them are complete."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np

from leadrisk.errors import LeadriskError
from leadrisk.run.chunks import chunk_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from leadrisk.run.chunks import Declared
    from leadrisk.run.plan import Block

UNNAMED = "~"  # stands in the name of a chunk that is being written
_ZEROS = bytes(1 << 20)


class ChunkWriter:
    """Arrays of one group of a store, of which one task writes its chunk, from first to last population.

    Two workers may do the same task, one of them given up for lost: each writes files of its own, and a whole one that
    is renamed over the other's chunk has the same bits. What was removed meanwhile is missed, and not made again.

    Parameters
    ----------
    group
        Directory of the group.
    declared
        Its arrays, by name.
    block
        Populations of the task: one chunk of each array, at each place of what stands before populations.
    number
        Of the chunk along the populations.
    chunk
        Populations of a whole chunk; the last block may have fewer.
    """

    def __init__(self, group: Path, declared: Mapping[str, Declared], *, block: Block, number: int, chunk: int) -> None:
        self._group, self._declared, self._block, self._number, self._chunk = group, declared, block, number, chunk
        self._mark = f"{UNNAMED}{uuid4().hex}"
        self._written: dict[str, _File] = {}

    def declare(self, declared: Declared) -> None:
        """Check that the store has an array."""
        known = self._declared.get(declared.name)
        if known is None or tuple(known.shape) != tuple(declared.shape):
            message = f"{self._group}: the store was laid out without {declared.name}{tuple(declared.shape)}"
            raise LeadriskError(message)

    def write(self, name: str, values: NDArray[Any], *, rows: slice | None = None, first: int | None = None) -> None:
        """Write rows after those written before; what has no populations stands in the store from the start."""
        if rows is None:
            return
        array = self._declared[name]
        axis = array.axis or 0
        shape = (rows.stop - rows.start, *array.shape[axis + 1 :])
        dtype = np.dtype(array.dtype).newbyteorder("<")
        numbers = np.ascontiguousarray(np.broadcast_to(values, shape), dtype=dtype)
        row_bytes = numbers[0].nbytes
        file = f"{name}/{chunk_name(len(array.shape), axis, block=self._number, first=first)}"
        if file not in self._written:
            self._written[file] = _File(self._group / f"{file}{self._mark}", size=self._chunk * row_bytes)
        self._written[file].append((rows.start - self._block.first) * row_bytes, numbers.data.cast("B"))

    def name_chunks(self) -> dict[str, tuple[int, int]]:
        """Give all chunks their names, and return size and checksum of each by its path below the results."""
        found = {}
        for file, written in self._written.items():
            written.append(written.size, memoryview(b""))
            written.path.replace(self._group / file)
            found[f"{self._group.name}/{file}"] = (written.size, written.checksum)
        return found

    def discard(self) -> None:
        """Remove the chunks that have no names."""
        for written in self._written.values():
            written.path.unlink(missing_ok=True)


class _File:
    """A file that grows, with its checksum; what is skipped is zero."""

    def __init__(self, path: Path, *, size: int) -> None:
        self.path, self.size, self.checksum = path, size, 0
        self._end, self._made = 0, False

    def append(self, start: int, content: memoryview) -> None:
        # Never made a second time: who removes it has given this task up.
        with self.path.open("r+b" if self._made else "xb", buffering=0) as file:
            self._made = True
            if start > self._end:
                file.truncate(start)
                for at in range(self._end, start, len(_ZEROS)):
                    self.checksum = zlib.crc32(_ZEROS[: start - at], self.checksum)
            file.seek(start)
            rest = content
            while rest:
                rest = rest[file.write(rest) :]
        self.checksum = zlib.crc32(content, self.checksum)
        self._end = start + content.nbytes
