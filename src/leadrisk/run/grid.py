"""Many designs of LEAD's terms on one stored experience: futures are drawn once, what a design changes is redone."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import xarray as xr

from leadrisk.contract.lead_settlement import settle_lead_corridor
from leadrisk.contract.terms import load_terms
from leadrisk.errors import InputError
from leadrisk.risk.reserve import deepest_shortfall
from leadrisk.run.check import check_experience_fits, check_size
from leadrisk.run.execute import map_blocks
from leadrisk.run.futures_choice import futures_of
from leadrisk.run.lead_beside import net_settlement
from leadrisk.run.lead_lines import lead_lines
from leadrisk.run.plan import Block, plan_blocks, settled_block_size
from leadrisk.run.setting import prepare, program_of
from leadrisk.run.settle import carried_block, lead_block
from leadrisk.scenario.overlay import flatten_terms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from leadrisk.contract.inputs import Option
    from leadrisk.contract.terms import Terms
    from leadrisk.run.setting import Setting
    from leadrisk.scenario.model import Scenario

_OF_THE_CORRIDOR = ("corridor.", "sequestration", "professional_savings", "professional_losses")
Design = dict[str, object]


def settle_grid(
    experience: xr.Dataset,
    scenario: Scenario,
    designs: Mapping[str, Mapping[str, object]],
    *,
    futures: int | None = None,
    threads: int | None = None,
) -> xr.Dataset:
    """Settle LEAD under many designs of its terms, on the same persons and futures.

    Designs that differ in risk corridors and sequestration alone share everything up to gross savings, so hundreds of
    them cost little more than one.

    Parameters
    ----------
    experience
        From :func:`leadrisk.simulate`.
    designs
        Terms to override by name of the design, on top of the scenario's own; by dotted name or nested.
    futures, threads
        As for :func:`leadrisk.settle`.

    Returns
    -------
    xarray.Dataset
        Dimensions design, contract (those of LEAD), population, future: ``net_settlement_total``, the ten-year total,
        and ``deepest_shortfall``, the cash that covers the deepest cumulative settlement, in dollars.

    Raises
    ------
    InputError
        If there is no design, a term is unknown or its value wrong, or the scenario names no LEAD contract.

    Examples
    --------
    >>> import leadrisk as lr
    >>> scenario = lr.load_scenario("scenarios/baseline.toml")
    >>> experience = lr.simulate(scenario, populations=4)
    >>> no_sharing = {"corridor.global.savings": {"edges": [], "shares": [0]}}
    >>> grid = lr.settle_grid(experience, scenario, {"as it is": {}, "no sharing": no_sharing}, futures=4)
    >>> grid["net_settlement_total"].dims
    ('design', 'contract', 'population', 'future')
    """
    k = futures_of(scenario, futures)
    check_size(populations=experience.sizes["population"], futures=k)
    check_experience_fits(experience, scenario)
    contracts = [str(name) for name in scenario.contract.names if program_of(name) == "lead"]
    if not contracts or not designs:
        problem = "needs at least one LEAD contract and one design"
        raise InputError(problem, key="designs", cure='name lead_global or lead_professional, give {"as it is": {}}')
    size = settled_block_size(k, scenario.horizon.performance_years)
    blocks = plan_blocks(experience.sizes["population"], size=size)
    total, shortfall = settle_designs(
        experience, scenario, designs, contracts=contracts, blocks=blocks, futures=k, threads=threads
    )
    dims = ("design", "contract", "population", "future")
    total_is, shortfall_is = "ten-year net settlement", "cash that covers the deepest cumulative net settlement"
    return xr.Dataset(
        {
            "net_settlement_total": (dims, total, {"units": "dollars", "long_name": total_is}),
            "deepest_shortfall": (dims, shortfall, {"units": "dollars", "long_name": shortfall_is}),
        },
        coords={
            "design": list(designs),
            "contract": contracts,
            "population": experience["population"].values,
            "future": np.arange(k),
        },
        attrs={"seed": experience.attrs["seed"]},
    )


def settle_designs(
    experience: xr.Dataset,
    scenario: Scenario,
    designs: Mapping[str, Mapping[str, object]],
    *,
    contracts: list[str],
    blocks: list[Block],
    futures: int,
    threads: int | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ten-year net settlement and deepest shortfall of every design on some blocks of populations.

    Returns
    -------
    tuple of arrays
        Dollars, shape (design, contract, population, future); populations in the order of the blocks.
    """
    groups = _grouped(experience, scenario, designs, contracts, futures=futures)
    ends = np.cumsum([part.size for part in blocks]).tolist()
    shape = (len(designs), len(contracts), ends[-1], futures)
    total, shortfall = np.empty(shape), np.empty(shape)
    by_weights = {setting.base_weights: setting for setting, _ in groups}  # the futures are pinned to the baseline

    def task(number: int) -> None:
        part = blocks[number]
        rows = slice(ends[number] - part.size, ends[number])
        block = experience.isel(population=part.rows)
        on_paths = {weights: carried_block(block, setting) for weights, setting in by_weights.items()}
        for setting, members in groups:
            lines = lead_lines(lead_block(block, *on_paths[setting.base_weights], setting))
            for design, terms in members:
                for c, contract in enumerate(contracts):
                    net = _net_settlement(lines[contract], contract, terms)
                    total[design, c, rows] = net.sum(axis=-1)
                    shortfall[design, c, rows] = deepest_shortfall(net)

    map_blocks(task, range(len(blocks)), threads=threads, label="settling designs")
    return total, shortfall


def _grouped(
    experience: xr.Dataset,
    scenario: Scenario,
    designs: Mapping[str, Mapping[str, object]],
    contracts: list[str],
    *,
    futures: int,
) -> list[tuple[Setting, list[tuple[int, Terms | None]]]]:
    """Settings that differ up to gross savings, each with its designs: number, and terms of the corridor alone.

    Where what comes after depends on the path (exit, change of option), a design is settled in full: no terms.
    """
    on_path = scenario.participation.exit_rule != "never" or scenario.participation.switch_year is not None
    groups: dict[str, tuple[Setting, list[tuple[int, Terms | None]]]] = {}
    for number, (name, given) in enumerate(designs.items()):
        design: Design = {**scenario.contract.terms, **flatten_terms(dict(given))}
        try:
            terms = load_terms("lead", overrides=design)
        except InputError as error:
            problem = f"{error.problem} (design {name!r})"
            raise InputError(problem, key=error.key, cure=error.cure) from None
        whole = on_path or terms.choice("alignment.below_minimum") != "continue"
        before = design if whole else {n: v for n, v in design.items() if not n.startswith(_OF_THE_CORRIDOR)}
        key = repr(sorted(before.items()))
        if key not in groups:
            contract = scenario.contract.model_copy(update={"terms": before, "names": tuple(contracts)})
            setting = prepare(experience, scenario.model_copy(update={"contract": contract}), futures=futures)
            groups[key] = (setting, [])
        groups[key][1].append((number, None if whole else terms))
    return list(groups.values())


def _net_settlement(lines: dict[str, NDArray[np.float64]], contract: str, terms: Terms | None) -> NDArray[np.float64]:
    if terms is None:
        return lines["net_settlement"]
    settled = settle_lead_corridor(
        lines["gross_savings"],
        benchmark_final=lines["benchmark_final"],
        option=cast("Option", contract.removeprefix("lead_")),
        terms=terms,
    )
    return net_settlement(np.asarray(settled["net_shared_savings"]), lines)
