"""Benchmarks of the engine's layers (airspeed velocity); kernels are compiled in ``setup``, so compiling is not timed.

Run with ``asv run`` in this folder, or ``python bench_engine.py`` for one table. Figures are nanoseconds per
beneficiary-year and microseconds per (population, future) pair; compare ratios within one run, never single times.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import leadrisk as lr
from leadrisk.experience.simulate import simulate_block
from leadrisk.futures.carry import carry
from leadrisk.futures.paths import systemic_paths
from leadrisk.run.setting import prepare
from leadrisk.run.settle import settle_block

if TYPE_CHECKING:
    from collections.abc import Callable

SCENARIO = Path(__file__).resolve().parent.parent / "scenarios" / "baseline.toml"
POPULATIONS, FUTURES, POPULATIONS_OF_A_RUN = 32, 64, 128
FULL_SIZE = 2048
LEAD = ("lead_global", "lead_professional")
SIX = (*LEAD, "mssp_enhanced", "mssp_basic_e", "reach_global", "reach_professional")
DESIGNS = {
    f"{edge} {share}": {"corridor.global.losses": {"edges": [edge / 100], "shares": [share / 100, 0.1]}}
    for edge in range(5, 25, 2)
    for share in range(50, 100, 5)
}


class Engine:
    """One block of populations through every layer, and a short run."""

    def setup(self, populations: int = POPULATIONS_OF_A_RUN) -> None:
        self.scenario, self.six = (lr.load_scenario(SCENARIO, set={"contract.names": names}) for names in (LEAD, SIX))
        self.time_persons()
        self.setting = prepare(self.experience, self.scenario, futures=FUTURES)
        self.time_paths()
        self.time_settlement()
        self.whole = lr.simulate(self.scenario, populations=populations)
        self.time_settle_two_options()

    def time_persons(self) -> None:
        block = simulate_block(self.scenario, first=1024, count=POPULATIONS, populations=2048, seed=1)
        self.experience = block.assign_attrs(seed=1)

    def time_paths(self) -> None:
        self.paths = systemic_paths(
            self.scenario,
            self.experience,
            futures=FUTURES,
            seed=1,
        )

    def time_carry(self) -> None:
        setting = self.setting
        carry(self.experience, self.paths, self.scenario, levels=setting.levels, base_weights=setting.base_weights)

    def time_futures(self) -> None:
        """Paths and carry together: all that a future costs before any contract."""
        self.time_paths()
        self.time_carry()

    def time_settle_two_options(self, workers: int = 1) -> None:
        """The settlement of a run under both LEAD options, lines kept."""
        lr.settle(self.whole, self.scenario, futures=FUTURES, workers=workers)

    def time_settle_six_contracts(self, workers: int = 1) -> None:
        """The settlement of a run under LEAD, MSSP and ACO REACH, lines kept."""
        lr.settle(self.whole, self.six, futures=FUTURES, workers=workers)

    def time_grid_of_100_corridors(self, workers: int = 1) -> None:
        """A hundred corridor designs under both LEAD options on a stored experience."""
        lr.settle_grid(self.whole, self.scenario, DESIGNS, futures=FUTURES, workers=workers)

    def time_settlement(self) -> None:
        """Paths, carry and both LEAD options together: all that a future costs."""
        settle_block(self.experience, self.setting)


def _best(work: Callable[[], None], repeats: int = 7) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def _best_of_two(work: Callable[[], None], repeats: int = 7) -> float:
    """Time in which two threads do the work once each."""
    with ThreadPoolExecutor(2) as threads:

        def both() -> None:
            for each in [threads.submit(work) for _ in range(2)]:
                each.result()

        return _best(both, repeats)


def main() -> None:
    engine = Engine()
    engine.setup(populations=FULL_SIZE)
    beneficiary_years = float(engine.experience["panel"].sum()) * engine.scenario.cohort.lives
    pairs = POPULATIONS * FUTURES
    print(
        f"persons     {1e9 * _best(engine.time_persons) / beneficiary_years:8.2f} ns per beneficiary-year, one thread"
    )
    for name, work in (("paths", engine.time_paths), ("carry", engine.time_carry), ("futures", engine.time_futures)):
        one, two = _best(work), _best_of_two(work)
        print(
            f"{name:11} {1e6 * one / pairs:8.2f} us per (population, future), one thread; "
            f"{1e6 * two / pairs / 2:.2f} on two"
        )
    print(f"block       {1e6 * _best(engine.time_settlement) / pairs:8.2f} us per (population, future), one thread")
    for name, whole in (
        ("two options", engine.time_settle_two_options),
        ("six", engine.time_settle_six_contracts),
        ("100 designs", engine.time_grid_of_100_corridors),
    ):
        one, two = (_best(partial(whole, workers), repeats=3) for workers in (1, 2))
        print(f"{name:11} {one:8.2f} s for {FULL_SIZE:,} x {FUTURES} pairs, one thread; {two:.2f} on two")


if __name__ == "__main__":
    main()
