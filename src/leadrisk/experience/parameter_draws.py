"""Parameters of persons that are a population's own, where a scenario says how sure its parameters are.

One draw a population, from the normal around the scenario's values with the standard errors and correlations of its
``uncertainty``. A set that no scenario may have (beyond a limit, or cost that falls with illness) is rejected whole and
drawn again, at the next attempt's address: the draws are those of the normal cut off at what is possible. They share no
number with the strata or the persons, so neighbours stay a pair of strata with independent parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from pydantic import ValidationError

from leadrisk.errors import InputError
from leadrisk.experience.philox import STREAM_PARAMETERS, philox
from leadrisk.experience.special64 import normal_quantile_array
from leadrisk.scenario.uncertainty_table import DRAWN, broken_rule, with_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from leadrisk.scenario.model import Scenario
    from leadrisk.scenario.person_tables import Exposure, Persons

_MOST_ATTEMPTS = 1_000  # what loads keeps far above half of the draws


class OwnParameters(NamedTuple):
    """The parameters of one population."""

    persons: Persons
    exposure: Exposure


def own_parameters(scenario: Scenario, *, first: int, count: int, seed: int) -> list[OwnParameters]:
    """Draw the parameters of populations ``first`` to ``first + count - 1``.

    A parameter's number depends on seed, population and parameter alone, so two scenarios whose fits left different
    parameters uncertain share the others' numbers.

    Raises
    ------
    InputError
        If a thousand draws in a row are none that a scenario may have.

    Examples
    --------
    >>> from leadrisk.scenario.category_tables import Category
    >>> from leadrisk.scenario.contract_table import Contract
    >>> from leadrisk.scenario.model import Cohort, Scenario
    >>> from leadrisk.scenario.uncertainty_table import Uncertainty
    >>> scenario = Scenario(
    ...     name="small",
    ...     cohort=Cohort(lives=500, high_needs_share=0.0, esrd_share=0.0),
    ...     categories={"aged_disabled": Category(base_year_pbpm=(900, 920, 950), region_pbpm=980, national_pbpm=1000)},
    ...     contract=Contract(entrant="newly_entering"),
    ...     uncertainty=Uncertainty(standard_error={"persons.cost_slope": 0.02}),
    ... )
    >>> [round(own.persons.cost_slope, 3) for own in own_parameters(scenario, first=0, count=3, seed=1)]
    [2.486, 2.467, 2.454]
    """
    tables = {"persons": scenario.persons, "exposure": scenario.exposure}
    names, loadings = scenario.uncertainty.names, scenario.uncertainty.loadings
    found = []
    for population in range(first, first + count):
        for attempt in range(_MOST_ATTEMPTS):
            errors = _errors(names, loadings, population=population, attempt=attempt, seed=seed)
            _hold_deaths(errors, slope=scenario.exposure.death_slope)
            try:
                found.append(OwnParameters(**with_errors(tables, errors)))
                break
            except ValidationError as broken:
                problem = broken_rule(broken)
        else:
            msg = f"population {population} has no possible parameters in {_MOST_ATTEMPTS:,} draws, the last: {problem}"
            raise InputError(msg, key="uncertainty.standard_error", cure="give smaller standard errors")
    return found


def _hold_deaths(errors: dict[str, float], *, slope: float) -> None:
    """Let the offset of the hazard follow its slope, so that ``death_rate`` stays the mean rate of N(0, 1) health."""
    if "exposure.death_slope" in errors and "exposure.death_offset" not in errors:
        own = slope + errors["exposure.death_slope"]
        errors["exposure.death_offset"] = 0.5 * (slope * slope - own * own)


def _errors(
    names: Sequence[str], loadings: Sequence[Sequence[float]], *, population: int, attempt: int, seed: int
) -> dict[str, float]:
    """Errors of one draw by name: normal numbers times the root of the covariance, added up in a fixed order."""
    counters = np.zeros((len(names), 4), dtype=np.uint32)
    counters[:, 0] = [DRAWN.index(name) for name in names]
    counters[:, 1], counters[:, 2], counters[:, 3] = attempt, population, STREAM_PARAMETERS
    uniforms = (philox(counters, seed)[:, 0] + 0.5) / 4294967296.0
    normals: NDArray[np.float64] = normal_quantile_array(uniforms)
    errors = {}
    for at, name in enumerate(names):
        total = 0.0
        for k in range(at + 1):
            total += loadings[at][k] * float(normals[k])
        errors[name] = total
    return errors
