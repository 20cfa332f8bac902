"""Run the blocks of a plan as Dask tasks on threads; kernels release the GIL, so threads scale like processes."""

from __future__ import annotations

import ctypes
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from dask.base import compute
from dask.callbacks import Callback
from dask.delayed import delayed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MALLOPT = {-1: 1 << 30, -2: 64 << 20, -3: 32 << 20}  # glibc: trim threshold, top pad, mmap threshold

Item = TypeVar("Item")
Result = TypeVar("Result")


@cache
def keep_freed_memory() -> None:
    """Let glibc keep what blocks free: giving back and faulting in every temporary array costs as much as computing it.

    Where the C library is another one, nothing happens.
    """
    with suppress(OSError, AttributeError):
        for parameter, value in _MALLOPT.items():
            ctypes.CDLL(None).mallopt(parameter, value)


def map_blocks(
    function: Callable[[Item], Result],
    blocks: Sequence[Item],
    *,
    threads: int | None = None,
    label: str = "",
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Result]:
    """Apply ``function`` to every block of work and return the results in the order of the blocks.

    Where a block fails, or the run is interrupted, those that have begun are waited for: no thread writes afterwards.

    Parameters
    ----------
    threads
        Threads; ``None`` takes the number of CPUs this process may use. Results do not depend on it.
    progress
        Called with (label, blocks done, blocks in all) in the thread that collects results.
    """
    keep_freed_memory()
    most = threads or len(os.sched_getaffinity(0))
    tasks = [delayed(function, pure=False)(block) for block in blocks]
    done = 0

    def count(key: object, *_: object) -> None:
        nonlocal done
        if progress is not None and key in keys:
            done += 1
            progress(label, done, len(blocks))

    keys = {task.key for task in tasks}
    scheduler = "synchronous" if most == 1 else "threads"
    with ThreadPoolExecutor(most) as pool, Callback(posttask=count):  # the pool is left once no task runs any more
        return list(compute(*tasks, scheduler=scheduler, pool=pool, optimize_graph=False))
