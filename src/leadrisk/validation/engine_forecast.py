"""What the engine foretells of real ACOs: its simulated years, conditioned on the savings of the last known one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.run.execute import map_blocks
from leadrisk.validation.conditional import given_known, interval_error
from leadrisk.validation.forecasters import savings_of
from leadrisk.validation.scores import crps_of_sample, rank_of
from leadrisk.validation.simulated_savings import simulate_savings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from leadrisk.validation.panel import Pair

    Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class EngineForecast:
    """Forecast of one ACO's savings, percent of the benchmark.

    Attributes
    ----------
    draws
        Equally likely values, shape (population, future).
    slope
        Of the later on the known year, in the simulation.
    """

    pair: Pair
    draws: NDArray[np.float64]
    slope: float

    @property
    def rank(self) -> float:
        """Probability integral transform of what came."""
        return rank_of(self.draws, self.pair.later.savings)

    @property
    def crps(self) -> float:
        """Continuous ranked probability score of what came, percentage points."""
        return crps_of_sample(self.draws, self.pair.later.savings)

    @property
    def interval_error(self) -> float:
        """Monte Carlo standard error of the ends of the 90 % interval, percentage points."""
        return 0.5 * (interval_error(self.draws, 0.05) + interval_error(self.draws, 0.95))

    def quantile(self, probability: float) -> float:
        """Quantile of the forecast."""
        return float(np.quantile(self.draws, probability))


def engine_forecasts(
    pairs: Sequence[Pair],
    *,
    shift: float,
    populations: int,
    futures: int,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
    label: str = "simulating ACOs",
) -> list[EngineForecast]:
    """Forecast the later year of every pair.

    The engine gives the spread across years and what the known year tells of the next one; the means of a year are
    the nation's, not one ACO's: the known year's is read off these ACOs, its change comes from earlier years.

    Parameters
    ----------
    shift
        Mean change of savings from the known to the later year, percentage points.
    """
    if not pairs:
        return []
    mean = float(savings_of([pair.known for pair in pairs]).mean())

    def task(pair: Pair) -> EngineForecast:
        simulated = simulate_savings(pair, populations=populations, futures=futures, seed=seed)
        found = given_known(
            simulated[..., pair.known.years_from_base - 1], simulated[..., -1], deviation=pair.known.savings - mean
        )
        return EngineForecast(pair, found.draws + (mean + shift), found.slope)

    largest_first = sorted(range(len(pairs)), key=lambda at: (-pairs[at].known.lives, at))
    made = map_blocks(task, [pairs[at] for at in largest_first], threads=threads, label=label, progress=progress)
    by_place = dict(zip(largest_first, made, strict=True))
    return [by_place[at] for at in range(len(pairs))]
