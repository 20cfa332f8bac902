"""The stationary segment by quadrature: who is aligned once deaths, exits and entries balance.

Only health decides about deaths, exits and High Needs, so the stationary population is a density in one variable for
plain and for High Needs persons; coding is N(0, 1) and independent. Iterating the density has no sampling error: a
simulated pool of 65,536 persons was off by 0.3 % of cost in the base years, some $4 million over ten years.
"""

from __future__ import annotations

import numpy as np
from numpy import float32

from leadrisk.experience._jit import inlined, kernel
from leadrisk.experience.special64 import exp64, log64, normal_quantile64

BIN_WIDTH, LOWEST_BIN, BINS = 1.0 / 128.0, -7.0, 2048  # of the latent cost variable
HEALTH_STEP, LOWEST_HEALTH, POINTS = 1.0 / 16.0, -8.0, 273  # of health, while the density is iterated
FINE_STEP, FINE_POINTS = 1.0 / 128.0, 2177  # of health, where persons are read off
PASSAGE_CAP = 0.2  # as in the person kernel
_DEATH_CAP = 0.5
_LEAST_RANK = 1e-4  # persons of lower rank cost nothing: no polynomial follows the lower tail all the way down


@inlined
def normal_density(x, mean, sd):
    """Density of a normal variable."""
    t = (x - mean) / sd
    return exp64(-0.5 * t * t) / (sd * 2.5066282746310002)


@kernel
def fresh_densities(prevalence, mean):
    """Density of health were all persons new, float64, shape (2, point): plain, High Needs."""
    density = np.empty((2, POINTS))
    for i in range(POINTS):
        entering = HEALTH_STEP * normal_density(LOWEST_HEALTH + i * HEALTH_STEP, mean, 1.0)
        density[0, i], density[1, i] = (1.0 - prevalence) * entering, prevalence * entering
    return density


