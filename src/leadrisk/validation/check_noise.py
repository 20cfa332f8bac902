"""V1-V3: what chance alone does to one year's savings rate when true savings never change.

Everything but persons is at rest, and the panel keeps its size, so that N means N in every year. The years of one
agreement period are pooled: its first year lies nearest to the base years and shares most of its persons with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.minimum_savings_rate import minimum_savings_rate
from leadrisk.contract.terms import load_terms
from leadrisk.risk.estimate import group_jackknife, probability
from leadrisk.validation.standard_aco import AT_REST, experience_of, savings_rates, standard_aco
from leadrisk.validation.targets import Estimates, Measured

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from leadrisk.validation.standard_aco import Sizes

    Array = NDArray[np.float64]

_LIVES = {"V1": (5_000, 10_000, 20_000, 60_000), "V2": (5_000, 20_000, 50_000), "V3": (5_000, 50_000)}
_BEYOND = 2.0  # percent of benchmark, V3


def check_noise(wanted: Collection[str], sizes: Sizes) -> dict[str, Estimates]:
    """Measure V1, V2 and V3.

    Returns
    -------
    dict
        By target and part.
    """
    lives = sorted({one for name in wanted for one in _LIVES[name]})
    rates = {one: _rates(one, sizes) for one in lives}
    terms = load_terms("mssp")
    steps, minimum = terms.weights("minimum_savings_rate.sizes"), terms.weights("minimum_savings_rate.rates")
    found: dict[str, Estimates] = {}
    if "V1" in wanted:
        found["V1"] = _spreads({one: rates[one] for one in _LIVES["V1"]})
    if "V2" in wanted:
        found["V2"] = {
            f"{one:,}": _chance(rates[one] > 100.0 * float(minimum_savings_rate(one, sizes=steps, rates=minimum)))
            for one in _LIVES["V2"]
        }
    if "V3" in wanted:
        found["V3"] = {
            f"{one:,}, {side}": _chance(sign * rates[one] > _BEYOND)
            for one in _LIVES["V3"]
            for side, sign in (("savings", 1.0), ("losses", -1.0))
        }
    return found


def _rates(lives: int, sizes: Sizes) -> Array:
    """Savings rates, shape (population, year); one future, as nothing differs between futures."""
    scenario = standard_aco(lives, at_rest=tuple(AT_REST))
    return savings_rates(experience_of(scenario, sizes), scenario, futures=2, sizes=sizes)[:, 0]


def _spreads(rates: dict[int, Array]) -> dict[str, Measured]:
    measured = {lives: _spread(values) for lives, values in rates.items()}
    spread, error = np.array([one.value for one in measured.values()]), np.array([one.se for one in measured.values()])
    log_size = np.log(np.array(list(rates), dtype=np.float64))
    away = (log_size - log_size.mean()) / ((log_size - log_size.mean()) ** 2).sum()
    slope = float((away * np.log(spread)).sum())
    slope_error = float(np.sqrt(((away * error / spread) ** 2).sum()))  # the runs of the sizes are apart
    found = {f"{lives:,}": one for lives, one in measured.items()}
    return found | {"slope of log SD on log size": Measured(slope, slope_error)}


def _spread(rates: Array) -> Measured:
    return Measured(pooled_sd(rates), group_jackknife(lambda kept: pooled_sd(rates[kept]), len(rates)))


def pooled_sd(rates: Array) -> float:
    """Standard deviation across populations, pooled over years, shape (population, year).

    Examples
    --------
    >>> round(pooled_sd(np.array([[1.0, 10.0], [3.0, 12.0]])), 6)
    1.414214
    """
    return float(np.sqrt(rates.var(axis=0, ddof=1).mean()))


def _chance(event: NDArray[np.bool_]) -> Measured:
    """Share of the years; the years of a population are no independent sample."""
    return Measured(*probability(event))
