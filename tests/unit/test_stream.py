"""Results written to a store while a run goes on: the same bits as in memory, complete or absent, in flat memory."""

from __future__ import annotations

import errno
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import leadrisk as lr
from leadrisk.errors import InputError, LeadriskError
from leadrisk.run.chunks import ChunkedArray
from leadrisk.run.job import run
from leadrisk.run.store import digest
from scenario_fixture import small_scenario

ALL = ["lead_global", "mssp_enhanced", "reach_global"]
LEAVING = {"exit_rule": "after_cumulative_loss", "exit_loss_share": 0.02}


def streamed(scenario, path, *, threads=2, block=None, **sizes):
    experience = lr.simulate(scenario, store=path, threads=threads, block=block, **sizes)
    return experience, lr.settle(experience, scenario, store=path, threads=threads, block=block)


@pytest.fixture(scope="module")
def scenario():
    return small_scenario(contract={"entrant": "renewing_mssp", "names": ALL}, participation=LEAVING)


@pytest.fixture(scope="module")
def held(scenario):
    experience = lr.simulate(scenario)
    return experience, lr.settle(experience, scenario)


@pytest.fixture(scope="module")
def opened(scenario, tmp_path_factory):
    return streamed(scenario, tmp_path_factory.mktemp("store") / "run.zarr", block=3)


@pytest.mark.parametrize(("threads", "block"), [(1, None), (2, 1), (2, 5), (4, 64)])
def test_a_store_holds_the_bits_that_memory_holds(scenario, held, tmp_path, threads, block):
    found = streamed(scenario, tmp_path / "run.zarr", threads=threads, block=block)
    for one, other in zip(held, found, strict=True):
        xr.testing.assert_identical(one, other)
        assert one.sizes == other.sizes
        assert list(one.data_vars) == list(other.data_vars)
    assert digest(*found) == digest(*held)


def test_any_program_reads_the_store_as_it_is_labelled(scenario, held, tmp_path):
    streamed(scenario, tmp_path / "run.zarr", block=5)
    for group, labelled in zip(("experience", "settlement"), held, strict=True):
        with xr.open_zarr(tmp_path / "run.zarr", group=group, consolidated=False) as read:
            assert read.attrs == labelled.attrs
            for name in [*labelled.data_vars, *labelled.coords]:
                np.testing.assert_array_equal(read[name].values, labelled[name].values)
                assert read[name].attrs == labelled[name].attrs
            assert all(read[name].dtype == labelled[name].dtype for name in labelled.data_vars)
            assert not read["panel"].encoding["shards"]
    assert sorted(path.name for path in (tmp_path / "run.zarr").iterdir()) == ["experience", "settlement", "zarr.json"]


def test_a_whole_run_says_the_same_from_its_store(scenario, tmp_path):
    from_memory, from_store = run(scenario), run(scenario, store=tmp_path / "run.zarr")
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


def test_a_group_or_a_directory_that_is_there_is_not_replaced(scenario, tmp_path):
    path = tmp_path / "run.zarr"
    lr.simulate(scenario, store=path)
    with pytest.raises(InputError, match="already holds a group 'experience'"):
        lr.simulate(scenario, store=path)
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("mine")
    with pytest.raises(InputError, match="without a Zarr store"):
        lr.simulate(scenario, store=other)
    with pytest.raises(InputError, match="cannot be written"):
        lr.simulate(scenario, store=other / "letter.txt" / "run.zarr")
    assert [entry.name for entry in other.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()], ids=repr)
def test_what_stops_a_run_leaves_nothing_and_no_thread_that_writes(scenario, tmp_path, monkeypatch, error):
    write, stopped = ChunkedArray.write, []

    def full(self, *arguments, **places):
        if len(stopped) < 40:
            stopped.append(time.perf_counter())
        elif len(stopped) == 40:
            stopped.append(time.perf_counter())
            raise error
        else:
            time.sleep(0.05)  # on its way while the other fails
        write(self, *arguments, **places)

    experience = lr.simulate(scenario, store=tmp_path / "run.zarr")
    monkeypatch.setattr(ChunkedArray, "write", full)
    with pytest.raises(type(error)):
        lr.settle(experience, scenario, store=tmp_path / "run.zarr", threads=2, block=2)
    left = {path.name for path in (tmp_path / "run.zarr").iterdir()}
    time.sleep(0.3)
    assert left == {path.name for path in (tmp_path / "run.zarr").iterdir()} == {"experience", "zarr.json"}
    stopped.clear()
    with pytest.raises(type(error)):
        lr.simulate(scenario, store=tmp_path / "made" / "run.zarr", block=1)
    assert not (tmp_path / "made" / "run.zarr").exists()


def test_a_store_that_was_moved_or_damaged_is_told_of(scenario, tmp_path):
    experience = lr.simulate(scenario, store=tmp_path / "run.zarr", block=4)
    file = tmp_path / "run.zarr" / "experience" / "deaths" / "c.1.0.0"
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(LeadriskError, match="damaged"):
        experience["deaths"].load()
    (tmp_path / "run.zarr").rename(tmp_path / "elsewhere.zarr")
    with pytest.raises(LeadriskError, match="moved or deleted"):
        experience["panel"].load()


def peak(scenario, path):
    """Most memory that NumPy and Python held at once from persons to digest and summary, in MB."""
    tracemalloc.start()
    results = streamed(scenario, path, threads=1, block=16)
    digest(*results)
    lr.summarize(results[1])
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e6


def test_memory_hardly_grows_with_the_populations(tmp_path):
    """Numbers of 128 populations are added; in memory they would take all of ``held``."""
    sizes = {"lives": 200, "contract": {"entrant": "renewing_mssp", "names": ["lead_global", "lead_professional"]}}
    few, many = (small_scenario(**sizes, run={"populations": n, "futures": 128, "seed": 1}) for n in (64, 192))
    held = sum(one.nbytes for one in streamed(many, None)) * (1.0 - 64 / 192) / 1e6  # compiles, too
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
