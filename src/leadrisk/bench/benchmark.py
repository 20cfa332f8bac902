"""``leadrisk bench``: speed of the engine, its layers and its threads, beside NumPy in the same run."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from functools import partial
from math import lcm
from pathlib import Path
from typing import TYPE_CHECKING, Any

import leadrisk as lr
from leadrisk.bench.benchmark_aco import benchmark_aco
from leadrisk.bench.layers import FUTURES, layer_costs
from leadrisk.bench.numpy_reference import draw_numpy
from leadrisk.bench.rivals import numpy_processes
from leadrisk.bench.timing import in_turn
from leadrisk.bench.whole_run import whole_run
from leadrisk.run.check import check_size
from leadrisk.run.manifest import environment
from leadrisk.run.plan import block_size

if TYPE_CHECKING:
    from leadrisk.bench.timing import Progress

BILLION = 8_400  # populations of 10,000 lives over 13 years: a billion of aligned persons and years
_TWIN_PART = 8  # the twin simulates one population for so many of the engine's
_REFERENCE_LIVES, _REFERENCE_YEARS = 10_000, 130


def benchmark(
    *,
    populations: int = 256,
    lives: int = 10_000,
    settled: int = 2_048,
    repeats: int = 4,
    threads: int | None = None,
    full: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Measure the engine; all times are wall times, the shortest of several rounds in which each work runs once.

    Parameters
    ----------
    populations, lives
        Persons simulated at a time, over 13 years; more where the last round of blocks would leave threads idle.
    settled
        Populations whose 64 futures are settled at a time. Both numbers of populations are even.
    repeats
        Rounds; half as many for the layers.
    threads
        Most threads, and processes of the NumPy twin; default all CPUs.
    full
        Whether a billion beneficiary-years are also simulated in one go.
    progress
        Called with (label, done, total).

    Returns
    -------
    dict
        ``beneficiary_years_per_s`` with all threads; ``threads``, the same by number of threads; ``layers``, the
        cost of each; ``numpy_twin_ratio``, time of the same model in NumPy on as many processes over the engine's;
        ``numpy_reference_ratio``, time of the engine a beneficiary-year with all threads over NumPy's on one core for
        two normals, two exponentials and two uniforms; ``memory``, a run in a process of its own; ``full`` where asked
        for; ``machine``; ``sizes``.

    Raises
    ------
    InputError
        If populations are odd or fewer than four.

    Examples
    --------
    >>> found = benchmark(populations=8, lives=500, settled=8, repeats=1, threads=1)
    >>> list(found["threads"]), found["beneficiary_years_per_s"] == found["threads"]["1"]
    (['1'], True)
    """
    scenario = benchmark_aco(lives=lives)
    most = threads or len(os.sched_getaffinity(0))
    check_size(populations=populations, futures=FUTURES)
    check_size(populations=settled, futures=FUTURES)
    populations = _whole_rounds(populations, block_size(lives, len(scenario.horizon.years)) * most)
    twin_populations = _whole_rounds(max(4, populations // _TWIN_PART), 2 * most)
    aligned, twin_aligned = (
        float(lr.simulate(scenario, populations=count, threads=most)["panel"].sum()) * lives
        for count in (populations, twin_populations)
    )
    with numpy_processes(scenario, populations=twin_populations, processes=most) as twin:
        times = in_turn(
            {
                **{
                    str(threads): partial(lr.simulate, scenario, populations=populations, threads=threads)
                    for threads in thread_counts(most)
                },
                "twin": twin,
                "reference": partial(draw_numpy, lives=_REFERENCE_LIVES, years=_REFERENCE_YEARS),
            },
            repeats=repeats,
            label="timing persons",
            progress=progress,
        )
    rates = {str(threads): aligned / times[str(threads)] for threads in thread_counts(most)}
    engine = times[str(most)] / aligned
    twin_time, reference = times["twin"] / twin_aligned, times["reference"] / (_REFERENCE_LIVES * _REFERENCE_YEARS)
    return {
        "beneficiary_years_per_s": rates[str(most)],
        "layers": layer_costs(
            lives=lives, populations=settled, threads=most, repeats=max(1, repeats // 2), progress=progress
        ),
        "numpy_twin_ratio": twin_time / engine,
        "numpy_reference_ratio": engine / reference,
        "threads": rates,
        "nanoseconds": {"engine": engine * 1e9, "numpy_twin": twin_time * 1e9, "numpy_reference": reference * 1e9},
        "memory": whole_run(populations=populations, lives=lives, threads=most),
        **({"full": whole_run(populations=BILLION, threads=most)} if full else {}),
        "machine": machine(),
        "sizes": {
            "populations": populations,
            "lives": lives,
            "years": len(scenario.horizon.years),
            "settled_populations": settled,
            "repeats": repeats,
            "threads": most,
        },
    }


def _whole_rounds(populations: int, step: int) -> int:
    """Populations rounded up so that all threads work to the end; as they are where they fill no round.

    Examples
    --------
    >>> _whole_rounds(256, 60), _whole_rounds(8, 60), _whole_rounds(100, 33)
    (300, 8, 132)
    """
    step = lcm(step, 2)
    return populations if populations < step else -(-populations // step) * step


def thread_counts(most: int) -> list[int]:
    """Numbers of threads to try: powers of two, and the most.

    Examples
    --------
    >>> thread_counts(2), thread_counts(6)
    ([1, 2], [1, 2, 4, 6])
    """
    return sorted({1 << k for k in range(most.bit_length())} | {most})


def machine() -> dict[str, Any]:
    """Kind of processor beside versions and the number of CPUs that this process may use."""
    name = platform.processor() or platform.machine()
    with suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return {"processor": name, "leadrisk": lr.__version__, **environment()}
