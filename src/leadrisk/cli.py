"""The command line: which commands there are, and the exit codes 0, 1 and 2."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from cyclopts import App, CycloptsError

import leadrisk
from leadrisk.commands.backtest import backtest
from leadrisk.commands.bench import bench
from leadrisk.commands.calibrate import calibrate
from leadrisk.commands.export import export
from leadrisk.commands.run import run
from leadrisk.commands.scenario import scenario
from leadrisk.commands.schema import schema
from leadrisk.commands.sensitivity import sensitivity
from leadrisk.commands.settle import settle
from leadrisk.commands.sweep import sweep
from leadrisk.commands.validate import validate
from leadrisk.commands.verify import verify
from leadrisk.commands.warmup import warmup
from leadrisk.commands.work import work
from leadrisk.errors import InputError, LeadriskError
from leadrisk.experience.compilation import told_of_compilation

if TYPE_CHECKING:
    from collections.abc import Iterator

app = App(
    name="leadrisk",
    help="Monte Carlo risk and scenario engine for ACOs in Medicare's LEAD model.",
    version=leadrisk.__version__,
)

_INTERRUPTED = "interrupted; outputs are complete or absent"

for _command in (
    run, work, export, sweep, settle, validate, schema, sensitivity, scenario, backtest, verify, calibrate, bench,
    warmup,
):  # fmt: skip
    app.command(_command)


def _say(message: str) -> None:
    with suppress(OSError):  # nobody may be there to read it
        sys.stderr.write(f"{message}\n")


def _fail(message: str, code: int) -> NoReturn:
    _say(f"leadrisk: {message}")
    raise SystemExit(code)


@contextmanager
def _signals_clean_up() -> Iterator[list[int]]:
    """Let SIGTERM and SIGHUP stop a command as Ctrl-C does, so that it cleans up, and note which signals came.

    Signals that the caller has set to be ignored, as nohup does, stay ignored.
    """
    received: list[int] = []

    def stop(number: int, _: object) -> None:
        received.append(number)
        raise KeyboardInterrupt

    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}:
                before[number] = signal.signal(number, stop)
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _close_output() -> None:
    """Drop what standard output did not take, or Python would try again at exit and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with 0 (done), 2 (the input is wrong) or 1 (anything else, signals included)."""
    received: list[int] = []
    try:
        with told_of_compilation(_say), _signals_clean_up() as received:
            command, bound, *_ = app.parse_args(arguments, exit_on_error=False, print_error=False)
            command(*bound.args, **bound.kwargs)  # not app(), which ends on Ctrl-C in silence
            sys.stdout.flush()
    except InputError as error:
        _fail(str(error), 2)
    except CycloptsError as error:
        error.verbose = False
        _fail(f"{error} (see leadrisk --help)", 2)
    except LeadriskError as error:
        _fail(str(error), 1)
    except KeyboardInterrupt:
        _fail(_INTERRUPTED, 1)
    except BrokenPipeError:
        _close_output()
        raise SystemExit(1) from None
    except MemoryError as error:
        what = f": {error}" if str(error) else ""
        _fail(f"not enough memory{what} (lower run.populations or run.futures)", 1)
    except OSError as error:
        _close_output()
        where = "" if error.filename is None else f" ({error.filename})"
        _fail(f"{error.strerror or error}{where}", 1)
    except Exception:
        if received:  # an interrupted compiler fails in ways of its own
            _fail(_INTERRUPTED, 1)
        raise
