"""Indirect inference: the parameters at which the engine's own roster measures what the real one does.

What is measured on living panels is biased against the engine's parameters: the sick die, decedents are exposed for
part of a year, ranks are those of a selected population. The bias is the same on both sides where both are measured
alike, so parameters are moved until the simulated roster agrees (Gourieroux, Monfort and Renault 1993). Each statistic
counts by its own standard error; the covariance of the parameters is that of the statistics through the derivatives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from leadrisk.calibration.fit_parameters import half_range, limits, value_of, with_values
from leadrisk.calibration.fit_statistics import Measured, measure
from leadrisk.calibration.gauss_newton import Problem, covariance, solve
from leadrisk.calibration.simulated_roster import simulated_roster
from leadrisk.errors import InputError
from leadrisk.experience.stationary_kernel import BIN_WIDTH as LATENT_BIN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from leadrisk.calibration.fit_parameters import Parameter
    from leadrisk.scenario.model import Scenario

    Floats = NDArray[np.float64]

_LONGEST_STEP = 4.0  # half-ranges
_DIFFERENCE = 0.25  # half-ranges, for the derivatives
_ROUGH = "zero_cost_share"  # moves in steps, see _grain
_TINY = 1e-12  # room that the solver needs at a limit
_SMALL_LIVES, _LEAST_LIVES, _MOST_LIVES = 60_000, 200_000, 500_000  # simulated: for derivatives, for values
_LIVES_OVER_ROSTER = 4  # simulated over real, so that simulation adds little to the standard errors
_SIMULATED_YEARS = 4  # enough for the longest lag
_REPLICATES = 200  # of the bootstrap of the simulated roster


@dataclass(frozen=True)
class Fit:
    """Parameters of one segment that a roster tells.

    Attributes
    ----------
    keys
        Dotted keys, in the order of all that follows.
    values
        float64, shape (key,).
    covariance
        float64, shape (key, key): sampling of the roster and of the simulation.
    at_limit
        Keys that ended at a limit of the scenario; their error is that of a fit without limits.
    measured, simulated
        Statistics of the roster, and of the engine at ``values``.
    errors
        Standard error of the difference of the two, by sampling of the roster and of the simulation.
    distance
        Squared distance of the two in these errors, without what a limit keeps out of reach: near zero unless lags
        disagree.
    converged
        Whether another step would bring next to nothing.
    """

    keys: tuple[str, ...]
    values: Floats
    covariance: Floats
    at_limit: tuple[str, ...]
    measured: dict[str, float]
    simulated: dict[str, float]
    errors: dict[str, float]
    distance: float
    converged: bool

    @property
    def standard_errors(self) -> Floats:
        """Of the values, float64, shape (key,)."""
        errors: Floats = np.sqrt(np.diag(self.covariance))
        return errors


@dataclass(frozen=True)
class Simulator:
    """The engine as a function from parameters to statistics: the same random numbers at each call.

    Attributes
    ----------
    scenario
        Shares of the categories, and the parameters that are not moved.
    categories
        Of the segment.
    lives, years
        Of the simulated roster.
    scores
        Whether it knows scores.
    """

    scenario: Scenario
    categories: tuple[int, ...]
    lives: int
    years: int
    scores: bool
    seed: int

    def __call__(self, values: Mapping[str, float], *, lives: int | None = None) -> Measured:
        """Measure the engine at parameter values; ``death_offset`` stays what it is."""
        scenario = with_values(self.scenario, values)
        roster = simulated_roster(
            scenario, lives=lives or self.lives, years=self.years, seed=self.seed, scores=self.scores
        )
        return measure(roster, self.categories, flat_beyond=scenario.persons.cost_flat_beyond, seed=self.seed)


def simulator(
    scenario: Scenario, categories: tuple[int, ...], *, lives: int, years: int, scores: bool, seed: int
) -> Simulator:
    """Choose the size of the simulated roster for a real one of ``lives`` persons and ``years`` years."""
    return Simulator(
        scenario=scenario,
        categories=categories,
        lives=min(max(_LIVES_OVER_ROSTER * lives, _LEAST_LIVES), _MOST_LIVES),
        years=min(years, _SIMULATED_YEARS),
        scores=scores,
        seed=seed,
    )


def fit_parameters(
    parameters: Sequence[Parameter], measured: Measured, simulate: Simulator, *, bootstraps: int, seed: int
) -> Fit:
    """Fit the parameters of one segment.

    Parameters
    ----------
    parameters
        Those that the roster tells, at least one.
    measured
        What was measured on the roster.
    simulate
        The engine; its scenario is the start.
    bootstraps
        Replicates of the bootstrap over persons.
    seed
        Of the bootstrap.

    Returns
    -------
    Fit
        With the covariance of the parameters.
    """
    keys = tuple(parameter.key for parameter in parameters)
    names = [parameter.statistic for parameter in parameters]
    if "cost_lag_2" in names and np.isfinite(measured.statistics.get("cost_lag_3", np.nan)):
        names.append("cost_lag_3")
    target = np.array([measured.statistics[name] for name in names])
    values = np.array([value_of(simulate.scenario, key) for key in keys])
    start = simulate(dict(zip(keys, values.tolist(), strict=True)))
    noise = _covariance(measured, names, bootstraps, seed) + _covariance(start, names, _REPLICATES, seed)
    rough = names.index(_ROUGH)
    noise[rough, rough] += _grain(target[rough]) ** 2 / 12.0
    error = np.sqrt(np.diag(noise))

    def gap(values: Floats) -> tuple[dict[str, float], Floats]:
        found = _normalised(simulate, keys, values)(dict(zip(keys, values.tolist(), strict=True))).statistics
        return found, (target - np.array([found[name] for name in names])) / error

    def derivatives(values: Floats) -> Floats:
        return _derivatives(_normalised(simulate, keys, values), keys, values, names) / error[:, None]

    def room(values: Floats) -> tuple[Floats, Floats]:
        return _room(simulate.scenario, keys, values)

    def possible(values: Floats, move: Floats) -> Floats:
        return _possible(_normalised(simulate, keys, values), keys, values, move)

    scales, smooth = np.array([half_range(key) for key in keys]), np.array([name != _ROUGH for name in names])
    problem = Problem(scales, gap, derivatives, room, possible, smooth)
    solved = solve(problem, values)
    return Fit(
        keys=keys,
        values=_snapped(simulate.scenario, keys, solved.values, solved.held),
        covariance=covariance(solved.design, noise / np.outer(error, error), scales),
        at_limit=tuple(key for key, held in zip(keys, solved.held, strict=True) if held),
        measured={name: measured.statistics[name] for name in names},
        simulated={name: solved.found[name] for name in names},
        errors={name: float(of) for name, of in zip(names, error, strict=True)},
        distance=solved.distance,
        converged=solved.converged,
    )


def death_offset(slope: float) -> float:
    """Offset of the log hazard at which ``exposure.death_rate`` is the mean over standard normal health.

    Examples
    --------
    >>> round(death_offset(0.9), 3)
    -0.405
    """
    return -0.5 * slope * slope


def _normalised(simulate: Simulator, keys: Sequence[str], values: Floats) -> Simulator:
    """The simulator with the offset of the hazard that belongs to the slope it is called with."""
    if "exposure.death_slope" not in keys:
        return simulate
    offset = death_offset(float(values[keys.index("exposure.death_slope")]))
    scenario = with_values(simulate.scenario, {"exposure.death_offset": offset})
    return Simulator(**{**simulate.__dict__, "scenario": scenario})


def _room(scenario: Scenario, keys: Sequence[str], values: Floats) -> tuple[Floats, Floats]:
    """How far each parameter may move down and up: to its limit, and not too far at once."""
    scales = np.array([half_range(key) for key in keys])
    here = with_values(scenario, dict(zip(keys, values.tolist(), strict=True)))
    bounds = np.array([limits(key, here) for key in keys])
    low: Floats = np.minimum(np.maximum(bounds[:, 0] - values, -_LONGEST_STEP * scales), -_TINY)
    high: Floats = np.maximum(np.minimum(bounds[:, 1] - values, _LONGEST_STEP * scales), _TINY)
    return low, high


def _snapped(scenario: Scenario, keys: Sequence[str], values: Floats, held: NDArray[np.bool_]) -> Floats:
    """Put the parameters that are held at a limit exactly there."""
    here = with_values(scenario, dict(zip(keys, values.tolist(), strict=True)))
    bounds = np.array([limits(key, here) for key in keys])
    nearest = np.where(values - bounds[:, 0] < bounds[:, 1] - values, bounds[:, 0], bounds[:, 1])
    found: Floats = np.where(held, nearest, values)
    return found


def _grain(share: float) -> float:
    """Step in which the engine's share without cost moves: its zero mass ends at the edge of a bin of latent cost."""
    density = np.exp(-0.5 * ndtri(share) ** 2) / np.sqrt(2.0 * np.pi) if 0.0 < share < 1.0 else 0.0
    return float(density * LATENT_BIN)


