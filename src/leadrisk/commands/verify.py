"""``leadrisk verify``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from leadrisk.commands.options import AsJson, Populations, Threads, Whole, print_json

Targets = Annotated[list[str] | None, Parameter(negative=(), consume_multiple=False)]


def verify(
    *,
    data: Path | None = None,
    only: Targets = None,
    populations: Populations | None = None,
    seed: Whole | None = None,
    threads: Threads | None = None,
    out: Path | None = None,
    as_json: AsJson = False,
) -> None:
    """Check the engine and its default parameters against the validation targets V1 to V21.

    The exit code is 0 once all has run, whatever the verdicts: read them in the table or in the JSON.

    Parameters
    ----------
    data
        Folder with CMS's files in mssp/ and reach/; default the environment's LEADRISK_DATA, else data or
        ../shared/data where they exist. What needs a missing file is not run.
    only
        One target, for example V4; may be repeated.
    populations
        Populations of 10,000 lives a run has (even, at least 16); larger ACOs have fewer. Sets the standard errors.
    seed
        Seed of every run.
    threads
        Threads; default all CPUs. Results do not depend on it.
    out
        File for the JSON, written once all has run.
    as_json
        Print the JSON instead of a table.
    """
    import json

    from leadrisk.contract.case.table import case_console
    from leadrisk.files import check_place, write_atomically
    from leadrisk.report.verification_table import print_verification
    from leadrisk.run.progress import progress_bar
    from leadrisk.validation.verify import verify as run_targets

    if out is not None:
        check_place(out)
    with progress_bar(Console(stderr=True)) as progress:
        found = run_targets(
            data=data, only=only or (), populations=populations, seed=seed, threads=threads, progress=progress
        )
    if out is not None:
        write_atomically(out, (json.dumps(found, indent=2, allow_nan=False) + "\n").encode())
    if as_json:
        print_json(found)
    else:
        print_verification(found, case_console())
