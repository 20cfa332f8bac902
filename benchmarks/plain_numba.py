"""The person model as one obvious Numba loop: a person at a time, ``np.random.Generator``, ``math.exp``."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from leadrisk.bench.benchmark_aco import empty_totals, segment_runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.scenario.model import Scenario


@njit(nogil=True)
def simulate_segment(
    out, active, death_factor, exit_rate, share, pool, n_plain, k, curve, plain_category, high_category, draw
):
    """Totals of a segment, added to ``out`` of shape (population, year, category, quantity)."""
    for j in range(active.shape[0]):
        for slot in range(active[j].max()):
            high_needs = draw.random() < share
            if high_needs:
                p = pool[n_plain + int(draw.random() * (pool.size - n_plain))]
            else:
                p = pool[int(draw.random() * n_plain)]
            h = draw.standard_normal()
            vacant = False
            for t in range(active.shape[1]):
                if vacant:
                    high_needs = draw.random() < k[5]
                    p = draw.standard_normal() + (k[6] if high_needs else k[4])
                    h = draw.standard_normal()
                elif t > 0:
                    p = k[0] * p + k[1] * draw.standard_normal()
                    h = k[2] * h + k[3] * draw.standard_normal()
                u = draw.random()
                hazard = math.exp(k[7] * p + k[8])
                death_rate = min(death_factor[j, t] * hazard, 0.5)
                died = u < death_rate
                left = u >= 1.0 - exit_rate[j, t] * (1.0 - death_rate)
                passed = 0.5 <= u < 0.5 + min(k[9] * hazard * hazard, 0.2)
                z = k[10] * p + k[11] * draw.standard_normal()
                if died:
                    z += k[12]
                cost = 0.0
                if z > k[15]:
                    x = (min(z, k[16]) - k[13]) * k[14]
                    y = curve[0]
                    for coefficient in curve[1:]:
                        y = y * x + coefficient
                    cost = math.exp(y)
                xi = min(max(k[23] * p + k[24] * h, -4.0), 4.0)
                score = math.exp(k[25] + xi * (k[26] + k[27] * xi))
                if slot < active[j, t]:
                    exposure = u / death_rate if died else 1.0
                    total = out[j, t, high_category if high_needs else plain_category]
                    total[0] += exposure
                    total[1] += cost * exposure
                    for at in range(3):
                        total[2 + at] += max(cost - k[17 + at], 0.0) * exposure
                        total[5 + at] += max(cost - score - k[20 + at], 0.0) * exposure
                    total[8] += score * exposure
                    total[9] += p * exposure
                    total[10] += vacant or slot >= active[j, max(t - 1, 0)]
                    total[11] += left
                    total[12] += died
                high_needs = high_needs or passed
                vacant = died or left


def simulate_plain(
    scenario: Scenario, *, count: int, first: int = 0, populations: int | None = None, seed: int = 1, threads: int = 1
) -> NDArray[np.float64]:
    """Totals of populations as ``numpy_twin.simulate_numpy`` returns them, simulated on several threads."""
    totals = empty_totals(count, len(scenario.horizon.years))
    runs = segment_runs(scenario, first=first, count=count, populations=populations or first + count, seed=seed)

    def work(rows: slice) -> None:
        draw = np.random.Generator(np.random.PCG64([seed, first + rows.start]))
        for run in runs:
            segment = run.segment
            simulate_segment(
                totals[rows], run.active[rows], run.death_factor[rows], run.exit_rate[rows], segment.high_needs_share,
                segment.pool, segment.n_plain, segment.parameters.astype(float), segment.curve.astype(float),
                run.categories[0], run.categories[-1], draw,
            )  # fmt: skip

    bounds = np.linspace(0, count, threads + 1).astype(int)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, [slice(start, stop) for start, stop in pairwise(bounds)]))
    return totals
