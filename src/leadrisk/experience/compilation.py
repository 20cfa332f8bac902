"""Who is told that kernels are being compiled: a first run waits for it, and should know why."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ONCE = "Compiling the simulation (once, about 40 s) ..."
EVERY_TIME = (
    "Compiling the simulation (about 40 s, at every start: no directory for it can be written; "
    "set LEADRISK_CACHE_DIR to one that can) ..."
)

_LISTENERS: list[Callable[[str], None]] = []
_LOCK = Lock()


@contextmanager
def told_of_compilation(say: Callable[[str], None]) -> Iterator[None]:
    """Call ``say`` with one line, once, if anything has to be compiled inside the ``with`` block.

    Examples
    --------
    >>> heard = []
    >>> with told_of_compilation(heard.append):
    ...     tell(kept=True)
    ...     tell(kept=True)
    >>> heard
    ['Compiling the simulation (once, about 40 s) ...']
    """
    with _LOCK:
        _LISTENERS.append(say)
    try:
        yield
    finally:
        with _LOCK:
            if say in _LISTENERS:
                _LISTENERS.remove(say)


def tell(*, kept: bool) -> None:
    """Tell whoever listens that a compilation begins; blocks compile in threads of their own.

    Parameters
    ----------
    kept
        Whether the next start will find what is compiled now.
    """
    with _LOCK:
        listeners = _LISTENERS.copy()
        _LISTENERS.clear()
    for say in listeners:
        say(ONCE if kept else EVERY_TIME)
