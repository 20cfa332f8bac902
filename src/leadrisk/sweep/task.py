"""One cell as a task for any executor: plain data in, a file that is whole or absent out."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from leadrisk.errors import LeadriskError
from leadrisk.files import write_atomically
from leadrisk.run.execute import keep_freed_memory
from leadrisk.run.identity import program
from leadrisk.run.work_directory import IDENTITY
from leadrisk.scenario.load import scenario_sha256
from leadrisk.scenario.model import Scenario
from leadrisk.sweep.figures import cell_figures, stacked_totals
from leadrisk.sweep.paths import settled_paths

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from leadrisk.sweep.plan import Cell

CELLS = "cells"


class CellTask(NamedTuple):
    """A cell in plain data, so that any process may run it.

    Attributes
    ----------
    scenario
        As JSON, sizes, seed and contracts in it.
    directory
        Of the sweep; the result becomes ``cells/<identifier>.json`` in it.
    sweep_sha256
        Fingerprint of what the sweep is, as it stands in the directory: a worker that finds another one is elsewhere.
    keep_totals
        Whether the totals of all paths are written to ``cells/<identifier>.npy``.
    """

    identifier: str
    scenario: str
    scenario_sha256: str
    directory: str
    sweep_sha256: str
    keep_totals: bool


class Outcome(NamedTuple):
    """How a cell ended.

    Attributes
    ----------
    seconds
        Time on one core that it took; of a result found whole, the time that it took then.
    reused
        Whether a result was there.
    error, trace
        What went wrong, empty where nothing did.
    """

    identifier: str
    seconds: float
    reused: bool = False
    error: str = ""
    trace: str = ""


def cell_tasks(cells: Iterable[tuple[Cell, Scenario]], *, directory: Path, keep_totals: bool) -> dict[str, CellTask]:
    """Put cells into plain data, by identifier."""
    sweep = _sweep_sha256(directory)
    return {
        cell.identifier: CellTask(
            cell.identifier,
            scenario.model_dump_json(),
            scenario_sha256(scenario),
            str(directory),
            sweep,
            keep_totals,
        )
        for cell, scenario in cells
    }


def run_cell(task: CellTask) -> Outcome:
    """Simulate and settle a cell and write its figures, unless they are there already.

    Whatever goes wrong with the cell is told in the outcome, so that other cells go on.

    Raises
    ------
    LeadriskError
        If the directory of the sweep is not there: cells would be computed for nothing.
    """
    started = time.thread_time()
    keep_freed_memory()
    _check_directory(task)
    if (found := read_result(task)) is not None:
        return Outcome(task.identifier, found["seconds"], reused=True)
    try:
        settled = settled_paths(_scenario(task))
        result = cell_figures(settled)
        seconds = time.thread_time() - started
        _check_directory(task)  # a sweep begun anew in this place must not get cells of the one before
        _write_result(task, {**result, "seconds": seconds}, totals=stacked_totals(settled))
    except (OSError, MemoryError, _ElsewhereError):
        raise  # of the machine, not of the cell: what is finished is kept, and the sweep can be gone on with
    except Exception as error:  # noqa: BLE001 one cell's failure, of whatever kind, must not end the others
        said = str(error) if isinstance(error, LeadriskError) else f"{type(error).__name__}: {error}"
        return Outcome(task.identifier, time.thread_time() - started, error=said, trace=traceback.format_exc())
    return Outcome(task.identifier, seconds)


def done_seconds(directory: Path) -> float:
    """Seconds that the finished cells in a directory took."""
    total = 0.0
    for path in (directory / CELLS).glob("*.json"):
        with suppress(OSError, ValueError, LookupError, TypeError):
            total += float(json.loads(path.read_bytes())["result"]["seconds"])
    return total


def _scenario(task: CellTask) -> Scenario:
    scenario = Scenario.model_validate_json(task.scenario)
    if scenario_sha256(scenario) != task.scenario_sha256:
        problem = "the scenario that arrived is not the one that was sent"
        raise LeadriskError(problem)
    return scenario


def read_result(task: CellTask) -> dict[str, Any] | None:
    """Result of a cell if it is whole and of the same scenario and version, else ``None``."""
    path = _path(task)
    try:
        content = json.loads(path.read_bytes())
        whole = content["checksum"] == _checksum(content["identity"], content["result"])
        if not whole or content["identity"] != _identity(task):
            return None
        if task.keep_totals and _sha256(path.with_suffix(".npy").read_bytes()) != content["totals_sha256"]:
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    found: dict[str, Any] = content["result"]
    return found


def written_bytes(task: CellTask) -> int:
    """Bytes on disk of the result of a cell."""
    path = _path(task)
    files = [path, path.with_suffix(".npy")] if task.keep_totals else [path]
    return sum(file.stat().st_size for file in files if file.exists())


def _sweep_sha256(directory: Path) -> str:
    return _sha256((directory / IDENTITY).read_bytes())


class _ElsewhereError(LeadriskError):
    """What a worker raises that does not see the sweep."""


def _check_directory(task: CellTask) -> None:
    with suppress(OSError):
        if _sweep_sha256(Path(task.directory)) == task.sweep_sha256:
            return
    message = (
        f"{task.directory}: is not the directory of this sweep on {platform.node()}; every worker needs it under the "
        "same path, on a file system that all share"
    )
    raise _ElsewhereError(message)


def _write_result(task: CellTask, result: dict[str, Any], *, totals: NDArray[np.float64]) -> None:
    path, identity = _path(task), _identity(task)
    content = {"identity": identity, "checksum": _checksum(identity, result), "result": result}
    if task.keep_totals:
        buffer = io.BytesIO()
        np.save(buffer, totals)
        write_atomically(path.with_suffix(".npy"), buffer.getvalue())
        content["totals_sha256"] = _sha256(buffer.getvalue())
    write_atomically(path, json.dumps(content, allow_nan=False).encode())


def _path(task: CellTask) -> Path:
    return Path(task.directory) / CELLS / f"{task.identifier}.json"


def _identity(task: CellTask) -> dict[str, Any]:
    """What a result is of; sizes and seed are in the scenario."""
    return {"cell": task.identifier, "scenario_sha256": task.scenario_sha256, **program()}


def _checksum(identity: dict[str, Any], result: dict[str, Any]) -> str:
    text = json.dumps([identity, result], sort_keys=True, separators=(",", ":"))
    return _sha256(text.encode())


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
