"""``leadrisk run``."""

from __future__ import annotations

import time
from pathlib import Path
from shlex import quote

from rich.console import Console

from leadrisk.commands.execution import Execution
from leadrisk.commands.options import (
    AsJson,
    Flag,
    Overlays,
    Populations,
    Share,
    Threads,
    Values,
    Whole,
    print_json,
    read_scenario,
    teller,
)

_HERE = Execution()


def run(
    scenario: Path,
    *,
    overlay: Overlays = None,
    set_: Values = None,
    populations: Whole | None = None,
    futures: Whole | None = None,
    seed: Whole | None = None,
    execution: Execution = _HERE,
    block: Populations | None = None,
    resume: Flag = False,
    restart: Flag = False,
    prepare: Threads | None = None,
    target_error: Share | None = None,
    out: Path | None = None,
    as_json: AsJson = False,
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
    block
        Populations a task. Results do not depend on it.
    resume
        Go on with an unfinished run of the same scenario; only what is missing or damaged is done again.
    restart
        Begin anew, whatever unfinished run is there.
    prepare
        Only plan the run, for this many leadrisk work to do its tasks; the same command with --resume completes it.
    target_error
        Standard error of every contract's 99 % reserve as a share of it, for example 1%; chooses the populations.
    out
        Directory for the outputs; default results/ and the name of the scenario file.
    as_json
        Print summary.json instead of a table.
    """
    from leadrisk.errors import InputError
    from leadrisk.report.whole_run import run_scenario
    from leadrisk.run.progress import progress_bar
    from leadrisk.run.resumable import prepare_directory, run_directory

    if prepare is not None and (given := execution.elsewhere):
        problem = f"only plans the run, so {given[0]} has nothing to do"
        raise InputError(problem, key="--prepare", cure="leave it out: leadrisk work says where it runs")
    if prepare is not None and as_json:
        problem = "only plans the run, which has no summary yet"
        raise InputError(problem, key="--prepare", cure="leave --json out")
    if target_error is not None and (populations is not None or prepare is not None):
        other = "--populations" if prepare is None else "--prepare"
        problem = f"chooses the populations itself, so {other} cannot be given too"
        raise InputError(problem, key="--target-error", cure="leave one of them out")
    started = time.perf_counter()
    sizes = {"run.populations": populations, "run.futures": futures, "run.seed": seed}
    loaded = read_scenario(scenario, overlay=overlay, set_=set_, options=sizes)
    target = out or Path("results") / scenario.stem
    errors = Console(stderr=True)
    say = teller(errors)
    if prepare is not None:
        with run_directory(loaded, target, resume=resume, restart=restart, finish=False, say=say) as partial:
            tasks = prepare_directory(loaded, partial, slots=prepare, chunk=block, threads=execution.threads)
        say(
            f"Prepared {tasks:,} tasks. Do them with leadrisk work {quote(str(target))} --part I/{prepare}, "
            "or in a job array, then"
        )
        say(f"complete the run with the same command, --resume in place of --prepare {prepare}.")
        return
    with progress_bar(errors) as progress:
        result = run_scenario(
            loaded,
            target,
            executor=execution.executor(say),
            threads=execution.threads,
            chunk=block,
            target_error=target_error,
            resume=resume,
            restart=restart,
            progress=progress,
            say=say,
        )
    from leadrisk.report.tables import terminal_summary
    from leadrisk.run.forecast import outcome_in_words
    from leadrisk.run.futures_choice import futures_choice
    from leadrisk.run.target_error import Step, in_words

    if result.manifest["forecast"]["tasks"]:
        say(outcome_in_words(result.manifest["forecast"]))
    if as_json:
        print_json(result.summary)
        return
    console = Console()
    terminal_summary(result.summary, console)
    if loaded.run.futures is None:
        console.print(f"{futures_choice(loaded).why}.", style="dim", soft_wrap=True, highlight=False)
    if target_error is not None:
        steps = [Step(**step) for step in result.summary["target_error"]["steps"]]
        reached = in_words(target_error, steps, seconds=time.perf_counter() - started)
        console.print(reached, soft_wrap=True, highlight=False)
    if unread := result.summary["unread_overrides"]:
        console.print(f"No rule of this run reads {', '.join(unread)}: overriding it changed nothing.", style="bold")
    console.print(f"Report: {target / 'report.html'}", soft_wrap=True, highlight=False)
    console.print(f"Digest: {result.manifest['digest']}", soft_wrap=True, highlight=False)
