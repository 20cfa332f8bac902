"""Digest and summary of a run hang on scenario, sizes and seed alone: on no thread, block, processor or library."""

from __future__ import annotations

import pytest
import xarray as xr

import leadrisk as lr
from leadrisk.experience.simulate import simulate_block
from leadrisk.run.check import persons_sha256
from leadrisk.run.store import digest
from leadrisk.scenario.load import load_scenario
from reference.benchmark_module import benchmark_module

POPULATIONS, FUTURES = 12, 16
table = benchmark_module("digest_table")


@pytest.fixture(scope="module")
def scenario():
    size = {"cohort.lives": 600, "run.populations": POPULATIONS, "run.futures": FUTURES}
    return load_scenario(table.BASELINE, overlays=table.EVERYTHING, set=size)


@pytest.fixture(scope="module")
def experience(scenario):
    return lr.simulate(scenario, threads=1)


@pytest.fixture(scope="module")
def settlement(experience, scenario):
    return lr.settle(experience, scenario, threads=1)


def test_the_scenario_has_everything_in_it(scenario, experience, settlement):
    assert settlement.sizes["contract"] == 6
    assert scenario.stop_loss.elected
    assert scenario.uncertainty.names
    assert scenario.dependence.correlation["efficiency"]["score_growth"] == 0.3
    assert bool(experience["pandemic"].any())
    assert float(experience["person_years"].sel(category="high_needs").min()) > 0.0
    assert (abs(settlement["net_settlement"]).max(("population", "future", "year")) > 0.0).all()


@pytest.mark.parametrize(("threads", "block"), [(1, 1), (2, 5), (3, 100)])
def test_threads_and_blocks_of_persons_do_not_matter(scenario, experience, settlement, threads, block):
    again = lr.simulate(scenario, threads=threads, block=block)
    assert digest(again, settlement) == digest(experience, settlement)


@pytest.mark.parametrize(("threads", "block"), [(1, 1), (2, 5), (3, 100)])
def test_threads_and_blocks_of_futures_do_not_matter(scenario, experience, settlement, threads, block):
    again = lr.settle(experience, scenario, threads=threads, block=block)
    assert digest(experience, again) == digest(experience, settlement)
    if block == 1:
        assert lr.summarize(again) == lr.summarize(settlement)


def test_order_of_work_does_not_matter(scenario, experience, settlement):
    """Blocks of unequal sizes, last first, after a run of another scenario."""
    other = load_scenario(table.BEFORE, set={"cohort.lives": 500})
    lr.simulate(other, populations=4, seed=5)
    cuts = [(9, 3), (2, 7), (0, 2)]
    parts = [
        simulate_block(scenario, first=first, count=count, populations=POPULATIONS, seed=scenario.run.seed)
        for first, count in cuts
    ]
    joined = xr.concat(
        parts[::-1], dim="population", data_vars="minimal", coords="minimal", compat="override", join="override"
    ).assign_attrs(seed=str(scenario.run.seed), populations=POPULATIONS, persons_sha256=persons_sha256(scenario))
    assert digest(joined, lr.settle(joined, scenario)) == digest(experience, settlement)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("kernels")


@pytest.fixture(scope="module")
def unchanged(cache):
    return table.measured(table.Change("nothing"), cache=cache, populations=8, futures=16)


@pytest.mark.slow
@pytest.mark.parametrize("change", table.all_at_once(), ids=["haswell", "generic"])
def test_processor_libraries_threads_and_hash_seed_do_not_matter(unchanged, cache, change):
    assert table.measured(change, cache=cache, populations=8, futures=16) == unchanged
