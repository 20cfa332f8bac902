"""``leadrisk run``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from leadrisk.commands.options import (
    AsJson,
    Overlays,
    Populations,
    Threads,
    Values,
    Whole,
    print_json,
    read_scenario,
)

if TYPE_CHECKING:
    from leadrisk.run.job import Result


def run(
    scenario: Path,
    *,
    overlay: Overlays = None,
    set_: Values = None,
    populations: Whole | None = None,
    futures: Whole | None = None,
    seed: Whole | None = None,
    workers: Threads | None = None,
    block: Populations | None = None,
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

    sizes = {"run.populations": populations, "run.futures": futures, "run.seed": seed}
    loaded = read_scenario(scenario, overlay=overlay, set_=set_, options=sizes)
    target = out or Path("results") / scenario.stem
    with complete_or_absent(target) as partial, progress_bar(Console(stderr=True)) as progress:
        result: Result = run_scenario(loaded, workers=workers, block=block, progress=progress)
        write_outputs(partial, result, progress=progress)
    if as_json:
        print_json(result.summary)
        return
    console = Console()
    terminal_summary(result.summary, console)
    if unread := result.summary["unread_overrides"]:
        console.print(f"No rule of this run reads {', '.join(unread)}: overriding it changed nothing.", style="bold")
    console.print(f"Report: {target / 'report.html'}", soft_wrap=True, highlight=False)
    console.print(f"Digest: {result.manifest['digest']}", soft_wrap=True, highlight=False)
