"""Dask workers in SLURM jobs: a fixed number of them, asked for again when one ends, all cancelled in the end."""

from __future__ import annotations

import logging
import platform
import shutil
import signal
import subprocess
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from leadrisk.errors import InputError, LeadriskError
from leadrisk.run.cluster_extra import extra
from leadrisk.run.dask_clusters import LOOPBACK, closing, first_cause, quiet, tell_dashboard
from leadrisk.run.dask_executor import DaskExecutor
from leadrisk.run.directory import clear_unowned, locked_directory
from leadrisk.run.executors import made_anew
from leadrisk.run.keep_workers import kept_at
from leadrisk.run.slurm_settings import SlurmSettings, job_options
from leadrisk.run.tls_files import TlsFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DEATH_TIMEOUT_S = 60  # a worker that finds no scheduler ends its job: none is left over when this process is killed
_LOOK_EVERY_S = 10.0
_WORKER_ARGUMENTS = [  # no page that the whole network can read; memory is watched by SLURM, not by pausing
    *("--no-dashboard", "--dashboard-address", f"{LOOPBACK}:0"),
    *("--memory-limit", "0"),
]
_KEYS = ".leadrisk-tls-"  # begins the names of folders with certificates of a run, then the machine's
_UNANSWERED = 30  # questions in a row, before SLURM is taken for lost
_FAILURES = 3  # of each job, in a row and without a worker, before jobs are taken for unable to start


@made_anew
def slurm_jobs(
    settings: SlurmSettings, *, say: Callable[[str], None] | None = None, look_every_s: float = _LOOK_EVERY_S
) -> Iterator[DaskExecutor]:
    """Workers in SLURM jobs, with the scheduler in this process.

    Parameters
    ----------
    settings
        As `leadrisk.run.slurm_settings.read_slurm` gives them.
    say
        Told the address of the dashboard, and when no worker is there.
    look_every_s
        Seconds between two questions to SLURM whether jobs have ended.

    Yields
    ------
    DaskExecutor

    Raises
    ------
    InputError
        If SLURM or a library is not installed, or SLURM refuses such a job.
    """
    distributed, jobqueue = extra("distributed"), _jobqueue()
    for command in ("sbatch", "squeue", "scancel"):
        if which(command) is None:
            problem = f"the command {command} of SLURM is not found"
            raise InputError(problem, key="--slurm", cure="start on a machine that submits SLURM jobs")
    name = f"leadrisk-{uuid4().hex[:8]}"
    with ExitStack() as stack:
        stack.enter_context(quiet())
        stack.callback(_cancel, name)
        security = _certificates(settings, stack)
        try:
            made = jobqueue.SLURMCluster(
                **job_options(settings),
                job_name=name,
                death_timeout=_DEATH_TIMEOUT_S,
                worker_extra_args=_WORKER_ARGUMENTS,
                security=security,
                scheduler_options={"dashboard_address": f"{LOOPBACK}:0"},
                silence_logs=logging.CRITICAL,
            )
        except (RuntimeError, OSError, ValueError) as error:
            problem = f"a scheduler cannot be started here as the file says: {first_cause(error)}"
            raise InputError(problem, key="--slurm", cure="change interface or certificates") from error
        cluster = stack.enter_context(closing(made, say))
        _check(cluster.job_script())
        client = stack.enter_context(closing(distributed.Client(cluster, set_as_default=False), say))
        jobs = _Jobs(name, settings, client)
        cluster.scale(jobs=settings.jobs)
        slots = settings.jobs * settings.workers_a_job
        stack.enter_context(kept_at(cluster, slots, gone=jobs.gone, every_s=look_every_s))
        tell_dashboard(cluster, say)
        yield DaskExecutor(client, slots=slots, say=say, health=jobs.trouble)


def _jobqueue() -> Any:
    """Return dask-jobqueue, which takes Ctrl-C for itself when it is loaded; that is undone."""
    before = signal.getsignal(signal.SIGINT)
    found = extra("dask_jobqueue")
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, before)
    return found


