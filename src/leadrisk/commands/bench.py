"""``leadrisk bench``."""

from __future__ import annotations

from rich.console import Console

from leadrisk.commands.options import AsJson, Flag, Populations, Threads, print_json
from leadrisk.errors import InputError

_QUICK = {"populations": 64, "settled": 64, "repeats": 1}


def bench(
    *,
    quick: Flag = False,
    full: Flag = False,
    populations: Populations | None = None,
    threads: Threads | None = None,
    as_json: AsJson = False,
) -> None:
    """Measure the speed of the engine and its layers, beside NumPy in the same run; forecasts of runs use it.

    Parameters
    ----------
    quick
        Small sizes, each timed once: to see that it works, not how fast it is.
    full
        Simulate a billion beneficiary-years in one go too, with wall time and peak memory.
    populations
        Populations of 10,000 lives simulated at a time (even); default 256.
    threads
        Most threads, and processes of the NumPy twin; default all CPUs.
    as_json
        Print all figures as JSON instead of a table.
    """
    from leadrisk.bench.benchmark import benchmark
    from leadrisk.report.benchmark_table import print_benchmark
    from leadrisk.run.progress import progress_bar
    from leadrisk.run.speed import write_speed

    if quick and full:
        problem = "asks for small sizes and for the billion at once"
        raise InputError(problem, key="--quick --full", cure="leave out one of the two")
    sizes = dict(_QUICK) if quick else {}
    if populations is not None:
        sizes["populations"] = populations
    with progress_bar(Console(stderr=True)) as progress:
        found = benchmark(**sizes, threads=threads, full=full, progress=progress)
    if not quick:
        write_speed(found)
    if as_json:
        print_json(found)
        return
    print_benchmark(found, Console())
