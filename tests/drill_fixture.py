"""What drills share: the real command line in processes of its own, and what it leaves on disk."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
SCENARIO = ROOT / "scenarios" / "baseline.toml"
TASKS = 80
SIZES = ("--set", "cohort.lives=4000", "--set", "horizon.performance_years=5", "--futures", "16")
RUN = ("run", SCENARIO, *SIZES, "--populations", 8 * TASKS, "--block", 8)
IMPORTS = os.pathsep.join((str(ROOT / "src"), str(ROOT / "tests")))


class Program:
    """A program in a session of its own."""

    def __init__(self, said: Path, *command: object, **environment: str) -> None:
        self._said = said
        if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # of tests in the background of a shell; it is inherited
            signal.signal(signal.SIGINT, signal.default_int_handler)
        with said.open("wb") as file:
            self.process = subprocess.Popen(
                list(map(str, command)),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                env={**os.environ, "PYTHONPATH": IMPORTS, **environment},
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self._said.read_text(encoding="utf-8", errors="replace")

    @property
    def descendants(self) -> set[int]:
        with suppress(psutil.NoSuchProcess):
            return {one.pid for one in psutil.Process(self.process.pid).children(recursive=True)}
        return set()

    @property
    def workers(self) -> list[int]:
        """Processes that do tasks; others draw figures or keep books."""
        found = []
        for pid in sorted(self.descendants):
            with suppress(psutil.Error):
                if any("spawn_main" in part for part in psutil.Process(pid).cmdline()):
                    found.append(pid)
        return found

    def ends(self, code: int, *, seconds: float = 240.0) -> str:
        assert self.process.wait(seconds) == code, self.said
        return self.said

    def kill(self) -> None:
        self.process.kill()
        assert self.process.wait() == -signal.SIGKILL, self.said  # it was still running

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let it stand still meanwhile, alive and with its locks, however fast the machine is."""
        os.killpg(self.process.pid, signal.SIGSTOP)
        yield
        os.killpg(self.process.pid, signal.SIGCONT)

    def clear(self) -> None:
        """End it and all that belongs to it, whatever state it is in."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def reaches(self, out: Path, tasks: int) -> None:
        """Wait until so many tasks of its run are done."""

        def reached() -> bool:
            assert self.process.poll() is None, self.said
            return done(out) >= tasks

        wait_until(reached, what=f"{tasks} tasks")


def wait_until(condition, *, seconds: float = 120.0, what: str = "the condition") -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what} did not come in {seconds} s"
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def unfinished(out: Path) -> Path:
    return out.with_name(f".{out.name}.unfinished") / "new"


def done(out: Path) -> int:
    return sum(1 for _ in (unfinished(out) / "ledger").glob("*.json"))


def digest(out: Path) -> str:
    return json.loads((out / "manifest.json").read_bytes())["digest"]


def python(*arguments: object) -> tuple[object, ...]:
    return (sys.executable, *arguments)
