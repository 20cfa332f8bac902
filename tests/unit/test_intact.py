"""What becomes of a finished run whose files are not what was written: refused by readers, mended by --resume."""

from __future__ import annotations

import json
import os
import shutil

import pytest

import leadrisk as lr
from leadrisk.errors import InputError
from leadrisk.report.whole_run import run_scenario
from leadrisk.run.export import export
from scenario_fixture import small_scenario

LABEL = "results.zarr/settlement/year/c/0"
WHOLE = "results.zarr/settlement/guarantee_fee/c.0.0"
OF_GROUP = "results.zarr/settlement/zarr.json"
OF_STORE = "results.zarr/zarr.json"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    out = tmp_path_factory.mktemp("finished") / "run"
    return out, run_scenario(small_scenario(), out, threads=1)


@pytest.fixture
def out(finished, tmp_path):
    return shutil.copytree(finished[0], tmp_path / "run")


def empty(path):
    path.write_bytes(b"")


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def contents(out):
    volatile = ("manifest.json", "report.html", "outputs.json")  # with times
    files = [path for path in out.rglob("*") if path.is_file() and path.name not in volatile]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files if "ledger" not in path.parts}


@pytest.mark.parametrize(
    "harm", [{LABEL: os.remove, OF_GROUP: flip}, {WHOLE: flip, OF_STORE: empty}, {OF_GROUP: empty}]
)
def test_labels_are_refused_by_readers_and_mended(finished, out, tmp_path, harm):
    for file, damage in harm.items():
        damage(out / file)
    for read in (lr.open_run, lambda run: export(run, netcdf=tmp_path / "out.nc")):
        with pytest.raises(InputError, match=r"has no group|labels or metadata .* are missing or damaged"):
            read(out)
    said = []
    found = run_scenario(small_scenario(), out, threads=1, resume=True, say=said.append)
    assert said == ["Going on: 1 of 1 tasks are done."]
    assert found.manifest["digest"] == finished[1].manifest["digest"]
    assert contents(out) == contents(finished[0])
    assert lr.open_run(out).settlement["year"].values.tolist() == [2027, 2028, 2029]


def test_without_its_plan_a_run_is_refused(out, tmp_path):
    """Nothing says then what belongs to it, and a chunk that is missing would read as zero."""
    (out / "plan.json").unlink()
    for read in (lr.open_run, lambda run: export(run, parquet=tmp_path / "tables")):
        with pytest.raises(InputError, match=r"there is no plan\.json"):
            read(out)


@pytest.mark.parametrize(
    "harm",
    [{"report.html": os.remove}, {"summary.json": flip}, {"manifest.json": flip}, {"outputs.json": empty}, {"": None}],
    ids=lambda harm: next(iter(harm)) or "figures",
)
def test_outputs_are_made_again_from_the_results(finished, out, harm):
    for file, damage in harm.items():
        damage(out / file) if damage else shutil.rmtree(out / "figures")
    chunk = out / "results.zarr" / "settlement" / "net_settlement" / "c.0.0.0.0"
    before = chunk.stat().st_mtime_ns
    run_scenario(small_scenario(), out, threads=1, resume=True)
    assert contents(out) == contents(finished[0])
    assert chunk.stat().st_mtime_ns == before
    assert json.loads((out / "manifest.json").read_text())["digest"] == finished[1].manifest["digest"]
    said = []
    run_scenario(small_scenario(), out, threads=1, resume=True, say=said.append)
    assert said == ["Complete already: the chunks of all 1 tasks are what they were."]


def test_a_run_without_its_identity_is_not_replaced_by_resume(out):
    (out / "identity.json").write_text("{half")
    before = contents(out)
    for scenario in (small_scenario(), small_scenario(lives=700)):
        with pytest.raises(InputError, match=r"holds a complete run, but its identity\.json cannot be read"):
            run_scenario(scenario, out, threads=1, resume=True)
    assert contents(out) == before