class _Jobs:
    """Which jobs have ended, asked of SLURM; and whether jobs end again and again before a worker has come."""

    def __init__(self, name: str, settings: SlurmSettings, client: Any) -> None:
        self._name, self._settings, self._client = name, settings, client
        self._failed, self._rest_until = 0, 0.0
        self._unanswered, self._answer = 0, ""

    def gone(self, workers: dict[Any, Any]) -> list[Any]:
        """Names of the cluster's jobs that SLURM no longer knows, or never took."""
        if time.monotonic() < self._rest_until:
            return []
        try:
            listed = _slurm("squeue", "--noheader", "--name", self._name, "--format", "%A %T")
        except LeadriskError as error:
            self._unanswered, self._answer = self._unanswered + 1, str(error)
            return []
        self._unanswered = 0
        alive = {line.split()[0] for line in listed.splitlines() if not line.endswith(("COMPLETING", "TIMEOUT"))}
        ended = [name for name, job in workers.items() if job.job_id not in alive]
        if self._client.nthreads():
            self._failed = 0
        elif ended:
            self._failed += len(ended)
            self._rest_until = time.monotonic() + min(60.0, 2.0 * self._failed)  # a queue is not to be flooded
        return ended

    def trouble(self) -> str | None:
        """Say why no worker can come."""
        if self._unanswered >= _UNANSWERED and not self._client.nthreads():
            return f"no worker is there, and SLURM has not said for long which jobs are: {self._answer}"
        if self._failed < _FAILURES * self._settings.jobs:
            return None
        return (
            f"{self._failed} SLURM jobs in a row ended before a worker had come: "
            f"see {self._settings.log_directory}/{self._name}-*.err "
            "(is python on the nodes, with the same leadrisk, and can they reach this machine?)"
        )


def _certificates(settings: SlurmSettings, stack: ExitStack) -> Any:
    """Return the security of the connections; temporary certificates lie in files until the context is left."""
    if settings.tls == "none":
        return None
    if settings.certificates is not None:
        return settings.certificates.security()
    extra("cryptography")
    made = extra("distributed").Security.temporary()
    parent = Path(settings.tls_directory or settings.log_directory)
    try:
        parent.mkdir(parents=True, exist_ok=True)
        keys = f"{_KEYS}{platform.node()}-"  # locks of other machines may not be seen here
        clear_unowned(parent, keys, shutil.rmtree)  # of commands that were killed
        folder = locked_directory(parent, keys, shutil.rmtree, stack)
        files = TlsFiles(ca=f"{folder}/ca.pem", cert=f"{folder}/cert.pem", key=f"{folder}/key.pem")
        for path, text in (
            (files.ca, made.tls_ca_file),
            (files.cert, made.tls_worker_cert),
            (files.key, made.tls_worker_key),
        ):
            Path(path).touch(mode=0o600)
            Path(path).write_text(text, encoding="ascii")
    except OSError as error:
        problem = f"{parent} cannot be written: {error.strerror}"
        cure = "name a folder that this machine and the nodes share"
        key = "tls_directory" if settings.tls_directory else "log_directory"
        raise InputError(problem, key=key, cure=cure) from None
    return files.security()


def _check(script: str) -> None:
    """Let SLURM judge the job before any is submitted."""
    try:
        _slurm("sbatch", "--test-only", stdin=script)
    except LeadriskError as error:
        problem = f"SLURM refuses such a job: {error}"
        cure = "the file says which partition, account, cores, memory, walltime, directives; sinfo tells if SLURM works"
        raise InputError(problem, key="--slurm", cure=cure) from None


def _cancel(name: str) -> None:
    """Cancel whatever of this run is left: nothing, where the cluster was closed in order."""
    with suppress(LeadriskError):
        _slurm("scancel", "--name", name)


def _slurm(*command: str, stdin: str | None = None) -> str:
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=True)
    except subprocess.CalledProcessError as error:
        raise LeadriskError(" ".join(error.stderr.split()) or f"{command[0]} failed") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LeadriskError(str(error)) from None
    return done.stdout
