"""Where independent tasks run: on threads of this process, or on processes and machines that Dask holds together."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from leadrisk.run.execute import map_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")
Result = TypeVar("Result")


class Executor(Protocol):
    """What runs tasks: `Threads`, or a `leadrisk.run.dask_executor.DaskExecutor`."""

    @property
    def slots(self) -> int:
        """Tasks that run at once."""

    def map(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        *,
        label: str = "",
        progress: Callable[[str, int, int], None] | None = None,
    ) -> list[Result]:
        """Apply ``function`` to every item and return the results in the order of the items.

        The first failure is raised once the tasks that have begun have ended. Where a worker dies, its tasks run
        again, so a task must do no harm when it runs twice.

        Parameters
        ----------
        function
            A function of a module, or a `functools.partial` of one with plain data: it must pickle.
        label
            What is being done, for the bar and for messages.
        progress
            Called with (label, items done, items in all) in the thread that called.
        """


@dataclass(frozen=True, slots=True)
class Threads:
    """Threads of this process.

    Parameters
    ----------
    slots
        Threads; one runs the tasks in the calling thread.

    Examples
    --------
    >>> Threads(2).map(abs, [-1, 2, -3])
    [1, 2, 3]
    """

    slots: int

    def map(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        *,
        label: str = "",
        progress: Callable[[str, int, int], None] | None = None,
    ) -> list[Result]:
        """Apply ``function`` to every item, see `Executor.map`."""
        return map_blocks(function, items, threads=self.slots, label=label, progress=progress)


def own_threads(threads: int | None = None) -> Threads:
    """Threads of this process; ``None`` takes the number of CPUs that it may use."""
    return Threads(threads or len(os.sched_getaffinity(0)))


def entered(
    stack: ExitStack, executor: Executor | AbstractContextManager[Executor] | None, *, threads: int | None = None
) -> Executor:
    """Give an executor: as it is, from a context that lasts as long as ``stack``, or threads of this process."""
    if executor is None:
        return own_threads(threads)
    if isinstance(executor, AbstractContextManager):
        found: Executor = stack.enter_context(executor)
        return found
    return executor
