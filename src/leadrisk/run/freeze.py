"""Settle a part of the run again with one layer frozen at a time, for the report's variance drivers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from leadrisk.risk.drivers import LAYERS, Driver, driver
from leadrisk.run.execute import map_blocks
from leadrisk.run.plan import Block, plan_blocks
from leadrisk.run.settle import entry_levels, lead_terms, settle_block, spending_class

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.experience.factors import Layer
    from leadrisk.scenario.model import Scenario

_CHUNKS, _CHUNK = (
    16,
    16,
)  # 256 populations: enough for a share's standard error of one to three percentage points


def variance_drivers(
    experience: xr.Dataset,
    settlement: xr.Dataset,
    scenario: Scenario,
    *,
    workers: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> dict[str, list[Driver]]:
    """Drivers of the variance of the ten-year total by contract, largest first.

    Uses up to 256 populations, taken evenly over the strata in chunks of neighbours.
    """
    n = experience.sizes["population"]
    seed, futures = int(experience.attrs["seed"]), settlement.sizes["future"]
    terms = lead_terms(scenario)
    entry_class: Literal["lower", "higher"] = spending_class(scenario, terms)
    average = experience.mean("population", keep_attrs=True)
    average["pandemic"] = average["pandemic"] * 0  # an average population lives in a year without an outbreak

    def totals(layer: Layer) -> Callable[[Block], list[NDArray[np.float64]]]:
        def task(part: Block) -> list[NDArray[np.float64]]:
            block = experience.isel(population=slice(part.first, part.first + part.size))
            if layer == "individuals":
                persons = average.drop_vars("pandemic").expand_dims(population=block["population"])
                block = persons.assign(pandemic=block["pandemic"]).transpose(*block.dims)
            lines = settle_block(
                block,
                scenario,
                futures=futures,
                seed=seed,
                terms=terms,
                entry_class=entry_class,
                levels=levels,
                frozen=(layer,),
            )
            return [lines[name]["net_shared_savings"].sum(axis=-1) for name in scenario.contract.names]

        return task

    levels = entry_levels(experience, scenario, terms)
    chunks = plan_blocks(n, size=_CHUNK)
    blocks = [chunks[i] for i in np.unique(np.linspace(0, len(chunks) - 1, min(len(chunks), _CHUNKS)).astype(int))]
    rows = np.concatenate([np.arange(part.first, part.first + part.size) for part in blocks])
    everything = settlement["net_settlement"].sum("year").values[:, rows]
    found: dict[str, list[Driver]] = {name: [] for name in scenario.contract.names}
    for layer in LAYERS:
        parts = map_blocks(totals(layer), blocks, workers=workers, label="freezing layers", progress=progress)
        for c, name in enumerate(scenario.contract.names):
            frozen = np.concatenate([part[c] for part in parts])
            found[name].append(driver(layer, total=everything[c], frozen=frozen))
    return {name: sorted(drivers, key=lambda d: -d["variance_share"]) for name, drivers in found.items()}
