"""V4 and V5: how far savings rates of one agreement period move over one to three years, everything moving.

Changes over k years are pooled over the years they may begin in, year means taken off. Changes of the panel of 25 %
and more are left out, as in the figures they stand against. Populations are the sample: futures of one population
share its persons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.risk.estimate import group_jackknife
from leadrisk.validation.standard_aco import BASE_YEARS, experience_of, savings_rates, standard_aco
from leadrisk.validation.targets import Estimates, Measured

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from numpy.typing import NDArray

    from leadrisk.validation.standard_aco import Sizes

    Array = NDArray[np.float64]
    Kept = NDArray[np.bool_]

FUTURES = 16
LARGEST_CHANGE = 0.25  # of the panel from year to year


def check_change(wanted: Collection[str], sizes: Sizes) -> dict[str, Estimates]:
    """Measure V4 and V5."""
    found = {}
    if "V4" in wanted:
        one, two, three = _changes(10_000, (1, 2, 3), sizes)
        ratio = measured(lambda kept: _sd(three, kept) / _sd(one, kept), len(one))
        spreads = {name: _spread(lag) for name, lag in (("1 year", one), ("2 years", two), ("3 years", three))}
        found["V4"] = {**spreads, "3 years over 1 year": ratio}
    if "V5" in wanted:
        (one,) = _changes(60_000, (1,), sizes)
        found["V5"] = {"1 year": _spread(one)}
    return found


def steady_panel(panel: Array, *, lag: int) -> NDArray[np.bool_]:
    """Whether the panel changed by less than 25 % in each of the ``lag`` years after a year.

    Parameters
    ----------
    panel
        Shape (population, year).

    Returns
    -------
    ndarray
        Shape (population, year - lag).

    Examples
    --------
    >>> steady_panel(np.array([[1.0, 1.1, 1.5, 1.5]]), lag=1).tolist()
    [[True, False, True]]
    """
    steady = np.abs(panel[:, 1:] / panel[:, :-1] - 1.0) < LARGEST_CHANGE
    years = panel.shape[1] - lag
    return np.stack([steady[:, year : year + lag].all(axis=1) for year in range(years)], axis=1)


def change_sums(rates: Array, panel: Array, *, lag: int) -> Array:
    """Count, sum and sum of squares of the changes over ``lag`` years, by population and first year.

    Parameters
    ----------
    rates
        Shape (population, future, year).
    panel
        Shape (population, year); changes of unsteady panels are left out.

    Returns
    -------
    ndarray
        Shape (population, year - lag, 3).
    """
    steady = steady_panel(panel, lag=lag).astype(np.float64)
    change = (rates[..., lag:] - rates[..., :-lag]) * steady[:, None, :]
    return np.stack([steady * rates.shape[1], change.sum(axis=1), (change * change).sum(axis=1)], axis=-1)


def measured(statistic: Callable[[Kept], float], populations: int) -> Measured:
    """Statistic of all populations, and its standard error by leaving out groups of them."""
    return Measured(statistic(np.ones(populations, dtype=bool)), group_jackknife(statistic, populations))


def _changes(lives: int, lags: Sequence[int], sizes: Sizes) -> list[Array]:
    scenario = standard_aco(lives)
    experience = experience_of(scenario, sizes)
    rates = savings_rates(experience, scenario, futures=FUTURES, sizes=sizes)
    panel = experience["panel"].values[:, BASE_YEARS:]
    return [change_sums(rates, panel, lag=lag) for lag in lags]


def _spread(sums: Array) -> Measured:
    return measured(lambda kept: _sd(sums, kept), len(sums))


def _sd(sums: Array, kept: Kept) -> float:
    count, total, squares = np.moveaxis(sums[kept].sum(axis=0), -1, 0)
    return float(np.sqrt(((squares - total * total / count) / (count - 1.0)).mean()))
