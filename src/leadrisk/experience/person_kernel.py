"""The beneficiary kernel: one population, all its persons, all its years, on the neutral systemic path.

State lives in a float32 workspace of blocks of ``BLOCK`` slots (structure of arrays at constant offsets), so that
LLVM vectorises the loop over slots and a block stays in cache through all years. Each year of a
person reads one Philox address: three normal deviates (health, coding, the year's own shock) and one uniform that
decides between death (from below), exit (from above) and the passage to High Needs (in the middle). Slots beyond the
panel's size live on unseen: whoever joins when a panel grows has lived like everyone else, and a panel's growth
leaves the mix of its persons alone.

Sums fold a block onto 16 lanes in float32, add up the blocks in float64 and end lane by lane: the order of additions
never depends on the CPU. ``tests/reference/person_twin.py`` is the slow float64 twin.
"""

from __future__ import annotations

import numpy as np
from numpy import float32, float64, int32, uint32, uint64

from leadrisk.experience._jit import inlined, kernel
from leadrisk.experience.philox import STREAM_START, STREAM_YEAR, philox4x32
from leadrisk.experience.special32 import exp32, normal32, normals32

BLOCK = 512
LANES = 16  # slots are worked through in whole groups of as many: no vector of any processor leaves a rest

# Person-level quantities of a year, in this order; each is summed over the slots.
QUANTITIES = (
    "exposure",
    "expenditure",
    "excess_low",
    "excess_mid",
    "excess_high",
    "residual_first",
    "residual_second",
    "residual_third",
    "score",
    "health",
    "entries",
    "exits",
    "deaths",
)
N_QUANTITIES = len(QUANTITIES)

# Parameters of a segment (aged and disabled with High Needs, or ESRD), in this order.
PARAMETERS = (
    "health_persistence",
    "health_innovation",
    "coding_persistence",
    "coding_innovation",
    "entrant_health_mean",
    "entrant_high_needs_share",
    "entrant_high_needs_health",
    "death_slope",
    "death_log_level",
    "high_needs_rate",
    "latent_health_weight",
    "latent_shock_weight",
    "decedent_shift",
    "curve_centre",
    "curve_inverse_width",
    "curve_lowest",
    "curve_highest",
    "attachment_low",
    "attachment_mid",
    "attachment_high",
    "layer_first",
    "layer_second",
    "layer_third",
    "score_health_weight",
    "score_coding_weight",
    "score_intercept",
    "score_slope",
    "score_curvature",
)
CURVE_TERMS = 8  # coefficients of the cost curve, highest power first

_P, _H, _HN, _VACANT, _FIRST = 0, 1, 2, 3, 4  # rows of the workspace; quantities follow the state
ROWS = _FIRST + N_QUANTITIES + 1  # then who had High Needs during the year
_U20, _U12 = float32(1.0 / 1048576.0), float32(1.0 / 4096.0)
_ZERO, _HALF, _ONE = float32(0.0), float32(0.5), float32(1.0)
_DEATH_CAP, _HIGH_NEEDS_CAP = float32(0.5), float32(0.2)


@inlined
def cost_curve(z, centre, inverse_width, lowest, highest, c7, c6, c5, c4, c3, c2, c1, c0):
    """Annualised cost at latent ``z`` in units of the segment's mean; zero below the curve's lowest latent."""
    t = float32(float32(min(z, highest) - centre) * inverse_width)
    y = float32(c7 * t + c6)
    y = float32(y * t + c5)
    y = float32(y * t + c4)
    y = float32(y * t + c3)
    y = float32(y * t + c2)
    y = float32(y * t + c1)
    cost = exp32(float32(y * t + c0))
    return cost if z > lowest else _ZERO


@inlined
def reported_score(p, h, health_weight, coding_weight, intercept, slope, curvature):
    """Risk score: expected annualised cost given health and coding, mean 1 over the stationary segment."""
    xi = float32(float32(health_weight * p) + float32(coding_weight * h))
    xi = min(max(xi, float32(-4.0)), float32(4.0))
    return exp32(float32(intercept + float32(xi * float32(slope + float32(curvature * xi)))))


