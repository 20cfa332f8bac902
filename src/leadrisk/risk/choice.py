"""Which contract to choose: totals after costs on the same paths, chances of being the best, and regret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.risk.estimate import mean, probability, quantiles
from leadrisk.risk.parts import population_parts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.risk.estimate import Estimate

OF_COSTS = (
    "net_settlement", "administrative_add_on", "care_management_cost", "benefit_cost", "guarantee_fee", "in_model",
    "aggregate_cover_net",
)  # fmt: skip
"""Lines that a total after costs is made of."""
STAY_OUT = "stay_out"
ENDED = ("reach_global", "reach_professional")
"""Contracts for comparison alone: ACO REACH ended with 2026, nobody can choose it."""


def total_after_costs(contract: xr.Dataset) -> NDArray[np.float64]:
    """Ten-year total that stays with the ACO, dollars of shape (population, future).

    Net settlement and administrative add-on, less what the ACO spends to earn them: care management, benefits, the fee
    of the financial guarantee; plus what a private cover returns beyond its premium.

    Parameters
    ----------
    contract
        One contract of a settlement: dimensions population, future, year.
    """
    lines = contract[[line for line in OF_COSTS if line in contract]]
    return np.concatenate([after_costs(part) for part in population_parts(lines)])


def after_costs(contract: xr.Dataset) -> NDArray[np.float64]:
    """Do the same as :func:`total_after_costs` at once, for some populations whose lines are in memory."""
    total = (contract["net_settlement"] + contract["administrative_add_on"]).sum("year")
    cost = contract["care_management_cost"] + contract["benefit_cost"] + contract["guarantee_fee"]
    if "in_model" in contract:
        in_model = contract["in_model"].transpose("population", "year", "future")
        # in one layout wherever the lines come from, or the order in which years are added up would follow it
        cost = cost * in_model.copy(data=np.ascontiguousarray(in_model.values))
    total = total - cost.sum("year")
    if "aggregate_cover_net" in contract:
        total = total + contract["aggregate_cover_net"].sum("year")
    values: NDArray[np.float64] = total.transpose("population", "future").values
    return values


def choice(totals: Mapping[Any, NDArray[np.float64]], names: Sequence[str] | None = None) -> dict[str, Any]:
    """Chance of each contract to be the best on a path, and its regret; staying out earns and costs nothing.

    Parameters
    ----------
    totals
        Total after costs by contract, shape (population, future), on the same paths; asked for one at a time.
    names
        Contracts that can be chosen; default all.

    Returns
    -------
    dict
        ``best``: probability by contract, ``stay_out`` among them, with its standard error; the first named wins a
        tie. ``regret``: what the best alternative of each path would have brought beyond this contract, dollars.

    Examples
    --------
    >>> import numpy as np
    >>> found = choice({"lead_global": np.array([[3.0, -1.0]] * 4), "mssp_enhanced": np.array([[1.0, 0.5]] * 4)})
    >>> {name: share["value"] for name, share in found["best"].items()}
    {'lead_global': 0.5, 'mssp_enhanced': 0.5, 'stay_out': 0.0}
    >>> found["regret"]["lead_global"]["mean"]
    0.75
    """
    names = list(totals) if names is None else list(names)
    best = totals[names[0]]
    first = np.zeros(best.shape, np.int8)
    for number, name in enumerate([*names[1:], STAY_OUT], start=1):
        own = totals[name] if name != STAY_OUT else np.zeros(best.shape)
        first[own > best] = number
        best = np.maximum(best, own)
    return {
        "best": {name: probability(first == number)._asdict() for number, name in enumerate([*names, STAY_OUT])},
        "regret": {name: _regret(best - totals[name]) for name in names} | {STAY_OUT: _regret(best)},
    }


def _regret(sample: NDArray[np.float64]) -> dict[str, float]:
    found = {"mean": mean(sample), "p95": quantiles(sample, [0.95])[0]}
    return {key: value for name, estimate in found.items() for key, value in _pair(name, estimate)}


def _pair(name: str, estimate: Estimate) -> list[tuple[str, float]]:
    return [(name, estimate.value), (f"{name}_se", estimate.se)]
