"""Drills on a real SLURM of one node, which slurm_node.sh sets up."""

from __future__ import annotations

import platform
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

import cluster_tasks
from cluster_drills import random_kills
from leadrisk.errors import InputError, LeadriskError
from leadrisk.run import slurm_jobs as slurm_jobs_module
from leadrisk.run.slurm_jobs import slurm_jobs
from leadrisk.run.slurm_settings import SlurmSettings

pytestmark = pytest.mark.cluster


def settings(folder, **changes):
    given = {"jobs": 2, "cores": 1, "memory": "400 MB", "walltime": "30", "log_directory": str(folder / "logs")}
    return SlurmSettings(**given | changes)


def queue(*arguments):
    done = subprocess.run(["squeue", "--noheader", *arguments], capture_output=True, text=True, check=True)
    return done.stdout.split()


def wait_until_empty(seconds=30):
    end = time.monotonic() + seconds
    while queue() and time.monotonic() < end:
        time.sleep(0.2)
    assert queue() == []


def test_array_of_jobs(slurm, tmp_path):
    script = f"echo $SLURM_ARRAY_TASK_ID >{tmp_path}/$SLURM_ARRAY_TASK_ID"
    output = str(tmp_path / "log-%a")
    subprocess.run(["sbatch", "--array=0-9", "--wait", "--output", output, "--wrap", script], check=True, timeout=120)
    assert sorted(int((tmp_path / str(index)).read_text()) for index in range(10)) == list(range(10))
    wait_until_empty()


def test_map_in_jobs_over_tls_leaves_nothing(slurm, tmp_path):
    said, theirs = [], tmp_path / "logs" / "tls-production"
    theirs.mkdir(parents=True)
    stale = tmp_path / "logs" / f".leadrisk-tls-{platform.node()}-killed"
    stale.mkdir()
    with slurm_jobs(settings(tmp_path), say=said.append) as executor:
        assert not stale.exists()
        assert executor.slots == 2
        assert executor.map(cluster_tasks.square, range(100)) == [number**2 for number in range(100)]
        keys = list((tmp_path / "logs").glob(".leadrisk-tls-*/key.pem"))
        assert [key.stat().st_mode & 0o777 for key in keys] == [0o600]
        assert keys[0].parent.stat().st_mode & 0o777 == 0o700
        (number, *_) = queue("--format", "%A")
        show = ["scontrol", "write", "batch_script", number, "-"]
        script = subprocess.run(show, capture_output=True, text=True, check=True).stdout
        assert "tls://" in script
        assert "PRIVATE KEY" not in script
        assert executor._client.scheduler.address.startswith("tls://")
    assert said[0].startswith("dashboard: http://127.0.0.1:")
    assert not list((tmp_path / "logs").glob(".leadrisk-tls-*"))
    assert list(theirs.iterdir()) == []  # of another program, and left alone
    wait_until_empty()


def test_several_processes_a_job(slurm, tmp_path):
    with slurm_jobs(settings(tmp_path, jobs=1, cores=2)) as executor:
        assert executor.slots == 2
        assert len(set(executor.map(cluster_tasks.pid_after, [0.5] * 12))) == 2
    wait_until_empty()


def test_twenty_workers_killed_at_random_cost_nothing(slurm, tmp_path):
    slow = partial(cluster_tasks.slow_square, seconds=0.2)
    with (
        slurm_jobs(settings(tmp_path), look_every_s=2.0) as executor,
        random_kills(executor._client, least=20, pause_s=1.0) as killed,
    ):
        rounds = 0
        while len(killed) < 20 and rounds < 30:
            assert executor.map(slow, range(60)) == [number**2 for number in range(60)]
            rounds += 1
    assert len(killed) >= 20
    wait_until_empty()


def test_jobs_cancelled_by_others_come_back(slurm, tmp_path):
    slow = partial(cluster_tasks.slow_square, seconds=0.3)
    with slurm_jobs(settings(tmp_path), look_every_s=1.0) as executor:
        executor.map(cluster_tasks.square, range(4))
        first = set(queue("--format", "%A"))
        subprocess.run(["scancel", *first], check=True)
        assert executor.map(slow, range(60)) == [number**2 for number in range(60)]
        assert not first & set(queue("--format", "%A"))
    wait_until_empty()


def test_time_limits_end_jobs_and_the_map_goes_on(slurm, tmp_path):
    slow = partial(cluster_tasks.slow_square, seconds=1.0)
    with slurm_jobs(settings(tmp_path, walltime="1"), look_every_s=1.0) as executor:
        assert executor.map(slow, range(260)) == [number**2 for number in range(260)]
    logs = "".join(path.read_text() for path in (tmp_path / "logs").glob("*.err"))
    assert "DUE TO TIME LIMIT" in logs
    wait_until_empty()


def test_a_killed_client_leaves_no_jobs(slurm, tmp_path):
    code = (
        "import cluster_tasks, sys\n"
        "from functools import partial\n"
        "from leadrisk.run.slurm_jobs import slurm_jobs\n"
        "from leadrisk.run.slurm_settings import SlurmSettings\n"
        f"logs = {str(tmp_path / 'logs')!r}\n"
        "s = SlurmSettings(jobs=2, cores=1, memory='400 MB', walltime='30', log_directory=logs)\n"
        "with slurm_jobs(s) as executor:\n"
        "    executor.map(partial(cluster_tasks.slow_square, seconds=0.5), range(20))\n"
        "    print('up', flush=True)\n"
        "    executor.map(partial(cluster_tasks.slow_square, seconds=1.0), range(1000))\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout.readline() == "up\n"
        assert len(queue("--format", "%A")) == 2
        client.kill()
    wait_until_empty(90)  # a worker that was still starting gives up after a minute


def test_what_slurm_refuses_is_told_at_once(slurm, tmp_path):
    with (
        pytest.raises(InputError, match=r"^--slurm: SLURM refuses such a job: .*[Ii]nvalid partition"),
        slurm_jobs(settings(tmp_path, partition="nowhere")),
    ):
        pass
    wait_until_empty()


def test_jobs_that_cannot_start_are_told_with_their_logs(slurm, tmp_path):
    broken = settings(tmp_path, jobs=1, prologue=("exit 3",))
    with (
        pytest.raises(LeadriskError, match=r"jobs in a row ended before a worker had come: see .*/logs/leadrisk-"),
        slurm_jobs(broken, look_every_s=0.5) as executor,
    ):
        executor.map(cluster_tasks.square, range(4))
    wait_until_empty()


def test_without_slurm_there_is_a_cure(monkeypatch, tmp_path):
    monkeypatch.setattr(slurm_jobs_module, "which", lambda _: None)
    with pytest.raises(InputError, match="sbatch of SLURM is not found"), slurm_jobs(settings(tmp_path)):
        pass
    assert not Path(tmp_path / "logs").exists()
