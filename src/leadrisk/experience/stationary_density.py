"""The stationary density of a segment's health: from nothing, or from one that is known for nearby parameters.

A run starts from one set of parameters and takes its density in full. Where each population has parameters of its own
(:mod:`leadrisk.experience.parameter_draws`) their densities lie close to that one and are iterated from it until they
rest, a twentieth of the work.
"""

from __future__ import annotations

from functools import lru_cache
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leadrisk.experience.special64 import log_array
from leadrisk.experience.stationary_kernel import (
    FINE_STEP,
    HEALTH_STEP,
    between,
    fine_densities,
    fresh_densities,
    stationary_densities,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.scenario.person_tables import Exposure, Persons

_YEARS = 120  # of iteration; health forgets 1 - 0.93 of itself a year, and a fifth of the persons change
_IN_FULL = (_YEARS, 0.0, 1000.0)  # years, change to end at, reach in standard deviations
_FROM_KNOWN = (4 * _YEARS, 1e-6, 6.0)
_THINNED = 4  # one in so many points of health tells of cost and score, where the density is near a known one
_LEAST_DEATH_RATE = 1e-9  # who becomes High Needs follows the hazard of death, so it may not vanish


class Movement(NamedTuple):
    """What moves the persons of a segment; order and types are those of ``stationary_kernel``."""

    incidence: float
    prevalence: float
    health: tuple[np.float32, np.float32]
    entrant: tuple[np.float32, np.float32]
    death: tuple[np.float32, np.float32]
    exit_rate: float


class Balance(NamedTuple):
    """A stationary density.

    Attributes
    ----------
    density, fine
        Float64, shape (2, point): plain and High Needs on the two grids of ``stationary_kernel``.
    passage, allowed, entering
        Level of the passage rate to High Needs, incidence allowed, High Needs share of entrants.
    thinned
        One in so many points of the density is read in sums over it.
    """

    movement: Movement
    density: NDArray[np.float64]
    fine: NDArray[np.float64]
    passage: float
    allowed: float
    entering: float
    thinned: int


@lru_cache(maxsize=64)
def balance(persons: Persons, exposure: Exposure, main: bool, prevalence: float) -> Balance:
    """Stationary density of a segment with a share of High Needs, in full."""
    moving = _movement(persons, exposure, main, prevalence)
    start = (fresh_densities(prevalence, moving.entrant[0]), 1.0, moving.incidence)
    density, staying, state = stationary_densities(_IN_FULL, start, *moving)
    fine = fine_densities(staying, state, moving.health, moving.entrant)
    passage, allowed, entering, _ = state.tolist()
    return Balance(moving, density, fine, passage, allowed, entering, thinned=1)


def nearby_balance(persons: Persons, exposure: Exposure, main: bool, known: Balance) -> Balance:
    """Stationary density under parameters near those of a known one, with the same share of High Needs."""
    moving = _movement(persons, exposure, main, known.movement.prevalence)
    start = (known.density, known.passage if known.passage > 0.0 else 1.0, known.allowed)
    density, _, state = stationary_densities(_FROM_KNOWN, start, *moving)
    times = round(HEALTH_STEP / FINE_STEP)
    fine = np.array([between(part, times) for part in density]) / times
    passage, allowed, entering, _ = state.tolist()
    return Balance(moving, density, fine, passage, allowed, entering, thinned=_THINNED)


def _movement(persons: Persons, exposure: Exposure, main: bool, prevalence: float) -> Movement:
    f = np.float32
    rate = max(exposure.death_rate if main else exposure.esrd_death_rate, _LEAST_DEATH_RATE)
    return Movement(
        incidence=persons.high_needs_incidence if main and prevalence > 0 else 0.0,
        prevalence=prevalence,
        health=(f(persons.health_persistence), f(sqrt(1 - persons.health_persistence * persons.health_persistence))),
        entrant=(f(persons.entrant_health_mean), f(persons.high_needs_entrant_health)),
        death=(f(exposure.death_slope), f(log_array(np.array([rate]))[0] + exposure.death_offset)),
        exit_rate=exposure.exit_rate,
    )
