"""What the base years look like for certain: a pilot of many small populations, the same for every run.

What a run reads off its base years as known (expected cost, how much luck is in it, what lies above a threshold) acts
on all its populations alike. Read off its own populations, its error would be common to them and in no standard error.
So it comes from persons with an address of their own, which depends on neither seed nor size of a run.
"""

from __future__ import annotations

from functools import lru_cache, reduce
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
    from leadrisk.scenario.stop_loss_table import StopLoss

    AlignedSegment = tuple[int, float, tuple[float, float, float]]

PILOT_LIVES = 128  # of each segment: few, because luck adds up and many populations tell its variance
_POPULATIONS = 16_384  # the variance of luck is then known to 1 %
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
        An experience of 16,384 populations with ``PILOT_LIVES`` persons in each segment, years 1 to 3.

    Examples
    --------
    >>> import leadrisk as lr
    >>> scenario = lr.load_scenario("scenarios/baseline.toml")
    >>> dict(base_years(scenario)["expenditure"].sizes)
    {'population': 16384, 'year': 3, 'category': 3}
    """
    return _pilot(scenario.persons, scenario.exposure, scenario.stop_loss, tuple(aligned_segments(scenario)))


@lru_cache(maxsize=8)
def _pilot(
    persons: Persons,
    exposure: Exposure,
    stop_loss: StopLoss,
    aligned: tuple[AlignedSegment, ...],
) -> xr.Dataset:
    factors = _factors(exposure)
    totals = reduce(np.add, (_segment_pilot(persons, exposure, segment) for segment in aligned))
    return labelled_totals(stop_loss, totals, factors, years=_YEARS, first=_FIRST)


@lru_cache(maxsize=8)
def _segment_pilot(persons: Persons, exposure: Exposure, segment: AlignedSegment) -> NDArray[np.float64]:
    """Totals of one segment, zero in the categories of the other: ACOs that differ in one have the other in common."""
    number, share, layers = segment
    lives = (PILOT_LIVES * (number == MAIN), PILOT_LIVES * (number == ESRD))
    segments = {number: stationary_segment(persons, exposure, number, share, layers)}
    return segment_totals(segments, _factors(exposure), lives=lives, years=_YEARS, first=_FIRST, seed=_SEED)


def _factors(exposure: Exposure) -> PersonFactors:
    """Nothing that touches persons moves in the base years."""
    shape = (_POPULATIONS, len(_YEARS))
    return PersonFactors(
        panel=np.ones(shape),
        death_factor=np.ones(shape, dtype=np.float32),
        exit_rate=np.full(shape, exposure.exit_rate, dtype=np.float32),
        pandemic=np.zeros(shape, dtype=bool),
    )
