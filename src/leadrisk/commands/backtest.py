"""``leadrisk backtest``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from leadrisk.commands.options import AsJson, Populations, Threads, Whole, print_json

TrainFiles = Annotated[list[Path], Parameter(negative=(), consume_multiple=True)]


def backtest(
    *,
    train: TrainFiles,
    test: Path,
    populations: Populations = 128,
    futures: Whole = 64,
    seed: Whole = 1,
    threads: Threads | None = None,
    out: Path | None = None,
    as_json: AsJson = False,
) -> None:
    """Foretell the savings of real ACOs from earlier public use files and compare with what came.

    Parameters
    ----------
    train
        MSSP public use files of successive years known before the test year; several after one --train, or repeated.
    test
        MSSP public use file of the year after.
    populations
        Person-level runs of each ACO (even).
    futures
        Systemic paths a population (a power of two).
    seed
        Seed of all ACOs.
    threads
        Threads; default all CPUs. Results do not depend on it.
    out
        Directory for table, JSON and picture; complete or absent. Left out: nothing is written.
    as_json
        Print the result as JSON instead of a table.
    """
    from contextlib import ExitStack

    from leadrisk.report.backtest_outputs import print_backtest, write_backtest
    from leadrisk.run.directory import complete_or_absent
    from leadrisk.run.progress import progress_bar
    from leadrisk.validation.backtest import run_backtest

    with ExitStack() as stack:
        partial = None if out is None else stack.enter_context(complete_or_absent(out))
        progress = stack.enter_context(progress_bar(Console(stderr=True)))
        found = run_backtest(
            train, test, populations=populations, futures=futures, seed=seed, threads=threads, progress=progress
        )
        if partial is not None:
            write_backtest(partial, found)
    if as_json:
        print_json(found.summary)
    else:
        print_backtest(found.summary, Console())
