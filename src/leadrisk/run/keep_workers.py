"""Bring back workers that a Dask cluster has given up: processes that died while starting, jobs that ended."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_EVERY_S = 2.0


@contextmanager
def kept_at(
    cluster: Any,
    count: int,
    *,
    gone: Callable[[dict[Any, Any]], list[Any]] | None = None,
    every_s: float = _EVERY_S,
) -> Iterator[None]:
    """Keep a cluster at ``count`` workers until the context is left.

    Parameters
    ----------
    cluster
        A `distributed.SpecCluster`.
    gone
        Given what the cluster started by name (processes, or jobs of some workers), returns the names of those that
        will not come back by themselves; left out: those that are closed.
    every_s
        Seconds between two looks.
    """
    left = threading.Event()

    async def drop(names: list[Any], was: dict[Any, Any]) -> None:
        for name in names:
            if cluster.workers.get(name) is was[name]:
                del cluster.workers[name]

    def watch() -> None:
        while not left.wait(every_s):
            with suppress(Exception):  # the next look tries again
                workers = dict(cluster.workers)
                names = (gone or _closed)(workers)
                if left.is_set():
                    return
                if names:
                    cluster.sync(drop, names, workers)
                if set(cluster.worker_spec) - set(cluster.workers):
                    cluster.scale(count)

    thread = threading.Thread(target=watch, name="leadrisk-keep-workers", daemon=True)
    thread.start()
    try:
        yield
    finally:
        left.set()
        thread.join()


def _closed(workers: dict[Any, Any]) -> list[Any]:
    return [name for name, worker in workers.items() if worker.status.name in {"closed", "failed"}]
