"""Dask on this machine, or a scheduler that somebody runs already."""

from __future__ import annotations

import logging
import socket
import time
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import dask

from leadrisk.errors import InputError, LeadriskError
from leadrisk.run.cluster_extra import extra
from leadrisk.run.dask_executor import DaskExecutor
from leadrisk.run.executors import made_anew
from leadrisk.run.keep_workers import kept_at
from leadrisk.run.same_code import code
from leadrisk.run.worker_task import check_same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from leadrisk.run.tls_files import TlsFiles

LOOPBACK = "127.0.0.1"
_CONNECT_S = 15.0
_SETTINGS = {
    "distributed.deploy.lost-worker-timeout": "365 days",  # who is given up is decided in keep_workers
    "distributed.worker.memory.target": False,  # tasks hold little, and a paused worker would only look stuck
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.admin.large-graph-warning-threshold": "1 GB",
}


@contextmanager
def quiet(**settings: object) -> Iterator[None]:
    """Keep Dask's own log to itself: what the user should know, the executor says."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client", "tornado", "asyncio")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        with dask.config.set(_SETTINGS | settings):
            yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


@contextmanager
def closing(made: Any, say: Callable[[str], None] | None) -> Iterator[Any]:
    """Close a cluster or a client in the end. A failure to close it is told: the tasks are done all the same."""
    try:
        yield made
    finally:
        try:
            made.close()
        except Exception as error:  # noqa: BLE001 whatever it is, finished work is not lost over it
            if say is not None:
                say(f"{type(made).__name__} did not close in order: {str(error) or type(error).__name__}")


def first_cause(error: BaseException) -> str:
    """Say what began a chain of errors."""
    while (earlier := error.__cause__ or error.__context__) is not None:
        error = earlier
    return " ".join(str(error).split()) or type(error).__name__


@made_anew
def local_processes(processes: int, *, say: Callable[[str], None] | None = None) -> Iterator[DaskExecutor]:
    """Processes of this machine, one task at a time each; one that is killed comes back.

    They listen on 127.0.0.1 with certificates made for this run, so that no other user of the machine can join in.

    Parameters
    ----------
    processes
        How many.
    say
        Told the address of the dashboard.

    Yields
    ------
    DaskExecutor
    """
    distributed, _ = extra("distributed"), extra("cryptography")

    with ExitStack() as stack:
        stack.enter_context(quiet())
        try:
            made = distributed.LocalCluster(
                n_workers=processes,
                threads_per_worker=1,
                processes=True,
                host=LOOPBACK,
                security=True,
                dashboard_address=f"{LOOPBACK}:0",
                worker_dashboard_address=f"{LOOPBACK}:0",
                memory_limit=None,
                preload=["leadrisk.run.worker_preload"],
                silence_logs=logging.CRITICAL,
            )
        except (RuntimeError, OSError, TimeoutError) as error:
            message = f"{processes} worker processes could not be started: {first_cause(error)}"
            raise LeadriskError(message) from error
        cluster = stack.enter_context(closing(made, say))
        client = stack.enter_context(closing(distributed.Client(cluster, set_as_default=False), say))
        stack.enter_context(kept_at(cluster, processes))
        tell_dashboard(cluster, say)
        yield DaskExecutor(client, slots=processes, say=say)


@made_anew
def existing_cluster(
    address: str,
    *,
    tls: TlsFiles | None = None,
    insecure: bool = False,
    say: Callable[[str], None] | None = None,
) -> Iterator[DaskExecutor]:
    """A scheduler that runs already, with whatever workers it has or gets.

    Parameters
    ----------
    address
        ``tls://host:port``, or ``tcp://host:port`` on this machine.
    tls
        Certificates of the client, for ``tls://``.
    insecure
        Allow ``tcp://`` to another machine: anybody on the network between could run code on client and workers.
    say
        Told when no worker is there.

    Yields
    ------
    DaskExecutor

    Raises
    ------
    InputError
        If the address is not safe or wrong, or scheduler or workers run other code.
    LeadriskError
        If nobody answers there.
    """
    check_address(address, tls=tls, insecure=insecure)
    distributed = extra("distributed")
    security = None if tls is None else tls.security()
    with ExitStack() as stack:
        stack.enter_context(quiet())
        _await_listener(address)
        try:
            made = distributed.Client(address, security=security, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, TimeoutError) as error:
            hint = "does it use TLS?" if tls is None else "does it use TLS, with certificates of the same authority?"
            message = f"what listens at {address} is no Dask scheduler to this client ({hint}): {first_cause(error)}"
            raise LeadriskError(message) from error
        client = stack.enter_context(closing(made, say))
        check_cluster(client)
        yield DaskExecutor(client, say=say)


def _await_listener(address: str) -> None:
    """Wait until somebody listens at an address; say why nobody can."""
    host, _, port = address.partition("://")[2].rpartition(":")
    until = time.monotonic() + _CONNECT_S
    while True:
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT_S).close()
        except socket.gaierror as error:
            problem = f"there is no host {host}: {error.strerror}"
            raise InputError(problem, key="--scheduler", cure="name the machine on which the scheduler runs") from None
        except OSError as error:
            if time.monotonic() > until:
                message = f"nobody listens at {address}: {error}"
                raise LeadriskError(message) from error
            time.sleep(0.5)
        else:
            return


def check_address(address: str, *, tls: TlsFiles | None, insecure: bool) -> None:
    """Refuse an address that is none, or one that would carry code over a network unprotected.

    Examples
    --------
    >>> check_address("tcp://127.0.0.1:8786", tls=None, insecure=False)
    >>> check_address("tcp://10.0.0.1:8786", tls=None, insecure=False)
    Traceback (most recent call last):
    leadrisk.errors.InputError: --scheduler: tcp:// to another machine is neither encrypted nor authenticated, ...
    """
    protocol, separator, rest = address.partition("://")
    host, _, port = rest.rpartition(":")
    if not separator or protocol not in {"tcp", "tls"} or not host or not port.isdecimal() or int(port) > 65535:
        problem = f"must be tls://HOST:PORT or tcp://127.0.0.1:PORT, got {address!r}"
        raise InputError(problem, key="--scheduler", cure="write for example tls://head.cluster:8786")
    if protocol == "tls" and tls is None:
        problem = f"{address} needs certificates"
        cure = "add --tls FILE, a TOML file with ca, cert and key"
        raise InputError(problem, key="--scheduler", cure=cure)
    if protocol == "tcp" and tls is not None:
        problem = "names certificates for a connection that uses none"
        raise InputError(problem, key="--tls", cure="write tls:// in --scheduler, or leave it out")
    if protocol == "tcp" and not insecure and not is_loopback(host):
        problem = f"tcp:// to another machine is neither encrypted nor authenticated, got {address}"
        cure = (
            "start the scheduler with TLS and write tls:// with --tls FILE (a TOML file with ca, cert and key); "
            "if whoever reaches this network may run code as you, add --insecure"
        )
        raise InputError(problem, key="--scheduler", cure=cure)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine; a name other than localhost may point anywhere.

    Examples
    --------
    >>> [is_loopback(host) for host in ("127.0.0.1", "[::1]", "localhost", "10.0.0.1", "0.0.0.0", "localhost.evil.org")]
    [True, True, True, False, False, False]
    """
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_cluster(client: Any) -> None:
    """Refuse a scheduler or workers whose code differs from this process's."""
    here = code()
    versions = client.get_versions(packages=["numpy"])
    there = {"the scheduler": versions["scheduler"]}
    there |= {f"the worker {address}": found for address, found in versions["workers"].items()}
    for where, found in there.items():  # first by what needs no leadrisk on the other side
        major, minor, *_ = found["host"]["python"].split(".")
        packages = {"python": f"{major}.{minor}"} | {
            name: str(found["packages"].get(name)) for name in ("dask", "distributed", "numpy")
        }
        check_same({name: here[name] for name in packages}, packages, where=where)
    try:
        answers = {"the scheduler": client.run_on_scheduler(code)}
        answers |= {f"the worker {address}": found for address, found in client.run(code).items()}
    except (ImportError, AttributeError, TypeError) as error:
        problem = f"the scheduler or a worker cannot import this leadrisk: {error}"
        raise InputError(problem, key="--scheduler", cure="install leadrisk of this version there") from None
    for where, found in answers.items():
        check_same(here, found, where=where)


def tell_dashboard(cluster: Any, say: Callable[[str], None] | None) -> None:
    """Say where the dashboard is, where there can be one."""
    if say is None:
        return
    port = cluster.scheduler.http_server.port
    page = "status" if find_spec("bokeh") else "info/main/workers.html"
    say(f"dashboard: http://{LOOPBACK}:{port}/{page}")
