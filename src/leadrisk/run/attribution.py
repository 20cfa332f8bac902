"""Where the variance comes from: settle again with one layer frozen, and under a second net of futures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from leadrisk.risk.drivers import LAYERS, Driver, driver
from leadrisk.risk.estimate import Estimate, population_share, quantiles
from leadrisk.risk.parts import by_path
from leadrisk.risk.reserve import deepest_shortfall
from leadrisk.run.execute import map_blocks
from leadrisk.run.plan import plan_blocks, settled_block_size, spread_blocks
from leadrisk.run.settle import settle_block

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from leadrisk.experience.factors import Layer
    from leadrisk.run.plan import Block
    from leadrisk.run.setting import Setting

    Progress = Callable[[str, int, int], None]

FROZEN_FUTURES = 16  # of each population: a share's standard error is at most 1.1 percentage points, not 1.0 with 64
MOST_TOGETHER = 256  # populations a task, so that two threads have work


def variance_drivers(
    experience: xr.Dataset,
    settlement: xr.Dataset,
    setting: Setting,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> dict[str, list[Driver]]:
    """Drivers of the variance of the ten-year total by contract, largest first.

    Uses up to 512 populations, in chunks of neighbours at the middle of equal parts of the strata, each with the first
    sixteen of its futures, which are a net of their own: a share's standard error hangs on the populations first.
    """
    average = experience.drop_vars("pandemic").mean("population", keep_attrs=True)
    blocks = spread_blocks(experience.sizes["population"])
    some, few = _populations(experience, blocks), replace(setting, futures=min(setting.futures, FROZEN_FUTURES))
    chunks = _chunks(some, few)
    work = [(layer, chunk) for layer in LAYERS for chunk in chunks]

    def task(item: tuple[Layer, Block]) -> list[NDArray[np.float64]]:
        layer, part = item
        block = some.isel(population=part.rows)
        if layer == "individuals":
            persons = average.expand_dims(population=block["population"])
            block = persons.assign(pandemic=block["pandemic"]).transpose(*block.dims)
        lines = settle_block(block, few, frozen=(layer,))
        return [lines[name]["net_settlement"].sum(axis=-1) for name in setting.scenario.contract.names]

    parts = map_blocks(task, work, threads=threads, label="freezing layers", progress=progress)
    net = settlement["net_settlement"].isel(future=slice(few.futures))
    everything = np.concatenate([net.isel(population=block.rows).sum("year").values for block in blocks], axis=1)
    found: dict[str, list[Driver]] = {}
    for c, name in enumerate(setting.scenario.contract.names):
        frozen = [
            np.concatenate([part[c] for part in parts[at : at + len(chunks)]])
            for at in range(0, len(parts), len(chunks))
        ]
        drivers = [driver(layer, total=everything[c], frozen=f) for layer, f in zip(LAYERS, frozen, strict=True)]
        found[name] = sorted(drivers, key=lambda d: -d["variance_share"])
    return found


def patient_luck(
    experience: xr.Dataset,
    settlement: xr.Dataset,
    setting: Setting,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> dict[str, dict[str, Estimate]]:
    """Share of uncertainty that is the luck of individual patients, by contract and figure.

    ``mean``: of the variance of the ten-year total. ``reserve_99``: of the event that the 99 % reserve suffices.
    The size of the panel and pandemics, which also belong to a population, are told apart. Uses the populations of
    :func:`variance_drivers`.
    """
    blocks = spread_blocks(experience.sizes["population"])
    rows, some = _rows(blocks), _populations(experience, blocks)
    own: list[list[tuple[NDArray[np.float64], float]]] = []  # of total and cover: means of the populations, variance
    reserve = []
    for name in setting.scenario.contract.names:
        net = settlement["net_settlement"].sel(contract=name)
        total, shortfall = by_path([net], lambda values: values.sum(axis=-1), deepest_shortfall)
        reserve.append(quantiles(shortfall, [0.99])[0].value)
        covered = (shortfall <= reserve[-1]).astype(np.float64)
        own.append([(values[rows].mean(axis=1), float(values.var())) for values in (total, covered)])

    def task(part: Block) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        lines = settle_block(some.isel(population=part.rows), setting, net=1)
        found = []
        for name, enough in zip(setting.scenario.contract.names, reserve, strict=True):
            again = lines[name]["net_settlement"]
            found.append((again.sum(axis=-1).mean(axis=1), (deepest_shortfall(again) <= enough).mean(axis=1)))
        return found

    parts = map_blocks(task, _chunks(some, setting), threads=threads, label="second net of futures", progress=progress)
    panel, pandemics = settlement["panel"].mean("year").values, settlement["pandemic"].sum("year").values
    apart = np.column_stack([panel, pandemics])[rows]
    luck: dict[str, dict[str, Estimate]] = {}
    for c, name in enumerate(setting.scenario.contract.names):
        means, chances = (np.concatenate([part[c][figure] for part in parts]) for figure in (0, 1))
        luck[name] = {
            figure: population_share(first, second, variance=variance, apart_from=apart)
            for figure, (first, variance), second in zip(("mean", "reserve_99"), own[c], (means, chances), strict=True)
        }
    return luck


def _populations(experience: xr.Dataset, blocks: list[Block]) -> xr.Dataset:
    """Experience of the populations in the blocks."""
    parts = [experience.isel(population=part.rows) for part in blocks]
    return xr.concat(
        parts, dim="population", data_vars="minimal", coords="minimal", compat="override", join="override"
    ).load()


def _chunks(some: xr.Dataset, setting: Setting) -> list[Block]:
    """Tasks of the usual size: whole blocks of populations that are no neighbours."""
    size = settled_block_size(setting.futures, setting.years.size)
    return plan_blocks(some.sizes["population"], size=min(size, MOST_TOGETHER))


def _rows(blocks: list[Block]) -> NDArray[np.int64]:
    """Numbers of the populations in the blocks."""
    return np.concatenate([np.arange(part.first, part.first + part.size) for part in blocks])
