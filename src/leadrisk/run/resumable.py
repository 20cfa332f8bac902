"""A whole run in a directory: kept when it is stopped, gone on with, complete under its name at the end."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from leadrisk.files import read_json
from leadrisk.run.directory import MANIFEST, resolved
from leadrisk.run.executors import entered, slots_here
from leadrisk.run.forecast import forecast, free_bytes, in_words, outcome, taken
from leadrisk.run.futures_choice import with_futures
from leadrisk.run.identity import run_identity
from leadrisk.run.intact import KEPT, is_complete
from leadrisk.run.job import Result, described
from leadrisk.run.ledger import done_seconds
from leadrisk.run.open_store import open_group
from leadrisk.run.run_plan import read_plan
from leadrisk.run.setting import described_terms, run_terms
from leadrisk.run.store import RESULTS
from leadrisk.run.streamed import do_tasks, finished, plan_there, planned, state
from leadrisk.run.target_error import STEPS, spent_seconds
from leadrisk.run.work_directory import IDENTITY, unfinished, work_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from leadrisk.run.executors import Executor
    from leadrisk.run.run_plan import RunPlan
    from leadrisk.scenario.model import Scenario


@contextmanager
def run_directory(
    scenario: Scenario,
    out: Path,
    *,
    resume: bool = False,
    restart: bool = False,
    target_error: float | None = None,
    finish: bool = True,
    say: Callable[[str], None] | None = None,
) -> Iterator[Path]:
    """Give the directory of a run to work in; see :func:`leadrisk.run.work_directory.work_directory`.

    Parameters
    ----------
    target_error
        That chooses the populations; else the scenario's count.
    """
    with work_directory(
        out,
        identity=_identity(scenario, target_error),
        kept=(*KEPT, STEPS),
        done_seconds=lambda directory: done_seconds(directory) + spent_seconds(directory),
        resume=resume,
        restart=restart,
        finish=finish,
        say=say,
    ) as directory:
        yield directory


def _identity(scenario: Scenario, target_error: float | None) -> dict[str, Any]:
    identity = run_identity(scenario)
    if target_error is not None:
        identity["target_error"] = target_error
        del identity["scenario"]["run"]["populations"]
    return identity


def complete_run(
    scenario: Scenario,
    out: Path,
    *,
    target_error: float | None = None,
    threads: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    say: Callable[[str], None] | None = None,
) -> Result | None:
    """Return a run that is complete and whole under its name, which is left alone; ``None`` where there is none."""
    target = resolved(out)
    if unfinished(out).exists() or read_json(target / IDENTITY) != _identity(scenario, target_error):
        return None
    plan = read_plan(target)
    if plan is None or not is_complete(target, plan, threads=threads, progress=progress):
        return None
    summary, manifest = read_json(target / "summary.json"), read_json(target / MANIFEST)
    if summary is None or manifest is None:
        return None
    if say is not None:
        say(f"Complete already: the chunks of all {len(plan.blocks):,} tasks are what they were.")
    return Result(
        scenario=plan.scenario,
        experience=open_group(target / RESULTS, "experience"),
        settlement=open_group(target / RESULTS, "settlement"),
        summary=summary,
        manifest=manifest | {"forecast": {"tasks": 0}},
        unverified_terms=described_terms(summary["unverified_terms"], run_terms(plan.scenario)),
    )


def run_in_directory(
    scenario: Scenario,
    directory: Path,
    *,
    executor: Executor | AbstractContextManager[Executor] | None = None,
    threads: int | None = None,
    chunk: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    say: Callable[[str], None] | None = None,
) -> Result:
    """Simulate and settle what is missing of a run, then work out what it means.

    Parameters
    ----------
    directory
        From :func:`run_directory`.
    executor
        Does the tasks. A context that gives what does is entered once it is known what is missing, if anything is,
        and left when it is done: jobs of a cluster do not wait for what this process works out.
    threads
        Of this process, for what is worked out once a run.
    chunk
        Populations of a task. No result depends on it, nor on the executor.
    """
    started = time.perf_counter()
    scenario = with_futures(scenario)
    tell = say or (lambda _: None)
    plan = plan_there(scenario, directory)
    missing = None if plan is None else _missing(directory, plan, threads=threads, progress=progress, tell=tell)
    expected = None
    if plan is None or missing:
        with ExitStack() as workers:
            does = entered(workers, executor, threads=threads)
            if plan is None:
                plan = planned(scenario, directory, slots=does.slots, chunk=chunk, threads=threads)
            missing = missing or list(range(len(plan.blocks)))
            expected = forecast(plan, missing, slots=does.slots, threads=slots_here(does))
            for line in in_words(expected, free=free_bytes(directory)):
                tell(line)
            do_tasks(directory, plan, missing, executor=does, progress=progress)
    experience, settlement = finished(directory, plan)
    result = described(scenario, experience, settlement, started=started, threads=threads, progress=progress)
    result.manifest["forecast"] = {"tasks": 0}
    if expected is not None and missing:
        core_seconds, disk = taken(directory, missing)
        result.manifest["forecast"] = outcome(expected, core_seconds=core_seconds, disk=disk)
    return result


def _missing(
    directory: Path,
    plan: RunPlan,
    *,
    threads: int | None,
    progress: Callable[[str, int, int], None] | None,
    tell: Callable[[str], None],
) -> list[int]:
    """Tasks that are to be done of a run that has begun."""
    found, tasks = state(directory, plan, threads=threads, progress=progress), len(plan.blocks)
    if len(found.missing) < tasks:
        tell(f"Going on: {tasks - len(found.missing):,} of {tasks:,} tasks are done.")
    if found.damaged:
        tell(f"{len(found.damaged):,} had chunks that were missing or damaged, and are done again.")
    return found.missing


def prepare_directory(
    scenario: Scenario, directory: Path, *, slots: int, chunk: int | None = None, threads: int | None = None
) -> int:
    """Plan a run that other processes do; return the number of its tasks."""
    return len(planned(with_futures(scenario), directory, slots=slots, chunk=chunk, threads=threads).blocks)
