"""Runs whose disk is full and whose clocks are wrong."""

from __future__ import annotations

import os
import random
import subprocess
import time
from contextlib import suppress

import pytest

from drill_fixture import IMPORTS, RUN, TASKS, digest, done, unfinished, wait_until
from drill_list import DRILLS
from drill_programs import dask_programs

pytestmark = pytest.mark.cluster

YEAR_S = 365 * 86_400


def mount(*arguments):
    return subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 12 MB, and how it becomes larger."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        refused = mount("-t", "tmpfs", "-o", "size=12m", "tmpfs", folder).stderr
    except FileNotFoundError:
        refused = "there is no mount"
    if refused:
        pytest.skip(f"no file system can be mounted here: {refused.strip()}")

    def enlarge():
        done = mount("-o", "remount,size=500m", folder)
        assert done.returncode == 0, done.stderr

    yield folder, enlarge
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def told_of_a_full_disk(said):
    lines = [line for line in said.splitlines() if line.startswith("leadrisk: ")]
    assert len(lines) == 1
    assert lines[0].startswith("leadrisk: No space left on device")
    assert "of finished work are kept in" in said
    assert "Traceback" not in said


def fill(path):
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(1 << 14))


@pytest.mark.parametrize("where", DRILLS["disk_full"].runs)
def test_disk_full(leadrisk, undisturbed, small_disk, where):
    folder, enlarge = small_disk
    out = folder / "run"
    told_of_a_full_disk(leadrisk(*RUN, where, 2, "--out", out).ends(1, seconds=120))
    kept = done(out)
    assert 0 < kept < TASKS
    enlarge()
    said = leadrisk(*RUN, where, 2, "--out", out, "--resume").ends(0)
    assert f"Going on: {kept} of {TASKS} tasks are done." in said
    assert "damaged" not in said
    assert digest(out) == digest(undisturbed)
    assert [path.name for path in folder.iterdir()] == ["run"]


def test_disk_full_at_the_report(leadrisk, undisturbed, small_disk):
    folder, enlarge = small_disk
    enlarge()
    out, ballast = folder / "run", folder / "ballast"
    run = leadrisk(*RUN, "--threads", 2, "--out", out)
    run.reaches(out, TASKS)
    wait_until((unfinished(out) / "results.zarr" / "zarr.json").exists, what="the store")
    fill(ballast)
    told_of_a_full_disk(run.ends(1, seconds=120))
    ballast.unlink()
    said = leadrisk(*RUN, "--threads", 2, "--out", out, "--resume").ends(0)
    assert f"Going on: {TASKS} of {TASKS} tasks are done." in said
    assert digest(out) == digest(undisturbed)


def clock(folder, years):
    """Environment of a Python whose clock is wrong by so many years; Debian's faketime slows threads down too much."""
    place = folder / f"clock{years}"
    place.mkdir()
    off = years * YEAR_S
    (place / "sitecustomize.py").write_text(
        "import time\n"
        "now, now_ns = time.time, time.time_ns\n"
        f"time.time, time.time_ns = lambda: now() + {off}, lambda: now_ns() + {off} * 10**9\n"
    )
    return {"PYTHONPATH": os.pathsep.join((str(place), IMPORTS))}


def wait_for_rest(out):
    """Workers that lost their client end the task that they are at."""
    before, now = -1, done(out)
    while now != before:
        time.sleep(1.0)
        before, now = now, done(out)


def test_clocks_wrong(leadrisk, program, undisturbed, out, tmp_path, drill):
    clocks = [clock(tmp_path, years) for years in (10, -10, 20, -20)]
    assert len(clocks) == drill.times
    _, address, node = dask_programs(program, tmp_path / "scheduler.json")
    for environment in clocks[:2]:
        node(**environment)
    run = leadrisk(*RUN, "--scheduler", address, "--out", out)
    run.reaches(out, TASKS // 4)
    run.kill()
    wait_for_rest(out)
    dates = random.Random(6)
    for number, environment in enumerate(clocks[2:]):
        for path in sorted(out.parent.rglob("*"))[::2]:
            moment = dates.choice((0, 136 * YEAR_S))
            os.utime(path, (moment, moment))
        before = done(out)
        run = leadrisk(*RUN, "--threads", 2, "--out", out, "--resume", **environment)
        if number == 0:
            run.reaches(out, before + 10)
            run.kill()
    said = run.ends(0)
    assert f"Going on: {before} of {TASKS} tasks are done." in said
    assert "damaged" not in said
    assert digest(out) == digest(undisturbed)
