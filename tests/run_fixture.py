"""Streamed runs for tests: planned, done and opened in a directory of their own."""

from __future__ import annotations

from leadrisk.run.executors import Threads
from leadrisk.run.futures_choice import with_futures
from leadrisk.run.streamed import do_tasks, finished, planned, state


def streamed(scenario, directory, *, threads=2, chunk=None):
    """Experience and settlement of a run, opened from its store."""
    directory.mkdir(parents=True, exist_ok=True)
    plan = planned(with_futures(scenario), directory, slots=threads, chunk=chunk)
    do_tasks(directory, plan, state(directory, plan).missing, executor=Threads(threads))
    return finished(directory, plan)
