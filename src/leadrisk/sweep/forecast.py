"""What the cells of a sweep will take, said before they start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrisk.run.cover import priced_populations
from leadrisk.run.forecast import OWN_BYTES, PREPARE_SECONDS, Forecast
from leadrisk.run.speed import speed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadrisk.scenario.model import Scenario

_CELL_SECONDS = 0.15  # beside persons and paths: the pilot of the base years, figures and their errors
_CELL_BYTES, _LIFE_BYTES = 60_000_000, 1_200  # of a cell at work: a block of settled lines; persons
_KEPT_BYTES = 64  # of a path and contract: eight numbers
_DISK_BYTES = 800, 2_150, 125, 1_650  # of a cell's figures, each contract, each of its years, each pair of contracts


def sweep_forecast(scenarios: Sequence[Scenario], *, slots: int, threads: int, keep_totals: bool) -> Forecast:
    """Forecast cells.

    Parameters
    ----------
    scenarios
        Those of the cells that are to be run.
    slots
        Cells that run at once.
    threads
        Of this process that run cells; 0 where others do it.
    keep_totals
        Whether the totals of all paths are written.

    Examples
    --------
    >>> import leadrisk as lr
    >>> sizes = {"run.populations": 512, "run.futures": 64}
    >>> scenario = lr.load_scenario("scenarios/baseline.toml", set=sizes)
    >>> found = sweep_forecast([scenario] * 40, slots=2, threads=2, keep_totals=False)
    >>> found.tasks, found.seconds == found.core_seconds / 2
    (40, True)
    """
    known = speed()
    seconds, disk, held = [], 0, 0
    for scenario in scenarios:
        populations, futures = scenario.run.populations, int(scenario.run.futures or 0)
        each = known.population(scenario, futures=futures, population_bytes=0)
        pricing = priced_populations(scenario) * known.settlement(scenario, futures=futures)
        seconds.append(_CELL_SECONDS + populations * each + pricing)
        contracts = len(scenario.contract.names)
        numbers = contracts * populations * futures
        held = max(held, _CELL_BYTES + _LIFE_BYTES * scenario.cohort.lives + _KEPT_BYTES * numbers)
        counts = 1, contracts, contracts * scenario.horizon.performance_years, contracts * (contracts - 1) // 2
        disk += sum(size * count for size, count in zip(_DISK_BYTES, counts, strict=True)) + 8 * numbers * keep_totals
    at_once = max(1, min(slots, len(seconds)))
    work = sum(seconds) + PREPARE_SECONDS * (1 if threads else at_once)
    return Forecast(
        tasks=len(seconds),
        core_seconds=work,
        seconds=max(work / at_once, max(seconds, default=0.0)),
        disk=disk,
        memory=OWN_BYTES + threads * held,
        measured_here=known.measured_here,
    )
