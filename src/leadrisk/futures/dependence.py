"""Dependence of the systemic factors: what it takes to turn independent numbers of a future into correlated ones."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leadrisk.experience.factors import FACTORS, Layer, layout
from leadrisk.scenario.dependence_table import ONCE_FACTORS, YEARLY_FACTORS, correlation_matrix, lower_factor

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from leadrisk.scenario.model import Scenario

    _Group = tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.float64]]


class Correlated(NamedTuple):
    """Factors of one kind (yearly or drawn once) that are correlated with another.

    Factors stand in the order of their spans, widest first, so in every year those that have a number come first, and
    one Cholesky factor serves every year.

    Attributes
    ----------
    rows
        Where each factor's number of each year stands in the vector of a future, -1 where it has none, shape
        (factor, year), base years included.
    factor
        Lower triangle of the correlation matrix.
    active
        Whether a factor moves at all: false in a frozen layer.
    """

    rows: NDArray[np.int64]
    factor: NDArray[np.float64]
    active: NDArray[np.bool_]


def correlated_factors(scenario: Scenario, *, frozen: Collection[Layer] = ()) -> tuple[Correlated, Correlated]:
    """Correlated factors of a scenario: those with a number each year, and those drawn once.

    Examples
    --------
    >>> from leadrisk.scenario.dependence_table import Dependence
    >>> from types import SimpleNamespace
    >>> scenario = SimpleNamespace(
    ...     dependence=Dependence(), horizon=SimpleNamespace(performance_years=3)
    ... )
    >>> correlated_factors(scenario)[0].rows[:2].tolist()
    [[-1, 1, 2, 3, 4, 5], [-1, -1, -1, 29, 30, 31]]
    """
    layers = {factor.name: factor.layer for factor in FACTORS}
    found = []
    for names, rows, factor in _groups(tuple(scenario.dependence.pairs()), scenario.horizon.performance_years):
        active = np.array([layers[name] not in frozen for name in names], dtype=np.bool_)
        found.append(Correlated(rows, factor, active))
    yearly, once = found
    return yearly, once


@lru_cache(maxsize=32)  # asked for by every block of a run
def _groups(pairs: tuple[tuple[str, str, float], ...], years: int) -> list[_Group]:
    """Names, rows and Cholesky factor of the yearly factors that are correlated, and of those drawn once."""
    at = layout(years, touches_persons=False)
    given: dict[str, dict[str, float]] = {}
    for first, second, value in pairs:
        given.setdefault(first, {})[second] = value
    named = {name for first, second, _ in pairs for name in (first, second)}
    found = []
    for kind, length in ((YEARLY_FACTORS, years + 3), (ONCE_FACTORS, 1)):
        names = tuple(name for name in kind if name in named)
        rows = np.full((len(names), length), -1, dtype=np.int64)
        for row, name in zip(rows, names, strict=True):
            numbers = range(at[name].start, at[name].stop)
            row[length - len(numbers) :] = numbers
        factor, _ = lower_factor(correlation_matrix(names, given))
        found.append((names, rows, np.array(factor).reshape(len(names), len(names))))
    return found


def correlated_names(scenario: Scenario) -> tuple[str, ...]:
    """Names of the factors that are correlated with another one."""
    return scenario.dependence.correlated((*YEARLY_FACTORS, *ONCE_FACTORS))


def independent_direction(direction: NDArray[np.float64], scenario: Scenario) -> NDArray[np.float64]:
    """Turn a direction in the space of the factors into the one of the independent numbers behind them."""
    found = direction.copy()
    for group in correlated_factors(scenario):
        for rows in group.rows.T.tolist():
            for i, row in enumerate(rows):
                if row >= 0 and direction[row] != 0.0:
                    found[row] -= direction[row]
                    for j in range(i + 1):
                        found[rows[j]] += group.factor[i, j] * direction[row]
    return found
