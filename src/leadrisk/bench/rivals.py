"""The engine's persons beside NumPy's, in one run."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING

from leadrisk.bench.numpy_twin import simulate_numpy
from leadrisk.run.plan import plan_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from leadrisk.scenario.model import Scenario

_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@contextmanager
def numpy_processes(scenario: Scenario, *, populations: int, processes: int) -> Iterator[Callable[[], float]]:
    """Give a function that simulates populations with NumPy in several processes, and returns their sum of exposure.

    The processes are started, and have simulated once, before the function is given; each keeps to one thread.
    """
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(_ONE_THREAD)  # read by the libraries of linear algebra when a process loads them
    parts = plan_blocks(populations, size=-(-populations // (2 * processes)))
    try:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:

            def simulate() -> float:
                waiting = [pool.submit(_exposure, scenario, part.first, part.size, populations) for part in parts]
                return sum(each.result() for each in waiting)

            simulate()
            yield simulate
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _exposure(scenario: Scenario, first: int, count: int, populations: int) -> float:
    return float(simulate_numpy(scenario, first=first, count=count, populations=populations)[..., 0].sum())
