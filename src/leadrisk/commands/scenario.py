"""``leadrisk scenario``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import Console

from leadrisk.commands.options import Whole
from leadrisk.errors import InputError

Printed = Annotated[bool, Parameter(name="--print", negative=())]
Entrant = Literal["renewing_mssp", "newly_entering", "renewing_reach"]


def scenario(
    *,
    from_puf: Path,
    aco: str,
    entrant: Entrant = "renewing_mssp",
    out: Path | None = None,
    year: Whole | None = None,
    print_: Printed = False,
) -> None:
    """Write a scenario from the published results of any ACO in the Shared Savings Program.

    Parameters
    ----------
    from_puf
        CMS's MSSP public use file of one performance year, 2021 or later (CSV).
    aco
        Identifier of the ACO in it, for example A4950.
    entrant
        Where it would come from; decides base-year weights and prior savings.
    out
        File to write; default the identifier with .toml, in the working directory. A file that exists is never
        replaced.
    year
        Performance year of the file, where neither its name nor its agreements tell it.
    print_
        Print the scenario instead of writing a file.
    """
    from leadrisk.cohort.public_use_file import scenario_text
    from leadrisk.cohort.public_use_layout import read_public_use_file

    target = out or Path(f"{aco.strip().upper()}.toml")
    if not print_:
        _refuse_existing(target)
    elif out is not None:
        problem = "--print writes no file"
        raise InputError(problem, path=out, key="--out", cure="leave one of them out")
    file = read_public_use_file(from_puf, year=year)
    try:
        text = scenario_text(file, aco, entrant=entrant)
    except InputError as error:
        raise InputError(error.problem, path=from_puf, key=error.key, cure=error.cure) from None
    if print_:
        sys.stdout.write(text)
        return
    _write(target, text)
    console = Console()
    console.print(f"{target}: written from MSSP {file.year}", style="bold", soft_wrap=True, highlight=False)
    console.print("The grade of each figure stands above it; most are judgements.", soft_wrap=True, highlight=False)
    console.print(f"Next: leadrisk run {target}", soft_wrap=True, highlight=False)


def _refuse_existing(target: Path) -> None:
    """A scenario may hold work of hours, so none is replaced."""
    if target.exists() or target.is_symlink():
        what = "is a directory" if target.is_dir() else "exists, refusing to replace it"
        raise InputError(what, path=target, key="--out", cure="name another file")


def _write(target: Path, text: str) -> None:
    from leadrisk.files import write_atomically

    try:
        write_atomically(target, text.encode())
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        raise InputError(problem, path=target, key="--out", cure="choose a writable directory that exists") from None