@kernel
def stationary_densities(until, start, incidence, prevalence, health, entrant, death, exit_rate):
    """Density of health at the start of a year, plain and High Needs, once deaths, exits and entries balance.

    ``until`` is (years, change, reach): the iteration ends after so many years, or once a year changes the density by
    less; health moves within ``reach`` standard deviations of a year. ``start`` is (density, passage level, incidence
    allowed), ``health`` (persistence, innovation), ``entrant`` (plain mean, High Needs mean), ``death`` (slope, log
    level). High Needs prevalence is held at its target: first by incidence, the rest by High Needs entrants; where
    incidence alone would exceed the target it is lowered. Sums on a grid finer than the innovation are exact to all
    digits.

    Returns
    -------
    density, staying
        Float64, shape (2, point): plain, High Needs; the density sums to 1 over both. Staying are those of the last
        year who neither died nor left.
    state
        Float64: level of the passage rate, incidence allowed, High Needs share of entrants, share of leavers.
    """
    years, change, reach = until
    stay, hazard2 = np.empty(POINTS), np.empty(POINTS)
    entering = np.empty((2, POINTS))
    first, end = np.empty(POINTS, dtype=np.int64), np.empty(POINTS, dtype=np.int64)
    moves = np.empty((POINTS, min(int(2.0 * reach * health[1] / HEALTH_STEP) + 3, POINTS)))  # from first on
    for i in range(POINTS):
        p = LOWEST_HEALTH + i * HEALTH_STEP
        hazard = exp64(death[0] * p + death[1])
        hazard2[i] = hazard * hazard
        stay[i] = (1.0 - min(hazard, _DEATH_CAP)) * (1.0 - exit_rate)
        first[i] = max(int((health[0] * p - reach * health[1] - LOWEST_HEALTH) / HEALTH_STEP), 0)
        end[i] = min(int((health[0] * p + reach * health[1] - LOWEST_HEALTH) / HEALTH_STEP) + 2, POINTS)
        for j in range(first[i], end[i]):
            later = LOWEST_HEALTH + j * HEALTH_STEP
            moves[i, j - first[i]] = HEALTH_STEP * normal_density(later, health[0] * p, health[1])
        for k in range(2):
            entering[k, i] = HEALTH_STEP * normal_density(p, entrant[k], 1.0)
    now, before = start[0].copy(), np.empty((2, POINTS))
    staying = np.empty((2, POINTS))
    level, allowed, rising, share, leaving = start[1], start[2], 0.0, 0.0, 0.0
    for _ in range(years):
        plain = 0.0
        for i in range(POINTS):
            plain += now[0, i]
        for _ in range(20):  # the cap on single rates makes the level implicit
            reached = 0.0
            for i in range(POINTS):
                reached += now[0, i] * min(level * hazard2[i], PASSAGE_CAP)
            if not (reached > 0.0 and allowed > 0.0):
                break
            level *= allowed * plain / reached
            if abs(allowed * plain / reached - 1.0) < change:
                break
        rising = level if allowed > 0.0 else 0.0
        kept, high = 0.0, 0.0
        for i in range(POINTS):
            passing = now[0, i] * min(rising * hazard2[i], PASSAGE_CAP)
            staying[0, i] = now[0, i] * stay[i] - passing
            staying[1, i] = now[1, i] * stay[i] + passing
            kept += staying[0, i] + staying[1, i]
            high += staying[1, i]
        leaving = max(1.0 - kept, 0.0)
        share = min(max((prevalence - high) / leaving, 0.0), 1.0) if leaving > 0.0 else 0.0
        if plain > 0.0:
            allowed = min(max(allowed + 0.5 * (prevalence - high) / plain, 0.0), incidence)
        now, before = before, now
        plain_now, high_now = now[0], now[1]
        for j in range(POINTS):
            plain_now[j] = leaving * (1.0 - share) * entering[0, j]
            high_now[j] = leaving * share * entering[1, j]
        for i in range(POINTS):
            stayed, stayed_high, row = staying[0, i], staying[1, i], moves[i]
            if abs(stayed) + abs(stayed_high) < 1e-5 * change:
                continue
            plain_part, high_part = plain_now[first[i] : end[i]], high_now[first[i] : end[i]]
            for j in range(end[i] - first[i]):
                plain_part[j] += stayed * row[j]
                high_part[j] += stayed_high * row[j]
        moved = 0.0
        for j in range(POINTS):
            moved += abs(plain_now[j] - before[0, j]) + abs(high_now[j] - before[1, j])
        if moved < change:
            break
    return now, staying, np.array([rising, allowed, share, leaving])


@kernel
def fine_densities(staying, state, health, entrant):
    """Density of health on the fine grid, shape (2, point), after the last year of :func:`stationary_densities`."""
    fine = np.empty((2, FINE_POINTS))
    for k in range(2):
        entry = state[3] * (state[2] if k == 1 else 1.0 - state[2])
        for j in range(FINE_POINTS):
            fine[k, j] = entry * normal_density(LOWEST_HEALTH + j * FINE_STEP, entrant[k], 1.0)
    for i in range(POINTS):
        centre = health[0] * (LOWEST_HEALTH + i * HEALTH_STEP)
        plain, high = max(staying[0, i], 0.0), max(staying[1, i], 0.0)
        for j in range(FINE_POINTS):
            density = normal_density(LOWEST_HEALTH + j * FINE_STEP, centre, health[1])
            fine[0, j] += plain * density
            fine[1, j] += high * density
    return fine * FINE_STEP


@kernel
def between(values, times):
    """Values at ``times`` as many steps, by the polynomial through the six nearest (Lagrange); never below zero."""
    steps = values.size - 1
    found = np.empty(steps * times + 1)
    weights = np.empty(6)
    for s in range(times):
        t = s / times + 2.0  # from the first of six nodes
        for m in range(6):
            weights[m] = 1.0
            for n in range(6):
                if n != m:
                    weights[m] *= (t - n) / (m - n)
        for i in range(2, steps - 2):
            total = 0.0
            for m in range(6):
                total += weights[m] * values[i - 2 + m]
            found[i * times + s] = max(total, 0.0)
        for i in (0, 1, steps - 2, steps - 1):  # tails: a straight line will do
            found[i * times + s] = values[i] + s / times * (values[i + 1] - values[i])
    found[steps * times] = values[steps]
    return found


