"""The person model as a good NumPy programmer writes it: the vectorised rival of the person kernel.

Float32 arrays of a block of persons, reused with ``out=``; NumPy's fastest generator (SFC64, ziggurat normals) and its
own vectorised ``exp``; what touches few persons (deaths, entrants, costs beyond an attachment) is done on their numbers
alone; sums weighted by exposure are one matrix product. It draws other numbers than the engine, so the two agree in
distribution, year by year, which a test checks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leadrisk.bench.benchmark_aco import empty_totals, segment_runs
from leadrisk.experience.person_kernel import PARAMETERS, QUANTITIES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from leadrisk.bench.benchmark_aco import SegmentRun
    from leadrisk.experience.stationary import Segment
    from leadrisk.scenario.model import Scenario

    Float32 = NDArray[np.float32]
    Numbers = NDArray[np.int64]
    Parameters = Mapping[str, np.float32]

BLOCK = 131_072  # persons: smaller blocks fit nearer caches, but each call of a function has its price
_ZERO, _HALF, _ONE = np.float32(0.0), np.float32(0.5), np.float32(1.0)
_MOST_DEATH, _MOST_PASSAGE, _WIDEST_SCORE = np.float32(0.5), np.float32(0.2), np.float32(4.0)
_WEIGHTED = tuple(QUANTITIES.index(name) for name in ("exposure", "expenditure", "score", "health"))
_EXCESS = ("low", "mid", "high")
_RESIDUAL = ("first", "second", "third")


class _Persons(NamedTuple):
    """Arrays of shape (population, slot): states, results of the year, and scratch."""

    ones: Float32
    cost: Float32
    score: Float32
    health: Float32
    exposure: Float32
    high_exposure: Float32
    coding: Float32
    high_needs: Float32
    uniform: Float32
    normal: Float32
    hazard: Float32
    scratch: Float32


def simulate_numpy(
    scenario: Scenario, *, count: int, first: int = 0, populations: int | None = None, seed: int = 1, block: int = BLOCK
) -> NDArray[np.float64]:
    """Totals of populations ``first`` to ``first + count - 1``, simulated with NumPy alone.

    Parameters
    ----------
    populations
        Populations of the whole run, over which the panel's growth is stratified; default: up to the last one.
    block
        Persons handled at once: small populations together, large ones in parts.

    Returns
    -------
    ndarray
        float64, shape (population, year, category, quantity), quantities as in ``person_kernel.QUANTITIES``.

    Examples
    --------
    >>> from leadrisk.bench.benchmark_aco import benchmark_aco
    >>> simulate_numpy(benchmark_aco(lives=500), count=4).shape
    (4, 13, 3, 13)
    """
    totals = empty_totals(count, len(scenario.horizon.years))
    generator = np.random.Generator(np.random.SFC64([seed, first]))
    for run in segment_runs(scenario, first=first, count=count, populations=populations or first + count, seed=seed):
        slots = int(run.active.max())
        together = max(1, block // slots)
        for j in range(0, count, together):
            rows = slice(j, min(j + together, count))
            for slot in range(0, slots, block):
                _simulate_block(totals[rows], run, rows, slot, min(block, slots - slot), generator)
    return totals


def _simulate_block(
    totals: NDArray[np.float64], run: SegmentRun, rows: slice, first: int, size: int, generator: np.random.Generator
) -> None:
    """All years of some slots of some populations, added to their totals."""
    k: Parameters = dict(zip(PARAMETERS, run.segment.parameters, strict=True))
    active, death_factor, exit_rate = run.active[rows], run.death_factor[rows, :, None], run.exit_rate[rows, :, None]
    n, groups = len(active), len(run.categories)
    arrays = np.empty((12, n, size), dtype=np.float32)
    persons = _Persons(*arrays)
    weighted, weights = arrays[:4].transpose(1, 0, 2), arrays[4:6].transpose(1, 2, 0)
    high_needs = persons.high_needs.reshape(-1)

    def counted(at: Numbers, values: Float32 | None = None) -> NDArray[np.float64]:
        """Persons, or their values, by population and category."""
        group = at // size * 2 + high_needs[at].astype(np.int64)
        return np.bincount(group, values, minlength=2 * n).reshape(n, 2)[:, :groups].astype(np.float64, copy=False)

    _start(persons, run.segment, generator)
    persons.ones[:] = 1.0
    slots = np.arange(first, first + size, dtype=np.int32)
    vacant = np.zeros((n, size), dtype=bool)
    for t in range(active.shape[1]):
        if first >= active[:, t:].max():
            break
        year = totals[:, t, run.categories]
        if t > 0:
            _move(persons, np.flatnonzero(vacant), k, generator)
        present = slots < active[:, t, None]
        vacant |= slots >= active[:, max(t - 1, 0), None]
        vacant &= present
        year[..., QUANTITIES.index("entries")] += counted(np.flatnonzero(vacant))

        died, left, reached = _events(persons, death_factor[:, t], exit_rate[:, t], k, generator, passage=groups > 1)
        _expose(persons, np.flatnonzero(died), present, death_factor[:, t])
        _incur(persons, np.flatnonzero(died), run.segment, k, generator)
        _report(persons, k)

        sums = np.matmul(weighted, weights)
        sums[..., 0] -= sums[..., 1] if groups > 1 else 0.0
        year[..., _WEIGHTED] += sums[..., :groups].transpose(0, 2, 1)
        _add_excess(year, persons.cost, persons.exposure, "excess", {w: k[f"attachment_{w}"] for w in _EXCESS}, counted)
        residual = np.subtract(persons.cost, persons.score, out=persons.scratch)
        _add_excess(year, residual, persons.exposure, "residual", {w: k[f"layer_{w}"] for w in _RESIDUAL}, counted)
        year[..., QUANTITIES.index("exits")] += counted(np.flatnonzero(left & present))
        year[..., QUANTITIES.index("deaths")] += counted(np.flatnonzero(died & present))
        totals[:, t, run.categories] = year

        high_needs[reached] = 1.0
        vacant = np.logical_or(died, left, out=vacant)


def _start(persons: _Persons, segment: Segment, generator: np.random.Generator) -> None:
    """Persons of the stationary population."""
    shape = persons.health.shape
    high = generator.random(shape, dtype=np.float32) < segment.high_needs_share
    plain = generator.integers(0, segment.n_plain, shape, dtype=np.int32)
    needy = generator.integers(segment.n_plain, max(len(segment.pool), segment.n_plain + 1), shape, dtype=np.int32)
    persons.high_needs[:] = high
    np.take(segment.pool, np.where(high, needy, plain), out=persons.health)
    generator.standard_normal(dtype=np.float32, out=persons.coding)


def _move(persons: _Persons, vacant: Numbers, k: Parameters, generator: np.random.Generator) -> None:
    """Health and coding of the next year; entrants take the slots of those who died or left."""
    high = generator.random(vacant.size, dtype=np.float32) < k["entrant_high_needs_share"]
    entrant_health = np.where(high, k["entrant_high_needs_health"], k["entrant_health_mean"])
    persons.high_needs.reshape(-1)[vacant] = high
    for name, start in (("health", entrant_health), ("coding", _ZERO)):
        state, normal = getattr(persons, name), persons.normal
        generator.standard_normal(dtype=np.float32, out=normal)
        entrant = normal.reshape(-1)[vacant] + start
        normal *= k[f"{name}_innovation"]
        state *= k[f"{name}_persistence"]
        state += normal
        state.reshape(-1)[vacant] = entrant


def _events(
    persons: _Persons,
    death_factor: Float32,
    exit_rate: Float32,
    k: Parameters,
    generator: np.random.Generator,
    *,
    passage: bool,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Numbers]:
    """Who dies, who leaves, and the numbers of those who come to have High Needs, from one uniform."""
    u, hazard, scratch = persons.uniform, persons.hazard, persons.scratch
    generator.random(dtype=np.float32, out=u)
    np.multiply(persons.health, k["death_slope"], out=hazard)
    hazard += k["death_log_level"]
    np.exp(hazard, out=hazard)
    np.multiply(hazard, death_factor, out=scratch)
    np.minimum(scratch, _MOST_DEATH, out=scratch)
    died = u < scratch
    scratch *= exit_rate
    scratch += _ONE - exit_rate
    left = u >= scratch
    if not passage:
        return died, left, np.zeros(0, dtype=np.int64)
    np.multiply(hazard, hazard, out=scratch)
    scratch *= k["high_needs_rate"]
    np.minimum(scratch, _MOST_PASSAGE, out=scratch)
    scratch += _HALF
    reached = u < scratch
    reached &= u >= _HALF
    return died, left, np.flatnonzero(reached)


def _expose(persons: _Persons, dead: Numbers, present: NDArray[np.bool_], death_factor: Float32) -> None:
    """Part of the year that each person is aligned and alive."""
    np.copyto(persons.exposure, present)
    factor = np.broadcast_to(death_factor, present.shape)[dead // present.shape[1], 0]
    rate = np.minimum(persons.hazard.reshape(-1)[dead] * factor, _MOST_DEATH)
    persons.exposure.reshape(-1)[dead] *= persons.uniform.reshape(-1)[dead] / rate
    np.multiply(persons.exposure, persons.high_needs, out=persons.high_exposure)


def _incur(persons: _Persons, dead: Numbers, segment: Segment, k: Parameters, generator: np.random.Generator) -> None:
    """Annualised cost in units of the segment's mean."""
    z, cost, normal = persons.scratch, persons.cost, persons.normal
    generator.standard_normal(dtype=np.float32, out=normal)
    normal *= k["latent_shock_weight"]
    np.multiply(persons.health, k["latent_health_weight"], out=z)
    z += normal
    z.reshape(-1)[dead] += k["decedent_shift"]
    nothing = z <= k["curve_lowest"]
    np.minimum(z, k["curve_highest"], out=z)
    z -= k["curve_centre"]
    z *= k["curve_inverse_width"]
    np.multiply(z, segment.curve[0], out=cost)
    for coefficient in segment.curve[1:-1]:
        cost += coefficient
        cost *= z
    cost += segment.curve[-1]
    np.exp(cost, out=cost)
    cost[nothing] = 0.0


def _report(persons: _Persons, k: Parameters) -> None:
    """Risk score."""
    xi, score = persons.scratch, persons.score
    np.multiply(persons.health, k["score_health_weight"], out=xi)
    np.multiply(persons.coding, k["score_coding_weight"], out=score)
    xi += score
    np.clip(xi, -_WIDEST_SCORE, _WIDEST_SCORE, out=xi)
    np.multiply(xi, k["score_curvature"], out=score)
    score += k["score_slope"]
    score *= xi
    score += k["score_intercept"]
    np.exp(score, out=score)


def _add_excess(
    year: NDArray[np.float64],
    amount: Float32,
    exposure: Float32,
    kind: str,
    attachments: Mapping[str, np.float32],
    counted: Callable[[Numbers, Float32], NDArray[np.float64]],
) -> None:
    """Excess over each attachment of those few who are beyond the lowest."""
    beyond = np.flatnonzero(amount > min(attachments.values()))
    amounts, exposed = amount.reshape(-1)[beyond], exposure.reshape(-1)[beyond]
    for name, attachment in attachments.items():
        excess = np.maximum(amounts - attachment, _ZERO) * exposed
        year[..., QUANTITIES.index(f"{kind}_{name}")] += counted(beyond, excess)
