"""V13, V20 and V21: how far the region drifts from the nation, the nation from its projection, ACOs from both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.update import two_way_trend
from leadrisk.risk.estimate import mean
from leadrisk.validation.check_trend import trend_band
from leadrisk.validation.standard_aco import AT_REST, MONEY, carried_figures, experience_of, standard_aco
from leadrisk.validation.targets import Estimates, Measured

if TYPE_CHECKING:
    from collections.abc import Collection

    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.futures.carry import Carried
    from leadrisk.validation.standard_aco import Sizes

    Array = NDArray[np.float64]

FUTURES = 64
_POPULATIONS = 1024  # at most: persons do not touch what is measured here
_HORIZON = 10


def check_region(_: Collection[str], sizes: Sizes) -> dict[str, Estimates]:
    """Measure V13: the two-way update against the nation, as the rule of the Shared Savings Program makes it."""
    scenario = standard_aco(5_000, performance_years=6)
    share = scenario.trend.market_share

    def update(carried: dict[str, Carried]) -> Array:
        one = carried["aged_disabled"]
        both = two_way_trend(national=one.national_trend, regional=one.regional_trend, aco_market_share=share)
        return np.asarray(both / one.national_trend)

    few = sizes.at_most(_POPULATIONS)
    against = carried_figures(experience_of(scenario, few), scenario, update, futures=FUTURES, sizes=few)
    years = {"1 year": 1, "3 years": 3, "6 years": 6}
    return {"V13": {name: spread(100.0 * against[..., year - 1]) for name, year in years.items()}}


def check_nation(_: Collection[str], sizes: Sizes) -> dict[str, Estimates]:
    """Measure V20: the band of two-year misses at the beginning of a run, when no miss is known yet."""
    band = trend_band(populations=sizes.at_most(_POPULATIONS).populations, futures=FUTURES, seed=sizes.seed)
    ends = {"low end, against the lowest miss": band.low, "high end, against the highest miss": band.high}
    return {"V20": {name: Measured(*end) for name, end in ends.items()}}


def check_gap(_: Collection[str], sizes: Sizes) -> dict[str, Estimates]:
    """Measure V21: cost against the national path; score, level and persons at rest, as the target says.

    Every population is given the persons of all, their mean, which is how a run's attribution freezes them.
    """
    at_rest = [name for name in AT_REST if name in {"level", "score", "panel"}]
    scenario = standard_aco(20_000, performance_years=_HORIZON, at_rest=at_rest)
    few = sizes.at_most(_POPULATIONS)
    experience = persons_at_rest(experience_of(scenario, few))
    gap = carried_figures(experience, scenario, cost_against_nation, futures=FUTURES, sizes=few)
    return {"V21": {"10 years": spread(100.0 * gap[..., _HORIZON - 1])}}


def persons_at_rest(experience: xr.Dataset) -> xr.Dataset:
    """Give every population the mean of all populations, so that only systemic factors differ."""
    average = experience.drop_vars("pandemic").mean("population", keep_attrs=True)
    still = average.expand_dims(population=experience["population"]).assign(pandemic=experience["pandemic"])
    return still.transpose(*experience.dims)


def cost_against_nation(carried: dict[str, Carried]) -> Array:
    """Cost per person-year over what the nation's growth makes of entry cost, shape (population, future, year)."""
    spent = sum(one.person_years * one.expenditure_pbpm for one in carried.values())
    nation = sum(one.person_years * MONEY[name] * one.national_trend for name, one in carried.items())
    return np.asarray(spent / nation)


def spread(values: Array) -> Measured:
    """Standard deviation over populations and futures, shape (population, future); populations are the sample.

    Examples
    --------
    >>> values = np.array([[1.0, -1.0], [1.0, -1.0], [1.0, -1.0], [1.0, -1.0]])
    >>> spread(values).value, spread(values).se
    (1.0, 0.0)
    """
    square = mean((values - values.mean()) ** 2)
    sd = float(np.sqrt(square.value))
    return Measured(sd, square.se / (2.0 * sd))
