"""What surrounds the tasks of a cluster: contexts that start and end it, and the message that a worker gets."""

from __future__ import annotations

import pickle

import pytest

from leadrisk.errors import InputError, LeadriskError
from leadrisk.run.dask_clusters import closing, first_cause, local_processes
from leadrisk.run.dask_executor import _judge, _Work
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
