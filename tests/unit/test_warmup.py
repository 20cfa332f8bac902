"""`leadrisk warmup`, and the line by which a first run says that it compiles."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from leadrisk.experience import _jit, compilation, kernel_cache
from leadrisk.experience.compilation import EVERY_TIME, ONCE, tell, told_of_compilation

BASELINE = Path(__file__).resolve().parents[2] / "scenarios" / "baseline.toml"
SMALL = ["--populations", "8", "--futures", "4", "--set", "cohort.lives=500"]


def leadrisk(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "leadrisk", *map(str, arguments)],
        env=os.environ | {key: str(value) for key, value in environment.items()},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def warmed():
    done = leadrisk("warmup", "--json")
    assert done.returncode == 0
    assert done.stderr in {"", f"{ONCE}\n"}
    return json.loads(done.stdout)


def test_after_a_warm_up_a_run_compiles_nothing(warmed, tmp_path):
    assert warmed["kernels"] > 20
    assert warmed["bytes"] > 1_000_000
    done = leadrisk("run", BASELINE, *SMALL, "--out", tmp_path / "r", "--json")
    assert done.returncode == 0
    assert [line.partition(" ")[0] for line in done.stderr.splitlines()] == ["Expected:", "Tasks"]


def test_a_second_warm_up_compiles_nothing(warmed):
    done = leadrisk("warmup")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"in {warmed['directory']}" in done.stdout


def test_check_finds_the_cache_warm_and_missing(warmed, tmp_path):
    found = leadrisk("warmup", "--check", "--json")
    assert (found.returncode, found.stderr) == (0, "")
    assert json.loads(found.stdout)["kernels"] == warmed["kernels"]
    cold = leadrisk("warmup", "--check", LEADRISK_CACHE_DIR=tmp_path)
    assert (cold.returncode, cold.stdout) == (1, "")
    assert "no warm-up of this version on this kind of processor was finished" in cold.stderr
    (tmp_path / "file").write_text("")
    nowhere = leadrisk("warmup", "--check", LEADRISK_CACHE_DIR=tmp_path / "file")
    assert nowhere.returncode == 1
    assert "set LEADRISK_CACHE_DIR" in nowhere.stderr


def test_check_notices_a_damaged_file(warmed, tmp_path, monkeypatch):
    copy = tmp_path / "cache"
    shutil.copytree(warmed["directory"], copy)
    monkeypatch.setattr(kernel_cache, "cache_directory", lambda: str(copy))
    assert kernel_cache.read_list().kernels == warmed["kernels"]
    first = next(copy.glob("*/*.nbc"))
    first.write_bytes(first.read_bytes()[:100])
    with pytest.raises(kernel_cache.LeadriskError, match=r"^1 of \d+ files are missing or damaged"):
        kernel_cache.read_list()


def test_nothing_is_listed_where_nothing_can_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr(kernel_cache, "cache_directory", lambda: None)
    with pytest.raises(kernel_cache.LeadriskError, match="LEADRISK_CACHE_DIR"):
        kernel_cache.write_list()
    monkeypatch.setattr(kernel_cache, "cache_directory", lambda: str(tmp_path))
    monkeypatch.setattr(kernel_cache, "is_writable", lambda _: False)
    with pytest.raises(kernel_cache.LeadriskError, match="cannot be written"):
        kernel_cache.write_list()


def _compiled_anew(x):
    return x + 1.0


@pytest.mark.parametrize(("directory", "said"), [("cache", ONCE), ("file", EVERY_TIME)])
def test_one_line_when_something_is_compiled(tmp_path, monkeypatch, directory, said):
    (tmp_path / "file").write_text("")
    (tmp_path / "cache").mkdir()
    place = None if directory == "file" else str(tmp_path / "cache")
    monkeypatch.setattr(_jit, "cache_directory", lambda: place)
    heard = []
    with told_of_compilation(heard.append):
        kernel = _jit.kernel(_compiled_anew)
        kernel(1.0)
        kernel(1)
        assert heard == [said]
    heard.clear()
    if place:
        with told_of_compilation(heard.append):
            _jit.kernel(_compiled_anew)(1.0)  # found in the cache
    assert heard == []


def test_nobody_is_told_after_the_command():
    heard = []
    with told_of_compilation(heard.append):
        pass
    tell(kept=True)
    assert (heard, compilation._LISTENERS) == ([], [])


def test_the_package_is_imported_in_half_a_second():
    """In CPU time, which a busy machine does not stretch; what it may not load is in test_import_direction."""
    code = "import time; start = time.process_time(); import leadrisk; print(time.process_time() - start)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 0.5
