"""What a cell keeps of its paths: settled block by block, no more is held than the figures need."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leadrisk.experience.simulate import simulate_block
from leadrisk.risk.choice import total_after_costs
from leadrisk.risk.parts import by_path
from leadrisk.risk.reserve import deepest_shortfall
from leadrisk.run.arrays import HeldArrays
from leadrisk.run.cover import premium_shares
from leadrisk.run.lines import LineStore
from leadrisk.run.plan import plan_blocks, settled_block_size
from leadrisk.run.setting import prepare_run
from leadrisk.run.settle import settle_block

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.run.setting import Setting
    from leadrisk.scenario.model import Scenario

    Array = NDArray[np.float64]

YEARLY_LINES = ("net_settlement", "benchmark_final", "expenditure", "administrative_add_on", "enhanced_pcc_repayment")


class Kept(NamedTuple):
    """What is kept of one contract.

    Attributes
    ----------
    total, after_costs, lowest, shortfall
        By path, shape (population, future): ten-year net settlement, the same after costs, the lowest year, and the
        deepest cumulative shortfall, in dollars.
    yearly
        By line, the mean over each population's futures, shape (population, year), dollars.
    inside
        Futures in which the ACO is in the model, shape (population, year).
    """

    total: Array
    after_costs: Array
    lowest: Array
    shortfall: Array
    yearly: dict[str, Array]
    inside: NDArray[np.int64]


class Settled(NamedTuple):
    """A cell that was simulated and settled.

    Attributes
    ----------
    beneficiary_years
        Persons aligned at the start of each performance year, added up, by population.
    """

    contracts: dict[str, Kept]
    years: list[int]
    beneficiary_years: Array


def settled_paths(scenario: Scenario) -> Settled:
    """Simulate and settle a scenario with the sizes and the seed that it names, on one thread.

    Parameters
    ----------
    scenario
        ``run.futures`` must be given.
    """
    n, k, seed = scenario.run.populations, int(scenario.run.futures or 0), scenario.run.seed
    experience = simulate_block(scenario, first=0, count=n, populations=n, seed=seed)
    setting = prepare_run(scenario, futures=k, seed=seed)
    premiums = premium_shares(lambda part: experience.isel(population=part.rows), setting, populations=n, threads=1)
    setting = setting.with_premiums(premiums)
    blocks = plan_blocks(n, size=min(n, settled_block_size(k, setting.years.size)))
    parts = [_block(experience.isel(population=part.rows), setting) for part in blocks]
    names = [str(name) for name in scenario.contract.names]
    panel = experience["panel"].values[:, -setting.years.size :]
    return Settled(
        {name: _joined([part[name] for part in parts]) for name in names},
        setting.years.tolist(),
        scenario.cohort.lives * panel.sum(axis=1),
    )


def _block(persons: xr.Dataset, setting: Setting) -> dict[str, Kept]:
    """Settle a block of populations and keep what is needed of its lines."""
    size = persons.sizes["population"]
    arrays = HeldArrays()
    lines = LineStore(setting, arrays, populations=size)
    lines.put(slice(0, size), settle_block(persons, setting), persons)
    coords, attrs = lines.labels()
    settlement = arrays.labelled(coords=coords, attrs=attrs)
    return {str(name): _kept(settlement.sel(contract=name)) for name in setting.scenario.contract.names}


def _kept(contract: xr.Dataset) -> Kept:
    net = contract["net_settlement"]
    total, lowest, shortfall = by_path(
        [net],
        lambda values: np.asarray(values.sum(axis=-1)),
        lambda values: np.asarray(values.min(axis=-1)),
        deepest_shortfall,
    )
    yearly = {name: _values(contract, name).mean(axis=1) for name in YEARLY_LINES}
    inside = np.full((net.sizes["population"], net.sizes["year"]), net.sizes["future"], dtype=np.int64)
    if "in_model" in contract:
        inside = (_values(contract, "in_model") > 0).sum(axis=1)
    return Kept(total, total_after_costs(contract), lowest, shortfall, yearly, inside)


def _values(contract: xr.Dataset, line: str) -> Array:
    return np.asarray(contract[line].transpose("population", "future", "year").values)


def _joined(parts: list[Kept]) -> Kept:
    return Kept(
        total=np.concatenate([part.total for part in parts]),
        after_costs=np.concatenate([part.after_costs for part in parts]),
        lowest=np.concatenate([part.lowest for part in parts]),
        shortfall=np.concatenate([part.shortfall for part in parts]),
        yearly={name: np.concatenate([part.yearly[name] for part in parts]) for name in YEARLY_LINES},
        inside=np.concatenate([part.inside for part in parts]),
    )
