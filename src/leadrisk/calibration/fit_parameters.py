"""What is fitted: each parameter, the statistic that tells it, and what a roster must hold to tell it at all.

The truncation points are not fitted: the Shared Savings Program truncates at national percentiles, whatever those of
an ACO are. The ACO's own stands among the diagnostics.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leadrisk.scenario.assumption import assumptions
from leadrisk.scenario.person_tables import Exposure, Persons

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from leadrisk.scenario.model import Scenario
    from leadrisk.scenario.table import Table

    Floats = NDArray[np.float64]

_TABLES: dict[str, type[Table]] = {"persons": Persons, "exposure": Exposure}
_STEP_INSIDE = 1e-4  # of a half-range: an open limit is approached, not reached
_CURVE_ROOM = 0.02  # by which slope + 6 x curvature stays above zero


@dataclass(frozen=True)
class Parameter:
    """One parameter that a roster may tell.

    Attributes
    ----------
    key
        Dotted key of the scenario.
    statistic
        Name of what is measured on the roster and on the simulated one.
    count
        Name of the sums, and the column in them, that hold how many persons or person-years tell it.
    least
        Fewest of them.
    of
        What is counted, in words.
    how
        How the statistic is measured, in words.
    """

    key: str
    statistic: str
    count: tuple[str, int]
    least: int
    of: str
    how: str


_CURVE = ("exposure_by_bin", -1)
_CURVE_HOW = "regression by dollars of log annualised cost on the normal score of its rank by exposure and its square"
DEATHS = Parameter(
    "exposure.death_rate", "death_rate", ("death_rate", 0), 20, "deaths", "deaths over persons of the year"
)
MAIN_PARAMETERS = (
    Parameter(
        "persons.zero_cost_share", "zero_cost_share", _CURVE, 100, "person-years",
        "share of the exposure without any cost in the year",
    ),
    Parameter(
        "persons.cost_slope", "cost_slope", _CURVE, 100, "person-years",
        _CURVE_HOW,
    ),
    Parameter(
        "persons.cost_curvature", "cost_curvature", _CURVE, 100, "person-years",
        _CURVE_HOW,
    ),
    Parameter(
        "persons.health_weight", "cost_lag_1", ("cost_lag_1", 0), 100, "pairs of full years",
        "correlation of the normal scores of cost a year apart",
    ),
    Parameter(
        "persons.health_persistence", "cost_lag_2", ("cost_lag_2", 0), 100, "pairs of full years",
        "how that correlation falls from a lag of one year to two, and three where the years allow",
    ),
    Parameter(
        "persons.decedent_shift", "decedent_shift", ("death_rate", 0), 20, "deaths",
        "mean normal score of annualised cost of those who die in the year, less that of the others",
    ),
    Parameter(
        "persons.entrant_health_mean", "entrants", ("entrants", 0), 50, "entrants with a full year",
        "mean normal score of cost of those who came, in their first year if full, less that of those who stayed",
    ),
    DEATHS,
    Parameter(
        "exposure.death_slope", "death_slope", ("death_slope", 0), 20, "deaths after a full year",
        "mean normal score of the cost of the year before of those who die, less that of those who live on",
    ),
    Parameter(
        "exposure.exit_rate", "exit_rate", ("exit_rate", 0), 20, "persons who left",
        "survivors of a year who are not in the roster the year after",
    ),
    Parameter(
        "persons.score_slope", "score_sd", ("log_score", 0), 100, "person-years with a score",
        "standard deviation of log score",
    ),
    Parameter(
        "persons.score_curvature", "score_skewness", ("log_score", 0), 100, "person-years with a score",
        "skewness of log score",
    ),
    Parameter(
        "persons.score_health_weight", "cost_score", ("cost_score", 0), 100, "person-years with a score",
        "correlation of annualised cost with the score, the root of R squared",
    ),
    Parameter(
        "persons.coding_persistence", "score_lag_1", ("score_lag_1", 0), 100, "pairs of full years with scores",
        "correlation of log score a year apart",
    ),
)  # fmt: skip
_ESRD_KEYS = {
    "zero_cost_share": "persons.esrd_zero_cost_share",
    "cost_slope": "persons.esrd_cost_slope",
    "cost_curvature": "persons.esrd_cost_curvature",
    "death_rate": "exposure.esrd_death_rate",
    "score_sd": "persons.esrd_score_slope",
    "score_skewness": "persons.esrd_score_curvature",
}
ESRD_PARAMETERS = tuple(
    Parameter(_ESRD_KEYS[one.statistic], one.statistic, one.count, one.least, one.of, f"{one.how}, ESRD")
    for one in MAIN_PARAMETERS
    if one.statistic in _ESRD_KEYS
)


def counted(parameter: Parameter, sums: Mapping[str, Floats]) -> int:
    """How many persons or person-years of a roster tell a parameter.

    Parameters
    ----------
    sums
        Sums over all persons.
    """
    name, column = parameter.count
    if name not in sums:
        return 0
    held = sums[name]
    return round(float(held.sum() if column < 0 else held[column]))


def value_of(scenario: Scenario, key: str) -> float:
    """Value of a dotted key of ``persons`` or ``exposure``."""
    table, _, name = key.partition(".")
    return float(getattr(getattr(scenario, table), name))


def with_values(scenario: Scenario, values: Mapping[str, float]) -> Scenario:
    """The scenario with values of ``persons`` and ``exposure``; limits are not checked."""
    changed = {}
    for table in _TABLES:
        own = {key.partition(".")[2]: value for key, value in values.items() if key.startswith(f"{table}.")}
        changed[table] = getattr(scenario, table).model_copy(update=own)
    return scenario.model_copy(update=changed)


def half_range(key: str) -> float:
    """Half the plausible range of a default, from the scenario's own table of assumptions.

    Examples
    --------
    >>> round(half_range("persons.zero_cost_share"), 4)
    0.025
    """
    record = _record(key)
    return (float(record["high"]) - float(record["low"])) / 2.0


def limits(key: str, scenario: Scenario) -> tuple[float, float]:
    """Lowest and highest value that a scenario may have; the curvature's lowest follows from the slope.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> limits("persons.cost_curvature", SimpleNamespace(persons=Persons()))
    (-0.4, 0.0)
    """
    table, _, name = key.partition(".")
    inside = _STEP_INSIDE * half_range(key)
    lowest, highest = float("-inf"), float("inf")
    rules: list[Any] = _TABLES[table].model_fields[name].metadata
    for rule in rules:
        lowest = max(lowest, getattr(rule, "ge", lowest), getattr(rule, "gt", lowest - inside) + inside)
        highest = min(highest, getattr(rule, "le", highest), getattr(rule, "lt", highest + inside) - inside)
    if name.endswith("cost_curvature"):
        slope = value_of(scenario, key.replace("curvature", "slope"))
        lowest = max(lowest, (_CURVE_ROOM - slope) / 6.0)
    return lowest, highest


def _record(key: str) -> dict[str, Any]:
    table, _, _ = key.partition(".")
    return next(record for record in assumptions(_TABLES[table], prefix=f"{table}.") if record["key"] == key)