def _covariance(measured: Measured, names: Sequence[str], replicates: int, seed: int) -> Floats:
    found = measured.replicates(replicates, seed=seed)
    return np.atleast_2d(np.cov(np.stack([found[name] for name in names])))


def _derivatives(simulate: Simulator, keys: Sequence[str], values: Floats, names: Sequence[str]) -> Floats:
    """Change of each statistic with each parameter, by differences on the same random numbers."""
    here = dict(zip(keys, values.tolist(), strict=True))

    def at(point: Mapping[str, float]) -> Floats:
        statistics = simulate(point, lives=_SMALL_LIVES).statistics
        return np.array([statistics[name] for name in names])

    start = at(here)
    columns = []
    for key, value in zip(keys, values.tolist(), strict=True):
        lowest, highest = limits(key, with_values(simulate.scenario, here))
        step = _DIFFERENCE * half_range(key)
        beside = value + step if value + step <= highest else max(value - step, lowest)
        columns.append((at({**here, key: beside}) - start) / (beside - value))
    return np.stack(columns, axis=-1)


def _possible(simulate: Simulator, keys: Sequence[str], values: Floats, move: Floats) -> Floats:
    """Halve a step until the engine has a cost curve there."""
    for _ in range(6):
        try:
            simulate(dict(zip(keys, values + move, strict=True)), lives=1000)
        except InputError:
            move = move / 2.0
        else:
            return move
    return np.zeros_like(move)
