"""Figures drawn by other processes are the same bytes, and no failure of them costs a figure."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from leadrisk.report import drawing_process
from leadrisk.report.drawing_process import Figures, collect, drawing_processes, hand_out
from leadrisk.report.figure_counts import figure_data
from leadrisk.report.figures import draw_figures
from unit.report_fixture import example


@pytest.fixture(scope="module")
def figures():
    summary, settlement = example("single", populations=16, futures=8)
    return Figures(summary, figure_data(summary, settlement), [])


@pytest.fixture(scope="module")
def here(figures):
    return collect(figures)


@pytest.fixture
def two_processors(monkeypatch):
    monkeypatch.setattr(drawing_process.os, "sched_getaffinity", lambda _: {0, 1})


def test_the_same_bytes_in_the_same_order(figures, here, two_processors):
    with drawing_processes() as processes:
        assert len(processes) == 2
        hand_out(figures, processes)
        there = collect(figures, processes)
        assert [process.wait() for process in processes] == [0, 0]
    assert list(there) == list(here)
    assert there == here


def test_drawn_and_handed_out_figures_are_the_same(here):
    summary, settlement = example("single", populations=16, futures=8)
    drawn = draw_figures(summary, settlement)
    assert {name: (drawing.svg, drawing.png) for name, drawing in drawn.items()} == here


def test_processes_that_are_killed_leave_their_figures_to_this_one(figures, here, two_processors):
    with drawing_processes() as processes:
        for process in processes:
            process.kill()
            process.wait()
        hand_out(figures, processes)
        assert collect(figures, processes) == here


def test_processes_that_cannot_be_started_are_done_without(figures, two_processors, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/no/such/program")
    with drawing_processes() as processes:
        assert processes == []


def test_one_processor_draws_alone(monkeypatch):
    monkeypatch.setattr(drawing_process.os, "sched_getaffinity", lambda _: {0})
    with drawing_processes() as processes:
        assert processes == []


def test_as_many_processes_as_workers(two_processors):
    with drawing_processes(threads=1) as processes:
        assert processes == []
    with drawing_processes(threads=8) as processes:
        assert len(processes) == 2


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGSTOP])
def test_one_process_that_does_not_answer_is_done_without(figures, here, two_processors, monkeypatch, stop):
    monkeypatch.setattr(drawing_process, "_PATIENCE_S", 20.0)
    with drawing_processes() as processes:
        processes[1].send_signal(stop)
        hand_out(figures, processes)
        assert collect(figures, processes) == here


def test_no_process_outlives_the_run(two_processors):
    with pytest.raises(KeyboardInterrupt), drawing_processes() as processes:
        raise KeyboardInterrupt
    assert all(process.poll() is not None for process in processes)


def test_a_drawing_process_loads_no_engine():
    heavy = ("numba", "xarray", "pandas", "zarr", "dask")
    code = f"import sys, leadrisk.report.figure_drawers; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_page_is_written_without_the_library_of_figures():
    code = "import sys, leadrisk.report.outputs; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
