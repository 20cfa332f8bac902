"""The engine's two steps on a whole run: simulate persons, then settle them under every future."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrisk.experience.simulate import simulate_block
from leadrisk.experience.stationary import segments
from leadrisk.run.arrays import HeldArrays
from leadrisk.run.check import check_experience_fits, check_seed, check_size, check_switch
from leadrisk.run.cover import premium_shares
from leadrisk.run.execute import map_blocks
from leadrisk.run.experience_arrays import experience_labels, put_experience
from leadrisk.run.futures_choice import futures_of
from leadrisk.run.lines import LineStore
from leadrisk.run.plan import Block, block_size, plan_blocks, settled_block_size
from leadrisk.run.setting import prepare, run_terms
from leadrisk.run.settle import settle_block

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr

    from leadrisk.scenario.model import Scenario

    Progress = Callable[[str, int, int], None]


def simulate(
    scenario: Scenario,
    *,
    populations: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    block: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Simulate populations person by person on the neutral systemic path.

    Parameters
    ----------
    populations
        Person-level runs: the sample size of every estimate. Even, at least 4; default the scenario's.
    seed
        Run seed, 0 to 2**64 - 1; default the scenario's.
    threads, block
        Threads and populations a task. The result does not depend on them.
    progress
        Called with (label, done, total) after each block.

    Returns
    -------
    xarray.Dataset
        The experience: dimensions population, year (base years included), category, attachment.

    Raises
    ------
    InputError
        If a size or the seed is out of range, or a term is wrong.

    Examples
    --------
    >>> import leadrisk as lr
    >>> from leadrisk.scenario.category_tables import Category
    >>> from leadrisk.scenario.contract_table import Contract
    >>> from leadrisk.scenario.model import Cohort, Scenario
    >>> scenario = Scenario(
    ...     name="small",
    ...     cohort=Cohort(lives=500, high_needs_share=0.0, esrd_share=0.0),
    ...     categories={"aged_disabled": Category(base_year_pbpm=(900, 920, 950), region_pbpm=980, national_pbpm=1000)},
    ...     contract=Contract(entrant="newly_entering"),
    ... )
    >>> experience = lr.simulate(scenario, populations=8, seed=1)
    >>> dict(experience["person_years"].sizes)
    {'population': 8, 'year': 13, 'category': 3}
    >>> settlement = lr.settle(experience, scenario, futures=4)
    >>> dict(settlement["net_settlement"].sizes)
    {'contract': 2, 'population': 8, 'future': 4, 'year': 10}
    >>> sorted(lr.summarize(settlement)["contracts"])
    ['lead_global', 'lead_professional']
    """
    n = scenario.run.populations if populations is None else populations
    check_size(populations=n, futures=futures_of(scenario))
    key = scenario.run.seed if seed is None else seed
    check_seed(key)
    check_switch(scenario)
    run_terms(scenario)  # a wrong term is told before the long work
    segments(scenario)  # once, before threads ask for it
    size = block or block_size(scenario.cohort.lives, len(scenario.horizon.years))

    arrays = HeldArrays()

    def task(part: Block) -> xr.Dataset:
        block = simulate_block(scenario, first=part.first, count=part.size, populations=n, seed=key)
        put_experience(arrays, block, rows=part.rows, populations=n)
        return block.drop_vars([*block.data_vars, "population"])

    blocks = plan_blocks(n, size=size)
    labels = map_blocks(task, blocks, threads=threads, label="simulating persons", progress=progress)[0]
    coords, attrs = experience_labels(labels, scenario, populations=n, seed=key)
    return arrays.labelled(coords=coords, attrs=attrs)


def settle(
    experience: xr.Dataset,
    scenario: Scenario,
    *,
    futures: int | None = None,
    threads: int | None = None,
    block: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Carry every population through its futures and settle each pair under the scenario's contracts.

    Parameters
    ----------
    experience
        From :func:`simulate`; its seed also keys the futures.
    futures
        Systemic paths a population, a power of two; default the scenario's.
    threads, block, progress
        As in :func:`simulate`.

    Returns
    -------
    xarray.Dataset
        Dimensions contract, population, future, year; every line of the waterfall a variable, in dollars, zero where
        a contract has no such line. ``net_settlement`` is the shared savings or losses after sequestration with what
        the High Performers Pool pays: the Enhanced PCC is a loan that is repaid, and the administrative add-on stands
        outside the settlement. ``lowest_cash`` is the lowest month-end cash of each calendar year under LEAD, and
        ``net_without_rebasing`` what the Shared Savings Program would have paid had it kept its first benchmark.

    Raises
    ------
    InputError
        If the experience does not fit the scenario, or futures are no power of two.
    """
    k = futures_of(scenario, futures)
    check_size(populations=experience.sizes["population"], futures=k)
    check_experience_fits(experience, scenario)
    setting = prepare(experience, scenario, futures=k)
    populations = experience.sizes["population"]
    premiums = premium_shares(
        lambda part: experience.isel(population=part.rows), setting, populations=populations, threads=threads
    )
    setting = setting.with_premiums(premiums)
    size = min(block or settled_block_size(k, setting.years.size), populations)
    arrays = HeldArrays()
    lines = LineStore(setting, arrays, populations=populations)

    def task(part: Block) -> None:
        persons = experience.isel(population=part.rows).load()
        lines.put(part.rows, settle_block(persons, setting, ratchet=True), persons)

    blocks = plan_blocks(populations, size=size)
    map_blocks(task, blocks, threads=threads, label="settling futures", progress=progress)
    coords, attrs = lines.labels()
    coords["population"] = experience["population"].values
    settlement = arrays.labelled(coords=coords, attrs=attrs)
    return settlement[sorted(map(str, settlement.data_vars))]