@kernel
def block_year(
    ws,
    groups,
    first_slot,
    year,
    population,
    stream,
    key0,
    key1,
    active_before,
    active,
    moving,
    death_factor,
    exit_rate,
    prm,
    curve,
):
    """One year of a block's first ``groups`` of 16 slots: states are moved on, quantities written to their rows."""
    keep_p = prm[0] if moving else _ONE
    new_p = prm[1] if moving else _ZERO
    keep_h = prm[2] if moving else _ONE
    new_h = prm[3] if moving else _ZERO
    entrant_mean, entrant_share, entrant_high = prm[4], prm[5], prm[6]
    death_slope, death_level, passage_level = prm[7], prm[8], prm[9]
    weight_p, weight_e, decedent_shift = prm[10], prm[11], prm[12]
    centre, inverse_width, lowest, highest = prm[13], prm[14], prm[15], prm[16]
    low, mid, high = prm[17], prm[18], prm[19]
    first, second, third = prm[20], prm[21], prm[22]
    score_p, score_h, score_0, score_1, score_2 = prm[23], prm[24], prm[25], prm[26], prm[27]
    c7, c6, c5, c4, c3, c2, c1, c0 = (
        curve[0],
        curve[1],
        curve[2],
        curve[3],
        curve[4],
        curve[5],
        curve[6],
        curve[7],
    )
    words = ws.view(uint32)  # in rows of quantities, which are not known yet
    for i in range(LANES * groups):
        w0, w1, w2, w3 = philox4x32(uint32(first_slot + i), year, population, stream, key0, key1)
        words[(_FIRST + 0) * BLOCK + i] = w0
        words[(_FIRST + 1) * BLOCK + i] = w1
        words[(_FIRST + 2) * BLOCK + i] = w2
        words[(_FIRST + 3) * BLOCK + i] = w3
    for i in range(LANES * groups):
        normals = normals32(
            (words[(_FIRST + 0) * BLOCK + i], words[(_FIRST + 1) * BLOCK + i], words[(_FIRST + 2) * BLOCK + i])
        )
        ws[(_FIRST + 0) * BLOCK + i] = normals[0]
        ws[(_FIRST + 1) * BLOCK + i] = normals[1]
        ws[(_FIRST + 2) * BLOCK + i] = normals[2]
    for i in range(LANES * groups):
        slot = uint32(first_slot + i)
        n_p, n_h, n_e = ws[(_FIRST + 0) * BLOCK + i], ws[(_FIRST + 1) * BLOCK + i], ws[(_FIRST + 2) * BLOCK + i]
        w3 = words[(_FIRST + 3) * BLOCK + i]
        u = float32(float32(float32(int32(w3 >> uint32(12))) + _HALF) * _U20)
        v = float32(float32(int32(w3 & uint32(0xFFF))) * _U12)

        vacant = ws[_VACANT * BLOCK + i]
        entrant_hn = _ONE if v < entrant_share else _ZERO
        entrant_p = float32(n_p + (entrant_high if v < entrant_share else entrant_mean))
        stayed_p = float32(float32(keep_p * ws[_P * BLOCK + i]) + float32(new_p * n_p))
        stayed_h = float32(float32(keep_h * ws[_H * BLOCK + i]) + float32(new_h * n_h))
        stayed_hn = ws[_HN * BLOCK + i]
        p = entrant_p if vacant > _ZERO else stayed_p
        h = n_h if vacant > _ZERO else stayed_h
        high_needs = entrant_hn if vacant > _ZERO else stayed_hn
        present = _ONE if int32(slot) < active else _ZERO
        joined = _ONE if int32(slot) >= active_before else _ZERO

        hazard = exp32(float32(float32(death_slope * p) + death_level))
        death_rate = min(float32(death_factor * hazard), _DEATH_CAP)
        died = _ONE if u < death_rate else _ZERO
        part_year = float32(u / death_rate)
        exposure = float32((part_year if u < death_rate else _ONE) * present)
        left = _ONE if u >= float32(_ONE - float32(exit_rate * float32(_ONE - death_rate))) else _ZERO
        passage_rate = min(float32(passage_level * float32(hazard * hazard)), _HIGH_NEEDS_CAP)
        reached = _ONE if u >= _HALF else _ZERO
        passed = reached if float32(u - _HALF) < passage_rate else _ZERO

        z = float32(float32(float32(weight_p * p) + float32(weight_e * n_e)) + float32(died * decedent_shift))
        cost = cost_curve(z, centre, inverse_width, lowest, highest, c7, c6, c5, c4, c3, c2, c1, c0)
        score = reported_score(p, h, score_p, score_h, score_0, score_1, score_2)
        residual = float32(cost - score)

        ws[_P * BLOCK + i] = p
        ws[_H * BLOCK + i] = h
        ws[_HN * BLOCK + i] = max(high_needs, passed)
        ws[_VACANT * BLOCK + i] = max(died, left)
        ws[(_FIRST + 0) * BLOCK + i] = exposure
        ws[(_FIRST + 1) * BLOCK + i] = float32(cost * exposure)
        ws[(_FIRST + 2) * BLOCK + i] = float32(max(float32(cost - low), _ZERO) * exposure)
        ws[(_FIRST + 3) * BLOCK + i] = float32(max(float32(cost - mid), _ZERO) * exposure)
        ws[(_FIRST + 4) * BLOCK + i] = float32(max(float32(cost - high), _ZERO) * exposure)
        ws[(_FIRST + 5) * BLOCK + i] = float32(max(float32(residual - first), _ZERO) * exposure)
        ws[(_FIRST + 6) * BLOCK + i] = float32(max(float32(residual - second), _ZERO) * exposure)
        ws[(_FIRST + 7) * BLOCK + i] = float32(max(float32(residual - third), _ZERO) * exposure)
        ws[(_FIRST + 8) * BLOCK + i] = float32(score * exposure)
        ws[(_FIRST + 9) * BLOCK + i] = float32(p * exposure)
        ws[(_FIRST + 10) * BLOCK + i] = float32(max(vacant, joined) * present)
        ws[(_FIRST + 11) * BLOCK + i] = float32(left * present)
        ws[(_FIRST + 12) * BLOCK + i] = float32(died * present)
        ws[(_FIRST + N_QUANTITIES) * BLOCK + i] = high_needs