@kernel
def quantile_rows(density, rows):
    """Health of ``rows`` equally likely persons: quantiles at (row + 1/2) / rows of a density on the fine grid."""
    total = 0.0
    for j in range(FINE_POINTS):
        total += density[j]
    health = np.empty(rows, dtype=np.float32)
    j, below = 0, 0.0
    for row in range(rows):
        wanted = (row + 0.5) / rows * total
        while below + density[j] < wanted and j < FINE_POINTS - 1:
            below += density[j]
            j += 1
        health[row] = float32(LOWEST_HEALTH + (j - 0.5 + (wanted - below) / density[j]) * FINE_STEP)
    return health


@kernel
def latent_histogram(density, death, latent, thinned):
    """Exposure by bin of the latent cost variable; who dies is exposed for half the year on average and shifted.

    ``latent`` is (health weight, shock weight, decedent shift). One in ``thinned`` points of health is read, and one in
    as many bins is worked out; :func:`between` gives the others.
    """
    bins = BINS // thinned + 1
    histogram = np.zeros(bins)
    for i in range(0, POINTS, thinned):
        p = LOWEST_HEALTH + i * HEALTH_STEP
        rate = min(exp64(death[0] * p + death[1]), _DEATH_CAP)
        for b in range(bins):
            z = LOWEST_BIN + (b * thinned + 0.5) * BIN_WIDTH
            alive = normal_density(z, latent[0] * p, latent[1])
            dying = normal_density(z, latent[0] * p + latent[2], latent[1])
            histogram[b] += density[i] * ((1.0 - rate) * alive + 0.5 * rate * dying) * BIN_WIDTH
    return histogram


@kernel
def mean_score(density, death, score, thinned):
    """Exposure-weighted mean of the unscaled risk score, from one in ``thinned`` points of health and of coding.

    ``score`` is (health weight, coding weight, slope, curvature); coding is N(0, 1) and independent of health.
    """
    step = thinned * HEALTH_STEP
    codings = 1 + 2 * int(-LOWEST_HEALTH / step)
    chance, part = np.empty(codings), np.empty(codings)
    for k in range(codings):
        chance[k] = step * normal_density(LOWEST_HEALTH + k * step, 0.0, 1.0)
    total, exposure = 0.0, 0.0
    for i in range(0, POINTS, thinned):
        p = LOWEST_HEALTH + i * HEALTH_STEP
        weight = density[i] * (1.0 - 0.5 * min(exp64(death[0] * p + death[1]), _DEATH_CAP))
        exposure += weight
        for k in range(codings):
            xi = min(max(score[0] * p + score[1] * (LOWEST_HEALTH + k * step), -4.0), 4.0)
            part[k] = weight * chance[k] * exp64(xi * (score[2] + score[3] * xi))
        for k in range(codings):
            total += part[k]
    return total / exposure


