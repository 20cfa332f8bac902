"""V12: how often the cap on the risk score binds; and the risk ratio that V11 reads too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.risk.estimate import Estimate, probability
from leadrisk.scenario.systemic_tables import Drift
from leadrisk.validation.standard_aco import MONEY, carried_figures, experience_of, standard_aco
from leadrisk.validation.targets import Estimates, Measured

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from leadrisk.futures.carry import Carried
    from leadrisk.validation.standard_aco import Sizes

    Array = NDArray[np.float64]

FUTURES = 16
_CAP = 0.03  # V12: of both sides, 42 CFR and the ACO REACH financing paper
_REFERENCE_YEARS = 2


def risk_ratio(carried: dict[str, Carried]) -> Array:
    """Cost-weighted risk ratio of a performance year over base year 3, all categories, (population, future, year).

    Each category weighs by the person-years of the year at its entry cost, as enrollment types do in the public files.
    """
    weight = {name: one.person_years * MONEY[name] for name, one in carried.items()}
    total = sum(weight[name] * one.score_ratio for name, one in carried.items())
    return np.asarray(total / sum(weight.values()))


def check_cap(_: Collection[str], sizes: Sizes) -> dict[str, Estimates]:
    """Measure V12: ACOs of 10,000 lives in ACO REACH, whose scores grow against the nation as by default."""
    scenario = standard_aco(10_000, performance_years=_REFERENCE_YEARS, mean_score_growth=Drift().mean_growth)
    ratio = carried_figures(experience_of(scenario, sizes), scenario, risk_ratio, futures=FUTURES, sizes=sizes)
    after = ratio[..., _REFERENCE_YEARS - 1]
    above, below = probability(after > 1.0 + _CAP), probability(after < 1.0 - _CAP)
    return {"V12": {"above": _percent(above), "below": _percent(below)}}


def _percent(share: Estimate) -> Measured:
    return Measured(100.0 * share.value, 100.0 * share.se)
