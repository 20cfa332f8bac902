"""What becomes of a finished run whose files are not what was written: refused by readers, mended by --resume."""

from __future__ import annotations

import os
import shutil

import pytest

import leadrisk as lr
from leadrisk.errors import InputError
from leadrisk.report.whole_run import run_scenario
from leadrisk.run.executors import Threads
from leadrisk.run.export import export
from leadrisk.run.resumable import complete_run, run_directory, run_in_directory
from leadrisk.run.store import write_json
from scenario_fixture import small_scenario

SCENARIO = small_scenario()
LABEL = "results.zarr/settlement/year/c/0"
WHOLE = "results.zarr/settlement/guarantee_fee/c.0.0"
OF_GROUP = "results.zarr/settlement/zarr.json"
OF_STORE = "results.zarr/zarr.json"
OUTPUTS = ["report.html", "summary.json", "summary.csv", "manifest.json", "scenario.toml", "outputs.json"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    out = tmp_path_factory.mktemp("finished") / "run"
    return out, run_scenario(SCENARIO, out, threads=1).manifest["digest"]


@pytest.fixture
def out(finished, tmp_path):
    return shutil.copytree(finished[0], tmp_path / "run")


def empty(path):
    path.write_bytes(b"")


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def results(out):
    files = [path for path in (out / "results.zarr").rglob("*") if path.is_file()]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def go_on(out):
    """Do what ``--resume`` does, without drawing."""
    said = []
    with run_directory(SCENARIO, out, resume=True) as directory:
        result = run_in_directory(SCENARIO, directory, executor=Threads(1), threads=1, say=said.append)
        for name, content in (("summary.json", result.summary), ("manifest.json", result.manifest)):
            write_json(directory / name, content)
    return said, result.manifest["digest"]


@pytest.mark.parametrize(
    "harm", [{LABEL: os.remove, OF_GROUP: flip}, {WHOLE: flip, OF_STORE: empty}, {OF_GROUP: empty}]
)
def test_labels_are_refused_by_readers_and_mended(finished, out, tmp_path, harm):
    for file, damage in harm.items():
        damage(out / file)
    for read in (lr.open_run, lambda run: export(run, netcdf=tmp_path / "out.nc")):
        with pytest.raises(InputError, match=r"labels or metadata .* are missing or damaged"):
            read(out)
    assert complete_run(SCENARIO, out) is None
    assert go_on(out) == (["Going on: 1 of 1 tasks are done."], finished[1])
    assert results(out) == results(finished[0])
    assert lr.open_run(out).settlement["year"].values.tolist() == [2027, 2028, 2029]


def test_without_its_plan_a_run_is_refused(out, tmp_path):
    """Nothing says then what belongs to it, and a chunk that is missing would read as zero."""
    (out / "plan.json").unlink()
    for read in (lr.open_run, lambda run: export(run, parquet=tmp_path / "tables")):
        with pytest.raises(InputError, match=r"there is no plan\.json"):
            read(out)


@pytest.mark.parametrize("damage", [empty, flip, os.remove], ids=lambda function: function.__name__)
@pytest.mark.parametrize("file", [*OUTPUTS, "figures"])
def test_a_run_whose_outputs_are_not_what_they_were_is_not_complete(out, file, damage):
    assert complete_run(SCENARIO, out) is not None
    damage(next((out / file).glob("*.svg")) if file == "figures" else out / file)
    assert complete_run(SCENARIO, out) is None


def test_outputs_are_made_again_from_the_results(finished, out):
    (out / "report.html").unlink()
    drawn = {path.name for path in (out / "figures").iterdir()}
    shutil.rmtree(out / "figures")
    flip(out / "summary.json")
    chunk = out / "results.zarr" / "settlement" / "net_settlement" / "c.0.0.0.0"
    before = chunk.stat().st_mtime_ns
    run_scenario(SCENARIO, out, threads=1, resume=True)
    for name in ("summary.json", "summary.csv", "scenario.toml"):
        assert (out / name).read_bytes() == (finished[0] / name).read_bytes()
    assert {path.name for path in (out / "figures").iterdir()} == drawn
    assert results(out) == results(finished[0])
    assert chunk.stat().st_mtime_ns == before
    assert complete_run(SCENARIO, out) is not None


def test_a_run_without_its_identity_is_not_replaced_by_resume(out):
    (out / "identity.json").write_text("{half")
    before = results(out)
    for scenario in (SCENARIO, small_scenario(lives=700)):
        with pytest.raises(InputError, match=r"holds a complete run, but its identity\.json cannot be read"):
            run_scenario(scenario, out, threads=1, resume=True)
    assert results(out) == before
