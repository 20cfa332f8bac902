"""Lay out the store of a run before its first task: every array declared, labels written, no chunk yet."""

from __future__ import annotations

import asyncio
import warnings
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
import zarr
from zarr.core.sync import sync

from leadrisk.experience.simulate import simulate_block
from leadrisk.run.chunks import chunk_name, create_chunked
from leadrisk.run.experience_arrays import experience_labels, put_experience
from leadrisk.run.lines import LineStore
from leadrisk.run.settle import settle_block

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from leadrisk.run.chunks import Declared
    from leadrisk.run.setting import Setting

    Labels = tuple[Mapping[str, Any], Mapping[str, Any]]

_PROBE = 2  # populations, the least that are simulated together: what they have, all have
_LABELLING = Lock()  # one at a time: who waits for the loop must not wait for another who does


class Layout:
    """What arrays a group has; of what is written, what belongs to no population is kept, and the rest measured."""

    def __init__(self) -> None:
        self.declared: dict[str, Declared] = {}
        self.whole: dict[str, NDArray[Any]] = {}
        self.population_bytes = 0
        """What is written of a population; lines that are zero throughout are not."""

    def declare(self, declared: Declared) -> None:
        """Note an array."""
        self.declared.setdefault(declared.name, declared)

    def write(self, name: str, values: NDArray[Any], *, rows: slice | None = None, first: int | None = None) -> None:
        """Keep an array without populations, and count the bytes of one with."""
        one = self.declared[name]
        if rows is not None and one.axis is not None:
            self.population_bytes += int(np.prod(one.shape[one.axis + 1 :])) * np.dtype(one.dtype).itemsize
        elif first is None:
            self.whole[name] = values


def probed(setting: Setting) -> dict[str, tuple[Layout, Labels]]:
    """Arrays and labels of both groups of a run, as its first populations show them."""
    scenario = setting.scenario
    populations = scenario.run.populations
    probe = simulate_block(scenario, first=0, count=_PROBE, populations=populations, seed=setting.seed)
    experience, settlement = Layout(), Layout()
    put_experience(experience, probe, rows=slice(0, _PROBE), populations=populations)
    lines = LineStore(setting, settlement, populations=populations)
    lines.put(slice(0, _PROBE), settle_block(probe, setting, ratchet=True), probe)
    labels = experience_labels(probe, scenario, populations=populations, seed=setting.seed)
    return {"experience": (experience, labels), "settlement": (settlement, lines.labels())}


def lay_out(store: Path, groups: Mapping[str, tuple[Layout, Labels]], *, chunk: int) -> None:
    """Make the store of a run.

    Parameters
    ----------
    store
        Directory that is not there yet.
    groups
        From :func:`probed`.
    chunk
        Populations of a chunk: those of a task, so that no two write one chunk.
    """
    zarr.create_group(store, zarr_format=3)
    for name, (layout, labels) in groups.items():
        _create(store / name, layout, labels, chunk)
    _consolidate(store)


def _create(group: Path, layout: Layout, labels: Labels, chunk: int) -> None:
    zarr.create_group(group, zarr_format=3)
    for declared in layout.declared.values():
        create_chunked(group, declared, block=chunk)
    for name, values in layout.whole.items():
        one = layout.declared[name]
        numbers = np.ascontiguousarray(values, dtype=np.dtype(one.dtype).newbyteorder("<"))
        (group / name / chunk_name(len(one.shape), None, block=0, first=None)).write_bytes(numbers.data.cast("B"))
    coords, attrs = labels
    dataset = xr.Dataset(coords=coords, attrs=attrs)
    texts = {name: array.astype(object) for name, array in dataset.coords.items() if array.dtype.kind == "U"}
    with _LABELLING:
        before = sync(_tasks())
        try:  # Zarr v3 specifies texts of variable length only
            dataset.assign_coords(texts).to_zarr(group, mode="a", zarr_format=3, consolidated=False)
        finally:
            sync(_ended_but(before))


def complete(store: Path, *, settlement_attrs: Mapping[str, Any]) -> None:
    """Write the attributes that are known at the end."""
    with _LABELLING:
        zarr.open_group(store / "settlement", mode="r+", zarr_format=3).attrs.update(dict(settlement_attrs))
    _consolidate(store)


def _consolidate(store: Path) -> None:
    """Gather all metadata in one place, so that the store is opened at once, also while it is being written."""
    with _LABELLING, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Consolidated metadata", category=UserWarning)
        zarr.consolidate_metadata(store, zarr_format=3)


async def _tasks() -> set[asyncio.Task[Any]]:
    """What runs on Zarr's loop, which all threads of the process share."""
    return asyncio.all_tasks()


async def _ended_but(known: set[asyncio.Task[Any]]) -> None:
    """Wait for the writes begun since: a file written after the directory was removed would bring it back."""
    while others := asyncio.all_tasks() - known - {asyncio.current_task()}:
        await asyncio.wait(others)
