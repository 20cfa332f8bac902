"""A run whose tasks leave their numbers in a store: planned, done by any executor, gone on with after any stop."""

from __future__ import annotations

import os
import shutil
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from leadrisk.errors import LeadriskError
from leadrisk.experience.simulate import simulate_block
from leadrisk.files import write_atomically
from leadrisk.run.chunk_writer import UNNAMED
from leadrisk.run.cover import premium_shares
from leadrisk.run.identity import run_identity
from leadrisk.run.intact import State, checked, is_laid_out, note_completed_layout, note_layout
from leadrisk.run.layout import complete, lay_out, probed
from leadrisk.run.ledger import LEDGER, Entry, entries_of, lost_tasks, strike_out_all_but
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

_LOOKS, _LOOK_EVERY_S = 70, 1.0  # NFS shows a directory as it was a minute ago at most


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
    note_layout(directory, directory / RESULTS)
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
    if is_laid_out(directory):
        return
    with TemporaryDirectory(dir=directory, prefix=".layout-") as place:
        fresh = Path(place) / RESULTS
        lay_out(fresh, probed(plan.setting()), chunk=plan.chunk)
        note_layout(directory, fresh)
        shutil.copytree(fresh, results, dirs_exist_ok=True, copy_function=os.replace)  # never written into


def state(directory: Path, plan: RunPlan, *, threads: int | None = None, progress: Progress | None = None) -> State:
    """Check every chunk against the ledger, and strike out the tasks whose chunks are missing or damaged."""
    found = checked(directory, plan, threads=threads, progress=progress)
    strike_out_all_but(directory, set(range(len(plan.blocks))).difference(found.missing))
    return found


def do_tasks(
    directory: Path, plan: RunPlan, tasks: list[int], *, executor: Executor, progress: Progress | None = None
) -> None:
    """Do tasks of a run, anywhere."""
    task = partial(do_task, directory=str(directory), plan_sha256=plan.sha256)
    executor.map(task, tasks, label="simulating and settling", progress=progress)


def finished(directory: Path, plan: RunPlan) -> tuple[xr.Dataset, xr.Dataset]:
    """Complete the store once all tasks are done, and open its experience and settlement."""
    results = directory / RESULTS
    known = _all_entries(directory, plan)
    for left in results.rglob(f"*{UNNAMED}*"):  # of tasks that were killed, or given up for lost
        left.unlink(missing_ok=True)
    setting = plan.setting()
    for entry in known:
        for program, names in entry.terms.items():
            for name in names:
                setting.terms[program].value(name)
    complete(results, settlement_attrs=settlement_attrs(setting))
    note_completed_layout(directory)
    return open_group(results, "experience"), open_group(results, "settlement")


def _all_entries(directory: Path, plan: RunPlan) -> list[Entry]:
    """Entries of all tasks; what others have just written may not be seen at once on a shared file system."""
    for _ in range(_LOOKS):
        known = entries_of(directory, plan.sha256)
        lost = lost_tasks(known, directory / RESULTS, tasks=len(plan.blocks))
        if not lost:
            return known
        time.sleep(_LOOK_EVERY_S)
    message = f"{directory / RESULTS}: chunks of {len(lost):,} tasks are not there any more; go on with --resume"
    raise LeadriskError(message)
