"""A whole run: simulated and settled in its directory, by any executor, with report, figures and tables."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from leadrisk.report.drawing_process import drawing_processes
from leadrisk.run.open_store import open_group
from leadrisk.run.resumable import complete_run, run_directory, run_in_directory
from leadrisk.run.store import RESULTS

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from leadrisk.run.executors import Executor
    from leadrisk.run.job import Result
    from leadrisk.scenario.model import Scenario


def run_scenario(
    scenario: Scenario,
    out: str | os.PathLike[str],
    *,
    executor: Executor | AbstractContextManager[Executor] | None = None,
    threads: int | None = None,
    chunk: int | None = None,
    target_error: float | None = None,
    resume: bool = False,
    restart: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
    say: Callable[[str], None] | None = None,
) -> Result:
    """Run a scenario into a directory, as ``leadrisk run`` does.

    Parameters
    ----------
    out
        Directory of the run; complete in the end, or absent with what is finished kept beside it.
    executor
        Does the tasks, or is a context that gives what does, entered for as long as there are tasks to do, with
        ``target_error`` more than once: see :func:`leadrisk.run.choose_executor.chosen_executor`. Default: threads of
        this process.
    threads
        Of this process, for the tasks where no executor is given, and for what is worked out once; default all CPUs.
    chunk
        Populations of a task; default about a second of work.
    target_error
        Standard error of every contract's 99 % reserve as a share of it; chooses the populations.
    resume, restart
        Go on with what is there, or begin anew; see :func:`leadrisk.run.work_directory.work_directory`.
    progress
        Called with (label, done, total) after each block of work.
    say
        Told in words what the user should know.

    Returns
    -------
    Result
        Its numbers are read from the store when they are asked for.

    Raises
    ------
    InputError
        If ``out`` cannot be written, somebody else works there, or what is there is of something else.

    Examples
    --------
    >>> import tempfile
    >>> import leadrisk as lr
    >>> scenario = lr.load_scenario("scenarios/baseline.toml", set={"cohort.lives": 500, "run.populations": 4})
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     result = lr.run_scenario(scenario, f"{directory}/small")
    ...     net = result.settlement["net_settlement"].sel(contract="lead_global")
    ...     bool(net.mean() == lr.open_run(f"{directory}/small").settlement["net_settlement"][0].mean())
    True
    """
    if resume and not restart:
        found = complete_run(
            scenario, Path(out), target_error=target_error, threads=threads, progress=progress, say=say
        )
        if found is not None:
            return found
    with ExitStack() as stack:
        directory = stack.enter_context(
            run_directory(scenario, Path(out), resume=resume, restart=restart, target_error=target_error, say=say)
        )
        drawing = stack.enter_context(drawing_processes(threads))
        # Here, where other processes load what drawing needs: both take a second.
        from leadrisk.report.outputs import write_outputs
        from leadrisk.run.target_error import STEPS, run_to_target

        whole = partial(
            run_in_directory,
            directory=directory,
            executor=executor,
            threads=threads,
            chunk=chunk,
            progress=progress,
            say=say,
        )
        if target_error is None:
            result = whole(scenario)
        else:
            result, _ = run_to_target(
                scenario, target_error, run=whole, threads=threads, progress=progress, steps_file=directory / STEPS
            )
        write_outputs(directory, result, drawing=drawing, progress=progress)
    results = Path(out) / RESULTS  # where they are now
    return replace(result, experience=open_group(results, "experience"), settlement=open_group(results, "settlement"))
