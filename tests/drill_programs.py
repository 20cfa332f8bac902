"""Programs of others that drills start: Dask's scheduler and its nodes."""

from __future__ import annotations

import json

from drill_fixture import wait_until


def dask_programs(program, file):
    """Start a scheduler; give its address and what starts a node of it."""
    common = ("--host", "127.0.0.1", "--scheduler-file", file)
    dashboard = ("--dashboard-address", "127.0.0.1:0")
    scheduler = program("-m", "distributed.cli.dask_scheduler", "--port", 0, *dashboard, *common)
    wait_until(lambda: file.exists() and file.read_text().rstrip().endswith("}"), what="the scheduler")

    def node(**environment):
        arguments = ("--nthreads", 1, "--no-dashboard", "--memory-limit", 0)
        return program("-m", "distributed.cli.dask_worker", *arguments, *common, **environment)

    return scheduler, json.loads(file.read_text())["address"], node
