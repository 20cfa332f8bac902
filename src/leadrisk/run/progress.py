"""A progress bar on long work, fed by the executor, drawn only by the client; a line now and then in a log."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console


_LOG_SECONDS = 30.0  # between two lines of a log


@contextmanager
def progress_bar(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """Give a function (label, done, total) that keeps one line per label; in a log, a line every half minute."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )
    rows: dict[str, TaskID] = {}
    log = _Log(console)

    def report(label: str, done: int, total: int) -> None:
        if not console.is_terminal:
            log.report(label, done, total)
            return
        if label not in rows:
            rows[label] = bar.add_task(label, total=total)
        elif done < bar.tasks[rows[label]].completed:  # the same once more, with another number
            bar.reset(rows[label])
        bar.update(rows[label], completed=done, total=total)

    bar.start()
    try:
        yield report
    finally:
        with suppress(OSError):  # a terminal that was closed takes no run with it
            bar.stop()


class _Log:
    """Lines with the share done and the time left, for a file that somebody looks into meanwhile."""

    def __init__(self, console: Console) -> None:
        self._console, self._said = console, time.monotonic()
        self._began: dict[str, tuple[float, int]] = {}

    def report(self, label: str, done: int, total: int) -> None:
        now = time.monotonic()
        began, before = self._began.get(label, (now, 0))
        if done < before:  # the same once more, with another number
            began = now
        self._began[label] = began, done
        if now - self._said < _LOG_SECONDS or not done or done == total:
            return
        self._said = now
        left = (now - began) * (total - done) / done
        with suppress(OSError):
            self._console.print(
                f"{label}: {done:,} of {total:,} done, about {_duration(left)} left", soft_wrap=True, highlight=False
            )


def _duration(seconds: float) -> str:
    """Time in words.

    Examples
    --------
    >>> _duration(45.2), _duration(250.0), _duration(9000.0)
    ('45 s', '4 min', '2.5 h')
    """
    if seconds < 120.0:
        return f"{seconds:.0f} s"
    return f"{seconds / 60.0:.0f} min" if seconds < 7200.0 else f"{seconds / 3600.0:.1f} h"
