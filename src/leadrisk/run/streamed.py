"""A run whose tasks leave their numbers in a store: planned, done by any executor, gone on with after any stop."""

from __future__ import annotations

import json
import os
import shutil
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from leadrisk.errors import LeadriskError
from leadrisk.experience.simulate import simulate_block
from leadrisk.files import write_atomically
from leadrisk.run.chunk_writer import UNNAMED
from leadrisk.run.cover import premium_shares
from leadrisk.run.execute import map_blocks
from leadrisk.run.identity import run_identity
from leadrisk.run.layout import complete, is_laid_out, laid_out, lay_out, probed
from leadrisk.run.ledger import LEDGER, entries_of, is_whole, lost_tasks, strike_out_all_but
from leadrisk.run.lines import settlement_attrs
from leadrisk.run.open_store import open_group
from leadrisk.run.run_plan import PLAN, RunPlan, default_chunk, read_plan
from leadrisk.run.setting import prepare_run
from leadrisk.run.store import RESULTS
from leadrisk.run.task import do_task

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr

    from leadrisk.run.executors import Executor
    from leadrisk.run.plan import Block
    from leadrisk.scenario.model import Scenario

    Progress = Callable[[str, int, int], None]

LAYOUT = "layout.json"
KEPT = (RESULTS, LEDGER, PLAN, LAYOUT)  # what a stopped run leaves for the next one


class State(NamedTuple):
    """How far the run in a directory is.

    Attributes
    ----------
    missing
        Tasks to be done.
    damaged
        Those of them that were done, but whose chunks are not what they were.
    """

    missing: list[int]
    damaged: list[int]


def planned(
    scenario: Scenario, directory: Path, *, slots: int, chunk: int | None = None, threads: int | None = None
) -> RunPlan:
    """Plan of the run in a directory: the one that is there, or a new one with its store laid out.

    Parameters
    ----------
    scenario
        That states its futures.
    slots
        Tasks that run at once; a plan that is there keeps the tasks that it has.
    chunk
        Populations of a task; default about a second of work.
    threads
        Of this process, for what is worked out once a run.
    """
    plan = plan_there(scenario, directory)
    if plan is not None:
        return plan
    identity = run_identity(scenario)
    (directory / PLAN).unlink(missing_ok=True)  # first: without it, nothing that is there counts
    for name in (RESULTS, LEDGER):
        if (directory / name).exists():
            shutil.rmtree(directory / name)
    run, futures = scenario.run, int(identity["scenario"]["run"]["futures"])
    setting = prepare_run(scenario, futures=futures, seed=run.seed)

    def experience_of(part: Block) -> xr.Dataset:
        return simulate_block(scenario, first=part.first, count=part.size, populations=run.populations, seed=run.seed)

    premiums = premium_shares(experience_of, setting, populations=run.populations, threads=threads)
    groups = probed(setting.with_premiums(premiums))
    each = sum(layout.population_bytes for layout, _ in groups.values())
    size = chunk or default_chunk(scenario, futures=futures, population_bytes=each, slots=slots)
    plan = RunPlan(identity, min(size, run.populations), each, premiums)
    lay_out(directory / RESULTS, groups, chunk=plan.chunk)
    write_atomically(directory / LAYOUT, json.dumps(laid_out(directory / RESULTS)).encode())
    (directory / LEDGER).mkdir()
    write_atomically(directory / PLAN, plan.text.encode())
    return plan


def plan_there(scenario: Scenario, directory: Path) -> RunPlan | None:
    """Plan of the run that a directory holds, its layout mended; ``None`` where it holds none of this scenario."""
    plan = read_plan(directory)
    if plan is None or plan.identity != run_identity(scenario):
        return None
    _mend_layout(directory, plan)
    return plan


def _mend_layout(directory: Path, plan: RunPlan) -> None:
    """Lay out anew what is missing or damaged beside the chunks."""
    results = directory / RESULTS
    if _is_laid_out(directory):
        return
    with TemporaryDirectory(dir=directory, prefix=".layout-") as place:
        fresh = Path(place) / RESULTS
        lay_out(fresh, probed(plan.setting()), chunk=plan.chunk)
        found = laid_out(fresh)
        shutil.copytree(fresh, results, dirs_exist_ok=True, copy_function=os.replace)  # never written into
        write_atomically(directory / LAYOUT, json.dumps(found).encode())


def _is_laid_out(directory: Path) -> bool:
    try:
        files: dict[str, list[int]] = json.loads((directory / LAYOUT).read_bytes())
        return is_laid_out(directory / RESULTS, files)
    except (OSError, ValueError, AttributeError):
        return False


def state(directory: Path, plan: RunPlan, *, threads: int | None = None, progress: Progress | None = None) -> State:
    """Check every chunk against the ledger, and strike out the tasks whose chunks are missing or damaged."""
    found = checked(directory, plan, threads=threads, progress=progress)
    strike_out_all_but(directory, set(range(len(plan.blocks))).difference(found.missing))
    return found


def is_complete(
    directory: Path, plan: RunPlan, *, threads: int | None = None, progress: Progress | None = None
) -> bool:
    """Whether everything that a run wrote is what it was; nothing is changed."""
    return _is_laid_out(directory) and not checked(directory, plan, threads=threads, progress=progress).missing


def checked(directory: Path, plan: RunPlan, *, threads: int | None = None, progress: Progress | None = None) -> State:
    """Check every chunk against the ledger."""
    known = entries_of(directory, plan.sha256)
    whole = map_blocks(
        partial(is_whole, directory / RESULTS), known, threads=threads, label="checking chunks", progress=progress
    )
    damaged = [entry.task for entry, sound in zip(known, whole, strict=True) if not sound]
    done = {entry.task for entry in known}.difference(damaged)
    return State([task for task in range(len(plan.blocks)) if task not in done], damaged)


def do_tasks(
    directory: Path, plan: RunPlan, tasks: list[int], *, executor: Executor, progress: Progress | None = None
) -> None:
    """Do tasks of a run, anywhere."""
    task = partial(do_task, directory=str(directory), plan_sha256=plan.sha256)
    executor.map(task, tasks, label="simulating and settling", progress=progress)


def finished(directory: Path, plan: RunPlan) -> tuple[xr.Dataset, xr.Dataset]:
    """Complete the store once all tasks are done, and open its experience and settlement."""
    results = directory / RESULTS
    known = entries_of(directory, plan.sha256)
    lost = lost_tasks(known, results, tasks=len(plan.blocks))
    if lost:
        message = f"{results}: chunks of {len(lost):,} tasks are not there any more; go on with --resume"
        raise LeadriskError(message)
    for left in results.rglob(f"*{UNNAMED}*"):  # of tasks that were killed, or given up for lost
        left.unlink(missing_ok=True)
    setting = plan.setting()
    for entry in known:
        for program, names in entry.terms.items():
            for name in names:
                setting.terms[program].value(name)
    complete(results, settlement_attrs=settlement_attrs(setting))
    return open_group(results, "experience"), open_group(results, "settlement")
