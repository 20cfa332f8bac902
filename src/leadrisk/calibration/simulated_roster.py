"""The roster that the engine itself would leave: its persons with whole months, as Medicare's files count them.

Whoever dies is counted to the end of the month of death and whoever leaves is absent from the next year on. What is
measured on this roster and on a real one differs by the parameters alone, not by how it is measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.calibration.roster import Roster
from leadrisk.experience.person_histories import person_histories
from leadrisk.experience.stationary import ESRD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.scenario.model import Scenario

_DOLLARS = 12_000.0  # of a person-year at the mean of its segment; relative costs are all that is read


def steady(scenario: Scenario, *, lives: int, years: int) -> Scenario:
    """The scenario with a panel of ``lives`` persons that neither grows nor is shocked, for as many years as asked."""
    cohort = scenario.cohort.model_copy(update={"lives": lives})
    still = dict.fromkeys(("panel_growth_mean", "panel_growth_sd", "death_shock_sd", "exit_shock_sd"), 0.0)
    exposure = scenario.exposure.model_copy(update=still)
    shocks = scenario.shocks.model_copy(update={"pandemic_probability": 0.0, "pandemic_year": None})
    horizon = scenario.horizon.model_copy(update={"performance_years": max(years - 3, 1)})
    return scenario.model_copy(update={"cohort": cohort, "exposure": exposure, "shocks": shocks, "horizon": horizon})


def simulated_roster(scenario: Scenario, *, lives: int, years: int, seed: int, scores: bool = True) -> Roster:
    """Simulate a roster of a steady panel at the scenario's parameters of persons.

    Parameters
    ----------
    scenario
        Shares of the categories, ``persons`` and ``exposure`` are used; the panel neither grows nor is shocked.
    lives
        Persons in each year.
    years
        Years, at least one.
    seed
        Of the simulation.
    scores
        Whether the roster knows risk scores.

    Returns
    -------
    Roster
        One row a person: whoever follows in the slot of somebody who died or left has a row of their own.

    Examples
    --------
    >>> from leadrisk.scenario.model import Scenario
    >>> money = {"base_year_pbpm": [900, 920, 950], "region_pbpm": 980, "national_pbpm": 1000}
    >>> scenario = Scenario.model_validate(
    ...     {
    ...         "name": "small",
    ...         "cohort": {"lives": 1000, "high_needs_share": 0.0, "esrd_share": 0.0},
    ...         "categories": {"aged_disabled": money},
    ...         "contract": {"entrant": "newly_entering"},
    ...     }
    ... )
    >>> roster = simulated_roster(scenario, lives=500, years=2, seed=1)
    >>> (roster.months > 0).sum(axis=0).tolist(), roster.persons > 500
    ([500, 500], True)
    """
    found = person_histories(steady(scenario, lives=lives, years=years), populations=1, seed=seed, years=years)
    starts = found.entered[0].copy()
    starts[:, 0] = True
    row = np.cumsum(starts.ravel()).reshape(starts.shape) - 1
    persons, column = int(row[-1, -1]) + 1, np.broadcast_to(np.arange(years), row.shape)

    def by_person(values: NDArray[Any], absent: float) -> NDArray[Any]:
        laid = np.full((persons, years), absent, values.dtype)
        laid[row, column] = values
        return laid

    category = found.high_needs[0].astype(np.int8)
    category[found.segment == ESRD] = 2
    score = found.score[0] if scores else np.full_like(found.score[0], np.nan)
    return Roster(
        years=found.years,
        months=by_person(np.ceil(found.exposure[0] * np.float32(12.0)), 0.0),
        cost=by_person(found.expenditure[0].astype(np.float64) * _DOLLARS, 0.0),
        score=by_person(score, np.nan),
        category=by_person(category, -1),
        died=by_person(found.died[0], False),
        dual=None,
        disabled=None,
        age=None,
        label="simulated by leadrisk",
        synthetic=True,
        files=(),
        notes=(),
    )
