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
def stationary_densities(years, incidence, prevalence, health, entrant, death, exit_rate):
    """Density of health at the start of a year, plain and High Needs, once deaths, exits and entries balance.

    ``health`` is (persistence, innovation), ``entrant`` (plain mean, High Needs mean), ``death`` (slope, log level).
    High Needs prevalence is held at its target: first by incidence, the rest by High Needs entrants; where incidence
    alone would exceed the target it is lowered. Sums on a grid finer than the innovation are exact to all digits.

    Returns
    -------
    coarse, fine
        Densities on the two grids, float64, shape (2, point): plain, High Needs; coarse sums to 1 over both.
    level, share
        Level of the passage rate, and High Needs share of entrants.
    """
    stay, rate, hazard2 = np.empty(POINTS), np.empty(POINTS), np.empty(POINTS)
    moves = np.empty((POINTS, POINTS))
    entering = np.empty((2, POINTS))
    for i in range(POINTS):
        p = LOWEST_HEALTH + i * HEALTH_STEP
        hazard = exp64(death[0] * p + death[1])
        rate[i] = min(hazard, _DEATH_CAP)
        hazard2[i] = hazard * hazard
        stay[i] = (1.0 - rate[i]) * (1.0 - exit_rate)
        for j in range(POINTS):
            moves[i, j] = HEALTH_STEP * normal_density(LOWEST_HEALTH + j * HEALTH_STEP, health[0] * p, health[1])
        for k in range(2):
            entering[k, i] = HEALTH_STEP * normal_density(p, entrant[k], 1.0)
    now = np.empty((2, POINTS))
    for i in range(POINTS):
        now[0, i], now[1, i] = (1.0 - prevalence) * entering[0, i], prevalence * entering[0, i]
    staying = np.empty((2, POINTS))
    level, rising, share, allowed = 1.0, 0.0, 0.0, incidence
    fine = np.zeros((2, FINE_POINTS))
    for year in range(years):
        plain = 0.0
        for i in range(POINTS):
            plain += now[0, i]
        for _ in range(20):  # the cap on single rates makes the level implicit
            reached = 0.0
            for i in range(POINTS):
                reached += now[0, i] * min(level * hazard2[i], PASSAGE_CAP)
            if reached > 0.0 and allowed > 0.0:
                level *= allowed * plain / reached
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
        last = year == years - 1
        for k in range(2):
            entry = leaving * (share if k == 1 else 1.0 - share)
            if last:
                for j in range(FINE_POINTS):
                    at = LOWEST_HEALTH + j * FINE_STEP
                    total = entry * normal_density(at, entrant[k], 1.0)
                    for i in range(POINTS):
                        if staying[k, i] > 0.0:
                            centre = health[0] * (LOWEST_HEALTH + i * HEALTH_STEP)
                            total += staying[k, i] * normal_density(at, centre, health[1])
                    fine[k, j] = total * FINE_STEP
            for j in range(POINTS):
                total = entry * entering[k, j]
                for i in range(POINTS):
                    total += staying[k, i] * moves[i, j]
                now[k, j] = total
    return now, fine, rising, share


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
def latent_histogram(density, death, latent):
    """Exposure by bin of the latent cost variable; who dies is exposed for half the year on average and shifted.

    ``latent`` is (health weight, shock weight, decedent shift).
    """
    histogram = np.zeros(BINS)
    for i in range(POINTS):
        p = LOWEST_HEALTH + i * HEALTH_STEP
        rate = min(exp64(death[0] * p + death[1]), _DEATH_CAP)
        for b in range(BINS):
            z = LOWEST_BIN + (b + 0.5) * BIN_WIDTH
            alive = normal_density(z, latent[0] * p, latent[1])
            dying = normal_density(z, latent[0] * p + latent[2], latent[1])
            histogram[b] += density[i] * ((1.0 - rate) * alive + 0.5 * rate * dying) * BIN_WIDTH
    return histogram


@kernel
def mean_score(density, death, score):
    """Exposure-weighted mean of the unscaled risk score.

    ``score`` is (health weight, coding weight, slope, curvature); coding is N(0, 1) and independent of health.
    """
    total, exposure = 0.0, 0.0
    for i in range(POINTS):
        p = LOWEST_HEALTH + i * HEALTH_STEP
        weight = density[i] * (1.0 - 0.5 * min(exp64(death[0] * p + death[1]), _DEATH_CAP))
        exposure += weight
        for k in range(-128, 129):
            h = k * HEALTH_STEP
            xi = min(max(score[0] * p + score[1] * h, -4.0), 4.0)
            chance = HEALTH_STEP * normal_density(h, 0.0, 1.0)
            total += weight * chance * exp64(xi * (score[2] + score[3] * xi))
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
