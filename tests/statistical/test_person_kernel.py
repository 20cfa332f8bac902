"""The person kernel against its float64 twin, person by person and in its totals, and what it must reproduce."""

from __future__ import annotations

import numpy as np
import pytest

from leadrisk.experience import person_kernel
from leadrisk.experience.person_kernel import BLOCK, LANES, N_QUANTITIES, QUANTITIES, ROWS, simulate_segment
from leadrisk.experience.philox import STREAM_START, STREAM_YEAR
from leadrisk.experience.stationary import ESRD, LAYER_ATTACHMENTS, MAIN, segments
from reference.person_twin import simulate_persons
from scenario_fixture import small_scenario

YEARS = list(range(2024, 2034))
ACTIVE = [700, 700, 700, 700, 650, 600, 720, 800, 760, 900]
DEATH = [1.0, 1.0, 1.0, 1.1, 0.9, 1.0, 1.3, 1.0, 1.0, 1.0]
RESIDUALS = [f"residual_{layer}" for layer in LAYER_ATTACHMENTS]
EXIT = [0.13, 0.13, 0.13, 0.12, 0.14, 0.2, 0.1, 0.13, 0.13, 0.13]


@pytest.fixture(scope="module")
def parts():
    return segments(small_scenario(lives=5_000))


def run_kernel(segment, number, *, populations=1, active=ACTIVE, death=DEATH, leave=EXIT, first=7, seed=(5, 3)):
    years = np.array(YEARS[: len(active)], dtype=np.uint32)
    out = np.zeros((populations, len(active), 2, N_QUANTITIES))
    simulate_segment(
        out, first, np.uint32(seed[0]), np.uint32(seed[1]), number, years,
        np.tile(np.array(active, dtype=np.int32), (populations, 1)),
        np.tile(np.array(death, dtype=np.float32), (populations, 1)),
        np.tile(np.array(leave, dtype=np.float32), (populations, 1)),
        segment.high_needs_share, segment.pool, segment.n_plain, segment.parameters, segment.curve,
        segment.high_needs_share > 0,
    )  # fmt: skip
    return out


def twin_totals(persons):
    out = np.zeros((len(persons), 2, N_QUANTITIES))
    for t, year in enumerate(persons):
        values = {
            "exposure": year.exposure, "expenditure": year.cost * year.exposure, "score": year.score * year.exposure,
            "health": year.health * year.exposure, "entries": year.entered, "exits": year.left, "deaths": year.died,
            **dict(zip(RESIDUALS, year.residual_excess * year.exposure, strict=True)),
        }  # fmt: skip
        for name, value in values.items():
            out[t, 0, QUANTITIES.index(name)] = value.sum()
            out[t, 1, QUANTITIES.index(name)] = value[year.high_needs].sum()
    return out


@pytest.mark.parametrize("number", [MAIN, ESRD])
def test_totals_agree_with_the_twin(parts, number):
    segment = parts[number]
    persons = simulate_persons(
        segment, number=number, population=7, seed=5 + (3 << 32), years=YEARS, active=ACTIVE, death_factor=DEATH,
        exit_rate=EXIT,
    )  # fmt: skip
    ours, twin = run_kernel(segment, number)[0], twin_totals(persons)
    kept = [QUANTITIES.index(name) for name in ("exposure", "expenditure", "score", "entries", "exits", "deaths")]
    np.testing.assert_allclose(ours[..., kept], twin[..., kept], rtol=2e-4, atol=2e-3)
    kept = [QUANTITIES.index(name) for name in RESIDUALS]
    np.testing.assert_allclose(ours[..., kept], twin[..., kept], rtol=1e-3, atol=2e-2)
    assert twin[:, 0, kept[0]].sum() > 1.0  # something to compare


def test_persons_agree_one_by_one(parts):
    """Read the kernel's workspace after each year and compare every slot's state and result."""
    segment = parts[MAIN]
    persons = simulate_persons(
        segment, number=MAIN, population=3, seed=11, years=YEARS, active=[BLOCK] * len(YEARS), death_factor=DEATH,
        exit_rate=EXIT,
    )  # fmt: skip
    ws = np.zeros(ROWS * BLOCK, dtype=np.float32)
    key = (np.uint32(11), np.uint32(0))
    population = np.uint32(3)
    start = np.uint32(MAIN * 16 + STREAM_START)
    person_kernel.start_block(
        ws, BLOCK // LANES, 0, population, start, *key, segment.high_needs_share, segment.pool, segment.n_plain
    )  # fmt: skip
    compared = np.ones(BLOCK, dtype=bool)
    for t, year in enumerate(persons):
        person_kernel.block_year(
            ws, BLOCK // LANES, 0, np.uint32(YEARS[t]), population, np.uint32(MAIN * 16 + STREAM_YEAR), *key,
            np.int32(BLOCK), np.int32(BLOCK), t > 0, np.float32(DEATH[t]), np.float32(EXIT[t]),
            segment.parameters, segment.curve,
        )  # fmt: skip
        rows = ws.reshape(ROWS, BLOCK)
        compared &= year.margin > 1e-5  # where float32 and float64 may fall on either side of a threshold
        same = compared
        np.testing.assert_allclose(rows[0][same], year.health[same], atol=2e-5)
        np.testing.assert_allclose(rows[1][same], year.coding[same], atol=2e-5)
        np.testing.assert_allclose(rows[4][same], year.exposure[same], rtol=2e-4)
        np.testing.assert_allclose(rows[5][same], (year.cost * year.exposure)[same], rtol=5e-4, atol=1e-6)
        excess = (year.residual_excess * year.exposure)[:, same]
        np.testing.assert_allclose(rows[9:12][:, same], excess, rtol=1e-3, atol=2e-2)
        np.testing.assert_allclose(rows[12][same], (year.score * year.exposure)[same], rtol=3e-4)
        np.testing.assert_array_equal(rows[17][same] > 0, year.high_needs[same])
        np.testing.assert_array_equal(rows[16][same] > 0, year.died[same])
    assert compared.mean() > 0.95


