"""The directory of a finished run, opened: its numbers read when they are asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from leadrisk.errors import InputError
from leadrisk.run.directory import MANIFEST
from leadrisk.run.intact import refuse_damaged
from leadrisk.run.open_store import open_group
from leadrisk.run.store import RESULTS

if TYPE_CHECKING:
    from os import PathLike

    import xarray as xr


class OpenedRun(NamedTuple):
    """A finished run. ``experience`` and ``settlement`` are read when their values are asked for, and not kept."""

    experience: xr.Dataset
    settlement: xr.Dataset
    summary: dict[str, Any]
    manifest: dict[str, Any]


def open_run(directory: str | PathLike[str]) -> OpenedRun:
    """Open the directory that ``leadrisk run`` wrote.

    Parameters
    ----------
    directory
        As named with ``--out``.

    Returns
    -------
    OpenedRun
        ``experience`` and ``settlement`` as from :func:`leadrisk.simulate` and :func:`leadrisk.settle`, their variables
        read when their values are asked for; ``summary`` and ``manifest`` as in summary.json and manifest.json.

    Raises
    ------
    InputError
        If it is not the directory of a finished run, or files of it are missing or cut short: their numbers would read
        as zero. Whether bits have changed since is checked by ``leadrisk run --resume`` and ``leadrisk export``.

    Examples
    --------
    >>> open_run("results/none")
    Traceback (most recent call last):
    leadrisk.errors.InputError: results/none: is not the directory of a finished run: there is no manifest.json (name \
one that leadrisk run wrote)
    """
    path = Path(directory)
    manifest = _read(path, MANIFEST)
    if "scenario_sha256" not in manifest:
        raise _no_run(path, f"{MANIFEST} is of another program or command")
    store = path / RESULTS
    if not store.is_dir():
        raise _no_run(path, f"there is no {RESULTS}")
    summary = _read(path, "summary.json")
    refuse_damaged(path, contents=False)
    experience, settlement = open_group(store, "experience"), open_group(store, "settlement")
    return OpenedRun(experience, settlement, summary, manifest)


def _read(path: Path, name: str) -> dict[str, Any]:
    try:
        found = json.loads((path / name).read_bytes())
    except OSError:
        raise _no_run(path, f"there is no {name}") from None
    except ValueError:
        raise _no_run(path, f"{name} is not JSON") from None
    if not isinstance(found, dict):
        raise _no_run(path, f"{name} is of another program or command")
    return found


def _no_run(path: Path, why: str) -> InputError:
    problem = f"is not the directory of a finished run: {why}"
    return InputError(problem, path=path, cure="name one that leadrisk run wrote")
