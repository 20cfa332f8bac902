"""What a run will take, said before it starts, beside what it took."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from leadrisk.run.executors import Threads
from leadrisk.run.forecast import forecast, peak_bytes
from leadrisk.run.futures_choice import with_futures
from leadrisk.run.resumable import run_in_directory
from leadrisk.run.speed import REFERENCE, speed, write_speed
from leadrisk.run.store import RESULTS
from leadrisk.run.streamed import do_tasks, planned
from scenario_fixture import small_scenario


@pytest.mark.parametrize("names", [["lead_global"], ["lead_global", "mssp_enhanced", "reach_global"]], ids=len)
@pytest.mark.parametrize("chunk", [2, 6])
def test_the_disk_is_known_to_the_byte(tmp_path, names, chunk):
    scenario = with_futures(small_scenario(contract={"entrant": "renewing_mssp", "names": names}))
    plan = planned(scenario, tmp_path, slots=1, chunk=chunk)
    tasks = list(range(len(plan.blocks)))
    before = set((tmp_path / RESULTS).rglob("c.*"))
    do_tasks(tmp_path, plan, tasks, executor=Threads(1))
    chunks = [path for path in (tmp_path / RESULTS).rglob("c.*") if path not in before]
    assert forecast(plan, tasks, slots=2, threads=2).disk == sum(path.stat().st_size for path in chunks)


def test_only_what_is_left_is_expected(tmp_path):
    plan = planned(with_futures(small_scenario()), tmp_path, slots=1, chunk=2)
    whole, half = (forecast(plan, list(range(n)), slots=2, threads=0) for n in (8, 4))
    assert half.disk == whole.disk // 2
    assert half.core_seconds < whole.core_seconds
    assert forecast(plan, [], slots=2, threads=0).disk == 0


def test_a_run_sets_both_beside_each_other(tmp_path):
    said = []
    found = run_in_directory(small_scenario(), tmp_path, executor=Threads(1), say=said.append).manifest["forecast"]
    assert said[0].startswith("Expected: ")
    assert found["disk_bytes"]["expected"] == found["disk_bytes"]["taken"] > 0
    assert found["core_seconds"]["taken"] > 0.0
    assert found["memory_bytes"]["taken"] > 1e8


def test_a_full_disk_is_told_before(tmp_path, monkeypatch):
    monkeypatch.setattr("leadrisk.run.resumable.free_bytes", lambda _: 10)
    said = []
    run_in_directory(small_scenario(), tmp_path, executor=Threads(1), say=said.append)
    assert "Only 10 bytes are free there" in said[1]


def test_memory_is_that_of_the_process_not_of_what_started_it():
    """The kernel hands the most that getrusage has seen on to a program that is started."""
    size = 300_000_000
    held = np.ones(size // 8)
    program = "from leadrisk.run.forecast import peak_bytes; print(peak_bytes())"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert int(said) < size < peak_bytes()
    assert held.size


def test_a_benchmark_sets_the_speed(tmp_path, monkeypatch):
    monkeypatch.setattr("leadrisk.run.speed.cache_directory", lambda: str(tmp_path))
    assert speed() == REFERENCE
    layers = {
        "persons": {"one_thread": 24.8},
        "settle_two_options": {"one_thread": 6.0},
        "settle_six_contracts": {"one_thread": 16.0},
        "settle_two_options_with_stop_loss": {"one_thread": 12.0},
        "frozen_layers": {"all_threads": 0.5},
    }
    write_speed({"layers": layers})
    found = speed()
    assert found.measured_here
    assert (found.person_year, found.stop_loss) == (pytest.approx(2.48e-8), 2.0)
    assert (found.pair_year, found.contract_year) == (pytest.approx(1e-7), pytest.approx(2.5e-7))
    (tmp_path / "speed.json").write_text(json.dumps({"person_year": 1.0}))
    assert speed() == REFERENCE
