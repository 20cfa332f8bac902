"""Systemic factors that touch persons (S1): panel growth, death and exit shocks, the year of a pandemic.

One vector a population. The populations are stratified on the direction that dominates money, the ten-year mean of
panel size: population i of n gets the quantile at (i + V_i) / n of that direction, so neighbouring populations form
the strata pairs of the standard errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.experience.factors import layout
from leadrisk.experience.philox import STREAM_SYSTEMIC, philox
from leadrisk.experience.special64 import exponential, log_array, normal_quantile_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.scenario.model import Scenario

_LEAST_PANEL, _MOST_PANEL = 0.2, 2.5  # of the starting size: beyond, the ACO would be another one
_MOST_EXIT_RATE = 0.24  # the kernel reads deaths, passages and exits from one uniform
_STRATUM = 1 << 30  # address of the stratified draw, apart from those of the factors


@dataclass(frozen=True)
class PersonFactors:
    """Factors that touch persons, by population and year (base years included).

    Attributes
    ----------
    panel
        float64, shape (population, year): aligned persons as a share of the starting number.
    death_factor, exit_rate
        float32, shape (population, year).
    pandemic
        bool, shape (population, year): a pandemic breaks out in the year.
    """

    panel: NDArray[np.float64]
    death_factor: NDArray[np.float32]
    exit_rate: NDArray[np.float32]
    pandemic: NDArray[np.bool_]

    def of(self, row: int) -> PersonFactors:
        """Factors of one population of the block."""
        part = slice(row, row + 1)
        return PersonFactors(self.panel[part], self.death_factor[part], self.exit_rate[part], self.pandemic[part])


def person_factors(
    scenario: Scenario,
    *,
    first: int,
    count: int,
    populations: int,
    seed: int,
    exit_rate: NDArray[np.float64] | None = None,
) -> PersonFactors:
    """Draw the factors of ``count`` populations from number ``first`` on, of ``populations`` in the run.

    ``exit_rate`` is each population's own, shape (population, 1); left out: the scenario's.
    """
    years = scenario.horizon.performance_years
    normals, uniforms = _draws(years, first=first, count=count, populations=populations, seed=seed)
    at = layout(years, touches_persons=True)
    exposure, shocks = scenario.exposure, scenario.shocks

    growth = np.zeros((count, years + 3))
    median = float(log_array(np.array([1.0 + exposure.panel_growth_mean]))[0])
    growth[:, 4:] = median + exposure.panel_growth_sd * normals[:, at["panel_growth"]]
    panel = np.clip(exponential(np.cumsum(growth, axis=1)), _LEAST_PANEL, _MOST_PANEL)

    pandemic = np.zeros((count, years + 3), dtype=bool)
    if shocks.pandemic_year is not None:
        if shocks.pandemic_year in scenario.horizon.performance_year_list:
            pandemic[:, scenario.horizon.years.index(shocks.pandemic_year)] = True
    else:
        begun = 1.0 - np.cumprod(np.full(years, 1.0 - shocks.pandemic_probability))  # by the end of each year
        onset = np.searchsorted(begun, uniforms[:, at["pandemic"].start], side="right")
        rows = np.flatnonzero(onset < years)
        pandemic[rows, 3 + onset[rows]] = True

    death, leave = np.zeros((count, years + 3)), np.zeros((count, years + 3))
    for log_factor, sd, name in (
        (death, exposure.death_shock_sd, "death_shock"),
        (leave, exposure.exit_shock_sd, "exit_shock"),
    ):
        log_factor[:, 3:] = sd * normals[:, at[name]] - 0.5 * sd * sd
    return PersonFactors(
        panel=panel,
        death_factor=(exponential(death) * np.where(pandemic, shocks.pandemic_death_factor, 1.0)).astype(np.float32),
        exit_rate=np.minimum(
            (exposure.exit_rate if exit_rate is None else exit_rate) * exponential(leave), _MOST_EXIT_RATE
        ).astype(np.float32),
        pandemic=pandemic,
    )


def _draws(
    years: int, *, first: int, count: int, populations: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Standard normals, stratified on the dominating direction, and the uniforms they came from."""
    at = layout(years, touches_persons=True)
    size = max(part.stop for part in at.values())
    counters = np.zeros((count, size, 4), dtype=np.uint32)
    counters[..., 0] = np.arange(size)
    counters[..., 2] = np.arange(first, first + count)[:, None]
    counters[..., 3] = STREAM_SYSTEMIC
    words = philox(counters.reshape(-1, 4), seed)[:, 0].astype(np.float64)
    uniforms = (words.reshape(count, size) + 0.5) / 4294967296.0
    normals: NDArray[np.float64] = normal_quantile_array(uniforms.ravel()).reshape(count, size)
    part = at["panel_growth"]
    steps = part.stop - part.start
    if steps:
        stratum = np.zeros((count, 4), dtype=np.uint32)
        stratum[:, 0] = _STRATUM
        stratum[:, 2] = np.arange(first, first + count)
        stratum[:, 3] = STREAM_SYSTEMIC
        inside = (philox(stratum, seed)[:, 0] + 0.5) / 4294967296.0
        along = normal_quantile_array((np.arange(first, first + count) + inside) / populations)
        direction = np.arange(steps, 0, -1.0)  # a growth step counts in all years that follow
        direction /= np.sqrt(np.cumsum(direction * direction)[-1])
        own = np.zeros(count)
        for k in range(steps):  # a fixed order of additions, whatever the CPU
            own += direction[k] * normals[:, part.start + k]
        normals[:, part] += (along - own)[:, None] * direction
    return normals, uniforms
