"""No input file makes outputs outside of the directory that was named, and secrets are for their owner alone."""

from __future__ import annotations

import os
from contextlib import ExitStack

import pytest

from leadrisk.cli import main
from leadrisk.cohort.public_use_layout import PublicUseFile
from leadrisk.errors import InputError
from leadrisk.run.directory import locked
from leadrisk.run.executors import Threads
from leadrisk.run.slurm_jobs import _certificates
from leadrisk.run.slurm_settings import SlurmSettings
from leadrisk.scenario.write import scenario_toml
from leadrisk.sweep import read_sweep, run_sweep
from leadrisk.sweep.plan import plan_sweep
from scenario_fixture import small_scenario

SIZE = "[run]\npopulations = 4\nfutures = 2\n"
NAMES = ["../outside", "../../outside", "/tmp/leadrisk-outside", "a/b", "..", "con\\b", "n" * 5000, "a\x00b", "a\nb"]


@pytest.fixture
def folder(tmp_path):
    """A folder with a small scenario; what is written beside ``out`` shows."""
    tables = small_scenario().model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "small.toml").write_text(scenario_toml(tables, heading=["Small."], notes={}))
    (tmp_path / "deep" / "deeper").mkdir(parents=True)
    return tmp_path


def beside(folder):
    """Everything below the folder that is not of the run itself."""
    out = folder / "deep" / "deeper" / "out"
    return {path for path in folder.rglob("*") if path != out and out not in path.parents}


def quoted(name):
    return '"' + "".join(f"\\u{ord(one):04x}" for one in name) + '"'


@pytest.mark.parametrize("name", NAMES[:3] + NAMES[-2:], ids=range(5))
def test_names_of_a_sweep_lead_nowhere(folder, name):
    sweep = folder / "in" / "sweep.toml"
    sweep.write_text(
        f'name = {quoted(name)}\nscenario = "small.toml"\n[stresses]\n{quoted(name)} = []\nnone = []\n{SIZE}'
    )
    before = beside(folder)
    run_sweep(sweep, folder / "deep" / "deeper" / "out", executor=Threads(1))
    assert beside(folder) == before
    assert sorted(path.name for path in (folder / "deep" / "deeper" / "out" / "cells").iterdir()) == [
        "0001.json",
        "0002.json",
    ]


@pytest.mark.parametrize("name", [NAMES[1], "\x00".join(NAMES)], ids=["above", "all"])
def test_names_of_a_scenario_lead_nowhere(folder, name):
    scenario = folder / "in" / "small.toml"
    lines = scenario.read_text().splitlines()
    named = [f"name = {quoted(name)}" if line.startswith("name = ") else line for line in lines]
    assert named != lines
    scenario.write_text("\n".join(named))
    before = beside(folder)
    out = folder / "deep" / "deeper" / "out"
    sizes = ["--populations", "4", "--futures", "2", "--set", "horizon.performance_years=2"]
    main(["run", str(scenario), *sizes, "--threads", "1", "--out", str(out)])
    assert (out / "manifest.json").is_file()
    assert beside(folder) == before


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_identifiers_of_acos_lead_nowhere(folder, name, monkeypatch):
    """Cells are named after ACOs, so an identifier that is no plain word makes none."""
    rows = ({"ACO_ID": name, "N_AB": "10000"}, {"ACO_ID": "A1052", "N_AB": "10000"})
    monkeypatch.setattr("leadrisk.sweep.sources.read_public_use_file", lambda *_, **__: PublicUseFile(2023, rows))
    small = small_scenario().model_dump(mode="json", exclude_none=True, exclude_defaults=True)

    class Made:
        tables = {key: value for key, value in small.items() if key not in {"name", "description"}}  # noqa: RUF012
        row = {"ACO_Name": name}  # noqa: RUF012

    monkeypatch.setattr("leadrisk.sweep.sources.scenario_from_row", lambda *_, **__: Made)
    (folder / "in" / "acos.csv").touch()
    sweep = folder / "in" / "sweep.toml"
    sweep.write_text(f'name = "acos"\n[acos]\npublic_use_file = "acos.csv"\n{SIZE}')
    cells = plan_sweep(read_sweep(sweep)).cells
    assert [cell.scenario is None for cell in cells] == [True, False]
    assert "ACO_ID: must be one word of letters, digits, _ and -" in cells[0].reason
    before = beside(folder)
    run_sweep(sweep, folder / "deep" / "deeper" / "out", executor=Threads(1))
    assert beside(folder) == before
    assert [path.name for path in (folder / "deep" / "deeper" / "out" / "cells").iterdir()] == ["A1052.json"]


@pytest.mark.parametrize("key", ["../../x", "/etc/passwd", "cohort.lives/../x", "cohort.\x00lives", "c" * 5000])
def test_keys_that_are_paths_are_unknown(folder, key):
    sweep = folder / "in" / "sweep.toml"
    sweep.write_text(f'name = "keys"\nscenario = "small.toml"\n[grid]\n{quoted(key)} = [1, 2]\n{SIZE}')
    before = beside(folder)
    with pytest.raises(InputError, match="unknown key"):
        run_sweep(sweep, folder / "deep" / "deeper" / "out", executor=Threads(1))
    assert beside(folder) == before


def test_keys_and_locks_are_for_their_owner_alone(tmp_path):
    before = os.umask(0)
    try:
        settings = SlurmSettings(
            jobs=1, cores=1, memory="1 GB", walltime="10", log_directory="logs", tls_directory=str(tmp_path / "tls")
        )
        with ExitStack() as stack:
            security = _certificates(settings, stack)
            (folder,) = (tmp_path / "tls").iterdir()
            assert folder.stat().st_mode & 0o777 == 0o700
            assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
                "ca.pem": 0o600,
                "cert.pem": 0o600,
                "key.pem": 0o600,
                "lock": 0o600,
            }
            assert security.tls_worker_key == str(folder / "key.pem")
        assert not folder.exists()
        os.close(locked(tmp_path))
        assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)