# A row of 512 folds onto 16 lanes as a tree, halves first, then quarters. Lane by lane all of it stays in registers.


@inlined
def _two(row, i):
    return float32(row[i] + row[i + 256])


@inlined
def _two_flagged(row, flag, i):
    return float32(float32(row[i] * flag[i]) + float32(row[i + 256] * flag[i + 256]))


@inlined
def _four(row, i):
    return float32(_two(row, i) + _two(row, i + 128))


@inlined
def _four_flagged(row, flag, i):
    return float32(_two_flagged(row, flag, i) + _two_flagged(row, flag, i + 128))


@inlined
def _eight(row, i):
    return float32(_four(row, i) + _four(row, i + 64))


@inlined
def _eight_flagged(row, flag, i):
    return float32(_four_flagged(row, flag, i) + _four_flagged(row, flag, i + 64))


@inlined
def _sixteen(row, i):
    return float32(_eight(row, i) + _eight(row, i + 32))


@inlined
def _sixteen_flagged(row, flag, i):
    return float32(_eight_flagged(row, flag, i) + _eight_flagged(row, flag, i + 32))


@inlined
def _all(row, i):
    return float32(_sixteen(row, i) + _sixteen(row, i + 16))


@inlined
def _all_flagged(row, flag, i):
    return float32(_sixteen_flagged(row, flag, i) + _sixteen_flagged(row, flag, i + 16))


