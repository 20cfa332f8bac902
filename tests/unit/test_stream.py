"""Results written to a store while a run goes on: the same bits as in memory, complete or absent, in flat memory."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import leadrisk as lr
from leadrisk.errors import LeadriskError
from leadrisk.run.executors import Threads
from leadrisk.run.job import run
from leadrisk.run.resumable import run_in_directory
from leadrisk.run.store import RESULTS, digest
from run_fixture import streamed
from scenario_fixture import small_scenario

ALL = ["lead_global", "mssp_enhanced", "reach_global"]
LEAVING = {"exit_rule": "after_cumulative_loss", "exit_loss_share": 0.02}


@pytest.fixture(scope="module")
def scenario():
    return small_scenario(contract={"entrant": "renewing_mssp", "names": ALL}, participation=LEAVING)


@pytest.fixture(scope="module")
def held(scenario):
    return in_memory(scenario)


@pytest.fixture(scope="module")
def opened(scenario, tmp_path_factory):
    return streamed(scenario, tmp_path_factory.mktemp("store"), chunk=3)


@pytest.mark.parametrize(("threads", "chunk"), [(1, None), (2, 1), (2, 5), (4, 64)])
def test_a_store_holds_the_bits_that_memory_holds(scenario, held, tmp_path, threads, chunk):
    found = streamed(scenario, tmp_path, threads=threads, chunk=chunk)
    for one, other in zip(held, found, strict=True):
        xr.testing.assert_identical(one, other)
        assert one.sizes == other.sizes
        assert set(one.data_vars) == set(other.data_vars)
    assert digest(*found) == digest(*held)


def test_any_program_reads_the_store_as_it_is_labelled(scenario, held, tmp_path):
    streamed(scenario, tmp_path, chunk=5)
    store = tmp_path / RESULTS
    for (group, labelled), consolidated in product(zip(("experience", "settlement"), held, strict=True), (False, None)):
        with xr.open_zarr(store, group=group, consolidated=consolidated) as read:
            assert read.attrs == labelled.attrs
            for name in [*labelled.data_vars, *labelled.coords]:
                np.testing.assert_array_equal(read[name].values, labelled[name].values)
                assert read[name].attrs == labelled[name].attrs
            assert all(read[name].dtype == labelled[name].dtype for name in labelled.data_vars)
            assert not read["panel"].encoding["shards"]
    assert sorted(path.name for path in store.iterdir()) == ["experience", "settlement", "zarr.json"]


def test_a_whole_run_says_the_same_from_its_store(scenario, tmp_path):
    from_memory = run(scenario)
    from_store = run_in_directory(scenario, tmp_path, executor=Threads(2))
    assert from_store.summary == from_memory.summary
    assert from_store.manifest["digest"] == from_memory.manifest["digest"]


def keys(extent):
    bound = st.none() | st.integers(-extent - 2, extent + 2)
    step = st.none() | st.integers(1, 7)
    return st.integers(-extent, extent - 1) | st.builds(slice, bound, bound, step)


@given(st.tuples(*map(keys, (3, 16, 8, 3))))
def test_any_part_is_read_as_it_was_written(held, opened, key):
    np.testing.assert_array_equal(
        opened[1]["net_settlement"].variable[key].values, held[1]["net_settlement"].variable[key].values
    )


def test_nothing_that_was_read_is_kept(opened):
    settlement = opened[1]
    before = settlement["expenditure"].values
    assert settlement["expenditure"].values is not before
    assert not settlement["expenditure"].variable._in_memory


def test_a_store_that_was_moved_or_damaged_is_told_of(scenario, tmp_path):
    experience, _ = streamed(scenario, tmp_path, chunk=4)
    file = tmp_path / RESULTS / "experience" / "deaths" / "c.1.0.0"
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(LeadriskError, match="damaged"):
        experience["deaths"].load()
    (tmp_path / RESULTS).rename(tmp_path / "elsewhere.zarr")
    with pytest.raises(LeadriskError, match="moved or deleted"):
        experience["panel"].load()


def in_memory(scenario):
    experience = lr.simulate(scenario)
    return experience, lr.settle(experience, scenario)


def peak(scenario, path):
    """Most memory that NumPy and Python held at once from persons to digest and summary, in MB."""
    tracemalloc.start()
    results = streamed(scenario, path, threads=1, chunk=16)
    digest(*results)
    lr.summarize(results[1])
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e6


def test_memory_hardly_grows_with_the_populations(tmp_path):
    """Numbers of 128 populations are added; in memory they would take all of ``held``."""
    sizes = {"lives": 200, "contract": {"entrant": "renewing_mssp", "names": ["lead_global", "lead_professional"]}}
    few, many = (small_scenario(**sizes, run={"populations": n, "futures": 128, "seed": 1}) for n in (64, 192))
    held = sum(one.nbytes for one in in_memory(many)) * (1.0 - 64 / 192) / 1e6  # compiles, too
    peak(few, tmp_path / "first.zarr")
    grown = peak(many, tmp_path / "many.zarr") - peak(few, tmp_path / "few.zarr")
    assert held > 10.0
    assert grown < 0.25 * held


BILLION_TENTH = """
from pathlib import Path
import leadrisk as lr

scenario = lr.load_scenario("scenarios/baseline.toml", set={"cohort.lives": 10_000})
lr.simulate(scenario, populations=16)
lr.simulate(scenario, populations=770)
status = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
print(int(status["VmHWM"].split()[0]) / 1024)
"""


@pytest.mark.slow
def test_a_hundred_million_beneficiary_years_take_less_than_600_mb():
    """Compiled before, as after ``leadrisk warmup``; the experience of the billion would be 30 MB more."""
    root = Path(__file__).resolve().parents[2]
    for _ in range(2):  # the first may compile, which takes memory of its own
        done = subprocess.run(
            [sys.executable, "-c", BILLION_TENTH], cwd=root, capture_output=True, text=True, check=True
        )
    assert float(done.stdout) < 570.0
