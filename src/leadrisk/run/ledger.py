"""The ledger of a run: what each task has written, with the size and checksum of every chunk.

A task writes its entry last, when all its chunks have their names. Whatever happens in between, an entry that agrees
with the chunks on disk stands for finished work, and nothing else does.
"""

from __future__ import annotations

import json
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from leadrisk.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

LEDGER = "ledger"
_PART_BYTES = 1 << 22


class Entry(NamedTuple):
    """What a task has done.

    Attributes
    ----------
    task
        Number of the task in the plan.
    plan
        Fingerprint of the plan.
    files
        Size in bytes and CRC-32 of each chunk, by its path below the results.
    terms
        Contract terms that were read, by programme.
    cpu_seconds
        Of the task's own thread.
    worker
        Host and process.
    """

    task: int
    plan: str
    files: dict[str, tuple[int, int]]
    terms: dict[str, list[str]]
    cpu_seconds: float
    worker: str


def write_entry(directory: Path, entry: Entry) -> None:
    """Write down a finished task."""
    content = {**entry._asdict(), "crc32": _crc(entry)}
    write_atomically(_place(directory, entry.task), json.dumps(content).encode())


def entries(directory: Path) -> Iterator[Entry]:
    """Give the entries of a run in the order of its tasks; those that are not as they were written are left out."""
    for path in sorted((directory / LEDGER).glob("*.json")):
        entry = _read(path)
        if entry is not None and path == _place(directory, entry.task):
            yield entry


def _read(path: Path) -> Entry | None:
    with suppress(OSError, ValueError, TypeError, LookupError, AttributeError):
        found = json.loads(path.read_bytes())
        crc = found.pop("crc32")
        files = {str(name): (int(size), int(seen)) for name, (size, seen) in found.pop("files").items()}
        entry = Entry(files=files, **found)
        return entry if _crc(entry) == crc else None
    return None


def _crc(entry: Entry) -> int:
    return zlib.crc32(json.dumps(entry._asdict(), sort_keys=True).encode())


def entries_of(directory: Path, plan: str) -> list[Entry]:
    """Entries of the plan with this fingerprint, in the order of its tasks."""
    return [entry for entry in entries(directory) if entry.plan == plan]


def strike_out_all_but(directory: Path, tasks: Collection[int]) -> None:
    """Remove every entry that is not of these tasks, so that the others are done again."""
    kept = {_place(directory, task) for task in tasks}
    for path in (directory / LEDGER).iterdir():
        if path not in kept:
            path.unlink()


def is_done(directory: Path, task: int, *, plan: str) -> bool:
    """Whether a task has its entry, of this plan."""
    entry = _read(_place(directory, task))
    return entry is not None and entry.plan == plan


def done_seconds(directory: Path) -> float:
    """Seconds on one core of all finished tasks; 0 where there is no ledger."""
    return sum(entry.cpu_seconds for entry in entries(directory))


def is_whole(results: Path, entry: Entry) -> bool:
    """Whether every chunk of a task is on disk as it was written."""
    return all(_agrees(results / name, size, crc) for name, (size, crc) in entry.files.items())


def is_there(results: Path, entry: Entry) -> bool:
    """Whether every chunk of a task is on disk in its whole length, whatever is in it."""
    try:
        return all((results / name).stat().st_size == size for name, (size, _) in entry.files.items())
    except OSError:
        return False


def lost_tasks(known: Iterable[Entry], results: Path, *, tasks: int) -> list[int]:
    """Tasks without an entry among those known, or whose chunks are not on disk in their whole length."""
    there = {entry.task for entry in known if is_there(results, entry)}
    return [task for task in range(tasks) if task not in there]


def seen(path: Path) -> tuple[int, int]:
    """Size and CRC-32 of a file."""
    with path.open("rb", buffering=0) as file:
        total, read = 0, 0
        while part := file.read(_PART_BYTES):
            total, read = zlib.crc32(part, total), read + len(part)
    return read, total


def _agrees(path: Path, size: int, crc: int) -> bool:
    try:
        return seen(path) == (size, crc)
    except OSError:
        return False


def _place(directory: Path, task: int) -> Path:
    return directory / LEDGER / f"{task:08d}.json"
