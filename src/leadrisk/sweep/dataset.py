"""All cells of a sweep as one labelled dataset, and reading it back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dask.array
import numpy as np
import xarray as xr
from dask.delayed import delayed

from leadrisk.errors import InputError
from leadrisk.risk.distribution import LEVELS
from leadrisk.sweep.task import CELLS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

    from leadrisk.sweep.plan import SweepPlan

STORE = "sweep.zarr"
DONE, FAILED, LEFT_OUT = "done", "failed", "left out"
_LEVEL = re.compile(r"_(p\d\d)(_se)?$")
_SHARES = ("prob_", "share_")
_Place = tuple[int, ...]


def sweep_dataset(plan: SweepPlan, results: Mapping[str, Mapping[str, Any]], *, attrs: Mapping[str, Any]) -> xr.Dataset:
    """Put the results of the cells together.

    Parameters
    ----------
    results
        By identifier of the cell; those without one have NaN.

    Returns
    -------
    xarray.Dataset
        Dimensions cell, contract, difference (of two contracts on the same paths), level (of quantiles) and year;
        what the cells differ in stands as coordinates along cell.
    """
    some = next(iter(results.values()))
    contracts, differences = list(some["contracts"]), list(some["differences"])
    years = sorted({year for found in results.values() for year in found["years"]})
    levels = list(LEVELS)
    labels: dict[str, Sequence[Any]] = {
        "contract": contracts,
        "difference": differences,
        "level": levels,
        "year": years,
    }
    sizes = {"cell": len(plan.cells), **{dim: len(values) for dim, values in labels.items()}}
    arrays: dict[str, tuple[tuple[str, ...], np.ndarray[Any, np.dtype[np.float64]]]] = {}

    def put(name: str, dims: tuple[str, ...], place: _Place, value: float) -> None:
        if name not in arrays:
            arrays[name] = (dims, np.full(tuple(sizes[dim] for dim in dims), np.nan))
        arrays[name][1][place] = value

    for at, cell in enumerate(plan.cells):
        found = results.get(cell.identifier)
        if found is None:
            continue
        for name in ("beneficiary_years", "beneficiary_years_se", "seconds"):
            put(name, ("cell",), (at,), found[name])
        for kind, dim in (("contracts", "contract"), ("differences", "difference")):
            prefix = "difference_" if kind == "differences" else ""
            for owner, figures in found[kind].items():
                row = labels[dim].index(owner)
                for name, value in figures.items():
                    if name == "by_year":
                        continue
                    stem, level = _parted(prefix + name)
                    if level is None:
                        put(stem, ("cell", dim), (at, row), value)
                    else:
                        put(stem, ("cell", dim, "level"), (at, row, levels.index(level)), value)
                for name, values in figures.get("by_year", {}).items():
                    for year, value in zip(found["years"], values, strict=True):
                        put(f"year_{name}", ("cell", dim, "year"), (at, row, years.index(year)), value)
    data = {name: (dims, values, {"units": _units(name)}) for name, (dims, values) in sorted(arrays.items())}
    coords = {
        **{dim: values for dim, values in labels.items() if values},
        "cell": [cell.identifier for cell in plan.cells],
        **{name: ("cell", values) for name, values in _coordinates(plan).items()},
        "status": ("cell", [_status(plan, at, results) for at in range(len(plan.cells))]),
        "digest": ("cell", [str(results.get(cell.identifier, {}).get("digest", "")) for cell in plan.cells]),
        "probability": ("level", list(LEVELS.values())),
    }
    return xr.Dataset(data, coords=coords, attrs={**attrs, "dimensions": list(plan.dimensions)})


def _status(plan: SweepPlan, at: int, results: Mapping[str, Any]) -> str:
    cell = plan.cells[at]
    return DONE if cell.identifier in results else LEFT_OUT if cell.left_out else FAILED


def _coordinates(plan: SweepPlan) -> dict[str, list[Any]]:
    """What the cells differ in; numbers as numbers, anything else as text. Lives always."""
    found: dict[str, list[Any]] = {}
    for name in _union(list(cell.coordinates) for cell in plan.cells):
        values = [cell.coordinates.get(name) for cell in plan.cells]
        known = [value for value in values if value is not None]
        if known and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known):
            whole = len(known) == len(values) and all(isinstance(value, int) for value in known)
            found[name] = values if whole else [np.nan if value is None else float(value) for value in values]
        else:
            found[name] = [_text(value) for value in values]
    if "cohort.lives" not in found:
        found["lives"] = [np.nan if cell.scenario is None else cell.scenario.cohort.lives for cell in plan.cells]
    return found


def _text(value: Any) -> str:
    """Write a coordinate that is no number.

    Examples
    --------
    >>> _text("A1001"), _text([1, 2]), _text(None)
    ('A1001', '[1, 2]', '')
    """
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _union(lists: Any) -> list[str]:
    return list(dict.fromkeys(name for one in lists for name in one))


def _parted(name: str) -> tuple[str, str | None]:
    """Part a quantile's name into the variable that holds all of them and its level.

    Examples
    --------
    >>> _parted("total_p05_se"), _parted("total_mean")
    (('total_quantile_se', 'p05'), ('total_mean', None))
    """
    found = _LEVEL.search(name)
    if found is None:
        return name, None
    return f"{name[: found.start()]}_quantile{found[2] or ''}", found[1]


def _units(name: str) -> str:
    if name == "seconds":
        return "seconds"
    if name.startswith("beneficiary_years"):
        return "beneficiary-years"
    stem = name.removeprefix("year_").removeprefix("difference_").removeprefix("total_").removeprefix("after_costs_")
    return "share" if stem.startswith(_SHARES) else "dollars"


def write_dataset(dataset: xr.Dataset, directory: Path) -> None:
    """Write a sweep as Zarr v3, which specifies texts of variable length only."""
    texts = {name: array.astype(object) for name, array in dataset.coords.items() if array.dtype.kind == "U"}
    dataset.assign_coords(texts).to_zarr(directory / STORE, mode="w", zarr_format=3, consolidated=False)


def load_sweep(path: str | PathLike[str]) -> xr.Dataset:
    """Read the dataset of a finished sweep into memory.

    Parameters
    ----------
    path
        Directory of the sweep.

    Raises
    ------
    InputError
        If there is none.

    Examples
    --------
    >>> load_sweep("no/such/sweep")
    Traceback (most recent call last):
    leadrisk.errors.InputError: no/such/sweep: holds no finished sweep
    """
    store = Path(path) / STORE
    if not store.is_dir():
        problem = "holds no finished sweep"
        raise InputError(problem, path=path)
    with xr.open_zarr(store, consolidated=False, chunks=None) as dataset:
        found: xr.Dataset = dataset.load()
    return found


def load_totals(path: str | PathLike[str]) -> xr.DataArray:
    """Ten-year net settlement of every path of a sweep that kept them, read cell by cell when values are asked for.

    Returns
    -------
    xarray.DataArray
        Dollars, dimensions cell (those that are done), contract, population, future.

    Raises
    ------
    InputError
        If the sweep kept none.
    """
    dataset = load_sweep(path)
    dataset = dataset.isel(cell=np.flatnonzero(dataset["status"].values == DONE))
    files = [Path(path) / CELLS / f"{name}.npy" for name in dataset["cell"].values]
    if not all(file.is_file() for file in files):
        problem = "kept no totals of its paths"
        raise InputError(problem, path=path, cure="write [keep] totals = true into the sweep file")
    shape = np.load(files[0], mmap_mode="r").shape
    parts = [dask.array.from_delayed(delayed(np.load)(file), shape, dtype=np.float64) for file in files]
    return xr.DataArray(
        dask.array.stack(parts),
        dims=("cell", "contract", "population", "future"),
        coords={"contract": dataset["contract"], **dataset["cell"].coords},
        name="net_settlement_total",
        attrs={"units": "dollars"},
    )


def as_grid(dataset: xr.Dataset) -> xr.Dataset:
    """Give a sweep over a full grid the dimensions of the grid instead of cell.

    Raises
    ------
    InputError
        If its cells fill no grid.
    """
    dims = list(dataset.attrs.get("dimensions", []))
    if not dims:
        problem = "its cells fill no grid"
        raise InputError(problem, key="dataset", cure="as_grid takes sweeps with [grid], stresses or a list of ACOs")
    along = [str(name) for name in dataset.coords if dataset[name].dims == ("cell",) and name not in {*dims, "cell"}]
    if len(dims) == 1:
        return dataset.swap_dims(cell=dims[0])
    return dataset.reset_coords(along).set_index(cell=dims).unstack("cell")
