"""What the base years tell about a category's level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.cohort.panel import segment_lives
from leadrisk.experience.base_years import PILOT_LIVES, base_years
from leadrisk.experience.special64 import logarithm
from leadrisk.futures.carry_kernel import excess_at

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.scenario.category_tables import Category
    from leadrisk.scenario.model import Scenario

_LEAST_COST = 1e-9  # of a category of a person or two who cost nothing
LEAST_BASE = 0.25  # keeps a category of one or two persons from exploding when it is pinned


@dataclass(frozen=True)
class BaseLevel:
    """What the base years of one category tell about its level.

    Attributes
    ----------
    expected
        Simulated, risk-standardised baseline of persons without luck, in the segment's mean annual cost.
    credibility
        Weight of the known base years against the regional rate, 0 to 1.
    truncation
        Share of base-year cost above the national truncation threshold.
    """

    expected: float
    credibility: float
    truncation: float


def base_levels(scenario: Scenario, *, base_weights: tuple[float, ...]) -> dict[str, BaseLevel]:
    """Expected baseline, credibility and truncation by category.

    Credibility is tau^2 / (tau^2 + noise^2): the spread of true cost around the regional rate against the luck of
    the base years (model_parameters.md §3). Luck is the spread of the simulated baseline over populations, to first
    order, so that its variance is that of small populations over how much larger the ACO is. All is taken from the
    pilot of :func:`leadrisk.experience.base_years.base_years`, so nothing depends on the run.
    """
    found = {}
    tau2 = scenario.level.credibility_tau * scenario.level.credibility_tau
    pilot = base_years(scenario)
    main, esrd = segment_lives(scenario)
    for c, name in enumerate(pilot["category"].values.tolist()):
        category = getattr(scenario.categories, name)
        if category is None:
            continue
        cost, score, person_years = (
            pilot[quantity].values[..., c] for quantity in ("expenditure", "score", "person_years")
        )
        if not person_years.any():  # described, but nobody is aligned
            found[name] = BaseLevel(expected=1.0, credibility=1.0, truncation=0.0)
        else:
            expected, luck = _baseline(cost, score, person_years, base_weights)
            squares = float(np.cumsum(luck * luck)[-1]) / (luck.size - 1)
            noise2 = squares * PILOT_LIVES / (esrd if name == "esrd" else main)
            found[name] = BaseLevel(
                expected=expected,
                credibility=tau2 / (tau2 + noise2),
                truncation=_truncation(pilot, c, category.national_pbpm / known_baseline(category, base_weights)),
            )
    return found


def _baseline(
    cost: NDArray[np.float64],
    score: NDArray[np.float64],
    person_years: NDArray[np.float64],
    base_weights: tuple[float, ...],
) -> tuple[float, NDArray[np.float64]]:
    """Baseline of all pilot populations together, and the luck of each: how far it lies above, to first order.

    Sums of shape (population, year); the baseline is that of :func:`persons_baseline`.
    """
    mean_cost, mean_score, mean_years = (
        np.cumsum(sums, axis=0)[-1] / len(sums) for sums in (cost, score, person_years)
    )  # a fixed order of additions, whatever the CPU
    parts = [
        weight * mean_cost[b] / mean_score[b] * mean_score[2] / mean_years[2] for b, weight in enumerate(base_weights)
    ]
    expected = float(np.cumsum(parts)[-1])
    luck = score[:, 2] / mean_score[2] - person_years[:, 2] / mean_years[2]
    for b, part in enumerate(parts):
        luck += part / expected * (cost[:, b] / mean_cost[b] - score[:, b] / mean_score[b])
    return expected, luck


def known_baseline(category: Category, base_weights: tuple[float, ...]) -> float:
    """Weighted known base years, dollars per beneficiary per month."""
    total = 0.0
    for weight, value in zip(base_weights, category.base_year_pbpm, strict=True):
        total += weight * value  # not sum(), which rounds otherwise from Python 3.12 on
    return total


def person_rates(experience: xr.Dataset) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cost and score per person-year, shape (population, year, category); 1, a mean person's, where nobody is left.

    Cost is above zero, so that rates can be divided by.
    """
    person_years = experience["person_years"].values
    somebody = person_years > 0
    cost, score = (
        np.divide(experience[name].values, person_years, out=np.ones_like(person_years), where=somebody)
        for name in ("expenditure", "score")
    )
    return np.maximum(cost, _LEAST_COST), score


def persons_baseline(
    cost: NDArray[np.float64], score: NDArray[np.float64], base_weights: tuple[float, ...]
) -> NDArray[np.float64]:
    """Weighted baseline on the neutral path, each base year at the score of BY3; never below a quarter of the mean."""
    standardised = cost[:, :3] / score[:, :3] * score[:, 2:3]
    total = np.zeros(len(standardised))
    for b, weight in enumerate(base_weights):
        total += weight * standardised[:, b]
    return np.maximum(total, LEAST_BASE)


def log_nodes(experience: xr.Dataset) -> NDArray[np.float64]:
    """Logs of the attachments at which excess cost was simulated, relative to the truncation threshold."""
    return logarithm(experience["attachment"].values)


def _truncation(base: xr.Dataset, c: int, position: float) -> float:
    """Share of base-year cost above a threshold that stands at ``position`` times the simulated one."""
    excess = [float(np.cumsum(base["excess"].values[..., c, a])[-1]) for a in range(3)]
    cost = float(np.cumsum(base["expenditure"].values[..., c])[-1])
    above = excess_at(logarithm(np.array([position]))[0], *excess, log_nodes(base))
    return float(above) / cost if cost > 0.0 else 0.0
