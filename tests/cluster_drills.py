"""What drills share: workers killed at random while a map runs."""

from __future__ import annotations

import os
import random
import signal
import threading
from contextlib import contextmanager, suppress


@contextmanager
def random_kills(client, *, least: int, pause_s: float):
    """Kill a random worker again and again until the context is left; the list given grows with each."""
    killed: list[int] = []
    left = threading.Event()
    choice = random.Random(11)

    def kill():
        while not left.wait(pause_s):
            with suppress(Exception):
                pids = client.run(os.getpid, on_error="ignore")
                pid = choice.choice([pid for pid in pids.values() if isinstance(pid, int)])
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
            if len(killed) >= least:
                return

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    yield killed
    left.set()
    thread.join()
