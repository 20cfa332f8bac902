"""What a worker process of this machine does before its first task."""

from __future__ import annotations

import signal


def dask_setup(_: object) -> None:
    """Leave Ctrl-C, which a terminal sends to every process in it, to the command, which ends its workers in order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
