"""Tasks that workers of a cluster can import."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from leadrisk.errors import InputError


def square(number: int) -> int:
    return number * number


def slow_square(number: int, *, seconds: float = 0.1) -> int:
    time.sleep(seconds)
    return number * number


def pid_after(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def fail_on(number: int, *, bad: int, folder: str) -> int:
    """Leave a file behind if it ran to its end."""
    if number == bad:
        message = f"{number} is bad"
        raise ValueError(message)
    time.sleep(0.5)
    Path(folder, str(number)).touch()
    return number


def die_on(number: int, *, bad: int) -> int:
    if number == bad:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def refuse(_: int) -> int:
    problem = "must be positive, got -3"
    raise InputError(problem, path="a.toml", line=4, key="cohort.lives", cure="write 10000")
