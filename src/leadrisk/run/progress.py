"""A progress bar on long work, fed by the executor, drawn only by the client."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console


@contextmanager
def progress_bar(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """Give a function (label, done, total) that keeps one line per label; silent where nobody watches."""
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

    def report(label: str, done: int, total: int) -> None:
        if label not in rows:
            rows[label] = bar.add_task(label, total=total)
        bar.update(rows[label], completed=done, total=total)

    bar.start()
    try:
        yield report
    finally:
        with suppress(OSError):  # a terminal that was closed takes no run with it
            bar.stop()
