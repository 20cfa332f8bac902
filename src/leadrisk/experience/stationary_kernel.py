"""Burn-in of one segment: persons live through many years until health, deaths, exits and High Needs balance.

Runs once per parameter set, person by person in float32 with the draws and functions of the person kernel, so that
the stored pool and the fitted curve have the same bits on every machine.
"""

from __future__ import annotations

import numpy as np
from numpy import float32, float64, uint32

from leadrisk.experience._jit import kernel
from leadrisk.experience.philox import STREAM_STATIONARY, philox4x32
from leadrisk.experience.special32 import exp32, normal32
from leadrisk.experience.special64 import exp64, log64, normal_quantile64

BIN_WIDTH, LOWEST_BIN, BINS = 1.0 / 128.0, -7.0, 2048
_DEATH_CAP, _PASSAGE_CAP = 0.5, 0.2


@kernel
def burn_in(
    state,
    years,
    collected,
    segment,
    incidence,
    prevalence,
    health,
    coding,
    entrant,
    death,
    exit_rate,
    latent,
    score,
):
    """Age ``state`` (person; health, coding, High Needs) in place and collect what the last years look like.

    ``health`` and ``coding`` are (persistence, innovation), ``entrant`` (plain mean, High Needs mean), ``death``
    (slope, log level), ``latent`` (health weight, shock weight, decedent shift), ``score`` (health weight, coding
    weight, slope, curvature). Prevalence is held at its target: first by incidence, the rest by High Needs entrants;
    where incidence alone would exceed the target it is lowered.

    Returns
    -------
    histogram
        float64, shape (bin,): exposure by latent cost variable.
    found
        float64: passage level, High Needs share of entrants, mean score before scaling, deaths per person and year.
    """
    n = state.shape[0]
    histogram = np.zeros(BINS)
    found = np.zeros(4)
    persons_collected, exposure_collected = 0.0, 0.0
    incidence_now, level, share = incidence, 1.0, 0.0
    vacant = np.zeros(n, dtype=np.bool_)
    for year in range(years):
        collect = year >= years - collected
        plain = 0
        for _ in range(4):  # the cap on single rates makes the level implicit
            reached, plain = 0.0, 0
            for i in range(n):
                if state[i, 2] == float32(0.0):
                    hazard = float64(exp32(float32(float32(death[0] * state[i, 0]) + death[1])))
                    reached += min(level * hazard * hazard, _PASSAGE_CAP)
                    plain += 1
            if reached > 0.0:
                level *= incidence_now * plain / reached
        leavers, high_staying = 0, 0
        for i in range(n):
            w0, _, w2, w3 = philox4x32(
                uint32(i),
                uint32(2 * year),
                uint32(0),
                uint32(segment * 16 + STREAM_STATIONARY),
                uint32(0),
                uint32(0),
            )
            u = (float64(w3) + 0.5) / 4294967296.0
            hazard = float64(exp32(float32(float32(death[0] * state[i, 0]) + death[1])))
            rate = min(hazard, _DEATH_CAP)
            dies = u < rate
            exposure = u / rate if dies else 1.0
            if collect:
                z = float64(latent[0] * state[i, 0]) + float64(latent[1] * normal32(w2))
                z += float64(latent[2]) if dies else 0.0
                histogram[min(max(int((z - LOWEST_BIN) / BIN_WIDTH), 0), BINS - 1)] += exposure
                xi = float32(float32(score[0] * state[i, 0]) + float32(score[1] * state[i, 1]))
                xi = min(max(xi, float32(-4.0)), float32(4.0))
                found[2] += float64(exp32(float32(xi * float32(score[2] + float32(score[3] * xi))))) * exposure
                found[3] += 1.0 if dies else 0.0
                persons_collected += 1.0
                exposure_collected += exposure
            vacant[i] = dies or u >= 1.0 - exit_rate * (1.0 - rate)
            if vacant[i]:
                leavers += 1
            else:
                if 0.5 <= u < 0.5 + min(level * hazard * hazard, _PASSAGE_CAP):
                    state[i, 2] = float32(1.0)
                high_staying += int(state[i, 2])
            state[i, 3] = normal32(w0)
        missing = prevalence * n - high_staying
        share = min(max(missing / max(leavers, 1), 0.0), 1.0)
        incidence_now = min(max(incidence_now + 0.5 * missing / max(plain, 1), 0.0), incidence)
        if collect:
            found[0] += level / collected
            found[1] += share / collected
        for i in range(n):
            w0, w1, _, w3 = philox4x32(
                uint32(i),
                uint32(2 * year + 1),
                uint32(0),
                uint32(segment * 16 + STREAM_STATIONARY),
                uint32(0),
                uint32(0),
            )
            if vacant[i]:
                high = float64(w3) / 4294967296.0 < share
                state[i, 0] = float32(normal32(w0) + (entrant[1] if high else entrant[0]))
                state[i, 1] = normal32(w1)
                state[i, 2] = float32(1.0) if high else float32(0.0)
            else:
                state[i, 0] = float32(float32(health[0] * state[i, 0]) + float32(health[1] * normal32(w0)))
                state[i, 1] = float32(float32(coding[0] * state[i, 1]) + float32(coding[1] * normal32(w1)))
    found[2] /= exposure_collected
    found[3] /= persons_collected
    return histogram, found


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
        float64: centre, inverse width, lowest and highest latent, largest error of the curve in units of mean cost.
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
        if u <= zero_share + 1e-9:
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
    worst = 0.0
    for b in range(BINS):
        if histogram[b] > 0.0 and z[b] > lowest:
            worst = max(worst, abs(fitted[b] / mean - exp64(target[b]) / target_mean) * histogram[b] / total)
    found = np.array([centre, inverse_width, lowest, highest, worst])
    return coefficients, found
