"""What runs the cells: anything that maps a function over plain items."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol, TypeVar

from leadrisk.run.execute import map_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")
Result = TypeVar("Result")


class Executor(Protocol):
    """Maps a function over items, on threads, processes or machines."""

    @property
    def slots(self) -> int:
        """Items that are worked on at the same time."""

    def map(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        *,
        label: str = "",
        progress: Callable[[str, int, int], None] | None = None,
    ) -> list[Result]:
        """Apply a function of a module to every item and return the results in the order of the items."""


class Threads:
    """Threads of this process.

    Parameters
    ----------
    threads
        ``None`` takes the number of CPUs that this process may use.
    """

    def __init__(self, threads: int | None = None) -> None:
        self.slots = threads or len(os.sched_getaffinity(0))

    def map(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        *,
        label: str = "",
        progress: Callable[[str, int, int], None] | None = None,
    ) -> list[Result]:
        """Apply a function to every item and return the results in the order of the items."""
        return map_blocks(function, items, threads=self.slots, label=label, progress=progress)
