"""``leadrisk work``."""

from __future__ import annotations

import os
from pathlib import Path

from rich.console import Console

from leadrisk.commands.execution import Execution
from leadrisk.commands.options import Threads


def work(directory: Path, *, part: str | None = None, threads: Threads | None = None) -> None:
    """Do a part of the tasks of a prepared run, as an element of a job array.

    Parameters
    ----------
    directory
        Where the run will be, as ``leadrisk run --prepare`` was told with ``--out``.
    part
        I/N: every N-th task, from the I-th on; default what SLURM says of the element of its job array, else all.
    threads
        Default all CPUs that the job may use.
    """
    from leadrisk.run.array_part import do_part, parse_part, part_of_job
    from leadrisk.run.progress import progress_bar

    own = parse_part(part) if part is not None else part_of_job(os.environ)
    console = Console()
    with progress_bar(Console(stderr=True)) as progress, Execution(threads=threads).executor() as executor:
        tasks, missing = do_part(directory, own, executor=executor, progress=progress)
    console.print(
        f"Part {own.number} of {own.of}: {missing:,} tasks done now, {tasks - missing:,} before.",
        soft_wrap=True,
        highlight=False,
    )
