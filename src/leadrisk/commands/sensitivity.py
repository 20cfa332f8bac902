"""``leadrisk sensitivity``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.console import Console

from leadrisk.commands.options import (
    AsJson,
    Overlays,
    Threads,
    Values,
    Whole,
    print_json,
    read_scenario,
)

if TYPE_CHECKING:
    from typing import Any

Keys = Annotated[list[str] | None, Parameter(negative=(), consume_multiple=False)]


def sensitivity(
    scenario: Path,
    *,
    overlay: Overlays = None,
    set_: Values = None,
    populations: Whole = 512,
    futures: Whole = 64,
    seed: Whole | None = None,
    threads: Threads | None = None,
    only: Keys = None,
    out: Path | None = None,
    as_json: AsJson = False,
) -> None:
    """Move each grade C assumption to both ends of its plausible range and say what that does to the reserve.

    Parameters
    ----------
    scenario
        Scenario file (TOML).
    overlay
        Partial scenario laid over it; may be repeated.
    set_
        One value by dotted key, for example cohort.lives=20000; may be repeated.
    populations
        Person-level runs (even) of each variant.
    futures
        Systemic paths a population (a power of two).
    seed
        Run seed; overrides run.seed.
    threads
        Threads; default all CPUs. Results do not depend on it.
    only
        Key to vary, of any grade that has a plausible range; may be repeated. Default every one of grade C.
    out
        Directory for the outputs; default results/ and the name of the scenario file with -sensitivity.
    as_json
        Print sensitivity.json instead of a table.
    """
    from time import perf_counter

    from leadrisk.report.sensitivity import terminal_sensitivity, write_sensitivity
    from leadrisk.run.directory import complete_or_absent
    from leadrisk.run.progress import progress_bar
    from leadrisk.run.sensitivity import sensitivity as vary

    loaded = read_scenario(scenario, overlay=overlay, set_=set_)
    target = out or Path("results") / f"{scenario.stem}-sensitivity"
    started = perf_counter()
    with complete_or_absent(target) as partial, progress_bar(Console(stderr=True)) as progress:
        found: dict[str, Any] = vary(
            loaded,
            populations=populations,
            futures=futures,
            seed=seed,
            threads=threads,
            only=only,
            progress=progress,
        )
        write_sensitivity(partial, found, elapsed_s=perf_counter() - started)
    if as_json:
        print_json(found)
        return
    console = Console()
    terminal_sensitivity(found, console)
    console.print(f"Outputs: {target}", soft_wrap=True, highlight=False)
