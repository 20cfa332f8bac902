"""Persons: time, by which linearity in lives, years and populations shows, and memory."""

from __future__ import annotations

import leadrisk as lr
from leadrisk.bench.benchmark_aco import benchmark_aco


class Persons:
    """A run of persons on one thread."""

    param_names = ("lives", "years", "populations")
    params = ([2_500, 10_000, 40_000], [5, 10], [16, 64])
    threads = 1

    def setup(self, lives: int, years: int, _populations: int) -> None:
        self.scenario = benchmark_aco(lives=lives, years=years)
        self.time_simulate(lives, years, 4)

    def time_simulate(self, _lives: int, _years: int, populations: int) -> None:
        lr.simulate(self.scenario, populations=populations, seed=1, threads=self.threads)


class Threads:
    """The same run on one thread and on several; results have the same bits."""

    param_names = ("threads",)
    params = ([1, 2],)
    lives, populations = 10_000, 128

    def setup(self, _threads: int) -> None:
        self.scenario = benchmark_aco(lives=self.lives)
        lr.simulate(self.scenario, populations=4, seed=1)

    def time_simulate(self, threads: int) -> None:
        lr.simulate(self.scenario, populations=self.populations, seed=1, threads=threads)


class Memory:
    """Most resident memory of a process that simulates persons."""

    param_names = ("populations",)
    params = ([64, 512],)
    lives = 10_000

    def peakmem_simulate(self, populations: int) -> None:
        lr.simulate(benchmark_aco(lives=self.lives), populations=populations, seed=1)
