"""Run the blocks of a plan on threads; kernels release the GIL, so threads scale like processes."""

from __future__ import annotations

import ctypes
import os
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, TypeVar

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
    tell = progress or (lambda *_: None)
    found: dict[int, Result] = {}

    def put(number: int, result: Result) -> None:
        found[number] = result
        tell(label, len(found), len(blocks))

    if most == 1:
        for number, block in enumerate(blocks):
            put(number, function(block))
    else:
        with ThreadPoolExecutor(most) as pool:  # left once no task runs any more
            numbers = {pool.submit(function, block): number for number, block in enumerate(blocks)}
            try:
                for ended in as_completed(numbers):
                    put(numbers.pop(ended), ended.result())
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    return [found[number] for number in range(len(blocks))]
