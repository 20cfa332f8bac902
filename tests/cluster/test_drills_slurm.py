"""Runs in jobs of a real SLURM of one node that are cancelled, put back and out of time."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from drill_fixture import IMPORTS, ROOT, RUN, SCENARIO, SIZES, TASKS, digest, done, wait_until

pytestmark = pytest.mark.cluster


@pytest.fixture
def batch(slurm, monkeypatch, tmp_path):
    """Jobs find the command; gives the folder for their output."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", IMPORTS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def slurm_says(*command):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout.split()


def wait_until_no_job():
    wait_until(lambda: not slurm_says("squeue", "--noheader"), seconds=180, what="the end of all jobs")


def test_jobs_cancelled(batch, leadrisk, undisturbed, out, drill):
    (batch / "slurm.toml").write_text('jobs = 2\ncores = 1\nmemory = "1 GB"\nwalltime = "30"\n')
    moments, cancelled = random.Random(9), set()
    run = leadrisk(*RUN, "--slurm", batch / "slurm.toml", "--out", out)
    while len(cancelled) < drill.times:
        run.reaches(out, done(out) + moments.randint(3, 12))
        running = set(slurm_says("squeue", "--noheader", "--states", "RUNNING", "--format", "%A")) - cancelled
        if running:
            cancelled.add(moments.choice(sorted(running)))
            slurm_says("scancel", *cancelled)
    assert done(out) < TASKS
    run.ends(0)
    assert digest(out) == digest(undisturbed)
    wait_until_no_job()


def test_client_stopped_and_killed(batch, leadrisk, undisturbed, out):
    """Ctrl-C ends the command as it does without SLURM, and neither jobs nor keys are left."""
    (batch / "slurm.toml").write_text('jobs = 2\ncores = 1\nmemory = "1 GB"\nwalltime = "30"\n')

    def keys():
        return list((batch / "slurm-logs").glob(".leadrisk-tls-*"))

    run = leadrisk(*RUN, "--slurm", batch / "slurm.toml", "--out", out)
    run.reaches(out, 5)
    os.kill(run.process.pid, signal.SIGINT)
    said = run.ends(1, seconds=60)
    assert said.rstrip().endswith("leadrisk: interrupted; outputs are complete or absent")
    assert "of finished work are kept in" in said
    wait_until_no_job()
    assert not keys()
    before = done(out)
    run = leadrisk(*RUN, "--slurm", batch / "slurm.toml", "--out", out, "--resume")
    run.reaches(out, before + 5)
    assert len(keys()) == 1
    run.kill()
    wait_until_no_job()
    assert len(keys()) == 1
    leadrisk(*RUN, "--slurm", batch / "slurm.toml", "--out", out, "--resume").ends(0)
    assert not keys()
    assert digest(out) == digest(undisturbed)
    wait_until_no_job()


def test_elements_lost(batch, leadrisk, undisturbed, out, drill):
    leadrisk(*RUN, "--out", out, "--prepare", 4).ends(0)
    parts = drill.times + 1
    options = ["--cpus-per-task=1", "--mem=1G", f"--array=1-{parts}", "--requeue", "--output=log-%a"]
    work = f"sleep $((SLURM_ARRAY_TASK_ID * 2)); leadrisk work {out}; [ $SLURM_ARRAY_TASK_ID != 3 ] || sleep 600"
    (array,) = slurm_says("sbatch", "--parsable", *options, "--time=1", "--wrap", work)
    wait_until(lambda: done(out) >= 3, what="the first part")
    slurm_says("scancel", f"{array}_4")
    slurm_says("scontrol", "requeue", f"{array}_2")
    slurm_says("scontrol", "update", f"jobid={array}_3", "timelimit=1")
    wait_until(lambda: f"{array}_1" not in slurm_says("squeue", "--noheader", "--format", "%A_%a"), what="part 1")
    slurm_says("scancel", f"{array}_2")
    wait_until_no_job()
    assert "DUE TO TIME LIMIT" in (batch / "log-3").read_text()
    kept = done(out)
    assert TASKS // parts <= kept < TASKS
    said = leadrisk(*RUN, "--threads", 2, "--out", out, "--resume").ends(0)
    assert f"Going on: {kept} of {TASKS} tasks are done." in said
    assert digest(out) == digest(undisturbed)


def test_array_script(batch, undisturbed, out):
    script = ROOT / "scenarios" / "cluster" / "array.sh"
    options = [*SIZES, *RUN[RUN.index("--populations") :]]
    subprocess.run(list(map(str, ["bash", script, SCENARIO, out, 3, *options])), check=True, timeout=120)
    wait_until_no_job()
    logs = "".join(path.read_text() for path in sorted((batch / "slurm-logs").glob("*.out")))
    assert logs.count(" tasks done now, 0 before.") == 3
    assert f"Going on: {TASKS} of {TASKS} tasks are done." in logs
    assert digest(out) == digest(undisturbed)