@kernel
def fit_cost_curve(histogram, zero_share, slope, curvature, flat_beyond, terms):
    """Polynomial for the log of annualised cost in the latent variable, by weighted least squares.

    The target is ``slope w + curvature w**2`` at ``w = quantile((u - zero_share) / (1 - zero_share))`` with ``u`` the
    exposure-weighted rank of the latent variable, flat beyond ``w = flat_beyond`` and scaled to mean 1.

    Returns
    -------
    coefficients
        float64, shape (terms,), highest power first, in ``t = (z - centre) * inverse_width``.
    found
        float64: centre, inverse width, lowest and highest latent, share of cost that the curve puts at other ranks.
    """
    total = 0.0
    for b in range(BINS):
        total += histogram[b]
    z = np.empty(BINS)
    target = np.empty(BINS)
    lowest, highest, running = LOWEST_BIN, LOWEST_BIN, 0.0
    for b in range(BINS):
        z[b] = LOWEST_BIN + (b + 0.5) * BIN_WIDTH
        u = (running + 0.5 * histogram[b]) / total
        running += histogram[b]
        if u <= max(zero_share + 1e-9, _LEAST_RANK):
            lowest = z[b] + 0.5 * BIN_WIDTH
            target[b] = -12.0
        else:
            w = normal_quantile64(min((u - zero_share) / (1.0 - zero_share), 1.0 - 1e-12))
            if w < flat_beyond:
                highest = z[b] + 0.5 * BIN_WIDTH
            w = min(w, flat_beyond)
            target[b] = max(slope * w + curvature * w * w, -12.0)
    centre, inverse_width = 0.5 * (lowest + highest), 2.0 / (highest - lowest)

    normal = np.zeros((terms, terms + 1))
    basis = np.empty(terms)
    for b in range(BINS):
        if z[b] > lowest and z[b] < highest and histogram[b] > 0.0:
            t = (z[b] - centre) * inverse_width
            basis[0], basis[1] = 1.0, t
            for k in range(2, terms):
                basis[k] = 2.0 * t * basis[k - 1] - basis[k - 2]
            weight = histogram[b] * (exp64(target[b]) + 1e-4)
            for r in range(terms):
                for c in range(terms):
                    normal[r, c] += weight * basis[r] * basis[c]
                normal[r, terms] += weight * basis[r] * target[b]
    for r in range(terms):  # Gauss-Jordan: symmetric and positive definite, no pivoting needed
        pivot = normal[r, r]
        for c in range(terms + 1):
            normal[r, c] /= pivot
        for other in range(terms):
            if other != r:
                factor = normal[other, r]
                for c in range(terms + 1):
                    normal[other, c] -= factor * normal[r, c]

    powers = np.zeros((terms, terms))  # Chebyshev polynomials by power of t
    powers[0, 0], powers[1, 1] = 1.0, 1.0
    for k in range(2, terms):
        for c in range(terms):
            powers[k, c] = (2.0 * powers[k - 1, c - 1] if c > 0 else 0.0) - powers[k - 2, c]
    coefficients = np.zeros(terms)
    for k in range(terms):
        for c in range(terms):
            coefficients[terms - 1 - c] += normal[k, terms] * powers[k, c]

    mean, target_mean = 0.0, 0.0
    fitted = np.zeros(BINS)
    for b in range(BINS):
        if z[b] > lowest:
            t = (min(z[b], highest) - centre) * inverse_width
            y = 0.0
            for c in range(terms):
                y = y * t + coefficients[c]
            fitted[b] = exp64(y)
        mean += histogram[b] * fitted[b] / total
        target_mean += histogram[b] * (exp64(target[b]) if z[b] > lowest else 0.0) / total
    coefficients[terms - 1] -= log64(mean)
    misplaced = 0.0
    for b in range(BINS):
        if z[b] > lowest:
            misplaced += abs(fitted[b] / mean - exp64(target[b]) / target_mean) * histogram[b] / total
    found = np.array([centre, inverse_width, lowest, highest, misplaced])
    return coefficients, found


@kernel
def mean_cost(histogram, coefficients, found, thinned):
    """Exposure-weighted mean of the curve of :func:`fit_cost_curve` over :func:`latent_histogram`, not empty."""
    total, exposure = 0.0, 0.0
    for b in range(histogram.size):
        z = LOWEST_BIN + (b * thinned + 0.5) * BIN_WIDTH
        exposure += histogram[b]
        if z > found[2]:
            t = (min(z, found[3]) - found[0]) * found[1]
            y = 0.0
            for c in range(coefficients.size):
                y = y * t + coefficients[c]
            total += histogram[b] * exp64(y)
    return total / exposure
