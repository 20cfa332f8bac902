"""Runs of the real command line that are killed, stopped, damaged and mixed up: nothing is lost, no bit is other."""

from __future__ import annotations

import json
import os
import platform
import random
import shutil
import signal
import time

import pytest

from drill_fixture import ROOT, RUN, TASKS, digest, done, is_running, unfinished, wait_until
from drill_list import DRILLS
from drill_programs import dask_programs

pytestmark = pytest.mark.cluster


def completed(leadrisk, out, undisturbed, *options):
    """Go on with a run to its end, and check that it is the undisturbed one and alone in its folder."""
    said = leadrisk(*RUN, "--out", out, "--resume", *(options or ("--threads", 2))).ends(0)
    assert digest(out) == digest(undisturbed)
    assert [path.name for path in out.parent.iterdir()] == [out.name]
    assert not list(out.rglob("*~*"))
    return said


def test_workers_killed(leadrisk, undisturbed, out, drill):
    moments, killed = random.Random(1), []
    run = leadrisk(*RUN, "--workers", 2, "--out", out)
    run.reaches(out, 3)
    while len(killed) < drill.times:
        wanted, end = done(out) + moments.randint(0, 2), time.monotonic() + moments.uniform(0.0, 2.0)
        while done(out) < wanted and time.monotonic() < end:
            time.sleep(0.01)
        if living := [pid for pid in run.workers if pid not in killed]:
            killed.append(moments.choice(living))
            os.kill(killed[-1], signal.SIGKILL)
    assert done(out) < TASKS
    run.ends(0)
    assert len(set(killed)) == drill.times
    assert digest(out) == digest(undisturbed)


@pytest.mark.parametrize("where", DRILLS["clients_killed"].runs)
def test_clients_killed(leadrisk, undisturbed, out, drill, where):
    moments = random.Random(2)
    for number in range(drill.times):
        before = done(out)
        run = leadrisk(*RUN, where, 2, "--out", out, "--resume")
        if number == 0:
            time.sleep(moments.uniform(0.1, 2.5))
        elif number < drill.times - 1:
            run.reaches(out, before + moments.randint(1, 8))
            time.sleep(moments.uniform(0.0, 0.2))
        else:
            run.reaches(out, TASKS)
            time.sleep(moments.uniform(0.0, 1.0))
        family = run.descendants
        run.kill()
        wait_until(lambda family=family: not any(map(is_running, family)), seconds=30, what="the end of its processes")
        assert not out.exists()
    said = completed(leadrisk, out, undisturbed, where, 2)
    assert f"Going on: {TASKS} of {TASKS} tasks are done." in said


def test_clients_stopped(leadrisk, undisturbed, out, drill):
    ways = [("--workers", os.killpg, signal.SIGINT), ("--workers", os.kill, signal.SIGTERM)]
    ways.append(("--threads", os.kill, signal.SIGHUP))
    assert len(ways) == drill.times
    for where, stop, number in ways:
        before = done(out)
        run = leadrisk(*RUN, where, 2, "--out", out, "--resume")
        run.reaches(out, before + 10)
        family = run.descendants
        stop(run.process.pid, number)
        said = run.ends(1, seconds=30)
        assert "of finished work are kept in" in said
        assert said.rstrip().endswith("leadrisk: interrupted; outputs are complete or absent")
        assert "Traceback" not in said
        wait_until(lambda family=family: not any(map(is_running, family)), seconds=30, what="the end of its processes")
    assert done(out) < TASKS
    completed(leadrisk, out, undisturbed)


def test_nodes_and_scheduler_lost(leadrisk, program, undisturbed, out, tmp_path, drill):
    scheduler, address, node = dask_programs(program, tmp_path / "first.json")
    first, second = node(), node()
    run = leadrisk(*RUN, "--scheduler", address, "--out", out)
    run.reaches(out, 5)
    first.clear()
    run.reaches(out, done(out) + 10)
    second.clear()
    time.sleep(1.0)
    before = done(out)
    third = node()
    run.reaches(out, before + 10)
    scheduler.clear()
    said = run.ends(1, seconds=120)
    assert "the connection to the scheduler is lost: what is finished is kept; go on with --resume" in said
    assert "Traceback" not in said
    assert len((first, second, scheduler)) == drill.times
    assert before + 10 <= done(out) < TASKS
    third.clear()
    _, address, node = dask_programs(program, tmp_path / "second.json")
    node()
    completed(leadrisk, out, undisturbed, "--scheduler", address)


def damaged(directory, moments):
    """Damage a chunk of each of two tasks and the entry of a third; give the three tasks."""
    ledger = sorted((directory / "ledger").glob("*.json"))
    cut, flipped, garbled = moments.sample(ledger, 3)

    def chunk(entry):
        paths = [directory / "results.zarr" / name for name in sorted(json.loads(entry.read_bytes())["files"])]
        return moments.choice([path for path in paths if path.stat().st_size > 100])

    path = chunk(cut)
    os.truncate(path, path.stat().st_size - 1)
    path = chunk(flipped)
    content, bit = bytearray(path.read_bytes()), moments.randrange(8 * path.stat().st_size)
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)
    garbled.write_bytes(garbled.read_bytes()[:40] + b"\xff")
    return {int(entry.stem) for entry in (cut, flipped, garbled)}


