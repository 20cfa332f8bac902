"""One task of a run: simulate a block of populations, settle it, write its chunks and its entry in the ledger.

A task is told by plain data alone: the directory of the run, the fingerprint of its plan, and a number. Whoever does
it, a thread, a process or a job on another machine, reads the plan there and works the rest out, once a process.
"""

from __future__ import annotations

import os
import platform
import time
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from leadrisk.errors import LeadriskError
from leadrisk.experience.simulate import simulate_block
from leadrisk.run.chunk_writer import ChunkWriter
from leadrisk.run.execute import keep_freed_memory
from leadrisk.run.experience_arrays import put_experience
from leadrisk.run.ledger import Entry, is_done, write_entry
from leadrisk.run.lines import LineStore
from leadrisk.run.open_store import declared_arrays
from leadrisk.run.plan import Block, plan_blocks, settled_block_size
from leadrisk.run.run_plan import PLAN, RunPlan, read_plan
from leadrisk.run.settle import settle_block
from leadrisk.run.store import RESULTS

if TYPE_CHECKING:
    from leadrisk.run.chunks import Declared
    from leadrisk.run.setting import Setting

_LOCK = Lock()


class Prepared(NamedTuple):
    """What the tasks of a run share in a process."""

    plan: RunPlan
    setting: Setting
    declared: dict[str, dict[str, Declared]]


def do_task(number: int, *, directory: str, plan_sha256: str) -> float:
    """Do a task of the run in a directory, unless it is done; return the seconds on one core that it took.

    Raises
    ------
    LeadriskError
        If there is no such plan in the directory, or it was made by another program: version, code or libraries.
    """
    if is_done(Path(directory), number, plan=plan_sha256):
        return 0.0
    started = time.thread_time()
    with _LOCK:  # threads that begin together wait for one of them
        prepared = _prepared(directory, plan_sha256)
    plan, setting, declared = prepared
    part = plan.blocks[number]
    results = Path(directory) / RESULTS
    writers = {
        group: ChunkWriter(results / group, arrays, block=part, number=number, chunk=plan.chunk)
        for group, arrays in declared.items()
    }
    try:
        block = simulate_block(
            setting.scenario, first=part.first, count=part.size, populations=plan.populations, seed=setting.seed
        )
        put_experience(writers["experience"], block, rows=part.rows, populations=plan.populations)
        lines = LineStore(setting, writers["settlement"], populations=plan.populations)
        for some in plan_blocks(part.size, size=settled_block_size(setting.futures, setting.years.size)):
            persons = block.isel(population=some.rows)
            rows = Block(part.first + some.first, some.size).rows
            lines.put(rows, settle_block(persons, setting, ratchet=True), persons)
        _check_plan(directory, plan_sha256)  # a run begun anew in this place must not get chunks of the one before
        files = {name: seen for writer in writers.values() for name, seen in writer.name_chunks().items()}
    finally:
        for writer in writers.values():
            writer.discard()
    seconds = time.thread_time() - started
    terms = {program: sorted(used.used()) for program, used in setting.terms.items()}
    worker = f"{platform.node()}:{os.getpid()}"
    write_entry(Path(directory), Entry(number, plan_sha256, files, terms, round(seconds, 4), worker))
    return seconds


def _check_plan(directory: str, plan_sha256: str) -> RunPlan:
    plan = read_plan(Path(directory))
    if plan is None or plan.sha256 != plan_sha256:
        message = (
            f"{Path(directory) / PLAN}: is not the plan of this run on {platform.node()}; every worker needs the "
            "directory of the run under the same path, on a file system that all share"
        )
        raise LeadriskError(message)
    return plan


@lru_cache(maxsize=1)
def _prepared(directory: str, plan_sha256: str) -> Prepared:
    keep_freed_memory()
    plan = _check_plan(directory, plan_sha256)
    plan.check_code()
    declared = {group: declared_arrays(Path(directory) / RESULTS / group) for group in ("experience", "settlement")}
    return Prepared(plan, plan.setting(), declared)
