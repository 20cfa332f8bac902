"""Figures drawn by processes of their own, which load their libraries while the run computes.

They save time and nothing else: where they do not deliver all of them, for whatever reason, all are drawn here.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from leadrisk.report.figure_data import FigureData
    from leadrisk.report.figure_files import Picture

    Processes = Sequence[subprocess.Popen[bytes]]

_MOST = 2  # more would each load the libraries to draw less
_PATIENCE_S = 300.0  # drawing takes a few seconds
_NOT_WHAT_WAS_WRITTEN = (EOFError, ValueError, TypeError, LookupError, AttributeError, ImportError)
_LIBRARY = "leadrisk.report.figure_drawers"  # by name: who hands figures out does without matplotlib


class Figures(NamedTuple):
    """What the figures of a report are drawn from."""

    summary: Mapping[str, Any]
    data: FigureData
    unverified_terms: Sequence[Mapping[str, Any]]


@contextmanager
def drawing_processes(threads: int | None = None) -> Iterator[Processes]:
    """Start processes that wait for figures, and end them: one a CPU, at most two; none where there is but one CPU.

    Parameters
    ----------
    threads
        CPUs to count on; default all.
    """
    count = min(len(os.sched_getaffinity(0)), threads or _MOST, _MOST)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        with suppress(OSError):  # no memory for them, or no more processes allowed
            processes.extend(_start() for _ in range(count if count > 1 else 0))
        yield processes
    finally:
        for process in processes:
            process.kill()
            with suppress(OSError), process:  # closes the pipes and waits
                pass


def _start() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", __name__]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def hand_out(figures: Figures, processes: Processes) -> None:
    """Give every process its part of the figures, with which it begins at once."""
    for part, process in enumerate(processes):
        with suppress(OSError):  # it has ended
            if process.stdin is not None:
                process.stdin.write(pickle.dumps((figures, part, len(processes))))
                process.stdin.close()
                process.stdin = None


def collect(figures: Figures, processes: Processes = ()) -> dict[str, Picture]:
    """Wait for the figures and give them in the order of the report.

    Parameters
    ----------
    figures
        As they were handed out.
    processes
        To which they were handed. Where there are none, or one fails or takes minutes, all are drawn here.
    """
    drawn: dict[str, Picture | None] = {}
    for process in processes:
        with suppress(OSError, subprocess.TimeoutExpired, pickle.UnpicklingError, *_NOT_WHAT_WAS_WRITTEN):
            part = pickle.loads(process.communicate(timeout=_PATIENCE_S)[0])
            drawn = {name: picture or drawn.get(name) for name, picture in part.items()}
    if not drawn or None in drawn.values():
        drawn = _render(figures)
    return {name: picture for name, picture in drawn.items() if picture is not None}


def _render(figures: Figures, *, part: int = 0, parts: int = 1) -> dict[str, Picture | None]:
    found: dict[str, Picture | None] = import_module(_LIBRARY).render_figures(
        figures.summary, figures.data, unverified_terms=figures.unverified_terms, part=part, parts=parts
    )
    return found


def main() -> None:
    """Load what drawing needs, read figures from standard input and write them to standard output."""
    import_module(_LIBRARY)
    handed = sys.stdin.buffer.read()
    if handed:  # else the run has ended without figures
        figures, part, parts = pickle.loads(handed)
        sys.stdout.buffer.write(pickle.dumps(_render(figures, part=part, parts=parts)))


if __name__ == "__main__":
    main()