@kernel
def add_block(ws, totals, split):
    """Add a block's rows to the totals: all persons first, High Needs alone second."""
    flag = ws[(_FIRST + N_QUANTITIES) * BLOCK : (_FIRST + N_QUANTITIES + 1) * BLOCK]
    for q in range(N_QUANTITIES):
        row = ws[(_FIRST + q) * BLOCK : (_FIRST + q + 1) * BLOCK]
        total = totals[0, q]
        for lane in range(LANES):
            total[lane] += float64(_all(row, lane))
        if split:
            high_needs = totals[1, q]
            for lane in range(LANES):
                high_needs[lane] += float64(_all_flagged(row, flag, lane))


@kernel
def start_block(ws, groups, first_slot, population, segment, key0, key1, high_needs_share, pool, n_plain):
    """Start the block's first ``groups`` of 16 persons from the stationary pool, whose plain rows come first."""
    high_below = uint64(np.ceil(high_needs_share * 4294967296.0))
    size_plain, size_high = uint64(n_plain), uint64(pool.size - n_plain)
    for i in range(LANES * groups):
        w0, w1, w2, _ = philox4x32(uint32(first_slot + i), uint32(0), population, segment, key0, key1)
        is_high = uint64(w0) < high_below
        size = size_high if is_high else size_plain
        row = uint32((uint64(w1) * size) >> uint64(32)) + (size_plain if is_high else uint64(0))
        ws[_P * BLOCK + i] = float32(int32(row))  # exact: a pool has fewer than 2**24 rows
        ws[_H * BLOCK + i] = normal32(w2)
        ws[_HN * BLOCK + i] = _ONE if is_high else _ZERO
        ws[_VACANT * BLOCK + i] = _ZERO
    for i in range(LANES * groups):  # apart, because it gathers
        ws[_P * BLOCK + i] = pool[uint64(ws[_P * BLOCK + i])]


@kernel
def simulate_segment(
    out,
    first_population,
    key0,
    key1,
    segment,
    calendar,
    active,
    death_factor,
    exit_rate,
    high_needs_share,
    pool,
    n_plain,
    prm,
    curve,
    split,
):
    """Totals of one segment for a run of populations.

    Parameters
    ----------
    out
        float64, shape (population, year, 2, quantity); the third axis is all persons, then High Needs alone.
    first_population
        Number of the first population: addresses of draws depend on it, not on the chunk.
    calendar
        uint32, shape (year,): calendar years, part of the address.
    active
        int32, shape (population, year): slots in use.
    death_factor, exit_rate
        float32, shape (population, year): systemic factors that touch persons.
    pool, n_plain
        Health of equally likely stationary persons; the first ``n_plain`` are not High Needs.
    """
    n_populations, n_years = out.shape[0], out.shape[1]
    ws = np.zeros(ROWS * BLOCK, dtype=np.float32)
    totals = np.zeros((n_years, 2, N_QUANTITIES, LANES), dtype=np.float64)
    for j in range(n_populations):
        population = uint32(first_population + j)
        totals[:] = 0.0
        most = 0
        for y in range(n_years):
            most = max(most, active[j, y])
        for block in range((most + BLOCK - 1) // BLOCK):
            first_slot = block * BLOCK
            groups = min(BLOCK // LANES, (most - first_slot + LANES - 1) // LANES)  # the last block need not be full
            if groups < BLOCK // LANES:
                ws[:] = _ZERO  # rows are added up whole
            start_block(
                ws,
                groups,
                first_slot,
                population,
                uint32(segment * 16 + STREAM_START),
                key0,
                key1,
                high_needs_share,
                pool,
                n_plain,
            )
            last = 0
            for y in range(n_years):
                if first_slot < active[j, y]:
                    last = y
            for y in range(last + 1):
                block_year(
                    ws, groups, first_slot, calendar[y], population, uint32(segment * 16 + STREAM_YEAR), key0, key1,
                    active[j, max(y - 1, 0)], active[j, y], y > 0, death_factor[j, y], exit_rate[j, y], prm, curve,
                )  # fmt: skip
                add_block(ws, totals[y], split)
        for y in range(n_years):
            for s in range(2):
                for q in range(N_QUANTITIES):
                    total = 0.0
                    for lane in range(LANES):
                        total += totals[y, s, q, lane]
                    out[j, y, s, q] = total
