"""The figures of a cell, each with its standard error, from the paths that it kept."""

from __future__ import annotations

import hashlib
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.risk.distribution import difference, distribution, named, tail
from leadrisk.risk.estimate import mean, probability, quantiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.sweep.paths import Kept, Settled

RESERVES = {"reserve_95": 0.95, "reserve_99": 0.99}
Figures = dict[str, Any]


def cell_figures(settled: Settled) -> Figures:
    """Figures of a cell, as `leadrisk run` has them for the same scenario, sizes and seed.

    Returns
    -------
    dict
        ``years``; ``contracts``: by contract the figures of the ten-year total, and ``by_year`` lists of yearly means;
        ``differences``: by pair of contracts on the same paths, of totals as they are and after costs;
        ``beneficiary_years`` with its standard error; ``digest``: SHA-256 over the total of every path.
    """
    contracts = settled.contracts
    pairs = {f"{a}_minus_{b}": (contracts[a], contracts[b]) for a, b in combinations(contracts, 2)}
    return {
        "years": settled.years,
        "contracts": {name: _contract(kept) for name, kept in contracts.items()},
        "differences": {
            name: _prefixed("total", difference(a.total, b.total))
            | _prefixed("after_costs", difference(a.after_costs, b.after_costs))
            for name, (a, b) in pairs.items()
        },
        **named("beneficiary_years", mean(settled.beneficiary_years[:, None])),
        "digest": digest(stacked_totals(settled)),
    }


def stacked_totals(settled: Settled) -> NDArray[np.float64]:
    """Ten-year net settlement of every path, shape (contract, population, future)."""
    return np.stack([kept.total for kept in settled.contracts.values()])


def digest(totals: NDArray[np.float64]) -> str:
    """SHA-256 over the totals of a cell, little-endian."""
    return hashlib.sha256(np.ascontiguousarray(totals, dtype="<f8").data).hexdigest()


def _contract(kept: Kept) -> Figures:
    found = _prefixed("total", distribution(kept.total)) | tail(kept.total)
    found |= _prefixed("after_costs", distribution(kept.after_costs))
    found |= named("prob_loss_any_year", probability(kept.lowest < 0))
    found |= named("prob_negative_total", probability(kept.total < 0))
    found |= named("prob_negative_after_costs", probability(kept.after_costs < 0))
    for name, estimate in zip(RESERVES, quantiles(kept.shortfall, list(RESERVES.values())), strict=True):
        found |= named(name, estimate)
    return {**found, "by_year": _by_year(kept)}


def _by_year(kept: Kept) -> dict[str, list[float]]:
    """Means by year; all but the settlement over the paths that are settled in the year, as in a summary."""
    futures = kept.total.shape[1]
    share = kept.inside.sum(axis=0) / (futures * len(kept.inside))
    found: dict[str, list[float]] = {"share_in_model": share.tolist()}
    for line, values in kept.yearly.items():
        columns = [mean(np.ascontiguousarray(values[:, at : at + 1])) for at in range(values.shape[1])]
        if line == "net_settlement":
            found["net_settlement_mean"] = [one.value for one in columns]
            found["net_settlement_mean_se"] = [one.se for one in columns]
        else:
            means = values.mean(axis=0)
            found[f"{line.removesuffix('_repayment')}_mean"] = [
                float(value) / float(inside) if inside else 0.0 for value, inside in zip(means, share, strict=True)
            ]
    return found


def _prefixed(prefix: str, figures: Figures) -> Figures:
    return {f"{prefix}_{name}": value for name, value in figures.items()}
