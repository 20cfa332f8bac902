"""The plan of a run: which populations go into which block. Pure: it executes nothing."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

SPREAD_BLOCKS, SPREAD_SIZE = 16, 32  # 512 populations: a share's standard error is one to two percentage points
BLOCK_PATH_YEARS = 81_920  # arrays of 0.6 MB: threads seldom wait for each other, and caches hold them
BLOCK_BENEFICIARY_YEARS = 4_000_000  # about 0.05 s of person-level work on one core


class Block(NamedTuple):
    """A run of neighbouring populations that one task handles."""

    first: int
    size: int

    @property
    def rows(self) -> slice:
        """Populations of the block, as a slice of a run's."""
        return slice(self.first, self.first + self.size)


def plan_blocks(populations: int, *, size: int) -> list[Block]:
    """Cut ``populations`` into blocks of ``size``; the last may be smaller.

    Examples
    --------
    >>> plan_blocks(5, size=2)
    [Block(first=0, size=2), Block(first=2, size=2), Block(first=4, size=1)]
    """
    return [Block(first, min(size, populations - first)) for first in range(0, populations, size)]


def spread_blocks(populations: int) -> list[Block]:
    """Cut some populations out: whole pairs in the middle of equal parts of the strata, or all where they are few.

    Examples
    --------
    >>> blocks = spread_blocks(2048)
    >>> len(blocks), blocks[0]
    (16, Block(first=48, size=32))
    """
    if populations <= SPREAD_BLOCKS * SPREAD_SIZE:
        return plan_blocks(populations, size=SPREAD_SIZE)
    part = populations / SPREAD_BLOCKS
    return [Block(2 * int(((i + 0.5) * part - SPREAD_SIZE / 2) // 2), SPREAD_SIZE) for i in range(SPREAD_BLOCKS)]


def block_size(lives: int, years: int) -> int:
    """Populations a block: enough work for a task to be worth its overhead, between 1 and 512.

    Examples
    --------
    >>> block_size(10_000, 13)
    30
    """
    return max(1, min(512, BLOCK_BENEFICIARY_YEARS // max(lives * years, 1)))


def settled_block_size(futures: int, years: int) -> int:
    """Populations a block of futures to settle, at least 1.

    Examples
    --------
    >>> settled_block_size(64, 10)
    128
    """
    return max(1, BLOCK_PATH_YEARS // (futures * years))


TASK_SECONDS, MOST_TASK_SECONDS = 1.0, 5.0  # of work on one core, about
_SLOT_SECONDS = 0.005  # one scheduler hands out some 400 tasks a second: more slots need longer tasks
_TASKS_A_SLOT = 8  # so that the last tasks do not keep one slot busy alone for long
_LEAST_SECONDS = 0.05


def task_size(populations: int, *, seconds: float, slots: int) -> int:
    """Populations a task, an even number: a second of work, up to five for many slots, less where few would be left.

    Parameters
    ----------
    seconds
        Of a population, on one core.
    slots
        Tasks that run at once.

    Examples
    --------
    >>> task_size(2048, seconds=0.0023, slots=2), task_size(100_000, seconds=0.0023, slots=2)
    (128, 434)
    >>> task_size(20_000_000, seconds=0.0023, slots=1000)
    2174
    """
    long = min(max(TASK_SECONDS, _SLOT_SECONDS * slots), MOST_TASK_SECONDS)
    wanted = min(long / seconds, populations / (_TASKS_A_SLOT * slots))
    return min(2 * max(1, ceil(max(wanted, _LEAST_SECONDS / seconds) / 2.0 - 0.5)), populations)