def test_populations_do_not_depend_on_where_a_chunk_begins(parts):
    whole = run_kernel(parts[MAIN], MAIN, populations=4, first=10)
    alone = run_kernel(parts[MAIN], MAIN, populations=1, first=12)
    np.testing.assert_array_equal(whole[2], alone[0])


def test_no_more_persons_are_worked_through_than_may_be_needed(parts):
    """A last block of 37 slots and a whole one have the same sums: who is not in the panel counts nowhere."""
    few = [BLOCK + 37] * len(YEARS)
    short = run_kernel(parts[MAIN], MAIN, populations=2, first=5, active=few)
    later = run_kernel(parts[MAIN], MAIN, populations=2, first=5, active=[*few[:-1], 2 * BLOCK])
    np.testing.assert_array_equal(short[:, :-1], later[:, :-1])


# Targets V7, V8, V10, V14, V15 and the traps of model_parameters.md §5, on a large population.


@pytest.fixture(scope="module")
def run(parts):
    return run_kernel(
        parts[MAIN], MAIN, populations=64, active=[5_000] * 10, death=[1.0] * 10, leave=[0.13] * 10, first=0
    )


@pytest.fixture(scope="module")
def persons(parts):
    return simulate_persons(
        parts[MAIN], number=MAIN, population=0, seed=1, years=YEARS[:4], active=[200_000] * 4, death_factor=[1.0] * 4,
        exit_rate=[0.13] * 4,
    )  # fmt: skip


def rate(run, name, year):
    return run[:, year, 0, QUANTITIES.index(name)].sum() / run[:, year, 0, 0].sum()


def test_cost_does_not_drift(run):
    first, last = rate(run, "expenditure", 0), rate(run, "expenditure", 9)
    assert abs(last / first - 1) < 0.01  # a fresh start loses 18 % in seven years
    assert abs(first - 1) < 0.01


def test_score_has_mean_one(run):
    assert abs(rate(run, "score", 0) - 1) < 0.01


def test_exposure_and_retention(run):
    lives = 64 * 5_000
    assert run[:, 5, 0, 0].sum() / lives == pytest.approx(0.979, abs=0.003)  # V14
    leavers = run[:, 5, 0, [QUANTITIES.index("deaths"), QUANTITIES.index("exits")]].sum() / lives
    assert 1 - leavers == pytest.approx(0.82, abs=0.04)  # V15


def test_high_needs_prevalence_holds(run):
    share = run[:, :, 1, 0].sum(axis=0) / run[:, :, 0, 0].sum(axis=0)
    assert np.all(np.abs(share - 0.1 / 0.996) < 0.004)


def test_lorenz_shares(persons):
    cost = np.sort(np.concatenate([(y.cost * y.exposure)[y.exposure > 0] for y in persons]))[::-1]
    shares = np.cumsum(cost) / cost.sum()
    for top, target, tolerance in (
        (0.01, 14.9, 1.5),
        (0.05, 41.5, 2.5),
        (0.10, 60.0, 3.0),
        (0.20, 79.0, 3.0),
    ):
        assert 100 * shares[int(top * cost.size)] == pytest.approx(target, abs=tolerance)  # V7


def test_p99_and_score_r2(persons):
    year = persons[1]
    order = np.argsort(year.cost)
    rank = np.cumsum(year.exposure[order]) / year.exposure.sum()
    assert year.cost[order][np.searchsorted(rank, 0.99)] == pytest.approx(12.0, rel=0.15)  # V8
    weights = year.exposure
    cost, score = (x - np.average(x, weights=weights) for x in (year.cost, year.score))
    r2 = np.average(cost * score, weights=weights) ** 2 / (
        np.average(cost**2, weights=weights) * np.average(score**2, weights=weights)
    )
    assert r2 == pytest.approx(0.12, abs=0.02)  # V10


def test_single_year_noise_scales_with_size(run):
    cost = run[:, :, 0, 1] / run[:, :, 0, 0]
    sigma = cost.std(axis=0, ddof=1).mean() * np.sqrt(5_000)
    assert 1.9 < sigma < 2.5  # untruncated; the prototype had 2.10-2.15


def test_growth_of_the_panel_leaves_the_mix_of_persons_alone(parts):
    """Who joins with a growing list has lived like everyone else; only leavers are followed by fresh entrants."""
    steady, grown = (
        run_kernel(parts[MAIN], MAIN, populations=64, active=active, death=[1.0] * 10, leave=[0.13] * 10, first=0).sum(
            axis=0
        )
        for active in ([4_000] * 10, [4_000, 4_000, 4_000, 5_000, 6_000, 7_000, 8_000, 8_000, 8_000, 8_000])
    )
    health = [total[:, 0, QUANTITIES.index("health")] / total[:, 0, 0] for total in (steady, grown)]
    np.testing.assert_allclose(health[1], health[0], atol=0.008)  # as fresh entrants they would lift it by 0.04
    assert grown[3, 0, QUANTITIES.index("entries")] - steady[3, 0, QUANTITIES.index("entries")] == 64 * 1_000
