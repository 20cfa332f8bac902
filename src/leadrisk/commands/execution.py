"""Where the tasks of a command run: on threads, processes, a Dask cluster, or jobs of a batch system."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import Parameter

from leadrisk.commands.options import Flag, Threads

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from leadrisk.run.executors import Executor


@Parameter(name="*")
@dataclass(frozen=True)
class Execution:
    """Where tasks run. No number depends on it.

    Parameters
    ----------
    threads
        Threads of this process; default all CPUs.
    workers
        Processes of this machine that do the tasks instead, under Dask; one that dies is replaced.
    scheduler
        Address of a Dask scheduler whose workers do the tasks, for example tcp://127.0.0.1:8786.
    slurm
        File (TOML) that says what jobs to ask SLURM for; their workers do the tasks.
    tls
        File (TOML) with the certificates for a scheduler at tls://...
    insecure
        Allow a scheduler at tcp:// on another machine: whoever can listen in can run programs on both sides.
    """

    threads: Threads | None = None
    workers: Threads | None = None
    scheduler: str | None = None
    slurm: Path | None = None
    tls: Path | None = None
    insecure: Flag = False

    @property
    def elsewhere(self) -> list[str]:
        """Options that were given for tasks outside this process."""
        return [f"--{name}" for name, value in vars(self).items() if name != "threads" and value not in {None, False}]

    def executor(self, say: Callable[[str], None] | None = None) -> AbstractContextManager[Executor]:
        """Give what runs the tasks, as a context that starts it."""
        from leadrisk.run.choose_executor import chosen_executor

        return chosen_executor(**vars(self), say=say)
