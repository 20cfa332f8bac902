"""The summary of a settlement: every figure with its standard error, as written to summary.json."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.risk.choice import ENDED, choice, total_after_costs
from leadrisk.risk.estimate import Estimate, mean, probability, quantiles, rank_of, tail_mean
from leadrisk.risk.reserve import deepest_shortfall
from leadrisk.risk.waterfall import median_path, waterfall

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

_LEVELS = {
    "p01": 0.01, "p05": 0.05, "p10": 0.10, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p90": 0.90, "p95": 0.95, "p99": 0.99,
}  # fmt: skip
_YEARLY_MEANS = {
    "benchmark_final_mean": "benchmark_final",
    "expenditure_mean": "expenditure",
    "administrative_add_on_mean": "administrative_add_on",
    "enhanced_pcc_mean": "enhanced_pcc_repayment",
}  # over the paths that are settled in the year
_CASH = {"p01": 0.01, "p05": 0.05, "p50": 0.50, "p95": 0.95}
Summary = dict[str, Any]


def summarize(settlement: xr.Dataset) -> Summary:
    """Summarise a settlement.

    Parameters
    ----------
    settlement
        From :func:`leadrisk.settle`: dimensions contract, population, future, year; an even number of populations.

    Returns
    -------
    dict
        Contracts with the statistics of the ten-year total and of each year; the differences between contracts on the
        same paths; ``choice``, which of them (or staying out) is best on a path; ``ratchet``, what rebasing costs under
        the Shared Savings Program. Dollars; ``<name>_se`` is the standard error of ``<name>``.
    """
    names = [str(name) for name in settlement["contract"].values]
    net = {name: settlement["net_settlement"].sel(contract=name).values for name in names}
    after_costs = {name: total_after_costs(settlement.sel(contract=name)) for name in names}
    path = median_path(settlement.sel(contract=names[0]))
    found: Summary = {
        "contracts": {
            name: _contract(settlement.sel(contract=name), net[name])
            | {
                "net_of_costs_total": _distribution(after_costs[name]),
                "waterfall": waterfall(settlement.sel(contract=name), path),
            }
            for name in names
        },
        "waterfall_path": {**path, "chosen_by": names[0]},
        "differences": {
            f"{first}_minus_{second}": _difference(net[first].sum(axis=-1), net[second].sum(axis=-1))
            for first, second in combinations(names, 2)
        },
        "differences_after_costs": {
            f"{first}_minus_{second}": _difference(after_costs[first], after_costs[second])
            for first, second in combinations(names, 2)
        },
        "choice": choice({name: after_costs[name] for name in _on_offer(settlement)}),
    }
    for name in names:
        below = settlement["below_minimum"].sel(contract=name)
        if name not in ENDED:
            found["contracts"][name] |= _named("prob_below_minimum", probability(_any_year(below)))
        found["contracts"][name]["may_enter"] = not bool(below.isel(year=0).any())
    for name in settlement["lead_contract"].values.tolist() if "lead_contract" in settlement.dims else ():
        found["contracts"][name]["liquidity"] = _liquidity(settlement["lowest_cash"].sel(lead_contract=name))
    if "net_without_rebasing" in settlement:
        found["ratchet"] = {
            str(name): _ratchet(settlement["net_without_rebasing"].sel(rebased_contract=name).values, net[str(name)])
            for name in settlement["rebased_contract"].values
        }
    return found


def _contract(settlement: xr.Dataset, net: NDArray[np.float64]) -> Summary:
    total = net.sum(axis=-1)
    shortfall = deepest_shortfall(net)
    reserve_95, reserve_99 = quantiles(shortfall, [0.95, 0.99])
    found = {
        "program": str(settlement["contract"].values).partition("_")[0],
        "net_settlement_total": _distribution(total) | _tail(total),
        **_named("prob_loss_any_year", probability(net.min(axis=-1) < 0)),
        **_named("prob_negative_total", probability(total < 0)),
        **_named("prob_cheque_any_year", probability(settlement["settlement_balance"].values.min(axis=-1) < 0)),
        "reserve_95": reserve_95._asdict(),
        "reserve_99": reserve_99._asdict(),
        "years": {str(year): _year(settlement, year) for year in settlement["year"].values.tolist()},
    }
    cost = settlement["care_management_cost"]
    if "aggregate_cover_net" in settlement and settlement["aggregate_cover_net"].any():
        covered = quantiles(deepest_shortfall(net + settlement["aggregate_cover_net"].values), [0.95, 0.99])
        found |= {f"reserve_{n}_with_cover": one._asdict() for n, one in zip((95, 99), covered, strict=True)}
    if "in_model" in settlement:
        in_model = settlement["in_model"]
        found |= {"prob_left": probability(in_model.isel(year=-1).values == 0)._asdict()}
        cost = cost * in_model.mean("future")
    return found | {"care_cost_total_mean": float(cost.sum("year").mean())}


def _on_offer(settlement: xr.Dataset) -> list[str]:
    """Contracts that can be chosen: not ended, and asking for no more beneficiaries than there are; all if none is."""
    names = [str(name) for name in settlement["contract"].values]
    begun = settlement["below_minimum"].isel(year=0).any("population")
    return [name for name in names if name not in ENDED and not bool(begun.sel(contract=name))] or names


def _any_year(flag: xr.DataArray) -> NDArray[np.bool_]:
    """Whether a yearly flag of a population is ever set, shape (population, 1)."""
    return np.asarray(flag.transpose("population", "year").values.astype(bool).any(axis=1))[:, None]


def _liquidity(lowest_cash: xr.DataArray) -> Summary:
    """Lowest month-end cash position: over all years, and year by year."""
    cash = lowest_cash.transpose("population", "future", "cash_year").values
    by_year = {
        str(year): {
            name: estimate.value
            for name, estimate in zip(_CASH, quantiles(cash[..., at], [*_CASH.values()]), strict=True)
        }
        for at, year in enumerate(lowest_cash["cash_year"].values.tolist())
    }
    return {"lowest_cash": _distribution(cash.min(axis=-1)), "by_year": by_year}


def _ratchet(kept: NDArray[np.float64], rebased: NDArray[np.float64]) -> Summary:
    """Net settlement with rebasing less that without, on the same paths."""
    cost = rebased - kept
    by_year = np.cumsum(cost, axis=-1).mean(axis=(0, 1)).tolist()
    return _distribution(cost.sum(axis=-1)) | {"cumulative_mean": by_year}


def _year(settlement: xr.Dataset, year: int) -> Summary:
    one = settlement.sel(year=year)
    net = one["net_settlement"].values
    inside = one["in_model"].values > 0 if "in_model" in one else np.ones(net.shape, dtype=bool)
    share = float(inside.mean())
    found: Summary = {
        "net_settlement": _distribution(net),
        **_named("prob_loss", probability(net < 0)),
        "gross_savings_rate": _rate(one["gross_savings_rate"].values, inside),
    }
    for name, line in _YEARLY_MEANS.items():
        found[name] = float(one[line].mean()) / share if share else 0.0
    return found if share == 1.0 else found | _named("share_in_model", probability(inside))


def _rate(rate: NDArray[np.float64], inside: NDArray[np.bool_]) -> Summary:
    """Mean and quantiles of the savings rate over the paths that are settled in the year."""
    share = float(inside.mean())
    if not share:
        return {"mean": 0.0, "mean_se": 0.0, "p05": 0.0, "p50": 0.0, "p95": 0.0}
    centre = float(np.where(inside, rate, 0.0).mean()) / share
    error = mean(np.where(inside, rate - centre, 0.0)).se / share  # of a ratio, to first order
    ordered = np.sort(rate[inside])
    low, middle, high = (float(ordered[rank_of(level, ordered.size)]) for level in (0.05, 0.5, 0.95))
    return {"mean": centre, "mean_se": error, "p05": low, "p50": middle, "p95": high}


def _distribution(sample: NDArray[np.float64]) -> Summary:
    found = {**_named("mean", mean(sample)), "sd": float(sample.std())}
    for name, estimate in zip(_LEVELS, quantiles(sample, list(_LEVELS.values())), strict=True):
        found |= _named(name, estimate)
    return found


def _tail(sample: NDArray[np.float64]) -> Summary:
    found: Summary = {}
    for name, level in (("tvar_95_loss", 0.05), ("tvar_99_loss", 0.01)):
        tail = tail_mean(sample, level)
        found |= _named(name, Estimate(-tail.value, tail.se))
    return found


def _difference(first: NDArray[np.float64], second: NDArray[np.float64]) -> Summary:
    """First minus second on the same population and future: the paths cancel, standard errors are never subtracted."""
    gap = first - second
    return _distribution(gap) | _named("prob_first_better", probability(gap > 0))


def _named(name: str, estimate: Estimate) -> Summary:
    return {name: estimate.value, f"{name}_se": estimate.se}
