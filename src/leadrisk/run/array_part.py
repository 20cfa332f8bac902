"""A part of the tasks of a prepared run, done by one process among several that know nothing of each other."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from leadrisk.errors import InputError
from leadrisk.run.directory import NEW, locked
from leadrisk.run.ledger import is_done
from leadrisk.run.owner import NO_LOCKS, OWNER, claim
from leadrisk.run.run_plan import read_plan
from leadrisk.run.streamed import do_tasks
from leadrisk.run.work_directory import unfinished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from leadrisk.run.executors import Executor


class Part(NamedTuple):
    """One of several equal parts, counted from 1."""

    number: int
    of: int


def parse_part(text: str) -> Part:
    """Read ``I/N``.

    Raises
    ------
    InputError
        If it is no such pair.

    Examples
    --------
    >>> parse_part("3/16")
    Part(number=3, of=16)
    """
    number, _, of = text.partition("/")
    if number.strip().isdecimal() and of.strip().isdecimal() and 1 <= int(number) <= int(of):
        return Part(int(number), int(of))
    problem = f"must be I/N with I from 1 to N, got {text!r}"
    raise InputError(problem, key="--part", cure="write for example --part 3/16")


def part_of_job(environment: Mapping[str, str]) -> Part:
    """Part that SLURM gives an element of a job array; outside one, everything.

    Examples
    --------
    >>> part_of_job({"SLURM_ARRAY_TASK_ID": "12", "SLURM_ARRAY_TASK_MIN": "10", "SLURM_ARRAY_TASK_COUNT": "4"})
    Part(number=3, of=4)
    >>> part_of_job({})
    Part(number=1, of=1)
    """
    if "SLURM_ARRAY_TASK_ID" not in environment:
        return Part(1, 1)
    number, least, of = (int(environment[f"SLURM_ARRAY_TASK_{name}"]) for name in ("ID", "MIN", "COUNT"))
    step = int(environment.get("SLURM_ARRAY_TASK_STEP", "1"))
    found = Part((number - least) // step + 1, of)
    if found.number > found.of:
        problem = "holds numbers that are not evenly spaced"
        raise InputError(problem, key="SLURM_ARRAY_TASK_ID", cure="give the part yourself, for example --part 3/16")
    return found


def do_part(
    out: Path, part: Part, *, executor: Executor, progress: Callable[[str, int, int], None] | None = None
) -> tuple[int, int]:
    """Do the tasks of a part that are not done yet; return how many there were, and how many were to do.

    Raises
    ------
    InputError
        If there is no prepared run, or a client works on it.
    """
    with _shared(out):
        directory = unfinished(out) / NEW
        plan = read_plan(directory)
        if plan is None:
            problem = "has no prepared run"
            raise InputError(problem, path=out, cure="prepare one with leadrisk run ... --prepare N")
        own = list(range(len(plan.blocks)))[part.number - 1 :: part.of]
        missing = [task for task in own if not is_done(directory, task, plan=plan.sha256)]
        do_tasks(directory, plan, missing, executor=executor, progress=progress)
        return len(own), len(missing)


@contextmanager
def _shared(out: Path) -> Iterator[None]:
    """Hold the lock of a run beside other parts, but not beside a client."""
    staging = unfinished(out)
    if not staging.is_dir():
        problem = "has no prepared run"
        raise InputError(problem, path=out, cure="prepare one with leadrisk run ... --prepare N")
    try:
        lock = locked(staging, shared=True)
    except BlockingIOError:
        problem = "is being worked on by a client, which hands out the tasks itself"
        raise InputError(problem, path=staging, cure="wait for it") from None
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        own = claim(staging, f"part-{uuid4().hex}.json", beside=OWNER)
        leave = partial(own.unlink, missing_ok=True)
    else:
        leave = partial(os.close, lock)
    try:
        yield
    finally:
        leave()
