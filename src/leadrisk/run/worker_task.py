"""What runs on a Dask worker: the one function every message names, and what is asked of a worker."""

from __future__ import annotations

import pickle
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from leadrisk.errors import InputError, LeadriskError
from leadrisk.run.same_code import code, differences

if TYPE_CHECKING:
    from collections.abc import Callable


def packed(function: Callable[[Any], Any]) -> bytes:
    """Pickle a function with what it is bound to, and the code it expects to find.

    By reference only: code itself never travels, so a worker runs what is installed there.

    Raises
    ------
    LeadriskError
        If it is no function of a module, or is bound to what does not pickle.
    """
    try:
        own = pickle.dumps(function, protocol=pickle.HIGHEST_PROTOCOL)
        return pickle.dumps((code(), own), protocol=pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        message = f"a task for other processes must be a function of a module bound to plain data: {error}"
        raise LeadriskError(message) from error


def call(payload: bytes, item: Any) -> Any:
    """Apply a packed function to an item.

    Raises
    ------
    InputError
        If this worker has other code than the one that packed the function.
    """
    return _unpacked(payload)(item)


@lru_cache(maxsize=8)
def _unpacked(payload: bytes) -> Callable[[Any], Any]:
    expected, function = pickle.loads(payload)  # from the scheduler this worker belongs to
    check_same(expected, code(), where="a worker")  # before anything is looked for that it may not have
    found: Callable[[Any], Any] = pickle.loads(function)
    return found


def check_same(here: dict[str, str], there: dict[str, str], *, where: str) -> None:
    """Refuse another process whose code is not the same.

    Examples
    --------
    >>> check_same({"numpy": "2.4.6"}, {"numpy": "2.3.0"}, where="the worker tcp://10.0.0.1:4711")
    Traceback (most recent call last):
    leadrisk.errors.InputError: the worker tcp://10.0.0.1:4711 runs other code: numpy 2.4.6 here, ...
    """
    if found := differences(here, there):
        problem = f"{where} runs other code: {'; '.join(found)}"
        raise InputError(problem, cure="install the same leadrisk and constraints.txt on client, scheduler and workers")


def running(prefix: str, dask_worker: Any = None) -> int:
    """Count the tasks of one map that a worker is in the midst of, cancelled ones included."""
    state = dask_worker.state
    return sum(str(task.key).startswith(prefix) for task in (*state.executing, *state.long_running))
