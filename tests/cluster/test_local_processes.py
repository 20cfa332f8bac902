from __future__ import annotations

import os
import signal
import time
from functools import partial

import pytest

import cluster_tasks
from cluster_drills import random_kills
from leadrisk.errors import InputError, LeadriskError
from leadrisk.run import dask_executor
from leadrisk.run.dask_clusters import local_processes
from leadrisk.run.executors import Threads
from leadrisk.run.same_code import code

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def processes():
    with local_processes(2) as executor:
        yield executor


def test_results_come_in_order_and_are_counted(processes):
    seen = []
    found = processes.map(cluster_tasks.square, range(200), label="squares", progress=lambda *told: seen.append(told))
    assert found == [number**2 for number in range(200)]
    assert seen[-1] == ("squares", 200, 200)
    assert [done for _, done, _ in seen] == sorted({done for _, done, _ in seen})
    assert processes.slots == 2
    assert processes.map(cluster_tasks.square, []) == []


def test_first_failure_is_raised_once_what_began_has_ended(processes, tmp_path):
    function = partial(cluster_tasks.fail_on, bad=3, folder=str(tmp_path))
    with pytest.raises(ValueError, match="3 is bad"):
        processes.map(function, range(50))
    left = sorted(path.name for path in tmp_path.iterdir())
    time.sleep(1.0)
    assert sorted(path.name for path in tmp_path.iterdir()) == left
    assert len(left) < 20
    assert processes.map(cluster_tasks.square, [4]) == [16]


def test_a_worker_that_hangs_is_not_waited_for_for_ever(monkeypatch):
    """Ctrl-C must end a run even where a worker no longer answers; a task of it that goes on later does no harm."""
    monkeypatch.setattr(dask_executor, "_END_S", 1.0)
    with local_processes(1) as executor:
        (process,) = executor.map(cluster_tasks.pid_after, [0.0])

        def stop(label, done, total):
            os.kill(process, signal.SIGSTOP)
            raise KeyboardInterrupt

        started = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            executor.map(cluster_tasks.slow_square, range(100), progress=stop)
        assert time.monotonic() - started < 10.0
        os.kill(process, signal.SIGKILL)


def test_threads_keep_the_same_contract(tmp_path):
    assert Threads(2).map(cluster_tasks.square, range(5)) == [0, 1, 4, 9, 16]
    with pytest.raises(ValueError, match="3 is bad"):
        Threads(2).map(partial(cluster_tasks.fail_on, bad=3, folder=str(tmp_path)), range(5))


def test_errors_for_the_user_keep_their_parts(processes):
    with pytest.raises(InputError) as caught:
        processes.map(cluster_tasks.refuse, [7])
    assert (caught.value.line, caught.value.key, caught.value.cure) == (4, "cohort.lives", "write 10000")


def test_what_cannot_travel_is_refused(processes):
    with pytest.raises(LeadriskError, match="a function of a module"):
        processes.map(lambda number: number, [1])


def test_a_worker_with_other_code_is_refused(processes, monkeypatch):
    other = {**code(), "numpy": "1.0"}
    monkeypatch.setattr("leadrisk.run.worker_task.code", lambda: other)
    with pytest.raises(InputError, match=r"numpy 1\.0 here"):
        processes.map(cluster_tasks.square, [1])


def test_waiting_for_workers_is_told_and_its_end_too(monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(dask_executor, "_PATIENCE_S", 0.5)
    said = []
    with (
        distributed.LocalCluster(
            n_workers=0, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):

        def say(words):
            said.append(words)
            cluster.scale(1)

        executor = dask_executor.DaskExecutor(client, say=say)
        slow = partial(cluster_tasks.slow_square, seconds=0.5)
        assert executor.map(slow, range(6)) == [0, 1, 4, 9, 16, 25]
    assert said[0].startswith("no worker is there yet")
    assert said[1].startswith("workers have come")


def test_a_task_that_ends_its_workers_is_named(processes, monkeypatch):
    monkeypatch.setattr(dask_executor, "MOST_DEATHS", 4)
    with pytest.raises(LeadriskError, match="hard ones: task 3 of 6 was on 4 workers in a row that died"):
        processes.map(partial(cluster_tasks.die_on, bad=3), range(6), label="hard ones")
    assert processes.map(cluster_tasks.square, range(10)) == [number**2 for number in range(10)]


def test_twenty_workers_killed_at_random_cost_nothing(processes):
    slow = partial(cluster_tasks.slow_square, seconds=0.2)
    with random_kills(processes._client, least=20, pause_s=1.0) as killed:
        rounds = 0
        while len(killed) < 20 and rounds < 20:
            assert processes.map(slow, range(100)) == [number**2 for number in range(100)]
            rounds += 1
    assert len(killed) >= 20
