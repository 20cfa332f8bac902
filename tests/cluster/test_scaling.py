"""The benchmarks of processes run, so that they cannot rot; their figures stand in docs/explanation/scaling.md."""

from __future__ import annotations

import pytest

from reference.benchmark_module import benchmark_module

pytestmark = pytest.mark.cluster


def test_the_benchmark_of_scaling_runs(monkeypatch):
    benchmark_module("scheduler_overhead")  # which scaling imports
    scaling = benchmark_module("scaling")
    monkeypatch.setattr(scaling, "measure", lambda processes, tasks: {"ms_per_task": 2.0})
    found = scaling.scaling(populations=256, cores=[1, 1000])
    assert set(found["measured"]) == {"1 threads", "2 threads", "1 processes", "2 processes"}
    assert all(one["core_s"] > 0.0 and one["tasks"] > 0 for one in found["measured"].values())
    assert found["projection"]["1"]["1 s"]["at_work"] == 1.0
    many = found["projection"]["1000"]
    assert all(one["scheduler_allows"] == 500.0 and 0.0 < one["at_work"] < 1.0 for one in many.values())
    assert many["0.5 s"]["tasks_a_second_wanted"] == 2000.0
    assert many["0.5 s"]["at_work"] <= many["5 s"]["at_work"]


def test_the_benchmark_of_the_scheduler_runs():
    assert benchmark_module("scheduler_overhead").measure(1, 100)["ms_per_task"] > 0.0
