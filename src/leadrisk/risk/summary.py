"""The summary of a settlement: every figure with its standard error, as written to summary.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from leadrisk.risk.choice import ENDED, choice
from leadrisk.risk.distribution import difference, distribution, named, tail
from leadrisk.risk.estimate import mean, mean_of_populations, probability, quantiles, rank_of
from leadrisk.risk.reading import YEARLY_MEANS, read_contract
from leadrisk.risk.vectors import PathVectors
from leadrisk.risk.waterfall import median_path, middle, waterfall

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

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
    shape = settlement.sizes["population"], settlement.sizes["future"]
    with PathVectors(*shape) as totals, PathVectors(*shape) as kept:
        contracts: dict[str, Summary] = {}
        ratchet: dict[str, Summary] = {}
        path: dict[str, int] = {}
        for name in names:
            own = settlement.sel(contract=name)
            with PathVectors(*shape) as vectors:
                means = read_contract(settlement, name, own=vectors, totals=totals, kept=kept)
                path = path or median_path(own, vectors["net", middle(settlement.sizes["year"])])
                contracts[name] = _contract(own, totals[name], vectors, means)
                contracts[name] |= {
                    "net_of_costs_total": distribution(kept[name]),
                    "waterfall": waterfall(own, path),
                    **_minimum(own),
                }
                if "lowest_cash" in vectors:
                    contracts[name]["liquidity"] = _liquidity(settlement["cash_year"].values.tolist(), vectors)
                if "ratchet" in vectors:
                    added_up = means["ratchet"].mean(axis=0).tolist()
                    ratchet[name] = distribution(vectors["ratchet"]) | {"cumulative_mean": added_up}
        found: Summary = {
            "contracts": contracts,
            "waterfall_path": {**path, "chosen_by": names[0]},
            "differences": _differences(totals, names),
            "differences_after_costs": _differences(kept, names),
            "choice": choice(kept, _on_offer(settlement)),
        }
    return found | ({"ratchet": ratchet} if "net_without_rebasing" in settlement else {})


def _contract(
    settlement: xr.Dataset, total: NDArray[np.float64], vectors: PathVectors, means: Mapping[str, NDArray[Any]]
) -> Summary:
    reserve_95, reserve_99 = quantiles(vectors["shortfall"], [0.95, 0.99])
    found = {
        "program": str(settlement["contract"].values).partition("_")[0],
        "net_settlement_total": distribution(total) | tail(total),
        **named("prob_loss_any_year", mean_of_populations(means["loss_any_year"])),
        **named("prob_negative_total", probability(total < 0)),
        **named("prob_cheque_any_year", mean_of_populations(means["cheque_any_year"])),
        "reserve_95": reserve_95._asdict(),
        "reserve_99": reserve_99._asdict(),
        "years": _years(settlement["year"].values.tolist(), vectors, means),
    }
    if "with_cover" in vectors and means["bought"].any():
        covered = quantiles(vectors["with_cover"], [0.95, 0.99])
        found |= {f"reserve_{n}_with_cover": one._asdict() for n, one in zip((95, 99), covered, strict=True)}
    cost = settlement["care_management_cost"]
    if "stays" in means:
        found |= {"prob_left": mean_of_populations(means["left"])._asdict()}
        cost = cost * xr.DataArray(means["stays"], dims=("population", "year"))
    return found | {"care_cost_total_mean": float(cost.sum("year").mean())}


def _minimum(settlement: xr.Dataset) -> Summary:
    """Whether a contract has the beneficiaries that it asks for."""
    below = settlement["below_minimum"]
    any_year = np.asarray(below.transpose("population", "year").values.astype(bool).any(axis=1))[:, None]
    found = {} if str(settlement["contract"].values) in ENDED else named("prob_below_minimum", probability(any_year))
    return found | {"may_enter": not bool(below.isel(year=0).any())}


def _on_offer(settlement: xr.Dataset) -> list[str]:
    """Contracts that can be chosen: not ended, and asking for no more beneficiaries than there are; all if none is."""
    names = [str(name) for name in settlement["contract"].values]
    begun = settlement["below_minimum"].isel(year=0).any("population")
    return [name for name in names if name not in ENDED and not bool(begun.sel(contract=name))] or names


def _liquidity(years: list[int], vectors: PathVectors) -> Summary:
    """Lowest month-end cash position: over all years, and year by year."""
    by_year = {
        str(year): {
            name: estimate.value
            for name, estimate in zip(_CASH, quantiles(vectors["cash", at], [*_CASH.values()]), strict=True)
        }
        for at, year in enumerate(years)
    }
    return {"lowest_cash": distribution(vectors["lowest_cash"]), "by_year": by_year}


def _years(years: list[int], vectors: PathVectors, means: Mapping[str, NDArray[Any]]) -> Summary:
    """Statistics by year."""
    lines = {name: means[name].mean(axis=0) for name in YEARLY_MEANS}
    everybody = np.ones(vectors["net", 0].shape, dtype=bool)
    found: Summary = {}
    for at, year in enumerate(years):
        inside = vectors.get(("inside", at), everybody)
        share = float(inside.mean())
        found[str(year)] = {
            "net_settlement": distribution(vectors["net", at]),
            **named("prob_loss", mean_of_populations(means["loss"][:, at])),
            "gross_savings_rate": _rate(vectors["rate", at], inside),
            **{name: float(values[at]) / share if share else 0.0 for name, values in lines.items()},
            **(named("share_in_model", probability(inside)) if share < 1.0 else {}),
        }
    return found


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


def _differences(samples: Mapping[Any, NDArray[np.float64]], names: list[str]) -> Summary:
    """Each contract minus each later one."""
    found: Summary = {}
    for at, first in enumerate(names[:-1]):
        own = samples[first]
        found |= {f"{first}_minus_{second}": difference(own, samples[second]) for second in names[at + 1 :]}
    return found