def inodes(directory, files):
    return {
        task: [(directory / "results.zarr" / name).stat().st_ino for name in names] for task, names in files.items()
    }


@pytest.mark.parametrize("state", DRILLS["files_damaged"].runs)
def test_files_damaged(leadrisk, undisturbed, out, drill, state):
    if state == "an unfinished run":
        run = leadrisk(*RUN, "--threads", 2, "--out", out)
        run.reaches(out, TASKS // 2)
        run.kill()
        directory = unfinished(out)
    else:
        directory = shutil.copytree(undisturbed, out)
    entries = [json.loads(path.read_bytes()) for path in (directory / "ledger").glob("*.json")]
    files = {entry["task"]: list(entry["files"]) for entry in entries}
    before = inodes(directory, files)
    hit = damaged(directory, random.Random(4))
    assert len(hit) == drill.times
    said = completed(leadrisk, out, undisturbed)
    after = inodes(out, files)
    assert {task for task in files if before[task] != after[task]} == hit
    assert all(set(before[task]).isdisjoint(after[task]) for task in hit)
    assert f"Going on: {len(files) - 3} of {TASKS} tasks are done." in said
    assert "2 had chunks that were missing or damaged, and are done again." in said  # the third has no entry


def test_two_commands(leadrisk, undisturbed, out, drill):
    refused = 0
    leadrisk(*RUN, "--out", out, "--prepare", 2).ends(0)
    work = leadrisk("work", out, "--part", "1/1", "--threads", 1)
    work.reaches(out, 1)
    with work.paused():
        said = leadrisk(*RUN, "--out", out, "--resume").ends(2)
    refused += "is being worked on by other processes (wait for it, or name another --out)" in said
    work.reaches(out, 10)
    work.kill()
    run = leadrisk(*RUN, "--threads", 1, "--out", out, "--resume")
    run.reaches(out, done(out) + 1)
    with run.paused():
        beside = [leadrisk(*RUN, "--threads", 1, "--out", out, "--resume"), leadrisk("work", out, "--part", "1/1")]
        second, part = (one.ends(2) for one in beside)
    assert run.process.poll() is None
    refused += f"is being worked on by process {run.process.pid} on {platform.node()} (wait for it" in second
    refused += "is being worked on by a client, which hands out the tasks itself (wait for it)" in part
    assert refused == drill.times
    run.ends(0)
    assert digest(out) == digest(undisturbed)
    assert [path.name for path in out.parent.iterdir()] == ["run"]


def test_something_else(leadrisk, undisturbed, out, tmp_path, drill):
    run = leadrisk(*RUN, "--threads", 2, "--out", out)
    run.reaches(out, 10)
    run.kill()
    package = shutil.copytree(ROOT / "src" / "leadrisk", tmp_path / "other" / "leadrisk")
    module = package / "__init__.py"
    assert '__version__ = "0.' in module.read_text()
    module.write_text(module.read_text().replace('__version__ = "0.', '__version__ = "9.'))

    def seen():
        files = [path for path in out.parent.rglob("*") if path.is_file() and path.name != "owner.json"]
        return {path: (path.stat().st_ino, path.stat().st_mtime_ns, path.stat().st_size) for path in files}

    before = seen()
    others = {
        "scenario.cohort.lives was 4000, is now 2000": {"set": ("--set", "cohort.lives=2000")},
        "scenario.run.seed was 1, is now 5": {"set": ("--seed", 5)},
        "version was 0.": {"PYTHONPATH": str(package.parent)},
    }
    for difference, change in others.items():
        options = change.pop("set", ())
        said = leadrisk(*RUN, "--out", out, "--resume", *options, **change).ends(2)
        assert "of something else: " in said
        assert difference in said
        assert "give what it was begun with" in said
        after = seen()
        assert {path for path in before if after.get(path) != before[path]} == set()
        assert set(after) == set(before)
    assert len(others) == drill.times
    completed(leadrisk, out, undisturbed)


def test_sweeps_killed(leadrisk, tmp_path, drill):
    file = ROOT / "scenarios" / "sweeps" / "size_and_efficiency.toml"
    sweep = ("sweep", file, "--set", "run.populations=16", "--set", "run.futures=4")
    leadrisk(*sweep, "--out", tmp_path / "whole").ends(0)
    out = tmp_path / "place" / "sweep"
    moments = random.Random(10)

    def cells():
        return len(list((unfinished(out) / "cells").glob("*.json")))

    for _ in range(drill.times):
        run, before = leadrisk(*sweep, "--out", out, "--resume"), cells()
        wait_until(lambda before=before: cells() >= before + moments.randint(1, 3), what="cells")
        run.kill()
    kept = cells()
    assert drill.times <= kept < 12
    leadrisk(*sweep, "--workers", 2, "--out", out, "--resume").ends(0)
    assert digest(out) == digest(tmp_path / "whole")
    assert json.loads((out / "manifest.json").read_bytes())["reused"] == kept
    assert [path.name for path in out.parent.iterdir()] == ["sweep"]
