"""What a sweep leaves behind: the dataset, a table of cells, the failures, the manifest."""

from __future__ import annotations

import csv
import hashlib
import json
from typing import TYPE_CHECKING, Any

import leadrisk
from leadrisk.run.directory import MANIFEST
from leadrisk.run.manifest import environment
from leadrisk.run.store import write_json
from leadrisk.sweep.dataset import DONE, FAILED, LEFT_OUT, write_dataset

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import xarray as xr

    from leadrisk.sweep.plan import SweepPlan
    from leadrisk.sweep.task import Outcome

FAILURES, TABLE, TRACES = "failures.json", "cells.csv", "failures"


def sweep_sha256(plan: SweepPlan, scenarios: Mapping[str, str]) -> str:
    """Fingerprint of a sweep: what the file says apart from where files lie, and the scenario of every cell.

    Parameters
    ----------
    scenarios
        Fingerprint of the scenario of each valid cell by identifier.
    """
    sweep = plan.sweep.model_dump(mode="json", exclude={"scenario", "acos", "overlays", "stresses"})
    content = [sweep, {cell.identifier: cell.coordinates for cell in plan.cells}, dict(scenarios)]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def failures(
    plan: SweepPlan, outcomes: Mapping[str, Outcome], results: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Cells without figures: which, whether left out or failed, and why."""
    found = []
    for cell in plan.cells:
        outcome = outcomes.get(cell.identifier)
        reason = cell.reason if cell.scenario is None else outcome.error if outcome else ""
        if cell.identifier not in results:
            reason = reason or "its result cannot be read; go on with --resume"
            status = LEFT_OUT if cell.left_out else FAILED
            found.append(
                {"cell": cell.identifier, "status": status, "reason": reason, "coordinates": dict(cell.coordinates)}
            )
    return found


def write_sweep(
    directory: Path,
    dataset: xr.Dataset,
    *,
    failed: Sequence[Mapping[str, Any]],
    outcomes: Mapping[str, Outcome],
    elapsed_s: float,
    forecast: Mapping[str, Any],
) -> None:
    """Write sweep.zarr, cells.csv, failures.json and, last, manifest.json."""
    write_dataset(dataset, directory)
    write_table(dataset, directory / TABLE)
    write_json(directory / FAILURES, {"failures": list(failed)})
    for outcome in outcomes.values():
        if outcome.trace:
            (directory / TRACES).mkdir(exist_ok=True)
            (directory / TRACES / f"{outcome.identifier}.txt").write_text(outcome.trace, encoding="utf-8")
    found = manifest(dataset, outcomes=outcomes, elapsed_s=elapsed_s)
    write_json(directory / MANIFEST, {**found, "forecast": dict(forecast)})


def manifest(dataset: xr.Dataset, *, outcomes: Mapping[str, Outcome], elapsed_s: float) -> dict[str, Any]:
    """What was run, on what, how long it took, and the digest of every cell's totals."""
    status = dataset["status"].values.tolist()
    pairs = zip(dataset["cell"].values.tolist(), dataset["digest"].values.tolist(), strict=True)
    text = "\n".join(f"{cell} {one}" for cell, one in pairs if one)
    said = ("sweep", "scenario_sha256", "populations", "futures", "seed")
    done = [outcome for outcome in outcomes.values() if not outcome.error]
    return {
        "digest": hashlib.sha256(text.encode()).hexdigest(),
        **{name: dataset.attrs[name] for name in said},
        "contracts": dataset["contract"].values.tolist(),
        "cells": len(status),
        **{name.replace(" ", "_"): status.count(name) for name in (DONE, FAILED, LEFT_OUT)},
        "reused": sum(outcome.reused for outcome in done),
        "elapsed_s": round(elapsed_s, 3),
        "cell_seconds": round(sum(outcome.seconds for outcome in done if not outcome.reused), 3),
        "version": leadrisk.__version__,
        "environment": environment(),
    }


def write_table(dataset: xr.Dataset, path: Path) -> None:
    """Write a table with a row for each cell and contract."""
    along = [str(name) for name in dataset.coords if dataset[name].dims == ("cell",)]
    of_cell = [str(name) for name in dataset.data_vars if dataset[name].dims == ("cell",)]
    of_contract = [str(name) for name in dataset.data_vars if dataset[name].dims == ("cell", "contract")]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*along, "contract", *of_contract, *of_cell])
        columns = {name: dataset[name].values.tolist() for name in (*along, *of_contract, *of_cell)}
        for at in range(dataset.sizes["cell"]):
            for row, contract in enumerate(dataset["contract"].values.tolist()):
                figures = [columns[name][at][row] for name in of_contract]
                first, last = ([columns[name][at] for name in names] for names in (along, of_cell))
                writer.writerow([*first, contract, *figures, *last])
