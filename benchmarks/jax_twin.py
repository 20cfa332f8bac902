"""The person model in JAX on the CPU: float32, compiled whole, ``lax.scan`` over years.

Needs jax, which nothing else of the project needs: ``pip install jax``.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

os.environ.setdefault("JAX_PLATFORMS", "cpu")  # read when jax is loaded

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, random

from leadrisk.bench.benchmark_aco import empty_totals, segment_runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.bench.benchmark_aco import SegmentRun
    from leadrisk.scenario.model import Scenario

GENERATORS = ("threefry2x32", "rbg", "unsafe_rbg")
BLOCK = 65_536  # persons at once, small populations together


@partial(jax.jit, static_argnames=("slots", "several"))
def simulate_segment(key, active, death_factor, exit_rate, share, pool, n_plain, k, curve, *, slots, several):
    """Totals of a segment, shape (year, population, category of the segment, quantity)."""
    shape = (active.shape[0], slots)
    start = random.split(key, 4)
    high_needs = random.uniform(start[0], shape) < share
    row = jnp.where(
        high_needs,
        random.randint(start[1], shape, n_plain, jnp.maximum(pool.size, n_plain + 1)),
        random.randint(start[1], shape, 0, n_plain),
    )
    slot = jnp.arange(slots)

    def year(state, told):
        p, h, high_needs, vacant = state
        key, active, before, death_factor, exit_rate, moving = told
        keys = random.split(key, 3)
        n_p, n_h, n_e = random.normal(keys[0], (3, *shape), dtype=jnp.float32)
        u = random.uniform(keys[1], shape, dtype=jnp.float32)
        entrant_high = random.uniform(keys[2], shape, dtype=jnp.float32) < k[5]
        p = jnp.where(vacant, n_p + jnp.where(entrant_high, k[6], k[4]), jnp.where(moving, k[0] * p + k[1] * n_p, p))
        h = jnp.where(vacant, n_h, jnp.where(moving, k[2] * h + k[3] * n_h, h))
        high_needs = jnp.where(vacant, entrant_high, high_needs)
        present = slot < active[:, None]
        entered = (vacant | (slot >= before[:, None])) & present

        hazard = jnp.exp(k[7] * p + k[8])
        death_rate = jnp.minimum(death_factor[:, None] * hazard, 0.5)
        died = u < death_rate
        left = u >= 1.0 - exit_rate[:, None] * (1.0 - death_rate)
        passed = (u >= 0.5) & (u - 0.5 < jnp.minimum(k[9] * hazard * hazard, 0.2))
        exposure = jnp.where(died, u / death_rate, 1.0) * present
        z = k[10] * p + k[11] * n_e + jnp.where(died, k[12], 0.0)
        cost = jnp.where(z > k[15], jnp.exp(jnp.polyval(curve, (jnp.minimum(z, k[16]) - k[13]) * k[14], unroll=8)), 0.0)
        xi = jnp.clip(k[23] * p + k[24] * h, -4.0, 4.0)
        score = jnp.exp(k[25] + xi * (k[26] + k[27] * xi))
        quantities = (
            exposure,
            cost * exposure,
            *(jnp.maximum(cost - k[17 + at], 0.0) * exposure for at in range(3)),
            *(jnp.maximum(cost - score - k[20 + at], 0.0) * exposure for at in range(3)),
            score * exposure,
            p * exposure,
            entered,
            left & present,
            died & present,
        )
        of_all = jnp.stack([jnp.sum(each, axis=1, dtype=jnp.float32) for each in quantities], axis=-1)
        if several:
            of_high = jnp.stack([jnp.sum(each * high_needs, axis=1, dtype=jnp.float32) for each in quantities], axis=-1)
            totals = jnp.stack([of_all - of_high, of_high], axis=1)
        else:
            totals = of_all[:, None]
        return (p, h, high_needs | passed, died | left), totals

    years = active.shape[1]
    before = jnp.concatenate([active[:, :1], active[:, :-1]], axis=1)
    told = (random.split(start[3], years), active.T, before.T, death_factor.T, exit_rate.T, jnp.arange(years) > 0)
    begin = (pool[row], random.normal(start[2], shape, dtype=jnp.float32), high_needs, jnp.zeros(shape, dtype=bool))
    return lax.scan(year, begin, told)[1]


def simulate_jax(
    scenario: Scenario,
    *,
    count: int,
    first: int = 0,
    populations: int | None = None,
    seed: int = 1,
    generator: str = "threefry2x32",
    threads: int = 1,
    block: int = BLOCK,
) -> NDArray[np.float64]:
    """Totals of populations as ``numpy_twin.simulate_numpy`` returns them.

    Parameters
    ----------
    generator
        One of ``GENERATORS``; the first is JAX's default.
    threads
        Blocks handed to JAX at a time; JAX itself may use further threads inside one.
    block
        Persons of a block.
    """
    totals = empty_totals(count, len(scenario.horizon.years))
    runs = segment_runs(scenario, first=first, count=count, populations=populations or first + count, seed=seed)
    key = random.key(seed, impl=generator)
    jobs = []
    for number, run in enumerate(runs):
        slots = -(-int(run.active.max()) // 512) * 512  # few shapes, so few compilations
        together = max(1, block // slots)
        jobs += [
            (run, slots, slice(j, j + together), random.fold_in(key, (first + j) * len(runs) + number))
            for j in range(0, count, together)
        ]
    with ThreadPoolExecutor(threads) as pool:
        for run, rows, found in pool.map(lambda job: _of_rows(*job), jobs):
            totals[rows][:, :, run.categories] = found
    return totals


def _of_rows(run: SegmentRun, slots: int, rows: slice, key: jax.Array) -> tuple:
    segment = run.segment
    found = simulate_segment(
        key, run.active[rows], run.death_factor[rows], run.exit_rate[rows], segment.high_needs_share, segment.pool,
        segment.n_plain, segment.parameters, segment.curve, slots=slots, several=len(run.categories) > 1,
    )  # fmt: skip
    return run, rows, np.asarray(found).swapaxes(0, 1)
