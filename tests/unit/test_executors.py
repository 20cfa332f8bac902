"""What surrounds the tasks of a cluster: contexts that start and end it, and the message that a worker gets."""

from __future__ import annotations

import pickle
import time

import pytest

from leadrisk.errors import InputError, LeadriskError
from leadrisk.run.dask_clusters import closing, first_cause, local_processes
from leadrisk.run.dask_executor import _judge, _Work
from leadrisk.run.execute import map_blocks
from leadrisk.run.executors import Threads, made_anew
from leadrisk.run.worker_task import call, packed


def test_a_context_is_entered_again_and_left_each_time():
    order = []

    @made_anew
    def workers(count):
        order.append(f"{count} come")
        try:
            yield Threads(count)
        finally:
            order.append("they go")

    executor = workers(2)
    with executor as threads:
        assert threads.map(abs, [-1]) == [1]
    with pytest.raises(TypeError), executor as threads:
        threads.map(abs, ["no number"])
    assert order == ["2 come", "they go", "2 come", "they go"]


def test_a_cluster_that_does_not_close_costs_no_results():
    said = []

    class Stubborn:
        def close(self):
            raise TimeoutError

    with closing(Stubborn(), said.append) as made:
        assert isinstance(made, Stubborn)
    assert said == ["Stubborn did not close in order: TimeoutError"]


def test_processes_that_cannot_start_are_one_message(monkeypatch):
    distributed = pytest.importorskip("distributed")

    def no_files(*_, **__):
        message = "Nanny failed to start."
        raise RuntimeError(message) from OSError(24, "Too many open files")

    monkeypatch.setattr(distributed, "LocalCluster", no_files)
    with (
        pytest.raises(LeadriskError, match=r"4 worker processes could not be started: .*Too many open files"),
        local_processes(4),
    ):
        pass


def test_the_first_cause_is_told():
    error = RuntimeError("the cluster failed")
    error.__cause__ = ValueError("'ib9' is no\nnetwork interface")
    assert first_cause(error) == "'ib9' is no network interface"
    assert first_cause(TimeoutError()) == "TimeoutError"


def test_other_code_is_told_before_anything_is_looked_for():
    assert call(packed(abs), -3) == 3
    with pytest.raises(InputError, match=r"runs other code: .*numpy 1\.0 here"):
        call(pickle.dumps(({"numpy": "1.0"}, b"of a module that is not there")), 1)


def test_a_worker_without_the_program_is_told():
    error = ModuleNotFoundError("No module named 'leadrisk'", name="leadrisk")
    with pytest.raises(InputError, match="a worker cannot import this leadrisk"):
        _judge(_Work(None, b"", [0], "tasks"), 0, error)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_maps_within_and_beside_each_other_tell_their_own_progress(threads):
    told = {}

    def outer(number):
        def progress(label, done, total):
            told.setdefault(label, []).append((done, total))

        found = map_blocks(lambda item: item + number, range(40), threads=2, label=str(number), progress=progress)
        assert found == list(range(number, number + 40))
        return number

    seen = []
    assert map_blocks(outer, range(20), threads=threads, progress=lambda *at: seen.append(at)) == list(range(20))
    assert seen == [("", done, 20) for done in range(1, 21)]
    assert told == {str(number): [(done, 40) for done in range(1, 41)] for number in range(20)}


@pytest.mark.parametrize("threads", [1, 3])
def test_after_a_failure_what_has_begun_ends_and_nothing_else_begins(threads):
    begun, ended = [], []

    def work(number):
        begun.append(number)
        if number == 4:
            raise KeyError(number)
        time.sleep(0.01)
        ended.append(number)

    with pytest.raises(KeyError):
        map_blocks(work, range(200), threads=threads)
    at_once = len(begun)
    assert sorted(ended) == [number for number in sorted(begun) if number != 4]
    assert at_once < 50
    time.sleep(0.05)
    assert len(begun) == at_once
