"""Futures and settlement: a block of (population, future) pairs on one thread, whole runs on all."""

from __future__ import annotations

import leadrisk as lr
from leadrisk.bench.benchmark_aco import LEAD, SIX, benchmark_aco
from leadrisk.futures.carry import carry
from leadrisk.futures.paths import systemic_paths
from leadrisk.run.attribution import variance_drivers
from leadrisk.run.setting import prepare
from leadrisk.run.settle import settle_block

FUTURES = 64
LIVES = 1_000  # what a pair costs does not depend on the persons behind it
DESIGNS = {
    f"{edge} {share}": {"corridor.global.losses": {"edges": [edge / 100], "shares": [share / 100, 0.1]}}
    for edge in range(5, 25, 2)
    for share in range(50, 100, 5)
}


class Block:
    """A block of 8,192 pairs on one thread, step by step."""

    populations = 128

    def setup(self) -> None:
        self.scenario = benchmark_aco(lives=LIVES)
        self.experience = lr.simulate(self.scenario, populations=self.populations, seed=1)
        self.setting = prepare(self.experience, self.scenario, futures=FUTURES)
        self.paths = self.time_paths()
        self.time_carry()

    def time_paths(self) -> object:
        return systemic_paths(self.scenario, self.experience, futures=FUTURES, seed=1)

    def time_carry(self) -> None:
        setting = self.setting
        carry(
            self.experience, self.paths, self.scenario, levels=setting.levels, base_weights=setting.base_weights,
            truncated=False,
        )  # fmt: skip


class SettledBlock:
    """Paths, carrying and contracts of a block of 8,192 pairs on one thread."""

    param_names = ("contracts", "stop_loss")
    params = ([2, 6], [False, True])
    populations = 128

    def setup(self, contracts: int, stop_loss: bool) -> None:
        scenario = benchmark_aco(lives=LIVES, contracts=SIX[:contracts], stop_loss=stop_loss)
        self.experience = lr.simulate(scenario, populations=self.populations, seed=1)
        self.setting = prepare(self.experience, scenario, futures=FUTURES)
        self.time_settle(contracts, stop_loss)

    def time_settle(self, _contracts: int, _stop_loss: bool) -> None:
        settle_block(self.experience, self.setting, ratchet=True)


class WholeRun:
    """The settlement of a run of default size, lines kept, and what follows it, on all threads."""

    param_names = ("contracts",)
    params = ([2, 6],)
    populations = 2_048

    def setup(self, contracts: int) -> None:
        self.scenario = benchmark_aco(lives=LIVES, contracts=SIX[:contracts])
        self.experience = lr.simulate(self.scenario, populations=self.populations, seed=1)
        self.settlement = lr.settle(self.experience, self.scenario, futures=FUTURES)
        self.setting = prepare(self.experience, self.scenario, futures=FUTURES)

    def time_settle(self, _contracts: int) -> None:
        lr.settle(self.experience, self.scenario, futures=FUTURES)

    def time_variance_drivers(self, _contracts: int) -> None:
        variance_drivers(self.experience, self.settlement, self.setting)


class Grid:
    """A hundred corridor designs under both LEAD options on one experience."""

    populations = 512

    def setup(self) -> None:
        self.scenario = benchmark_aco(lives=LIVES, contracts=LEAD)
        self.experience = lr.simulate(self.scenario, populations=self.populations, seed=1)

    def time_grid_of_100_corridors(self) -> None:
        lr.settle_grid(self.experience, self.scenario, DESIGNS, futures=FUTURES)
