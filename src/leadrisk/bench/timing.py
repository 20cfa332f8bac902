"""Times of several works, taken in turn so that whatever else the machine does falls on all of them alike."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Progress = Callable[[str, int, int], None]


def in_turn(
    works: Mapping[str, Callable[[], object]], *, repeats: int, label: str = "timing", progress: Progress | None = None
) -> dict[str, float]:
    """Shortest wall time of each work in seconds, over rounds in which each runs once.

    Each work runs once unmeasured first, so that compiling and filling caches is not timed.

    Parameters
    ----------
    progress
        Called with (label, done, total) after each run.

    Examples
    --------
    >>> sorted(in_turn({"sum": lambda: sum(range(9)), "nothing": lambda: None}, repeats=3))
    ['nothing', 'sum']
    """
    shortest: dict[str, float] = {}
    total = (repeats + 1) * len(works)
    for turn in range(repeats + 1):
        for at, (name, work) in enumerate(works.items()):
            start = time.perf_counter()
            work()
            elapsed = time.perf_counter() - start
            if turn:
                shortest[name] = min(elapsed, shortest.get(name, elapsed))
            if progress is not None:
                progress(label, turn * len(works) + at + 1, total)
    return shortest
