"""What a run will take, said before it starts, and how far off that was."""

from __future__ import annotations

import resource
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from leadrisk.run.ledger import entries
from leadrisk.run.speed import speed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadrisk.run.run_plan import RunPlan

OWN_BYTES, _THREAD_BYTES = 400_000_000, 90_000_000  # the program; a task at work
PREPARE_SECONDS = 1.0  # of a process, before its first task: loading kernels, the pilot of the base years
_PATH_BYTES = 56  # seven numbers of each path at a time, while statistics are worked out


class Forecast(NamedTuple):
    """What the tasks that are left will take.

    Attributes
    ----------
    tasks
        How many there are.
    core_seconds
        Of the tasks, on one core.
    seconds
        Until they are done, with as many at once as there are slots.
    disk
        Bytes that they will write.
    memory
        Most bytes of the process that works out what the run means; where tasks run in it, with them.
    measured_here
        Whether speeds were measured on this machine.
    """

    tasks: int
    core_seconds: float
    seconds: float
    disk: int
    memory: int
    measured_here: bool


def forecast(plan: RunPlan, tasks: Sequence[int], *, slots: int, threads: int) -> Forecast:
    """Forecast tasks of a plan.

    Parameters
    ----------
    slots
        Tasks that run at once.
    threads
        Of this process that do tasks; 0 where others do them.
    """
    scenario, known = plan.scenario, speed()
    futures = int(scenario.run.futures or 0)
    each = known.population(scenario, futures=futures, population_bytes=plan.population_bytes)
    processes = 0 if threads else min(slots, len(tasks))  # this one has loaded kernels before its first task
    at_once = max(min(slots, len(tasks)), 1)
    work = each * sum(plan.blocks[task].size for task in tasks)
    paths = plan.populations * futures
    return Forecast(
        tasks=len(tasks),
        core_seconds=work + PREPARE_SECONDS * processes,
        seconds=work / at_once + PREPARE_SECONDS,
        disk=len(tasks) * plan.chunk * plan.population_bytes,
        memory=OWN_BYTES + threads * _THREAD_BYTES + _PATH_BYTES * paths,
        measured_here=known.measured_here,
    )


def in_words(expected: Forecast, *, free: int, what: str = "task") -> list[str]:
    """Say what is expected.

    Parameters
    ----------
    free
        Bytes that are free where the run is written.
    what
        One of them is.

    Examples
    --------
    >>> for line in in_words(Forecast(40, 93.0, 47.0, 600_000_000, 620_000_000, True), free=400_000_000):
    ...     print(line)
    Expected: 40 tasks of 93 core-seconds in all (47 s), 0.6 GB on disk, 0.6 GB of memory.
    Only 0.4 GB are free there: free some, or name another directory with --out.
    """
    own = "" if expected.measured_here else " (at the speed of the reference machine; leadrisk bench measures this one)"
    count = f"{expected.tasks:,} {what}{'' if expected.tasks == 1 else 's'}"
    work = f"{count} of {_seconds(expected.core_seconds)} core-seconds in all"
    room = f"{_size(expected.disk)} on disk, {_size(expected.memory)} of memory"
    said = [f"Expected: {work} ({_seconds(expected.seconds)} s), {room}{own}."]
    if free < expected.disk:
        said.append(f"Only {_size(free)} are free there: free some, or name another directory with --out.")
    return said


def free_bytes(directory: Path) -> int:
    """Bytes that are free where a directory is."""
    return shutil.disk_usage(directory).free


def taken(directory: Path, tasks: Sequence[int]) -> tuple[float, int]:
    """Seconds on one core and bytes on disk that tasks took, by the ledger."""
    own = set(tasks)
    found = [entry for entry in entries(directory) if entry.task in own]
    return sum(entry.cpu_seconds for entry in found), sum(size for one in found for size, _ in one.files.values())


def outcome(expected: Forecast, *, core_seconds: float, disk: int) -> dict[str, Any]:
    """Set what was expected beside what it took; memory is that of this process up to now."""
    return {
        "tasks": expected.tasks,
        "core_seconds": {"expected": round(expected.core_seconds, 3), "taken": round(core_seconds, 3)},
        "disk_bytes": {"expected": expected.disk, "taken": disk},
        "memory_bytes": {"expected": expected.memory, "taken": peak_bytes()},
        "speed_measured_here": expected.measured_here,
    }


def peak_bytes() -> int:
    """Most memory that this process has held at once, as far as Linux tells without what started it."""
    with suppress(OSError, StopIteration):
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return 1024 * int(next(line for line in lines if line.startswith("VmHWM:")).split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def outcome_in_words(found: dict[str, Any]) -> str:
    """Say how far off a forecast was.

    Examples
    --------
    >>> time, size = {"expected": 90.0, "taken": 99.0}, {"expected": 600_000_000, "taken": 540_000_000}
    >>> outcome_in_words({"core_seconds": time, "disk_bytes": size, "memory_bytes": size})
    'Tasks took 99 core-seconds (10 % more than expected), 0.5 GB on disk (10 % less); memory 0.5 GB (10 % less).'
    """
    work, disk, memory = (found[name] for name in ("core_seconds", "disk_bytes", "memory_bytes"))
    seconds, size, held = _seconds(work["taken"]), _size(disk["taken"]), _size(memory["taken"])
    return (
        f"Tasks took {seconds} core-seconds ({_off(work)} than expected), {size} on disk ({_off(disk)}); "
        f"memory {held} ({_off(memory)})."
    )


def _off(pair: dict[str, float]) -> str:
    if not pair["expected"]:
        return "no less"
    share = 100.0 * (pair["taken"] / pair["expected"] - 1.0)
    return f"{abs(share):.0f} % {'more' if share >= 0.0 else 'less'}"


def _seconds(seconds: float) -> str:
    return f"{seconds:,.0f}" if seconds >= 9.95 else f"{seconds:.1f}"


def _size(size: int) -> str:
    """Say a number of bytes.

    Examples
    --------
    >>> [_size(size) for size in (812, 9_300, 46_900_000, 46_900_000_000)]
    ['0.8 kB', '9.3 kB', '46.9 MB', '46.9 GB']
    """
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit / 10.0:
            return f"{size / unit:,.1f} {name}"
    return f"{size} bytes"
