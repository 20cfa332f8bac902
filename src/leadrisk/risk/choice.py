"""Which contract to choose: totals after costs on the same paths, chances of being the best, and regret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.risk.estimate import mean, probability, quantiles
from leadrisk.risk.parts import population_parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.risk.estimate import Estimate

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
    return np.concatenate([_total_after_costs(part) for part in population_parts(contract)])


def _total_after_costs(contract: xr.Dataset) -> NDArray[np.float64]:
    total = (contract["net_settlement"] + contract["administrative_add_on"]).sum("year")
    cost = contract["care_management_cost"] + contract["benefit_cost"] + contract["guarantee_fee"]
    if "in_model" in contract:
        cost = cost * contract["in_model"]
    total = total - cost.sum("year")
    if "aggregate_cover_net" in contract:
        total = total + contract["aggregate_cover_net"].sum("year")
    values: NDArray[np.float64] = total.transpose("population", "future").values
    return values


def choice(totals: Mapping[str, NDArray[np.float64]]) -> dict[str, Any]:
    """Chance of each contract to be the best on a path, and its regret; staying out earns and costs nothing.

    Parameters
    ----------
    totals
        Total after costs by contract, shape (population, future), on the same paths.

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
    names = [*totals, STAY_OUT]
    shape = next(iter(totals.values())).shape
    stacked = np.stack([*totals.values(), np.zeros(shape)])
    first = stacked.argmax(axis=0)
    best = stacked.max(axis=0)
    return {
        "best": {name: probability(first == number)._asdict() for number, name in enumerate(names)},
        "regret": {name: _regret(best - stacked[number]) for number, name in enumerate(names)},
    }


def _regret(sample: NDArray[np.float64]) -> dict[str, float]:
    found = {"mean": mean(sample), "p95": quantiles(sample, [0.95])[0]}
    return {key: value for name, estimate in found.items() for key, value in _pair(name, estimate)}


def _pair(name: str, estimate: Estimate) -> list[tuple[str, float]]:
    return [(name, estimate.value), (f"{name}_se", estimate.se)]
