"""What the base years look like for certain: a pilot of many small populations, the same for every run.

What a run reads off its base years as known (expected cost, how much luck is in it, what lies above a threshold) acts
on all its populations alike. Read off its own populations, its error would be common to them and in no standard error.
So it comes from persons with an address of their own, which depends on neither seed nor size of a run.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.experience.simulate import labelled_totals, segment_totals
from leadrisk.experience.stationary import ESRD, MAIN, aligned_segments, stationary_segment
from leadrisk.experience.systemic import PersonFactors

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.scenario.model import Scenario
    from leadrisk.scenario.person_tables import Exposure, Persons

PILOT_LIVES = 512  # of each segment: a block of the kernel
_POPULATIONS = 4096  # the variance of luck is then known to 2.2 %
_FIRST, _SEED = 1 << 31, 0  # no run has so many populations
_YEARS = (1, 2, 3)  # part of the address; which calendar years they stand for does not matter


def base_years(scenario: Scenario) -> xr.Dataset:
    """Base years of the pilot on the neutral path.

    Parameters
    ----------
    scenario
        What :func:`leadrisk.experience.stationary.segments` uses of it; neither lives nor seed. Parameters are the
        scenario's, whatever its ``uncertainty``: their errors are no luck of the base years.

    Returns
    -------
    xarray.Dataset
        An experience of 4,096 populations with ``PILOT_LIVES`` persons in each segment, years 1 to 3.

    Examples
    --------
    >>> import leadrisk as lr
    >>> scenario = lr.load_scenario("scenarios/baseline.toml")
    >>> dict(base_years(scenario)["expenditure"].sizes)
    {'population': 4096, 'year': 3, 'category': 3}
    """
    parts = [
        _totals(scenario.persons, scenario.exposure, number, share, layers)
        for number, share, layers in aligned_segments(scenario)
    ]
    totals = np.sum(parts, axis=0)  # each has zeros where the others have persons
    return labelled_totals(scenario, totals, _factors(scenario.exposure), years=_YEARS, first=_FIRST)


@lru_cache(maxsize=32)
def _totals(
    persons: Persons, exposure: Exposure, number: int, share: float, layers: tuple[float, float, float]
) -> NDArray[np.float64]:
    segment = stationary_segment(persons, exposure, number, share, layers)
    lives = (PILOT_LIVES * (number == MAIN), PILOT_LIVES * (number == ESRD))
    return segment_totals({number: segment}, _factors(exposure), lives=lives, years=_YEARS, first=_FIRST, seed=_SEED)


def _factors(exposure: Exposure) -> PersonFactors:
    """Nothing that touches persons moves in the base years."""
    shape = (_POPULATIONS, len(_YEARS))
    return PersonFactors(
        panel=np.ones(shape),
        death_factor=np.ones(shape, dtype=np.float32),
        exit_rate=np.full(shape, exposure.exit_rate, dtype=np.float32),
        pandemic=np.zeros(shape, dtype=bool),
    )
