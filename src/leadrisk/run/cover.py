"""Premium of the private aggregate cover: the quote, or a price from some of the run's own populations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.aggregate_cover import premium_share
from leadrisk.run.execute import map_blocks
from leadrisk.run.plan import SPREAD_BLOCKS, SPREAD_SIZE, spread_blocks
from leadrisk.run.settle import settle_block

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.run.plan import Block
    from leadrisk.run.setting import Setting
    from leadrisk.scenario.model import Scenario


def priced_populations(scenario: Scenario) -> int:
    """Populations that are settled once more to price the cover; none where there is a quote, or no cover."""
    cover = scenario.aggregate_cover
    if not cover.bought or cover.premium_share is not None:
        return 0
    return min(scenario.run.populations, SPREAD_BLOCKS * SPREAD_SIZE)


def premium_shares(
    experience_of: Callable[[Block], xr.Dataset], setting: Setting, *, populations: int, threads: int | None = None
) -> dict[str, float]:
    """Premium by LEAD contract as a share of the final benchmark; empty where no cover is bought.

    Without a quote it is the mean recovery over up to 512 populations, spread over the strata, plus the load.

    Parameters
    ----------
    experience_of
        Gives the experience of a block of the run's populations.
    """
    cover, contracts = setting.scenario.aggregate_cover, setting.contracts("lead")
    if not cover.bought:
        return {}
    if cover.premium_share is not None:
        return dict.fromkeys(contracts, cover.premium_share)
    free = setting.with_premiums(dict.fromkeys(contracts, 0.0))

    def task(part: Block) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        lines = settle_block(experience_of(part), free)
        return [(lines[name]["aggregate_cover_recovery"], lines[name]["benchmark_final"]) for name in contracts]

    blocks = spread_blocks(populations)
    parts = map_blocks(task, blocks, threads=threads, label="pricing the cover")
    found = {}
    for c, name in enumerate(contracts):
        recovery, benchmark = (np.concatenate([part[c][i] for part in parts]) for i in (0, 1))
        found[name] = premium_share(recovery, benchmark=benchmark, load=cover.load)
    return found
