"""Systemic paths of the factors that do not touch persons (S2): level, trend, region, drift, efficiency, quality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leadrisk.experience.factors import MEASURES, Layer
from leadrisk.experience.philox import split_seed
from leadrisk.futures.dependence import correlated_factors
from leadrisk.futures.parameters import dominating_direction, path_parameters, places, wanted_numbers
from leadrisk.futures.path_kernel import block_paths
from leadrisk.futures.quality_parameters import cost_luck, rank_parameters
from leadrisk.futures.sobol import reflection_onto, reversed_points

if TYPE_CHECKING:
    from collections.abc import Collection

    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.futures.dependence import Correlated
    from leadrisk.futures.parameters import PathParameters
    from leadrisk.futures.quality_parameters import RankParameters
    from leadrisk.scenario.model import Scenario


@dataclass(frozen=True)
class Paths:
    """Systemic paths of a block, arrays of shape (population, future, year).

    ``all years`` start with the three base years, ``performance years`` do not. Logs are natural.

    Attributes
    ----------
    cost
        Log of the ACO's cost against its region, all years: level, efficiency, real morbidity, pandemic, participants.
    score
        Log of the ACO's reported score against the nation, all years: real morbidity and coding.
    churn_level
        Log of that part of a changed participant list's cost that shows in its base years too, performance years.
    ai_shift
        Log of AI-inferred against HCC scores, shape (population, future, 1).
    care_savings
        Share of cost saved by care management, performance years.
    national, region
        Log of actual over projected national cost, and of regional over national cost, performance years, cumulative.
    categories
        Log of national cost of High Needs and of ESRD over that of Aged & Disabled, performance years, cumulative,
        shape (category, population, future, year).
    quality
        Rank of each measure, a standard normal across ACOs of the reference size, shape (measure, population, future,
        year).
    improvement
        Standard normal that decides the CI/SEP gateway, performance years.
    episode_noise
        Standard normal by which episodes cost more, performance years; zeros of shape (population, 1, year) where
        nobody asks.
    stop_loss_neutrality
        Log of national stop-loss payouts over their charge, performance years; zeros of shape (population, 1, year)
        where the charge is neutral for certain.
    """

    cost: NDArray[np.float64]
    score: NDArray[np.float64]
    churn_level: NDArray[np.float64]
    ai_shift: NDArray[np.float64]
    care_savings: NDArray[np.float64]
    national: NDArray[np.float64]
    region: NDArray[np.float64]
    categories: NDArray[np.float64]
    quality: NDArray[np.float64]
    improvement: NDArray[np.float64]
    episode_noise: NDArray[np.float64]
    stop_loss_neutrality: NDArray[np.float64]


class PathLaw(NamedTuple):
    """What the paths of every block of a run have in common.

    Attributes
    ----------
    futures
        Of each population.
    frozen
        Layers whose factors are held at their median.
    episodes
        Whether ``episode_noise`` is drawn.
    reflection, wanted
        Reflection that brings the dominating direction to the first coordinate, and which numbers are drawn.
    correlated
        Factors with a number each year that depend on one another, and those drawn once.
    """

    futures: int
    frozen: frozenset[Layer]
    episodes: bool
    reflection: NDArray[np.float64]
    wanted: NDArray[np.bool_]
    correlated: tuple[Correlated, Correlated]
    parameters: PathParameters
    ranks: RankParameters


def path_law(scenario: Scenario, *, futures: int, frozen: Collection[Layer] = (), episodes: bool = False) -> PathLaw:
    """Work out once what :func:`law_paths` needs of a scenario for any block; parameters as for :class:`PathLaw`."""
    ranks = rank_parameters(scenario)
    if "quality" in frozen:
        ranks = ranks._replace(level=np.zeros_like(ranks.level))
    return PathLaw(
        futures=futures,
        frozen=frozenset(frozen),
        episodes=episodes,
        reflection=reflection_onto(dominating_direction(scenario)),
        wanted=wanted_numbers(scenario, frozen=frozen, episodes=episodes),
        correlated=correlated_factors(scenario, frozen=frozen),
        parameters=path_parameters(scenario),
        ranks=ranks,
    )


def systemic_paths(
    scenario: Scenario,
    experience: xr.Dataset,
    *,
    futures: int,
    seed: int,
    net: int = 0,
    frozen: Collection[Layer] = (),
    episodes: bool = False,
) -> Paths:
    """Paths of a single block of populations; parameters as for :func:`path_law` and :func:`law_paths`."""
    law = path_law(scenario, futures=futures, frozen=frozen, episodes=episodes)
    return law_paths(law, scenario, experience, seed=seed, net=net)


def law_paths(law: PathLaw, scenario: Scenario, experience: xr.Dataset, *, seed: int, net: int = 0) -> Paths:
    """Paths of a block of populations.

    Parameters
    ----------
    law
        From :func:`path_law` of the same scenario.
    experience
        The block; its panel and its outbreaks, drawn with the populations because they touch persons, are used, and
        what its persons cost beyond their scores, which moves ranks of quality.
    net
        Number of the scrambled net; results use net 0, a second one checks what the futures leave in a mean.
    """
    count, years, futures = experience.sizes["population"], scenario.horizon.performance_years, law.futures
    panel = experience["panel"].values[:, 2:]
    change = np.abs(panel[:, 1:] / panel[:, :-1] - 1.0)
    outbreak = experience["pandemic"].values[:, 3:].astype(np.float64) * (0.0 if "trend" in law.frozen else 1.0)
    luck = cost_luck(experience, scenario)
    if "quality" in law.frozen:
        luck = np.zeros_like(luck)
    neutrality_sd = scenario.trend.stop_loss_neutrality_sd
    by_year = (count, futures, years)
    paths = Paths(
        cost=np.empty((count, futures, years + 3)),
        score=np.empty((count, futures, years + 3)),
        churn_level=np.empty(by_year),
        ai_shift=np.empty((count, futures, 1)),
        care_savings=np.empty(by_year),
        national=np.empty(by_year),
        region=np.empty(by_year),
        categories=np.empty((2, *by_year)),
        quality=np.empty((len(MEASURES), *by_year)),
        improvement=np.empty(by_year),
        episode_noise=np.zeros((count, futures if law.episodes else 1, years)),
        stop_loss_neutrality=np.zeros((count, futures if neutrality_sd > 0.0 else 1, years)),
    )
    numbers = experience["population"].values.astype(np.int64)
    block_paths(
        reversed_points(futures, law.wanted.size), numbers, net, *split_seed(seed), law.reflection, law.wanted,
        *law.correlated, outbreak, change, luck, places(years), law.parameters, law.ranks,
        paths.cost, paths.score, paths.churn_level, paths.ai_shift, paths.care_savings, paths.national, paths.region,
        paths.categories, paths.quality, paths.improvement, paths.episode_noise, paths.stop_loss_neutrality,
        neutrality_sd,
    )  # fmt: skip
    return paths
