"""V20: the band of the engine's national misses over two years, which real misses have to lie in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leadrisk.experience.simulate import simulate_block
from leadrisk.futures.paths import systemic_paths
from leadrisk.risk.estimate import quantiles
from leadrisk.validation.standard_aco import standard_aco

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadrisk.risk.estimate import Estimate
    from leadrisk.scenario.model import Scenario

REAL_MISSES = (-5.1, -5.3, -3.3, 9.1)
"""Actual over projected national cost, percent: ACO REACH trend adjustments PY2021-2023, prospective trend 2023-25."""

_FEWEST_LIVES = 200  # persons do not touch the nation


class TrendBand(NamedTuple):
    """Central band of the miss of national cost, percent of the projection."""

    low: Estimate
    high: Estimate
    coverage: float
    years: int

    def covers(self, miss: float) -> bool:
        """Whether a miss lies inside.

        Examples
        --------
        >>> from leadrisk.risk.estimate import Estimate
        >>> TrendBand(Estimate(-9.0, 0.1), Estimate(9.5, 0.1), 0.98, 2).covers(-5.3)
        True
        """
        return self.low.value <= miss <= self.high.value


def trend_band(
    *,
    coverage: float = 0.98,
    years: int = 2,
    first_year: int = 1,
    populations: int = 1024,
    futures: int = 64,
    seed: int = 1,
    scenario: Scenario | None = None,
) -> TrendBand:
    """Band of actual over projected national cost, less 1, as the engine's own paths have it.

    Parameters
    ----------
    coverage
        Share of paths inside; as much is left out above as below.
    years
        Growth over so many years.
    first_year
        Performance year in which the growth begins; the first one starts without a miss of the year before.
    populations, futures
        Size of the sample; futures of a population are evenly spread, so a population is one draw of the error.
    scenario
        Whose trend assumptions are taken; default the standard ACO, without pandemic.

    Examples
    --------
    >>> band = trend_band(populations=64, futures=16)
    >>> band.low.value < 0.0 < band.high.value, band.years
    (True, 2)
    """
    last = first_year + years - 1
    scenario = standard_aco(_FEWEST_LIVES, performance_years=last) if scenario is None else scenario
    scenario = scenario.model_copy(update={"cohort": scenario.cohort.model_copy(update={"lives": _FEWEST_LIVES})})
    experience = simulate_block(scenario, first=0, count=populations, populations=populations, seed=seed)
    logs = systemic_paths(scenario, experience, futures=futures, seed=seed).national
    before = logs[..., first_year - 2] if first_year > 1 else 0.0
    miss = 100.0 * np.expm1(logs[..., last - 1] - before)
    low, high = quantiles(miss, [0.5 * (1.0 - coverage), 0.5 * (1.0 + coverage)])
    return TrendBand(low, high, coverage, years)


def misses_outside(band: TrendBand, misses: Sequence[float] = REAL_MISSES) -> list[float]:
    """Real misses that the band does not hold."""
    return [miss for miss in misses if not band.covers(miss)]
