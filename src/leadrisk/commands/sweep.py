"""``leadrisk sweep``."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from leadrisk.commands.execution import Execution
from leadrisk.commands.options import AsJson, Flag, Values, print_json, split_pair, teller
from leadrisk.errors import LeadriskError

_HERE = Execution()


def sweep(
    sweep: Path,
    *,
    set_: Values = None,
    public_use_file: Path | None = None,
    out: Path | None = None,
    execution: Execution = _HERE,
    resume: Flag = False,
    restart: Flag = False,
    as_json: AsJson = False,
) -> None:
    """Run many scenarios on the same populations and futures: a grid, a design of experiments, a list of ACOs.

    Parameters
    ----------
    sweep
        Sweep file (TOML).
    set_
        One value of the sweep by dotted key, for example run.populations=64; may be repeated.
    public_use_file
        CMS's MSSP public use file for a sweep over ACOs; overrides acos.public_use_file.
    out
        Directory for the outputs; default results/ and the name of the sweep file.
    resume
        Go on with an unfinished sweep; only cells that are missing or damaged are run again.
    restart
        Begin anew, whatever unfinished sweep is there.
    as_json
        Print manifest.json instead of a table.
    """
    import json

    from leadrisk.report.sweep import terminal_sweep, write_sweep_figures
    from leadrisk.run.directory import MANIFEST
    from leadrisk.run.forecast import outcome_in_words
    from leadrisk.run.progress import progress_bar
    from leadrisk.sweep.api import run_sweep
    from leadrisk.sweep.spec import read_sweep

    values: dict[str, object] = dict(split_pair(text) for text in set_ or ())
    if public_use_file is not None:
        values["acos.public_use_file"] = str(public_use_file)
    file = read_sweep(sweep, set=values)
    target = out or Path("results") / sweep.stem
    errors = Console(stderr=True)
    say = teller(errors)
    with progress_bar(errors) as progress:
        dataset = run_sweep(
            file,
            target,
            executor=execution.executor(say),
            resume=resume,
            restart=restart,
            progress=progress,
            say=say,
            finish=write_sweep_figures,
        )
    manifest = json.loads((target / MANIFEST).read_bytes())
    if manifest["forecast"]["tasks"]:
        say(outcome_in_words(manifest["forecast"]))
    if as_json:
        print_json(manifest)
    else:
        console = Console()
        terminal_sweep(dataset, console)
        console.print(f"Outputs: {target}", soft_wrap=True, highlight=False)
        console.print(f"Digest: {manifest['digest']}", soft_wrap=True, highlight=False)
    failed = [one["cell"] for one in dataset.attrs["failures"] if one["status"] == "failed"]
    if failed:
        problem = f"{len(failed)} of {dataset.sizes['cell']} cells failed, the rest is in {target}; see failures.json"
        raise LeadriskError(problem)
