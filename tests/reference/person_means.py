"""Exact means of a population's totals by quadrature, given the factors that touch its persons.

Deaths, exits and the passage to High Needs depend on health alone, so a population on average is a density on a grid of
health, moved from year to year. Given health, a year's cost and score have means that no year changes; they are worked
out once a segment, for who survives the year and for who dies in it. Nothing is sampled, and no number or sum is shared
with the person kernel or its twin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.cohort.panel import active_slots, segment_lives
from leadrisk.experience._jit import kernel
from leadrisk.experience.person_kernel import N_QUANTITIES
from leadrisk.experience.special64 import exp64, log64
from leadrisk.experience.stationary import ESRD, MAIN, segments
from leadrisk.scenario.category_tables import CATEGORY_NAMES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.experience.stationary import Segment
    from leadrisk.experience.systemic import PersonFactors
    from leadrisk.scenario.model import Scenario

HEALTH_STEP = 1.0 / 16.0  # of the grid of health
LOWEST_HEALTH, HEALTH_RANGE = -8.0, 17  # of the grid: beyond lies less than 1e-9 of any group
_REACH = 6.0  # standard deviations within which a normal density counts: beyond lies 2e-9
_LATENT_STEP = 1.0 / 128.0  # of the latent cost variable, from the jump at the curve's lowest latent on
_CODING_STEP = 0.25
_CODINGS = 1 + 2 * int(_REACH / _CODING_STEP)
_DEATH_CAP, _PASSAGE_CAP = 0.5, 0.2  # as in the person kernel
_ENTRANT_STEPS = 4096.0  # the share of entrants with High Needs is drawn in twelve bits
_NOBODY = 1e-10


@kernel
def normal_density(x, mean, sd):
    t = (x - mean) / sd
    return exp64(-0.5 * t * t) / (sd * np.sqrt(2.0 * np.pi))


@kernel
def grid_weights(health, step):
    """Mean weights of single persons on the grid of health, exact for polynomials up to the third degree."""
    weights = np.zeros(int(HEALTH_RANGE / step) + 1)
    for k in range(health.size):
        at = (health[k] - LOWEST_HEALTH) / step
        i = min(max(int(at), 1), weights.size - 3)
        t = at - i
        weights[i - 1] += t * (t - 1.0) * (2.0 - t) / 6.0
        weights[i] += (t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0
        weights[i + 1] += (t + 1.0) * t * (2.0 - t) / 2.0
        weights[i + 2] += (t + 1.0) * t * (t - 1.0) / 6.0
    return weights / max(health.size, 1)


@kernel
def capped(rates, exponential, factor, slope, level, cap, step):
    """Fill ``rates`` with ``factor`` times ``exponential`` up to a cap, for sums over the grid.

    ``exponential`` is that of ``slope`` times health plus ``level``. A sum over the grid would miss the bend at the cap
    by a term of second order; it is known (Euler and Maclaurin) and taken off the two points around the bend.
    """
    for i in range(rates.size):
        rates[i] = min(factor * exponential[i], cap)
    if factor > 0.0 and slope > 0.0:
        at = ((log64(cap / factor) - level) / slope - LOWEST_HEALTH) / step
        if 0.0 < at < rates.size - 1.0:
            i = int(at)
            t = at - i
            missed = 0.5 * slope * cap * step * (t * t - t + 1.0 / 6.0)
            rates[i] -= (1.0 - t) * missed
            rates[i + 1] -= t * missed


@kernel
def means_given_health(prm, curve, step):  # noqa: PLR0912
    """Mean quantities of a person-year given health, shape (point of health, survives or dies, quantity).

    ``prm`` and ``curve`` are the person kernel's, in float64. Who dies is exposed for half of the year; the column of
    exits counts who may leave, that of entries is zero.
    """
    weight_p, weight_e, shift = prm[10], prm[11], prm[12]
    centre, inverse_width, lowest, highest = prm[13], prm[14], prm[15], prm[16]
    points = int(HEALTH_RANGE / step) + 1
    furthest = weight_p * (LOWEST_HEALTH + HEALTH_RANGE) + max(shift, 0.0) + _REACH * weight_e
    latents = max(int((furthest - lowest) / _LATENT_STEP) + 1, 1)
    cost = np.empty(latents)
    for b in range(latents):
        t = (min(lowest + (b + 0.5) * _LATENT_STEP, highest) - centre) * inverse_width
        y = 0.0
        for c in range(curve.size):
            y = y * t + curve[c]
        cost[b] = exp64(y)

    means = np.zeros((points, 2, N_QUANTITIES))
    chance, above, score = np.empty(_CODINGS), np.empty(3 * _CODINGS), np.empty(_CODINGS)
    over = np.empty(3 * _CODINGS)
    for k in range(_CODINGS):
        chance[k] = _CODING_STEP * normal_density(k * _CODING_STEP - _REACH, 0.0, 1.0)
    for i in range(points):
        p = LOWEST_HEALTH + i * step
        mean_score = 0.0
        for k in range(_CODINGS):
            xi = min(max(prm[23] * p + prm[24] * (k * _CODING_STEP - _REACH), -4.0), 4.0)
            score[k] = exp64(prm[25] + xi * (prm[26] + prm[27] * xi))
            mean_score += chance[k] * score[k]
            for layer in range(3):
                above[layer * _CODINGS + k] = score[k] + prm[20 + layer]
        for dying in range(2):
            row = means[i, dying]
            mean_z = weight_p * p + dying * shift
            over[:] = 0.0
            first = max(int((mean_z - _REACH * weight_e - lowest) / _LATENT_STEP), 0)
            end = min(int((mean_z + _REACH * weight_e - lowest) / _LATENT_STEP) + 1, latents)
            for b in range(first, end):
                weight = _LATENT_STEP * normal_density(lowest + (b + 0.5) * _LATENT_STEP, mean_z, weight_e)
                row[1] += weight * cost[b]
                for attachment in range(3):
                    row[2 + attachment] += weight * max(cost[b] - prm[17 + attachment], 0.0)
                for m in range(3 * _CODINGS):
                    over[m] += weight * max(cost[b] - above[m], 0.0)
            for layer in range(3):
                for k in range(_CODINGS):
                    row[5 + layer] += chance[k] * over[layer * _CODINGS + k]
            row[0], row[8], row[9] = 1.0, mean_score, p
            if dying == 1:
                for q in range(N_QUANTITIES):
                    row[q] *= 0.5
                row[12] = 1.0
            else:
                row[11] = 1.0
    return means


@kernel
def mean_totals(out, active, death_factor, exit_rate, start, means, prm, step):  # noqa: PLR0912, PLR0915
    """Expected totals of one segment for each population, given the factors that touch its persons.

    Parameters
    ----------
    out
        float64, shape (population, year, 2, quantity), filled; the third axis is plain persons, then High Needs.
    active
        int32, shape (population, year): slots in use.
    death_factor, exit_rate
        Shape (population, year).
    start
        Shape (2, point of health): plain and High Needs persons of a slot at the start, adding up to 1.
    means
        From :func:`means_given_health` with the same ``step``.
    """
    points = start.shape[1]
    keep, new = prm[0], prm[1]
    share = min(np.ceil(prm[5] * _ENTRANT_STEPS) / _ENTRANT_STEPS, 1.0)
    hazard, passing, dying = np.empty(points), np.empty(points), np.empty(points)
    entering = np.empty((2, points))
    first, width = np.empty(points, dtype=np.int64), np.empty(points, dtype=np.int64)
    moves = np.empty((points, int(2.0 * _REACH * new / step) + 3))
    for i in range(points):
        p = LOWEST_HEALTH + i * step
        hazard[i] = exp64(prm[7] * p + prm[8])
        entering[0, i] = (1.0 - share) * step * normal_density(p, prm[4], 1.0)
        entering[1, i] = share * step * normal_density(p, prm[6], 1.0)
        first[i] = max(int((keep * p - _REACH * new - LOWEST_HEALTH) / step), 0)
        end = min(int((keep * p + _REACH * new - LOWEST_HEALTH) / step) + 2, points)
        width[i] = end - first[i]
        for j in range(width[i]):
            moves[i, j] = step * normal_density(LOWEST_HEALTH + (first[i] + j) * step, keep * p, new)
    capped(passing, hazard * hazard, prm[9], 2.0 * prm[7], 2.0 * prm[8], _PASSAGE_CAP, step)

    density, staying = np.empty((2, points)), np.empty((2, points))
    joining, here = np.empty(2), np.empty(2)
    for n in range(out.shape[0]):
        density[:] = start
        joining[:] = 0.0
        for y in range(out.shape[1]):
            out[n, y] = 0.0
            vacated = 1.0
            capped(dying, hazard, death_factor[n, y], prm[7], prm[8], _DEATH_CAP, step)
            for k in range(2):
                total = out[n, y, k]
                here[k] = 0.0
                for i in range(points):
                    persons = density[k, i]
                    if abs(persons) < _NOBODY:
                        staying[k, i] = 0.0
                        continue
                    here[k] += persons
                    lost = persons * dying[i]
                    surviving = persons - lost
                    staying[k, i] = surviving * (1.0 - exit_rate[n, y])
                    vacated -= staying[k, i]
                    for q in range(N_QUANTITIES):
                        total[q] += surviving * means[i, 0, q] + lost * means[i, 1, q]
                for q in range(N_QUANTITIES):
                    total[q] *= active[n, y]
                total[11] *= exit_rate[n, y]
                before = active[n, max(y - 1, 0)]
                total[10] = min(before, active[n, y]) * joining[k] + max(active[n, y] - before, 0) * here[k]
            if y == out.shape[1] - 1:
                break
            for i in range(points):
                passed = density[0, i] * passing[i]
                staying[0, i] -= passed
                staying[1, i] += passed
            for k in range(2):
                joining[k] = vacated * (share if k == 1 else 1.0 - share)
                later = density[k]
                for j in range(points):
                    later[j] = vacated * entering[k, j]
                for i in range(points):
                    persons = staying[k, i]
                    if abs(persons) < _NOBODY:
                        continue
                    part, row = later[first[i] : first[i] + width[i]], moves[i]
                    for j in range(width[i]):
                        part[j] += persons * row[j]


def segment_means(
    segment: Segment,
    *,
    active: NDArray[np.int32],
    death_factor: NDArray[np.float32],
    exit_rate: NDArray[np.float32],
    step: float = HEALTH_STEP,
) -> NDArray[np.float64]:
    """Expected totals of a segment's persons by population and year.

    Parameters
    ----------
    active, death_factor, exit_rate
        Shape (population, year): slots in use and the factors, as given to the person kernel.
    step
        Of the grid of health.

    Returns
    -------
    array
        Shape (population, year, 2, quantity): plain persons, then High Needs; quantities in the order and units of
        ``person_kernel.QUANTITIES``.
    """
    parameters, curve = segment.parameters.astype(np.float64), segment.curve.astype(np.float64)
    plain, high_needs = segment.pool[: segment.n_plain], segment.pool[segment.n_plain :]
    share = segment.high_needs_share
    start = np.stack([(1.0 - share) * grid_weights(plain, step), share * grid_weights(high_needs, step)])
    out = np.zeros((*active.shape, 2, N_QUANTITIES))
    mean_totals(
        out, active, death_factor.astype(np.float64), exit_rate.astype(np.float64), start,
        means_given_health(parameters, curve, step), parameters, step,
    )  # fmt: skip
    return out


def person_means(scenario: Scenario, factors: PersonFactors) -> NDArray[np.float64]:
    """Expected totals of populations given their factors, shape (population, year, category, quantity).

    The parameters of persons are the scenario's own, not one draw a population.
    """
    found = np.zeros((*factors.panel.shape, len(CATEGORY_NAMES), N_QUANTITIES))
    parts = segments(scenario)
    for number, lives in zip((MAIN, ESRD), segment_lives(scenario), strict=True):
        if number not in parts or lives == 0:
            continue
        means = segment_means(
            parts[number], active=active_slots(lives, factors.panel), death_factor=factors.death_factor,
            exit_rate=factors.exit_rate,
        )  # fmt: skip
        if number == MAIN:
            found[:, :, :2] = means
        else:
            found[:, :, 2] = means[:, :, 0]
    return found
