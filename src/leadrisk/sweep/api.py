"""A whole sweep: plan, run every cell, put the figures together."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import leadrisk
from leadrisk.errors import LeadriskError
from leadrisk.run.executors import entered, slots_here
from leadrisk.run.forecast import free_bytes, in_words, outcome
from leadrisk.run.identity import differences, program
from leadrisk.run.work_directory import work_directory
from leadrisk.scenario.load import scenario_sha256
from leadrisk.sweep.dataset import sweep_dataset
from leadrisk.sweep.design import log_scales
from leadrisk.sweep.forecast import sweep_forecast
from leadrisk.sweep.outputs import failures, sweep_sha256, write_sweep
from leadrisk.sweep.plan import plan_sweep
from leadrisk.sweep.spec import SweepFile, read_sweep
from leadrisk.sweep.task import CELLS, Outcome, cell_tasks, done_seconds, read_result, run_cell, written_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from os import PathLike

    import xarray as xr

    from leadrisk.run.executors import Executor
    from leadrisk.sweep.plan import SweepPlan
    from leadrisk.sweep.task import CellTask

    Progress = Callable[[str, int, int], None]

_NOT_STATED = {"name", "description", "scenario", "overlays", "stresses", "keep"}  # names, places of files, its own key


def run_sweep(
    sweep: str | PathLike[str] | SweepFile,
    out: str | PathLike[str],
    *,
    executor: Executor | AbstractContextManager[Executor] | None = None,
    resume: bool = False,
    restart: bool = False,
    progress: Progress | None = None,
    say: Callable[[str], None] | None = None,
    finish: Callable[[Path, xr.Dataset], object] | None = None,
) -> xr.Dataset:
    """Run every cell of a sweep; a cell that fails is recorded, and the rest is finished.

    Parameters
    ----------
    sweep
        Sweep file, or one read with :func:`leadrisk.sweep.read_sweep`.
    out
        Directory for the outputs; complete in the end, or absent.
    executor
        What runs the cells, or a context that gives it; default threads on all CPUs. Results do not depend on it.
    resume, restart, say
        As in :func:`leadrisk.run.work_directory.work_directory`: go on with a sweep, whose whole cells are not run
        again, or begin anew. A sweep that is gone on with may have got further cells.
    progress
        Called with (label, done, total) after each cell.
    finish
        Called with the directory and the dataset before the directory is complete, to write more into it.

    Returns
    -------
    xarray.Dataset
        Figures by cell and contract, what cells differ in as coordinates along cell; ``status`` says which are done.
        ``attrs["failures"]`` lists those without figures.

    Raises
    ------
    InputError
        If the sweep is wrong, or no cell of it is valid.
    LeadriskError
        If every cell failed.
    """
    file = sweep if isinstance(sweep, SweepFile) else read_sweep(sweep)
    plan = plan_sweep(file)
    cells = {cell.identifier: scenario_sha256(scenario) for cell, scenario in plan.valid}
    stated = plan.sweep.model_dump(mode="json", exclude=_NOT_STATED)
    identity = {"kind": "sweep", **program(), "keep": plan.sweep.keep.totals, "stated": stated, "cells": cells}
    with work_directory(
        Path(out),
        identity=identity,
        kept=(CELLS,),
        done_seconds=done_seconds,
        differs=_differences,
        resume=resume,
        restart=restart,
        say=say,
    ) as directory:
        dataset = sweep_into(plan, directory, executor=executor, progress=progress, say=say)
        if finish is not None:
            finish(directory, dataset)
    return dataset


def sweep_into(
    plan: SweepPlan,
    directory: Path,
    *,
    executor: Executor | AbstractContextManager[Executor] | None = None,
    progress: Progress | None = None,
    say: Callable[[str], None] | None = None,
) -> xr.Dataset:
    """Run the cells of a plan and write everything into a directory; whole results that lie in it are kept."""
    started = time.perf_counter()
    keep, tell = plan.sweep.keep.totals, say or (lambda _: None)
    (directory / CELLS).mkdir(exist_ok=True)
    tasks = cell_tasks(plan.valid, directory=directory, keep_totals=keep)
    results = _results(tasks, known={})
    outcomes = {name: Outcome(name, found["seconds"], reused=True) for name, found in results.items()}
    largest_first = sorted(plan.valid, key=lambda pair: (-pair[1].cohort.lives, pair[0].identifier))
    missing = [(tasks[cell.identifier], scenario) for cell, scenario in largest_first if cell.identifier not in results]
    if plan.invalid:
        count, example = f"{len(plan.invalid):,} of {len(plan.cells):,} cells", plan.invalid[0]
        tell(f"{count} are not valid and will fail; the first, {example.identifier}: {example.reason}")
    if results:
        tell(f"Going on: {len(results):,} of {len(tasks):,} cells are done.")
    expected = None
    if missing:
        with ExitStack() as workers:
            does = entered(workers, executor)
            scenarios = [scenario for _, scenario in missing]
            expected = sweep_forecast(scenarios, slots=does.slots, threads=slots_here(does), keep_totals=keep)
            for line in in_words(expected, free=free_bytes(directory), what="cell"):
                tell(line)
            ended = does.map(run_cell, [task for task, _ in missing], label="running cells", progress=progress)
        outcomes |= {one.identifier: one for one in ended}
        results = _results(tasks, known=results)
    for left in (directory / CELLS).glob(".*"):  # of processes that were killed while they wrote
        left.unlink(missing_ok=True)
    failed = failures(plan, outcomes, results)
    if not results:
        first = next(one for one in failed if one["status"] == "failed")
        if first["cell"] in outcomes:
            tell(outcomes[first["cell"]].trace)
        problem = f"every cell failed; the first, {first['cell']}: {first['reason']}"
        raise LeadriskError(problem)
    dataset = sweep_dataset(
        plan, results, attrs=_attributes(plan, {name: t.scenario_sha256 for name, t in tasks.items()})
    )
    compared: dict[str, Any] = {"tasks": 0}
    if expected is not None:
        took = sum(one.seconds for one in outcomes.values() if not one.reused)
        compared = outcome(expected, core_seconds=took, disk=sum(written_bytes(task) for task, _ in missing))
    elapsed_s = time.perf_counter() - started
    write_sweep(directory, dataset, failed=failed, outcomes=outcomes, elapsed_s=elapsed_s, forecast=compared)
    return dataset.assign_attrs(failures=failed)


def _results(tasks: Mapping[str, CellTask], *, known: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Results of the cells that are whole, in the order of the plan; those that are known are not read again."""
    found = {name: known.get(name) or read_result(task) for name, task in tasks.items()}
    return {name: result for name, result in found.items() if result is not None}


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What keeps a sweep from being gone on with; cells that have been added do not."""
    cells = before.get("cells", {})
    other = [name for name, sha in cells.items() if now["cells"].get(name) != sha]
    found = differences({**before, "stated": None, "cells": None}, {**now, "stated": None, "cells": None})
    if other:
        found += differences(before.get("stated", {}), now["stated"])
        found.append(f"{len(other):,} of {len(cells):,} cells are others, the first {other[0]}")
    return found


def _attributes(plan: SweepPlan, scenarios: Mapping[str, str]) -> dict[str, Any]:
    run = plan.sweep.run
    return {
        "sweep": plan.sweep.name,
        "scenario_sha256": sweep_sha256(plan, scenarios),
        "populations": run.populations,
        "futures": run.futures,
        "seed": run.seed,
        "design": plan.sweep.design or "",
        "log_scales": log_scales(plan.sweep),
        "version": leadrisk.__version__,
    }
