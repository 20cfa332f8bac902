"""Tasks on the workers of a Dask scheduler, whatever becomes of single workers."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from leadrisk.errors import InputError, LeadriskError
from leadrisk.run.cluster_extra import extra
from leadrisk.run.worker_task import call, packed, running

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST_DEATHS = 20
"""Workers that may die in a row with the same task before it is taken for the cause."""

_LEAST, _MOST, _PER_SLOT = 64, 4096, 8  # tasks in flight: enough to keep workers fed, few enough for any scheduler
_PATIENCE_S = 5.0  # with no worker before a word is said
_END_S = 30.0  # for tasks that have begun, when a run is stopped
_LOST = "the connection to the scheduler is lost: what is finished is kept; go on with --resume"


class DaskExecutor:
    """Workers of a Dask scheduler.

    Parameters
    ----------
    client
        A connected `distributed.Client`; whoever made it closes it.
    slots
        Tasks that will run at once, where workers are still to come; ``None`` counts the threads of those there are.
    say
        Told in words what the user should know: that no worker is there, that some have come.
    health
        Returns why no worker can ever come, or ``None``; asked about once a second.
    """

    def __init__(
        self,
        client: Any,
        *,
        slots: int | None = None,
        say: Callable[[str], None] | None = None,
        health: Callable[[], str | None] | None = None,
    ) -> None:
        self._client, self._expected = client, slots
        self._say = say or (lambda _: None)
        self._health = health or (lambda: None)

    @property
    def slots(self) -> int:
        """Tasks that run at once."""
        return self._expected or max(1, _threads(self._client))

    def map(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        *,
        label: str = "",
        progress: Callable[[str, int, int], None] | None = None,
    ) -> list[Result]:
        """Apply ``function`` to every item, see `leadrisk.run.executors.Executor.map`.

        Raises
        ------
        LeadriskError
            If the scheduler is lost, no worker can come, or one task ends worker after worker.
        """
        if not items:
            return []
        work = _Work(self._client, packed(function), items, label or "tasks")
        watch = _Watch(self._client, self._say, self._health)
        results: dict[int, Any] = {}
        try:
            while len(results) < len(items):
                _submit(work, _window(self._expected or 0, watch.threads))
                ended = _next_ended(work)
                before = len(results)
                results |= _collect(work, ended)
                watch.look(waiting=not ended)
                if progress is not None and len(results) > before:
                    progress(label, len(results), len(items))
        except BaseException as error:
            _stop(work)
            if error is not work.failure and _is_loss(work.client, error):
                raise LeadriskError(_LOST) from error
            raise
        return [results[index] for index in range(len(items))]


@dataclass
class _Work:
    """One map: which items wait, which are in flight, and how often each lost its worker."""

    client: Any
    payload: bytes
    items: Sequence[Any]
    label: str
    name: str = field(default_factory=lambda: f"leadrisk-{uuid4().hex[:12]}")
    waiting: deque[int] = field(init=False)
    flying: dict[str, tuple[int, Any]] = field(default_factory=dict)
    deaths: Counter[int] = field(default_factory=Counter)
    ended: SimpleQueue[Any] = field(default_factory=SimpleQueue)
    submitted: int = 0
    failure: BaseException | None = None

    def __post_init__(self) -> None:
        self.waiting = deque(range(len(self.items)))


def _submit(work: _Work, window: int) -> None:
    """Send items on their way once there is room for a good part of a window: one message for many tasks."""
    room = window - len(work.flying)
    if not work.waiting or room < min(len(work.waiting), window // 4):
        return
    indices = [work.waiting.popleft() for _ in range(min(room, len(work.waiting)))]
    keys = [f"{work.name}-{work.submitted + place}" for place in range(len(indices))]
    work.submitted += len(indices)
    sent = [work.items[index] for index in indices]
    futures = work.client.map(partial(call, work.payload), sent, key=keys, pure=False)
    for key, index, future in zip(keys, indices, futures, strict=True):
        work.flying[key] = (index, future)
        future.add_done_callback(work.ended.put)


def _next_ended(work: _Work) -> list[Any]:
    """Wait up to a second for tasks that have ended, then take all there are."""
    ended = []
    with suppress(Empty):
        ended.append(work.ended.get(timeout=1.0))
        while True:
            ended.append(work.ended.get_nowait())
    if not ended:  # a lost connection may take its callbacks along
        ended = [future for _, future in work.flying.values() if future.status != "pending"]
    return [future for future in ended if future.key in work.flying]


def _collect(work: _Work, ended: Sequence[Any]) -> dict[int, Any]:
    """Fetch what is finished, raise what failed, put back what was lost with a worker."""
    finished: dict[int, Any] = {}
    for future in ended:
        index = work.flying.pop(future.key)[0]
        status = future.status
        if status == "finished":
            finished[index] = future
        elif status == "error":
            _judge(work, index, future.exception())
        else:
            _await_connection(work.client)
            work.waiting.appendleft(index)
    return _gathered(work, finished)


def _gathered(work: _Work, finished: dict[int, Any]) -> dict[int, Any]:
    if not finished:
        return {}
    try:
        return dict(zip(finished, work.client.gather(list(finished.values())), strict=True))
    except (extra("distributed.client").CancelledError, OSError):
        _await_connection(work.client)
        work.waiting.extendleft(finished)  # results went with their worker, or with the connection
    except Exception as error:  # noqa: BLE001 - a result lost after its task had ended: computing it again ended a worker
        for index, future in finished.items():
            if future.status == "error":
                _judge(work, index, future.exception())
            else:
                _lose(work, index, 1, error)
    return {}


def _judge(work: _Work, index: int, error: BaseException | None) -> None:
    """Put an item back whose workers died; raise any other failure."""
    if isinstance(error, extra("distributed.scheduler").KilledWorker):
        _lose(work, index, error.allowed_failures + 1, error)
    elif isinstance(error, ModuleNotFoundError) and str(error.name).startswith("leadrisk"):
        problem = f"a worker cannot import this leadrisk: {error}"
        raise InputError(problem, cure="install leadrisk of this version there") from error
    elif error is not None:
        work.failure = error
        raise error


def _lose(work: _Work, index: int, times: int, error: BaseException) -> None:
    work.deaths[index] += times
    if work.deaths[index] >= MOST_DEATHS:
        message = (
            f"{work.label}: task {index} of {len(work.items)} was on {work.deaths[index]} workers in a row that died: "
            "it needs more memory than a worker has, or more time than its job has left; see the workers' logs"
        )
        raise LeadriskError(message) from error
    work.waiting.appendleft(index)


def _stop(work: _Work) -> None:
    """Cancel what has not begun and wait for what has, unless a worker hangs: what it writes later does no harm."""
    if work.client.status != "running":
        return
    ending = threading.Thread(target=_cancel, args=(work,), name="leadrisk-stop", daemon=True)
    ending.start()
    ending.join(_END_S)


def _cancel(work: _Work) -> None:
    client = work.client
    with suppress(Exception):
        client.cancel([future for _, future in work.flying.values()], force=True)
        while client.status == "running" and any(
            count for count in client.run(running, work.name, on_error="ignore").values() if isinstance(count, int)
        ):
            time.sleep(0.1)


def _await_connection(client: Any) -> None:
    """Wait while a client looks for its scheduler again, as long as it does."""
    while client.status == "connecting":
        time.sleep(0.1)
    if client.status != "running":
        raise LeadriskError(_LOST)


def _is_loss(client: Any, error: BaseException) -> bool:
    gone = (extra("distributed.client").CancelledError, extra("distributed.comm").CommClosedError)
    return isinstance(error, gone) or (isinstance(error, OSError) and client.status != "running")


def _window(expected: int, threads: int) -> int:
    return max(_LEAST, min(_MOST, _PER_SLOT * max(expected, threads)))


def _threads(client: Any) -> int:
    return sum(client.nthreads().values())


class _Watch:
    """How many workers there are, asked now and then; says when there are none."""

    def __init__(self, client: Any, say: Callable[[str], None], health: Callable[[], str | None]) -> None:
        self._client, self._say, self._health = client, say, health
        self.threads, self._asked, self._empty_since, self._told = 0, 0.0, time.monotonic(), False

    def look(self, *, waiting: bool) -> None:
        now = time.monotonic()
        if now - self._asked < 1.0:
            return
        self._asked = now
        if reason := self._health():
            raise LeadriskError(reason)
        _await_connection(self._client)
        self.threads = _threads(self._client)
        if self.threads:
            if self._told:
                self._say(f"workers have come: {self.threads} task{'' if self.threads == 1 else 's'} at once")
            self._empty_since, self._told = now, False
        elif waiting and not self._told and now - self._empty_since > _PATIENCE_S:
            self._say("no worker is there yet: waiting (Ctrl-C stops)")
            self._told = True
