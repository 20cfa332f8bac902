"""What each layer of the engine costs on its own: persons, paths, carrying, settlement, frozen layers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import leadrisk as lr
from leadrisk.bench.benchmark_aco import LEAD, SIX, benchmark_aco
from leadrisk.bench.timing import in_turn
from leadrisk.experience.simulate import simulate_block
from leadrisk.futures.carry import carry
from leadrisk.futures.paths import systemic_paths
from leadrisk.run.attribution import variance_drivers
from leadrisk.run.plan import block_size, settled_block_size
from leadrisk.run.setting import prepare
from leadrisk.run.settle import settle_block

if TYPE_CHECKING:
    from leadrisk.bench.timing import Progress

FUTURES = 64
_FEW_LIVES = 1_000  # what a pair costs does not depend on the persons behind it
_SEED = 1


def layer_costs(
    *, lives: int, populations: int, threads: int | None, repeats: int, progress: Progress | None = None
) -> dict[str, dict[str, float | str]]:
    """Cost of each layer, shortest of several times.

    Parameters
    ----------
    lives
        Of the populations whose persons are timed.
    populations
        Whose futures are settled, 64 each, over ten years.
    threads
        Threads of what is timed on several.

    Returns
    -------
    dict
        By layer its ``unit`` and the figures ``one_thread`` and ``all_threads``, where they are measured. Paths and
        carrying are parts of every settlement; a settlement is that of a whole run, lines kept. ``frozen_layers`` is
        the time of the variance drivers of both LEAD options over that of their settlement.
    """
    scenario, peers = (benchmark_aco(lives=_FEW_LIVES, contracts=names) for names in (LEAD, SIX))
    covered = benchmark_aco(lives=_FEW_LIVES, stop_loss=True)
    persons = benchmark_aco(lives=lives)
    years = len(persons.horizon.years)
    at_once = block_size(lives, years)
    experience = lr.simulate(scenario, populations=populations, seed=_SEED, threads=threads)
    settlement = lr.settle(experience, scenario, futures=FUTURES, threads=threads)
    setting, peer_setting, covered_setting = (
        prepare(experience, each, futures=FUTURES) for each in (scenario, peers, covered)
    )
    few = experience.isel(population=slice(0, settled_block_size(FUTURES, setting.years.size)))
    draw = partial(systemic_paths, scenario, few, futures=FUTURES, seed=_SEED)
    simulate = partial(simulate_block, persons, first=0, count=at_once, populations=at_once, seed=_SEED)
    settle = partial(lr.settle, experience, futures=FUTURES, threads=threads)
    times = in_turn(
        {
            "persons": simulate,
            "paths": draw,
            "carry": partial(
                carry, few, draw(), scenario, levels=setting.levels, base_weights=setting.base_weights, truncated=False
            ),
            "two": partial(settle_block, few, setting, ratchet=True),
            "six": partial(settle_block, few, peer_setting, ratchet=True),
            "covered": partial(settle_block, few, covered_setting, ratchet=True),
            "two_all": partial(settle, scenario),
            "six_all": partial(settle, peers),
            "frozen": partial(variance_drivers, experience, settlement, setting, threads=threads),
        },
        repeats=repeats,
        label="timing layers",
        progress=progress,
    )
    aligned = float(simulate()["panel"].sum()) * lives
    a_block, a_run = (1e6 / (each.sizes["population"] * FUTURES) for each in (few, experience))
    pair = "microseconds per (population, future) pair of ten years"
    return {
        "persons": {"unit": "nanoseconds per beneficiary-year", "one_thread": times["persons"] * 1e9 / aligned},
        "paths": {"unit": pair, "one_thread": times["paths"] * a_block},
        "carry": {"unit": pair, "one_thread": times["carry"] * a_block},
        "settle_two_options": {
            "unit": pair,
            "one_thread": times["two"] * a_block,
            "all_threads": times["two_all"] * a_run,
        },
        "settle_two_options_with_stop_loss": {"unit": pair, "one_thread": times["covered"] * a_block},
        "settle_six_contracts": {
            "unit": pair,
            "one_thread": times["six"] * a_block,
            "all_threads": times["six_all"] * a_run,
        },
        "frozen_layers": {
            "unit": "time of the variance drivers over that of the settlement",
            "all_threads": times["frozen"] / times["two_all"],
        },
    }
