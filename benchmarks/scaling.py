"""How a run scales: measured with one and two processes here, projected to many from what a task needs.

    python benchmarks/scaling.py [--populations 8192] [--cores 1000]

Prints JSON. The projection is no measurement: it divides the work by the cores and bounds that by how fast one
scheduler hands out tasks and by how fast a file system takes their chunks.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import leadrisk as lr
from leadrisk.run.dask_clusters import local_processes
from leadrisk.run.executors import Threads
from leadrisk.run.futures_choice import with_futures
from leadrisk.run.ledger import entries
from leadrisk.run.streamed import do_tasks, finished, planned
from scheduler_overhead import measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadrisk.run.executors import Executor

SCENARIO = Path(__file__).parents[1] / "scenarios" / "baseline.toml"
TASKS = (0.5, 1.0, 5.0)  # seconds
FILE_SYSTEM = 1e9  # bytes a second, of a modest parallel file system


def timed(executor: Executor, *, populations: int) -> dict[str, float]:
    """Wall and core seconds of all tasks of a run, once every process has done one before."""
    scenario = with_futures(lr.load_scenario(SCENARIO, set={"run.populations": populations}))
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        plan = planned(scenario, directory, slots=2)
        tasks = list(range(len(plan.blocks)))
        do_tasks(directory, plan, tasks[: 2 * executor.slots], executor=executor)
        rest = tasks[2 * executor.slots :]
        started = time.perf_counter()
        do_tasks(directory, plan, rest, executor=executor)
        wall = time.perf_counter() - started
        done = [entry for entry in entries(directory) if entry.task in set(rest)]
        written = sum(size for entry in done for size, _ in entry.files.values())
        started = time.perf_counter()
        finished(directory, plan)
        return {
            "tasks": len(rest),
            "wall_s": wall,
            "core_s": sum(entry.cpu_seconds for entry in done),
            "bytes_a_core_second": written / sum(entry.cpu_seconds for entry in done),
            "complete_s": time.perf_counter() - started,
        }


def projected(cores: int, *, hand_out_s: float, bytes_a_core_second: float, tasks: Sequence[float]) -> dict[str, Any]:
    """Share of the cores that would be at work, by seconds of a task."""
    found = {}
    for seconds in tasks:
        wanted = cores / seconds
        scheduler = 1.0 / hand_out_s
        files = FILE_SYSTEM / (bytes_a_core_second * seconds)
        found[f"{seconds:g} s"] = {
            "tasks_a_second_wanted": round(wanted, 1),
            "scheduler_allows": round(scheduler, 1),
            "file_system_allows": round(files, 1),
            "at_work": round(min(1.0, scheduler / wanted, files / wanted), 3),
        }
    return found


def scaling(*, populations: int, cores: Sequence[int]) -> dict[str, Any]:
    """Measure and project."""
    measured: dict[str, dict[str, float]] = {}
    for _ in range(2):  # in turn, the better of two
        for count in (1, 2):
            rounds = {f"{count} threads": timed(Threads(count), populations=populations)}
            with local_processes(count) as executor:
                rounds[f"{count} processes"] = timed(executor, populations=populations)
            for name, found in rounds.items():
                if name not in measured or found["wall_s"] < measured[name]["wall_s"]:
                    measured[name] = found
    hand_out = measure(2, 10_000)["ms_per_task"] / 1000.0
    rates = {name: found["tasks"] / found["wall_s"] for name, found in measured.items()}
    return {
        "populations": populations,
        "measured": measured,
        "efficiency": {kind: rates[f"2 {kind}"] / (2.0 * rates[f"1 {kind}"]) for kind in ("threads", "processes")},
        "hand_out_ms": 1000.0 * hand_out,
        "overhead_of_tasks_of_0.5_s": hand_out * 2 / 0.5,
        "projection": {
            str(count): projected(
                count,
                hand_out_s=hand_out,
                bytes_a_core_second=measured["1 processes"]["bytes_a_core_second"],
                tasks=TASKS,
            )
            for count in cores
        },
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--populations", type=int, default=8192)
    parser.add_argument("--cores", type=int, nargs="+", default=[10, 100, 1000])
    given = parser.parse_args()
    print(json.dumps(scaling(populations=given.populations, cores=given.cores), indent=1))
