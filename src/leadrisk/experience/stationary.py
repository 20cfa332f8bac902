"""The stationary population: whom a run starts with, and the constants of the person kernel that follow from it.

Persons are selected by death and by leaving, so their health is not N(0, 1); a population started fresh would lose
18 % of its cost in seven years. The density of each segment is therefore iterated until it is stationary, persons are
read off it, and the cost curve is fitted to the ranks of a typical population (deaths and part years included).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.errors import InputError
from leadrisk.experience.person_kernel import CURVE_TERMS, PARAMETERS
from leadrisk.experience.special64 import exponential, log_array
from leadrisk.experience.stationary_density import balance, nearby_balance
from leadrisk.experience.stationary_kernel import (
    BINS,
    between,
    fit_cost_curve,
    latent_histogram,
    mean_cost,
    mean_score,
    quantile_rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from leadrisk.experience.stationary_density import Balance
    from leadrisk.scenario.model import Scenario
    from leadrisk.scenario.person_tables import Exposure, Persons

MAIN, ESRD = 1, 2  # segments: aged and disabled with High Needs; ESRD
_THINNED = 4  # one in so many points of health tells what a group costs
_ROWS = 1 << 15  # equally likely persons a start is drawn from, plain and High Needs each
_MOST_MISPLACED = 0.02  # of cost, by the fitted curve; 0.0006 at the defaults
_TYPICAL_HIGH_NEEDS_SHARE = 0.10  # of the population whose ranks the cost curve is fitted to
ATTACHMENT_FACTORS = (
    0.8,
    1.0,
    1.25,
)  # around the truncation point, so that scaled excess can be interpolated
LAYER_ATTACHMENTS = ("first", "second", "third")  # nodes of the residual excess; the third carries the interpolation


@dataclass(frozen=True)
class Segment:
    """One segment ready for the person kernel.

    Attributes
    ----------
    pool
        float32, shape (person,): health of equally likely stationary persons; the first ``n_plain`` have no High Needs.
    parameters, curve
        float32: constants in the order of ``person_kernel.PARAMETERS``, cost curve with the highest power first.
    high_needs_share
        Share of High Needs among the segment's persons at the start.
    mean_costs
        Cost per person-year of plain and of High Needs persons, in the segment's mean; 0 where there are none.
    cost_per_score
        Expected cost of all over their expected score, 1 where the mix is the typical one.
    """

    pool: NDArray[np.float32]
    n_plain: int
    parameters: NDArray[np.float32]
    curve: NDArray[np.float32]
    high_needs_share: float
    mean_costs: tuple[float, float]
    cost_per_score: float


def segments(scenario: Scenario) -> dict[int, Segment]:
    """Stationary segments of a scenario, computed once per parameter set.

    Parameters
    ----------
    scenario
        Uses ``persons``, ``exposure``, the attachment points of ``stop_loss`` and the shares of ``cohort``; not its
        size.

    Returns
    -------
    dict
        Keys ``MAIN`` and ``ESRD``, each present where the scenario aligns such persons.

    Raises
    ------
    InputError
        If the kernel's curve cannot follow the cost distribution asked for.
    """
    return {
        number: stationary_segment(scenario.persons, scenario.exposure, number, share, layers)
        for number, share, layers in aligned_segments(scenario)
    }


def own_segments(scenario: Scenario, persons: Persons, exposure: Exposure) -> dict[int, Segment]:
    """Segments of a population with parameters of its own, near the scenario's; as :func:`segments` else.

    Their densities are iterated from the scenario's. Against :func:`segments` of the same parameters cost per
    person-year differs by less than 1e-4 and the health of a starting person by less than 0.001.
    """
    found = {}
    for number, share, layers in aligned_segments(scenario):
        main = number == MAIN
        near = {
            of: nearby_balance(persons, exposure, main, balance(scenario.persons, scenario.exposure, main, of))
            for of in {share, _typical_share(main)}
        }
        found[number] = _assembled(persons, main, layers, near[share], near[_typical_share(main)])
    return found


def aligned_segments(scenario: Scenario) -> Iterator[tuple[int, float, tuple[float, float, float]]]:
    """Segments with persons: number, High Needs share, nodes of the residual excess."""
    cohort = scenario.cohort
    plain_share = 1.0 - cohort.esrd_share
    if plain_share > 0:
        yield MAIN, min(cohort.high_needs_share / plain_share, 1.0), scenario.stop_loss.nodes  # rounding may lift it
    if cohort.esrd_share > 0:
        yield ESRD, 0.0, scenario.stop_loss.esrd_nodes


def _typical_share(main: bool) -> float:
    """High Needs among the persons whose ranks and scores count: national, so a panel full of them keeps the curve."""
    return _TYPICAL_HIGH_NEEDS_SHARE if main else 0.0


@lru_cache(maxsize=32)
def stationary_segment(
    persons: Persons, exposure: Exposure, segment: int, prevalence: float, layers: tuple[float, float, float]
) -> Segment:
    """One of :func:`segments`, from what :func:`aligned_segments` says of it."""
    main = segment == MAIN
    own, typical = (balance(persons, exposure, main, share) for share in (prevalence, _typical_share(main)))
    return _assembled(persons, main, layers, own, typical)


def _assembled(
    persons: Persons, main: bool, layers: tuple[float, float, float], own: Balance, typical: Balance
) -> Segment:
    """Constants of the kernel from the densities of the segment's persons and of typical ones."""
    prefix = "" if main else "esrd_"  # of the names of the segment's own parameters
    f = np.float32
    _, prevalence, health, entrant, death, _ = own.movement
    coding = (f(persons.coding_persistence), f(sqrt(1 - persons.coding_persistence * persons.coding_persistence)))
    latent = (f(sqrt(persons.health_weight)), f(sqrt(1 - persons.health_weight)), f(persons.decedent_shift))
    score = (
        f(persons.score_health_weight),
        f(sqrt(1 - persons.score_health_weight * persons.score_health_weight)),
        f(getattr(persons, prefix + "score_slope")),
        f(getattr(persons, prefix + "score_curvature")),
    )
    thinned, everybody = typical.thinned, typical.density[0] + typical.density[1]
    histogram = between(latent_histogram(everybody, death, latent, thinned), thinned)[:BINS]
    zero, slope, curvature, truncation = (
        float(getattr(persons, prefix + name))
        for name in ("zero_cost_share", "cost_slope", "cost_curvature", "truncation_multiple")
    )
    vertex = slope / (-2.0 * curvature) if curvature < 0 else persons.cost_flat_beyond
    flat_beyond = min(persons.cost_flat_beyond, vertex)  # cost never falls with rank
    curve, shape = fit_cost_curve(histogram, zero, slope, curvature, flat_beyond, CURVE_TERMS)
    if not shape[4] <= _MOST_MISPLACED:  # NaN is no fit either
        problem = f"no cost curve fits: {shape[4]:.1%} of cost falls on other ranks than {prefix}cost_slope asks for"
        cure = "bring the parameters of cost and decedent_shift closer to their defaults, or make their errors smaller"
        raise InputError(problem, key=f"persons.{prefix}cost_slope", cure=cure)
    level = -float(log_array(np.array([mean_score(everybody, death, score, thinned)]))[0])

    plain_cost, high_needs_cost = (
        mean_cost(latent_histogram(part, death, latent, _THINNED), curve, shape, _THINNED) if share > 0 else 0.0
        for part, share in zip(own.density, (1 - prevalence, prevalence), strict=True)
    )
    aligned = own.density[0] + own.density[1]
    cost = mean_cost(latent_histogram(aligned, death, latent, _THINNED), curve, shape, _THINNED)
    reported = mean_score(aligned, death, score, thinned) * float(exponential(np.array([level]))[0])

    values = {
        "health_persistence": health[0], "health_innovation": health[1],
        "coding_persistence": coding[0], "coding_innovation": coding[1],
        "entrant_health_mean": entrant[0], "entrant_high_needs_share": own.entering,
        "entrant_high_needs_health": entrant[1],
        "death_slope": death[0], "death_log_level": death[1],
        "high_needs_rate": own.passage if own.movement.incidence > 0 else 0.0,
        "latent_health_weight": latent[0], "latent_shock_weight": latent[1], "decedent_shift": latent[2],
        "curve_centre": shape[0], "curve_inverse_width": shape[1], "curve_lowest": shape[2], "curve_highest": shape[3],
        "attachment_low": truncation * ATTACHMENT_FACTORS[0], "attachment_mid": truncation * ATTACHMENT_FACTORS[1],
        "attachment_high": truncation * ATTACHMENT_FACTORS[2],
        "layer_first": layers[0], "layer_second": layers[1], "layer_third": layers[2],
        "score_health_weight": score[0], "score_coding_weight": score[1],
        "score_intercept": level, "score_slope": score[2], "score_curvature": score[3],
    }  # fmt: skip
    pools = [
        quantile_rows(density, _ROWS)
        for density, share in zip(own.fine, (1 - prevalence, prevalence), strict=True)
        if share > 0
    ]
    return Segment(
        pool=np.concatenate(pools),
        n_plain=_ROWS if prevalence < 1 else 0,
        parameters=np.array([values[name] for name in PARAMETERS], dtype=np.float32),
        curve=curve.astype(np.float32),
        high_needs_share=prevalence,
        mean_costs=(plain_cost, high_needs_cost),
        cost_per_score=cost / reported,
    )
