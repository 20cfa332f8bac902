"""The summary of a settlement: every figure with its standard error, as written to summary.json."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from leadrisk.risk.choice import ENDED, choice, total_after_costs
from leadrisk.risk.distribution import difference, distribution, named, tail
from leadrisk.risk.estimate import mean, probability, quantiles, rank_of
from leadrisk.risk.parts import by_path, by_year, yearly_means
from leadrisk.risk.reserve import deepest_shortfall
from leadrisk.risk.waterfall import median_path, waterfall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

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
    net = {name: settlement["net_settlement"].sel(contract=name) for name in names}
    total = {name: by_path([net[name]], _sum)[0] for name in names}
    after_costs = {name: total_after_costs(settlement.sel(contract=name)) for name in names}
    path = median_path(settlement.sel(contract=names[0]))
    found: Summary = {
        "contracts": {
            name: _contract(settlement.sel(contract=name), total[name])
            | {
                "net_of_costs_total": distribution(after_costs[name]),
                "waterfall": waterfall(settlement.sel(contract=name), path),
            }
            for name in names
        },
        "waterfall_path": {**path, "chosen_by": names[0]},
        "differences": {
            f"{first}_minus_{second}": difference(total[first], total[second])
            for first, second in combinations(names, 2)
        },
        "differences_after_costs": {
            f"{first}_minus_{second}": difference(after_costs[first], after_costs[second])
            for first, second in combinations(names, 2)
        },
        "choice": choice({name: after_costs[name] for name in _on_offer(settlement)}),
    }
    for name in names:
        below = settlement["below_minimum"].sel(contract=name)
        if name not in ENDED:
            found["contracts"][name] |= named("prob_below_minimum", probability(_any_year(below)))
        found["contracts"][name]["may_enter"] = not bool(below.isel(year=0).any())
    for name in settlement["lead_contract"].values.tolist() if "lead_contract" in settlement.dims else ():
        found["contracts"][name]["liquidity"] = _liquidity(settlement["lowest_cash"].sel(lead_contract=name))
    if "net_without_rebasing" in settlement:
        found["ratchet"] = {
            str(name): _ratchet(settlement["net_without_rebasing"].sel(rebased_contract=name), net[str(name)])
            for name in settlement["rebased_contract"].values
        }
    return found


def _contract(settlement: xr.Dataset, total: NDArray[np.float64]) -> Summary:
    net = settlement["net_settlement"]
    shortfall, lowest = by_path([net], deepest_shortfall, _lowest)
    (cheque,) = by_path([settlement["settlement_balance"]], _lowest)
    reserve_95, reserve_99 = quantiles(shortfall, [0.95, 0.99])
    found = {
        "program": str(settlement["contract"].values).partition("_")[0],
        "net_settlement_total": distribution(total) | tail(total),
        **named("prob_loss_any_year", probability(lowest < 0)),
        **named("prob_negative_total", probability(total < 0)),
        **named("prob_cheque_any_year", probability(cheque < 0)),
        "reserve_95": reserve_95._asdict(),
        "reserve_99": reserve_99._asdict(),
        "years": _years(settlement),
    }
    cost = settlement["care_management_cost"]
    if "aggregate_cover_net" in settlement:
        with_cover, bought = by_path(
            [net, settlement["aggregate_cover_net"]],
            lambda own, cover: deepest_shortfall(own + cover),
            lambda _, cover: cover.any(axis=(1, 2)),
        )
        covered = quantiles(with_cover, [0.95, 0.99]) if bought.any() else []
        found |= {f"reserve_{n}_with_cover": one._asdict() for n, one in zip((95, 99), covered, strict=False)}
    if "in_model" in settlement:
        in_model = settlement["in_model"]
        found |= {"prob_left": probability(in_model.isel(year=-1).values == 0)._asdict()}
        (stays,) = by_path([in_model], lambda values: values.mean(axis=1))
        cost = cost * xr.DataArray(stays, dims=("population", "year"))
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
    years = {
        str(year): {
            name: estimate.value for name, estimate in zip(_CASH, quantiles(cash, [*_CASH.values()]), strict=True)
        }
        for year, cash in zip(lowest_cash["cash_year"].values.tolist(), by_year(lowest_cash), strict=True)
    }
    (lowest,) = by_path([lowest_cash], _lowest)
    return {"lowest_cash": distribution(lowest), "by_year": years}


def _ratchet(kept: xr.DataArray, rebased: xr.DataArray) -> Summary:
    """Net settlement with rebasing less that without, on the same paths."""
    cost, added_up = by_path(
        [kept, rebased],
        lambda without, own: (own - without).sum(axis=-1),
        lambda without, own: np.cumsum(own - without, axis=-1).mean(axis=1),
    )
    return distribution(cost) | {"cumulative_mean": added_up.mean(axis=0).tolist()}


def _years(settlement: xr.Dataset) -> Summary:
    """Statistics by year."""
    years = [str(year) for year in settlement["year"].values.tolist()]
    means = {name: yearly_means(settlement[line]) for name, line in _YEARLY_MEANS.items()}
    found: Summary = {}
    for year, net in zip(years, by_year(settlement["net_settlement"]), strict=True):
        found[year] = {"net_settlement": distribution(net), **named("prob_loss", probability(net < 0))}
    rates = by_year(settlement["gross_savings_rate"])
    for at, (rate, inside) in enumerate(zip(rates, _inside(settlement), strict=True)):
        share = float(inside.mean())
        found[years[at]]["gross_savings_rate"] = _rate(rate, inside)
        for name, values in means.items():
            found[years[at]][name] = float(values[at]) / share if share else 0.0
        if share < 1.0:
            found[years[at]] |= named("share_in_model", probability(inside))
    return found


def _inside(settlement: xr.Dataset) -> Iterator[NDArray[np.bool_]]:
    """Paths that are settled, year by year."""
    if "in_model" in settlement:
        yield from (in_model > 0 for in_model in by_year(settlement["in_model"]))
        return
    net = settlement["net_settlement"]
    everybody = np.ones((net.sizes["population"], net.sizes["future"]), dtype=bool)
    yield from (everybody for _ in range(net.sizes["year"]))


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


def _sum(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(values.sum(axis=-1))


def _lowest(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(values.min(axis=-1))
