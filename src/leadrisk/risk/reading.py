"""One reading of a contract's lines: what statistics need of each path, and of each population's own paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.risk.choice import OF_COSTS, after_costs
from leadrisk.risk.parts import population_parts
from leadrisk.risk.reserve import deepest_shortfall

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.risk.vectors import PathVectors

    Array = NDArray[np.float64]

YEARLY_MEANS = {
    "benchmark_final_mean": "benchmark_final",
    "expenditure_mean": "expenditure",
    "administrative_add_on_mean": "administrative_add_on",
    "enhanced_pcc_mean": "enhanced_pcc_repayment",
}  # over the paths that are settled in the year
_ONCE = ("settlement_balance", "gross_savings_rate", *YEARLY_MEANS.values())
_BESIDE = {"lowest_cash": "lead_contract", "net_without_rebasing": "rebased_contract"}
_MORE_THAN_ONCE = (*OF_COSTS, "net_without_rebasing")
_TOGETHER_BYTES = 1 << 26


def read_contract(
    settlement: xr.Dataset, name: str, *, own: PathVectors, totals: PathVectors, kept: PathVectors
) -> dict[str, NDArray[Any]]:
    """Read every line of a contract once, some populations at a time.

    Parameters
    ----------
    own
        Gets what statistics need of this contract alone: ``shortfall``, ``with_cover``, ``lowest_cash``, ``ratchet``,
        and by place of the year ``("net", at)``, ``("rate", at)``, ``("inside", at)`` and ``("cash", at)``, each where
        there is such a line.
    totals, kept
        Get what contracts are compared by, under the contract's name: ten-year total of the net settlement, and of
        what stays with the ACO after costs.

    Returns
    -------
    dict
        By population: shares of its paths on which something happens and means over its paths, some by year.
    """
    found: dict[str, list[NDArray[Any]]] = {}
    first = 0
    for part in population_parts(_lines(settlement, name), at_once=_TOGETHER_BYTES):
        lines = part.assign({line: part[line].compute() for line in _MORE_THAN_ONCE if line in part})
        totals.put(name, first, _values(lines, "net_settlement").sum(axis=-1))
        kept.put(name, first, after_costs(lines))
        for key, values in _own(lines):
            own.put(key, first, values)
        for key, means in _by_population(lines):
            found.setdefault(key, []).append(means)
        first += part.sizes["population"]
    return {key: np.concatenate(parts) for key, parts in found.items()}


def _lines(settlement: xr.Dataset, name: str) -> xr.Dataset:
    """Lines of a contract that any statistic reads; those with a dimension of their own under the same name."""
    wanted = [line for line in dict.fromkeys((*_ONCE, *OF_COSTS)) if line in settlement]
    own = settlement[wanted].sel(contract=name, drop=True)
    beside = {
        line: settlement[line].sel({dim: name}, drop=True)
        for line, dim in _BESIDE.items()
        if line in settlement and name in settlement[dim].values
    }
    return own.drop_vars([dim for dim in own.coords if dim not in own.dims]).assign(beside)


def _own(lines: xr.Dataset) -> Iterator[tuple[Hashable, NDArray[Any]]]:
    net = _values(lines, "net_settlement")
    yield "shortfall", deepest_shortfall(net)
    yield from _years("net", net)
    yield from _years("rate", _values(lines, "gross_savings_rate"))
    if "aggregate_cover_net" in lines:
        yield "with_cover", deepest_shortfall(net + _values(lines, "aggregate_cover_net"))
    if "in_model" in lines:
        yield from _years("inside", _values(lines, "in_model") > 0)
    if "lowest_cash" in lines:
        cash = _values(lines, "lowest_cash")
        yield "lowest_cash", cash.min(axis=-1)
        yield from _years("cash", cash)
    if "net_without_rebasing" in lines:
        yield "ratchet", (net - _values(lines, "net_without_rebasing")).sum(axis=-1)


def _values(lines: xr.Dataset, name: str) -> Array:
    """Numbers of a line by population, future and year: read anew, and not kept, where they are not in memory."""
    return np.asarray(lines[name].transpose("population", "future", ...).values)


def _years(name: str, values: NDArray[Any]) -> Iterator[tuple[Hashable, NDArray[Any]]]:
    for at in range(values.shape[-1]):
        yield (name, at), values[..., at]


def _by_population(lines: xr.Dataset) -> Iterator[tuple[str, NDArray[Any]]]:
    net = _values(lines, "net_settlement")
    yield "loss_any_year", _share(net.min(axis=-1) < 0)
    yield "cheque_any_year", _share(_values(lines, "settlement_balance").min(axis=-1) < 0)
    yield "loss", _share(net < 0)
    for name, line in YEARLY_MEANS.items():
        yield name, _values(lines, line).mean(axis=1)
    if "aggregate_cover_net" in lines:
        yield "bought", np.asarray(_values(lines, "aggregate_cover_net").any(axis=(1, 2)))
    if "in_model" in lines:
        yield "left", _share(_values(lines, "in_model")[..., -1] == 0)
        yield "stays", _values(lines, "in_model").mean(axis=1)
    if "net_without_rebasing" in lines:
        yield "ratchet", np.cumsum(net - _values(lines, "net_without_rebasing"), axis=-1).mean(axis=1)


def _share(event: NDArray[np.bool_]) -> Array:
    """Share of each population's paths, some by year."""
    return np.asarray(event.astype(np.float64).mean(axis=1))
