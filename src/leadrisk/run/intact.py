"""Whether the files of a run are what was written: labels, chunks, and what was worked out from them."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from leadrisk.errors import InputError
from leadrisk.files import write_atomically
from leadrisk.run.execute import map_blocks
from leadrisk.run.ledger import LEDGER, entries_of, is_whole, lost_tasks, seen
from leadrisk.run.run_plan import PLAN, read_plan
from leadrisk.run.store import RESULTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from leadrisk.run.run_plan import RunPlan

    Progress = Callable[[str, int, int], None]

LAYOUT, OUTPUTS = "layout.json", "outputs.json"
KEPT = (RESULTS, LEDGER, PLAN, LAYOUT)  # what a stopped run leaves for the next one
_CURE = "make them again: leadrisk run with the same options and --resume"


class State(NamedTuple):
    """How far the run in a directory is.

    Attributes
    ----------
    missing
        Tasks to be done.
    damaged
        Those of them that were done, but whose chunks are not what they were.
    """

    missing: list[int]
    damaged: list[int]


def checked(directory: Path, plan: RunPlan, *, threads: int | None = None, progress: Progress | None = None) -> State:
    """Check every chunk against the ledger."""
    known = entries_of(directory, plan.sha256)
    whole = map_blocks(
        partial(is_whole, directory / RESULTS), known, threads=threads, label="checking chunks", progress=progress
    )
    damaged = [entry.task for entry, sound in zip(known, whole, strict=True) if not sound]
    done = {entry.task for entry in known}.difference(damaged)
    return State([task for task in range(len(plan.blocks)) if task not in done], damaged)


def note_layout(directory: Path, results: Path) -> None:
    """Write down every file of a store before its first chunk; the metadata that get attributes at the end come later.

    Parameters
    ----------
    results
        The store, at its place in the directory or about to be moved there.
    """
    later = {"zarr.json", "settlement/zarr.json"}
    names = [path.relative_to(results).as_posix() for path in sorted(results.rglob("*")) if path.is_file()]
    _note(directory / LAYOUT, {name: [] if name in later else list(seen(results / name)) for name in names})


def note_completed_layout(directory: Path) -> None:
    """Write down the same files once the store has its attributes."""
    names = json.loads((directory / LAYOUT).read_bytes())
    _note(directory / LAYOUT, {name: list(seen(directory / RESULTS / name)) for name in names})


def is_laid_out(directory: Path) -> bool:
    """Whether a store still has what was there before its first chunk."""
    return _agree(directory / LAYOUT, directory / RESULTS)


def note_outputs(directory: Path) -> None:
    """Write down what was worked out from the results of a run: figures, report, tables, manifest."""
    tops = [path for path in directory.iterdir() if path.name not in {*KEPT, OUTPUTS}]
    files = [path for top in tops for path in ([top] if top.is_file() else top.rglob("*")) if path.is_file()]
    _note(directory / OUTPUTS, {path.relative_to(directory).as_posix(): list(seen(path)) for path in sorted(files)})


def is_complete(
    directory: Path, plan: RunPlan, *, threads: int | None = None, progress: Progress | None = None
) -> bool:
    """Whether everything that a run wrote is what it was; nothing is changed."""
    if not is_laid_out(directory) or not _agree(directory / OUTPUTS, directory):
        return False
    return not checked(directory, plan, threads=threads, progress=progress).missing


def refuse_damaged(directory: Path, *, contents: bool, progress: Progress | None = None) -> None:
    """Refuse a finished run whose labels or chunks are not what was written: they would read as zero.

    Parameters
    ----------
    contents
        Whether chunks are read and compared; else their sizes are.

    Raises
    ------
    InputError
        If anything is missing or damaged.
    """
    plan = read_plan(directory)
    if plan is None:
        problem = f"there is no {PLAN}, which says what belongs to the run"
        raise InputError(problem, path=directory, cure=_CURE)
    if not is_laid_out(directory):
        problem = f"labels or metadata in {RESULTS} are missing or damaged"
        raise InputError(problem, path=directory, cure=_CURE)
    tasks = len(plan.blocks)
    if contents:
        lost = checked(directory, plan, progress=progress).missing
    else:
        lost = lost_tasks(entries_of(directory, plan.sha256), directory / RESULTS, tasks=tasks)
    if lost:
        problem = f"chunks of {len(lost):,} of {tasks:,} tasks are missing or damaged"
        raise InputError(problem, path=directory, cure=_CURE)


def _note(file: Path, found: dict[str, list[int]]) -> None:
    write_atomically(file, json.dumps(found).encode())


def _agree(file: Path, folder: Path) -> bool:
    """Whether files are as they were written down; of those without size and checksum, whether they are there."""
    try:
        known: dict[str, list[int]] = json.loads(file.read_bytes())
        return all(
            list(seen(folder / name)) == found if found else (folder / name).is_file() for name, found in known.items()
        )
    except (OSError, ValueError, AttributeError):
        return False
