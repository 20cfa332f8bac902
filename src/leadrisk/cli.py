"""The command line: read the input, call the engine, print what a person needs, exit with 0, 1 or 2."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

from cyclopts import App, CycloptsError, Parameter
from cyclopts.validators import Number
from rich.console import Console

import leadrisk
from leadrisk.errors import InputError, LeadriskError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cyclopts import Token

    from leadrisk.run.job import Result
    from leadrisk.scenario.model import Scenario

app = App(
    name="leadrisk",
    help="Monte Carlo risk and scenario engine for ACOs in Medicare's LEAD model.",
    version=leadrisk.__version__,
)


def _whole(_: object, tokens: Sequence[Token]) -> int:
    try:
        return int(tokens[0].value)  # Cyclopts would cut 1.5 down to 1
    except ValueError as error:
        message = f"must be a whole number, got {tokens[0].value!r}"
        raise ValueError(message) from error


_Whole = Annotated[int, Parameter(converter=_whole)]
_Threads = Annotated[_Whole, Parameter(validator=Number(gte=1, lte=1024))]
_Populations = Annotated[_Whole, Parameter(validator=Number(gte=1))]
_INTERRUPTED = "interrupted; outputs are complete or absent"
_Repeated = Parameter(negative=(), consume_multiple=False)
_Flag = Parameter(negative=())


@app.command
def run(
    scenario: Path,
    *,
    overlay: Annotated[list[Path] | None, _Repeated] = None,
    set_: Annotated[list[str] | None, Parameter(name="--set", negative=(), consume_multiple=False)] = None,
    populations: _Whole | None = None,
    futures: _Whole | None = None,
    seed: _Whole | None = None,
    workers: _Threads | None = None,
    block: _Populations | None = None,
    out: Path | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
) -> None:
    """Simulate an ACO's ten LEAD years and write results, summary, figures and report.

    Parameters
    ----------
    scenario
        Scenario file (TOML).
    overlay
        Partial scenario laid over it, for example a stress; may be repeated.
    set_
        One value by dotted key, for example cohort.lives=20000; may be repeated.
    populations
        Person-level runs (even); overrides run.populations.
    futures
        Systemic paths a population (a power of two); overrides run.futures.
    seed
        Run seed; overrides run.seed.
    workers
        Threads; default all CPUs. Results do not depend on it.
    block
        Populations a task. Results do not depend on it.
    out
        Directory for the outputs; default results/ and the name of the scenario file.
    as_json
        Print summary.json instead of a table.
    """
    from leadrisk.report.outputs import write_outputs
    from leadrisk.report.tables import terminal_summary
    from leadrisk.run.directory import complete_or_absent
    from leadrisk.run.job import run as run_scenario
    from leadrisk.run.progress import progress_bar

    values: dict[str, object] = dict(_split(text) for text in set_ or ())
    numbers = {"run.populations": populations, "run.futures": futures, "run.seed": seed}
    values |= {key: number for key, number in numbers.items() if number is not None}
    loaded = _load(scenario, overlay=overlay, values=values)
    target = out or Path("results") / scenario.stem
    with complete_or_absent(target) as partial, progress_bar(Console(stderr=True)) as progress:
        result: Result = run_scenario(loaded, workers=workers, block=block, progress=progress)
        write_outputs(partial, result, progress=progress)
    if as_json:
        _print_json(result.summary)
        return
    console = Console()
    terminal_summary(result.summary, console)
    if unread := result.summary["unread_overrides"]:
        console.print(f"No rule of this run reads {', '.join(unread)}: overriding it changed nothing.", style="bold")
    console.print(f"Report: {target / 'report.html'}", soft_wrap=True, highlight=False)
    console.print(f"Digest: {result.manifest['digest']}", soft_wrap=True, highlight=False)


@app.command
def settle(
    case: Path,
    *,
    explain: Annotated[bool, _Flag] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
) -> None:
    """Settle one performance year of one case, line by line.

    Parameters
    ----------
    case
        Case file (TOML).
    explain
        Settle it again with each unverified term read otherwise, and say what that changes in dollars.
    as_json
        Print the lines as JSON instead of a table.
    """
    from leadrisk.contract.case import explain_case, settle_case
    from leadrisk.contract.case.explain import bottom_line
    from leadrisk.contract.case.source import open_case
    from leadrisk.contract.case.table import case_console, render_case

    source = open_case(case)
    result = settle_case(source)
    if explain:
        result |= {"explained_line": bottom_line(result), "explain": explain_case(source)}
    if as_json:
        _print_json(result)
    else:
        render_case(result, case_console())


@app.command
def validate(
    scenario: Path,
    *,
    overlay: Annotated[list[Path] | None, _Repeated] = None,
    set_: Annotated[list[str] | None, Parameter(name="--set", negative=(), consume_multiple=False)] = None,
) -> None:
    """Check a scenario with its overlays and values, and say what would be run.

    Parameters
    ----------
    scenario
        Scenario file (TOML).
    overlay
        Partial scenario laid over it; may be repeated.
    set_
        One value by dotted key; may be repeated.
    """
    from leadrisk.scenario.load import scenario_sha256

    loaded = _load(scenario, overlay=overlay, values=dict(_split(text) for text in set_ or ()))
    console = Console()
    years = loaded.horizon.performance_year_list
    console.print(f"{scenario}: valid", style="bold", soft_wrap=True, highlight=False)
    console.print(
        f"{loaded.name}: {loaded.cohort.lives:,} lives, {years[0]}-{years[-1]}, {', '.join(loaded.contract.names)}, "
        f"{loaded.run.populations:,} populations x {loaded.run.futures} futures",
        soft_wrap=True,
        highlight=False,
    )
    console.print(f"scenario_sha256 {scenario_sha256(loaded)}", soft_wrap=True, highlight=False)


@app.command
def schema(*, overlay: Annotated[bool, _Flag] = False) -> None:
    """Print the JSON Schema of scenario files, for editors.

    Parameters
    ----------
    overlay
        The schema of overlays instead, in which nothing is required.
    """
    from leadrisk.scenario.schema import json_schema

    _print_json(json_schema(partial=overlay))


def _load(path: Path, *, overlay: list[Path] | None, values: dict[str, object]) -> Scenario:
    from leadrisk.run.check import check_switch, check_terms
    from leadrisk.scenario.load import load_scenario

    loaded = load_scenario(path, overlays=overlay or (), set=values)
    check_terms(loaded, files=[path, *(overlay or ())], values=values)
    check_switch(loaded)
    return loaded


def _split(text: str) -> tuple[str, object]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        problem = f"must be key=value, got {text!r}"
        raise InputError(problem, key="--set", cure="write for example --set cohort.lives=20000")
    return key.strip(), value.strip()


def _print_json(content: object) -> None:
    sys.stdout.write(json.dumps(content, indent=2, allow_nan=False) + "\n")


def _fail(message: str, code: int) -> NoReturn:
    with suppress(OSError):  # nobody may be there to read it
        sys.stderr.write(f"leadrisk: {message}\n")
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
        with _signals_clean_up() as received:
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
