"""What `leadrisk sweep` shows: pictures, and two tables on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from leadrisk.report.figure_files import write_figures
from leadrisk.report.figure_sweep_acos import acos_figure
from leadrisk.report.figure_sweep_response import response_figure
from leadrisk.report.formatting import contract_label

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr
    from rich.console import Console

    from leadrisk.report.figure_style import Drawing

_MOST_LISTED = 10
_DONE = "done"


def write_sweep_figures(directory: Path, dataset: xr.Dataset) -> list[Path]:
    """Write `figures/`: who gains, for a list of ACOs; how the result answers, for a design.

    Parameters
    ----------
    directory
        Of the sweep.
    dataset
        From :func:`leadrisk.sweep.run_sweep`.
    """
    drawings = sweep_figures(dataset)
    return write_figures(directory / "figures", drawings) if drawings else []


def sweep_figures(dataset: xr.Dataset) -> dict[str, Drawing]:
    """The pictures of a sweep by name."""
    done = dataset.isel(cell=np.flatnonzero(dataset["status"].values == _DONE))
    found: dict[str, Drawing] = {}
    if "aco" in done.coords and not done.attrs["design"] and "stress" not in done.coords:
        found["acos"] = acos_figure(done)
    elif "aco" not in done.coords and "stress" not in done.coords and (drawn := response_figure(done)) is not None:
        found["response"] = drawn
    return found


def terminal_sweep(dataset: xr.Dataset, console: Console) -> None:
    """Print how the cells came out, contract by contract, and which have no figures."""
    done = dataset.isel(cell=np.flatnonzero(dataset["status"].values == _DONE))
    count = done.sizes["cell"]
    table = Table(
        title=f"{dataset.attrs['sweep']}: {count} cells, ten years after costs, $ per beneficiary and year",
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("contract", no_wrap=True)
    for head in ("cells that gain", "lowest mean", "median", "highest mean", "median 99 % reserve, $ million"):
        table.add_column(head, justify="right")
    years = done["beneficiary_years"].values
    for name in done["contract"].values.tolist():
        own = done.sel(contract=name)
        mean = own["after_costs_mean"].values / years
        reserve = float(np.median(own["reserve_99"].values)) / 1e6
        spread = [float(mean.min()), float(np.median(mean)), float(mean.max())]
        gains = f"{int((mean > 0).sum())} of {count}"
        table.add_row(contract_label(name), gains, *(f"{value:,.0f}" for value in spread), f"{reserve:,.1f}")
    console.print(table)
    failures: list[dict[str, Any]] = dataset.attrs.get("failures", [])
    if failures:
        console.print(_failures(failures))
        if len(failures) > _MOST_LISTED:
            console.print(f"{len(failures) - _MOST_LISTED} more in failures.json.", highlight=False)


def _failures(failures: list[dict[str, Any]]) -> Table:
    table = Table(title="Cells without figures", title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("cell", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("reason", overflow="fold")
    for one in sorted(failures, key=lambda one: one["status"])[:_MOST_LISTED]:
        table.add_row(one["cell"], one["status"], one["reason"])
    return table
