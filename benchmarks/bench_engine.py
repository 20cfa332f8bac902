"""Benchmarks of the engine's layers (airspeed velocity); kernels are compiled in ``setup``, so compiling is not timed.

Run with ``asv run`` in this folder, or ``python bench_engine.py`` for one table. Figures are nanoseconds per
beneficiary-year and microseconds per (population, future) pair; compare ratios within one run, never single times.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import leadrisk as lr
from leadrisk.experience.simulate import simulate_block
from leadrisk.futures.carry import carry
from leadrisk.futures.paths import systemic_paths
from leadrisk.run.settle import entry_levels, lead_terms, settle_block, spending_class

if TYPE_CHECKING:
    from collections.abc import Callable

SCENARIO = Path(__file__).resolve().parent.parent / "scenarios" / "baseline.toml"
POPULATIONS, FUTURES = 16, 64


class Engine:
    """One block of 16 populations through every layer."""

    def setup(self) -> None:
        self.scenario = lr.load_scenario(SCENARIO)
        self.terms = lead_terms(self.scenario)
        self.entry_class = spending_class(self.scenario, self.terms)
        self.weights = (1 / 3, 1 / 3, 1 / 3)
        self.time_persons()
        self.levels = entry_levels(self.experience, self.scenario, self.terms)
        self.time_paths()
        self.time_settlement()

    def time_persons(self) -> None:
        self.experience = simulate_block(self.scenario, first=1024, count=POPULATIONS, populations=2048, seed=1)

    def time_paths(self) -> None:
        self.paths = systemic_paths(
            self.scenario,
            self.experience["pandemic"].values,
            first=1024,
            futures=FUTURES,
            seed=1,
        )

    def time_carry(self) -> None:
        carry(self.experience, self.paths, self.scenario, levels=self.levels, base_weights=self.weights)

    def time_settlement(self) -> None:
        """Paths, carry and both LEAD options together: all that a future costs."""
        settle_block(
            self.experience,
            self.scenario,
            futures=FUTURES,
            seed=1,
            terms=self.terms,
            entry_class=self.entry_class,
            levels=self.levels,
        )


def _best(work: Callable[[], None], repeats: int = 7) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    engine = Engine()
    engine.setup()
    beneficiary_years = float(engine.experience["panel"].sum()) * engine.scenario.cohort.lives
    pairs = POPULATIONS * FUTURES
    print(
        f"persons     {1e9 * _best(engine.time_persons) / beneficiary_years:8.2f} ns per beneficiary-year, one thread"
    )
    print(f"paths       {1e6 * _best(engine.time_paths) / pairs:8.2f} us per (population, future), one thread")
    print(f"carry       {1e6 * _best(engine.time_carry) / pairs:8.2f} us per (population, future), one thread")
    print(f"all futures {1e6 * _best(engine.time_settlement) / pairs:8.2f} us per (population, future), one thread")


if __name__ == "__main__":
    main()
