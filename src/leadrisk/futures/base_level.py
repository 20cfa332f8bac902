"""What the simulated base years tell about a category's level, over all populations of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

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
        Mean over populations of the simulated, risk-standardised baseline, in the segment's mean annual cost.
    credibility
        Weight of the known base years against the regional rate, 0 to 1.
    truncation
        Share of base-year cost above the national truncation threshold.
    """

    expected: float
    credibility: float
    truncation: float


def base_levels(experience: xr.Dataset, scenario: Scenario, *, base_weights: tuple[float, ...]) -> dict[str, BaseLevel]:
    """Expected baseline, credibility and truncation by category, from all populations of a run.

    Credibility is tau^2 / (tau^2 + noise^2): the spread of true cost around the regional rate against the luck of
    the base years, which is the spread of the simulated baseline over populations (model_parameters.md §3).
    """
    found = {}
    tau2 = scenario.level.credibility_tau * scenario.level.credibility_tau
    cost, score = person_rates(experience)
    for c, name in enumerate(experience["category"].values.tolist()):
        category = getattr(scenario.categories, name)
        if category is not None:
            baseline = persons_baseline(cost[..., c], score[..., c], base_weights)
            n = baseline.size
            expected = float(np.cumsum(baseline)[-1]) / n  # a fixed order of additions, whatever the CPU
            squares = float(np.cumsum((baseline / expected - 1.0) * (baseline / expected - 1.0))[-1]) / max(n - 1, 1)
            found[name] = BaseLevel(
                expected=expected,
                credibility=tau2 / (tau2 + squares),
                truncation=_truncation(experience, c, category.national_pbpm / known_baseline(category, base_weights)),
            )
    return found


def known_baseline(category: Category, base_weights: tuple[float, ...]) -> float:
    """Weighted known base years, dollars per beneficiary per month."""
    return sum(weight * value for weight, value in zip(base_weights, category.base_year_pbpm, strict=True))


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
    total = sum(weight * standardised[:, b] for b, weight in enumerate(base_weights))
    return np.maximum(total, LEAST_BASE)


def log_nodes(experience: xr.Dataset) -> NDArray[np.float64]:
    """Logs of the attachments at which excess cost was simulated, relative to the truncation threshold."""
    return logarithm(experience["attachment"].values)


def _truncation(experience: xr.Dataset, c: int, position: float) -> float:
    """Share of base-year cost above a threshold that stands at ``position`` times the simulated one."""
    excess = [float(np.cumsum(experience["excess"].values[:, :3, c, a])[-1]) for a in range(3)]
    cost = float(np.cumsum(experience["expenditure"].values[:, :3, c])[-1])
    above = excess_at(logarithm(np.array([position]))[0], *excess, log_nodes(experience))
    return float(above) / cost if cost > 0.0 else 0.0
