"""The executor that the options of a command ask for."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from leadrisk.errors import InputError
from leadrisk.run.dask_clusters import check_address, existing_cluster, local_processes
from leadrisk.run.executors import own_threads
from leadrisk.run.slurm_jobs import slurm_jobs
from leadrisk.run.slurm_settings import read_slurm
from leadrisk.run.tls_files import read_tls

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from os import PathLike

    from leadrisk.run.executors import Executor


def chosen_executor(
    *,
    threads: int | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    slurm: str | PathLike[str] | None = None,
    tls: str | PathLike[str] | None = None,
    insecure: bool = False,
    say: Callable[[str], None] | None = None,
) -> AbstractContextManager[Executor]:
    """Give the executor for ``--workers``, ``--scheduler`` or ``--slurm``; threads where none of them is given.

    Everything the options say is checked before anything starts.

    Parameters
    ----------
    threads
        Threads of this process; ``None`` takes the CPUs it may use.
    workers
        Processes of this machine.
    scheduler
        Address of a Dask scheduler.
    slurm
        File that describes SLURM jobs.
    tls
        File that names certificates for ``scheduler``.
    insecure
        Allow an unprotected connection to another machine.
    say
        Told what the user should know while it lasts.

    Returns
    -------
    context manager
        Starts what is needed when it is entered, and gives the executor.

    Raises
    ------
    InputError
        If options contradict each other or one of them is wrong.

    Examples
    --------
    >>> with chosen_executor(threads=2) as executor:
    ...     executor.map(abs, [-1, 2])
    [1, 2]
    """
    named = {"--workers": workers, "--scheduler": scheduler, "--slurm": slurm}
    given = [option for option, value in named.items() if value is not None]
    if len(given) > 1:
        problem = f"cannot be combined with {given[0]}"
        raise InputError(problem, key=given[1], cure="choose one of --workers, --scheduler and --slurm")
    certificates = None if tls is None else read_tls(tls)
    if scheduler is None and (certificates is not None or insecure):
        option = "--insecure" if certificates is None else "--tls"
        problem = "says how to connect to a scheduler, and there is no --scheduler"
        raise InputError(problem, key=option, cure="add --scheduler tls://HOST:PORT, or leave it out")
    if scheduler is not None:
        check_address(scheduler, tls=certificates, insecure=insecure)
        return existing_cluster(scheduler, tls=certificates, insecure=insecure, say=say)
    if slurm is not None:
        return slurm_jobs(read_slurm(slurm), say=say)
    if workers is not None:
        return local_processes(workers, say=say)
    return nullcontext(own_threads(threads))
