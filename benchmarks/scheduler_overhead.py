"""What it costs to hand a task to a Dask worker and to get its result: python benchmarks/scheduler_overhead.py [tasks].

Empty tasks through the executor of ``--workers``, with one and two processes. The cost is that of the client's and the
scheduler's one thread, so it bounds how many tasks a second a whole cluster can take, however many workers it has.
"""

from __future__ import annotations

import json
import sys
import time

from leadrisk.run.dask_clusters import local_processes

TASK_S = 0.5
"""Seconds of a task that is large enough."""

ROUNDS = 3


def measure(processes: int, tasks: int) -> dict[str, float]:
    with local_processes(processes) as executor:
        executor.map(abs, range(tasks // 10))
        seconds = []
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            executor.map(abs, range(tasks))
            seconds.append(time.perf_counter() - begin)
    each = min(seconds) / tasks
    return {
        "processes": processes,
        "tasks": tasks,
        "ms_per_task": round(1e3 * each, 3),
        "slowest_ms_per_task": round(1e3 * max(seconds) / tasks, 3),
        "share_of_task": round(each * processes / TASK_S, 5),
        "workers_fed": round(TASK_S / each),
    }


def main() -> None:
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    rows = [measure(processes, tasks) for processes in (1, 2)]
    print(json.dumps({"task_s": TASK_S, "rounds": ROUNDS, "rows": rows}, indent=2))
    print(f"\n| processes | empty tasks | ms a task (slowest round) | share of {TASK_S} s | workers that can be fed |")
    print("|---:|---:|---:|---:|---:|")
    for row in rows:
        cost = f"{row['ms_per_task']} ({row['slowest_ms_per_task']})"
        share = f"{100 * row['share_of_task']:.2f} %"
        print(f"| {row['processes']} | {row['tasks']:,} | {cost} | {share} | {row['workers_fed']} |")


if __name__ == "__main__":
    main()
