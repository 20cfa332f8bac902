"""Where the variance comes from: settle again with one layer frozen, and under a second net of futures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.risk.drivers import LAYERS, Driver, driver
from leadrisk.risk.estimate import Estimate, population_share, quantiles
from leadrisk.risk.reserve import deepest_shortfall
from leadrisk.run.execute import map_blocks
from leadrisk.run.plan import spread_blocks
from leadrisk.run.settle import settle_block

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.experience.factors import Layer
    from leadrisk.run.plan import Block
    from leadrisk.run.setting import Setting

    Progress = Callable[[str, int, int], None]


def variance_drivers(
    experience: xr.Dataset,
    settlement: xr.Dataset,
    setting: Setting,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> dict[str, list[Driver]]:
    """Drivers of the variance of the ten-year total by contract, largest first.

    Uses up to 512 populations, in chunks of neighbours at the middle of equal parts of the strata.
    """
    average = experience.drop_vars("pandemic").mean("population", keep_attrs=True)
    blocks = spread_blocks(experience.sizes["population"])
    work = [(layer, block) for layer in LAYERS for block in blocks]

    def task(item: tuple[Layer, Block]) -> list[NDArray[np.float64]]:
        layer, part = item
        block = experience.isel(population=part.rows)
        if layer == "individuals":
            persons = average.expand_dims(population=block["population"])
            block = persons.assign(pandemic=block["pandemic"]).transpose(*block.dims)
        lines = settle_block(block, setting, frozen=(layer,))
        return [lines[name]["net_settlement"].sum(axis=-1) for name in setting.scenario.contract.names]

    parts = map_blocks(task, work, workers=workers, label="freezing layers", progress=progress)
    rows = _rows(blocks)
    everything = settlement["net_settlement"].sum("year").values[:, rows]
    found: dict[str, list[Driver]] = {}
    for c, name in enumerate(setting.scenario.contract.names):
        frozen = [
            np.concatenate([part[c] for part in parts[at : at + len(blocks)]])
            for at in range(0, len(parts), len(blocks))
        ]
        drivers = [driver(layer, total=everything[c], frozen=f) for layer, f in zip(LAYERS, frozen, strict=True)]
        found[name] = sorted(drivers, key=lambda d: -d["variance_share"])
    return found


def patient_luck(
    experience: xr.Dataset,
    settlement: xr.Dataset,
    setting: Setting,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> dict[str, dict[str, Estimate]]:
    """Share of uncertainty that is the luck of individual patients, by contract and figure.

    ``mean``: of the variance of the ten-year total. ``reserve_99``: of the event that the 99 % reserve suffices.
    The size of the panel and pandemics, which also belong to a population, are told apart. Uses the populations of
    :func:`variance_drivers`.
    """
    net = settlement["net_settlement"].transpose("contract", "population", "future", "year").values
    shortfall = [deepest_shortfall(values) for values in net]
    reserve = [quantiles(values, [0.99])[0].value for values in shortfall]

    def task(part: Block) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        lines = settle_block(experience.isel(population=part.rows), setting, net=1)
        found = []
        for name, enough in zip(setting.scenario.contract.names, reserve, strict=True):
            again = lines[name]["net_settlement"]
            found.append((again.sum(axis=-1).mean(axis=1), (deepest_shortfall(again) <= enough).mean(axis=1)))
        return found

    blocks = spread_blocks(experience.sizes["population"])
    rows = _rows(blocks)
    parts = map_blocks(task, blocks, workers=workers, label="second net of futures", progress=progress)
    panel, pandemics = settlement["panel"].mean("year").values, settlement["pandemic"].sum("year").values
    apart = np.column_stack([panel, pandemics])[rows]
    luck: dict[str, dict[str, Estimate]] = {}
    for c, name in enumerate(setting.scenario.contract.names):
        total, covered = net[c].sum(axis=-1), (shortfall[c] <= reserve[c]).astype(np.float64)
        means, chances = (np.concatenate([part[c][figure] for part in parts]) for figure in (0, 1))
        luck[name] = {
            figure: population_share(first[rows].mean(axis=1), second, variance=float(first.var()), apart_from=apart)
            for figure, first, second in (("mean", total, means), ("reserve_99", covered, chances))
        }
    return luck


def _rows(blocks: list[Block]) -> NDArray[np.int64]:
    """Numbers of the populations in the blocks."""
    return np.concatenate([np.arange(part.first, part.first + part.size) for part in blocks])
