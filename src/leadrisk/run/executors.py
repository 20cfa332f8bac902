"""Where independent tasks run: on threads of this process, or on processes and machines that Dask holds together."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial, wraps
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

from leadrisk.run.execute import map_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType

Item = TypeVar("Item")
Result = TypeVar("Result")
Yielded = TypeVar("Yielded")
Given = ParamSpec("Given")


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


class Anew(AbstractContextManager[Yielded]):
    """A context that can be entered again, each time made anew.

    Parameters
    ----------
    make
        Gives a context that is entered once.
    """

    def __init__(self, make: Callable[[], AbstractContextManager[Yielded]]) -> None:
        self._make = make
        self._entered: list[AbstractContextManager[Yielded]] = []

    def __enter__(self) -> Yielded:
        """Make a context and enter it."""
        made = self._make()
        found = made.__enter__()
        self._entered.append(made)
        return found

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> bool | None:
        """Leave the context that was entered last."""
        return self._entered.pop().__exit__(kind, error, at)


def made_anew(function: Callable[Given, Iterator[Yielded]]) -> Callable[Given, Anew[Yielded]]:
    """Make contexts of a generator function, as `contextlib.contextmanager` does, that can be entered again.

    Examples
    --------
    >>> @made_anew
    ... def two_threads():
    ...     yield Threads(2)
    >>> executor = two_threads()
    >>> for numbers in ([-1], [-2, -3]):
    ...     with executor as threads:
    ...         print(threads.map(abs, numbers))
    [1]
    [2, 3]
    """

    @wraps(function)
    def made(*given: Given.args, **named: Given.kwargs) -> Anew[Yielded]:
        return Anew(partial(contextmanager(function), *given, **named))

    return made


def own_threads(threads: int | None = None) -> Threads:
    """Threads of this process; ``None`` takes the number of CPUs that it may use."""
    return Threads(threads or len(os.sched_getaffinity(0)))


def slots_here(executor: Executor) -> int:
    """Tasks of an executor that run at once in this process.

    Examples
    --------
    >>> slots_here(Threads(2))
    2
    """
    return executor.slots if isinstance(executor, Threads) else 0


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
