"""Collect the lines of all blocks, and label them as one settlement."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from leadrisk.run.lead_beside import below_minimum, care_management_cost, guarantee_fee
from leadrisk.run.setting import program_of, unread_overrides, unverified_terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.run.setting import Setting

    Lines = dict[str, NDArray[np.float64]]

_OWN_DIMENSIONS = {
    "lowest_cash": ("lead_contract", "population", "future", "cash_year"),
    "net_without_rebasing": ("rebased_contract", "population", "future", "year"),
    "benefit_cost": ("contract", "population", "year"),
}
_PATHWISE = ("contract", "population", "future", "year")
_NO_LINES = {"generated_savings", "minimum_savings_rate", "share_rate", "loss_rate", "disaster_adjustment"}
_OF_CATEGORIES = "updated_pbpm_"  # dollars per beneficiary per month: like those above a step, no line of the waterfall


class LineStore:
    """Arrays of a whole run that blocks write their lines into.

    Parameters
    ----------
    populations
        Populations of the run.
    """

    def __init__(self, setting: Setting, *, populations: int) -> None:
        names = setting.scenario.contract.names
        rebased = [str(name) for name in names if program_of(name) == "mssp"]
        self.contracts: dict[str, list[str]] = {
            "contract": [str(name) for name in names],
            "lead_contract": [str(name) for name in names if program_of(name) == "lead"],
            "rebased_contract": rebased if setting.scenario.mssp.rebasing else [],
        }
        self.lines: dict[str, NDArray[np.float64]] = {}
        self.netted: set[str] = set()  # contracts with a line expenditure_net of their own
        self._shape = (populations, setting.futures, setting.years.size)
        self._lock = Lock()

    def put(self, rows: slice, found: dict[str, Lines]) -> None:
        """Write the lines of a block of populations."""
        for contract, lines in found.items():
            if "expenditure_net" in lines:
                self.netted.add(contract)
            for name, values in lines.items():
                if name in _NO_LINES or name.startswith(_OF_CATEGORIES):
                    continue
                dims = _OWN_DIMENSIONS.get(name, _PATHWISE)
                array = self._array(name, dims, values)
                if _is_nothing(values):
                    continue  # arrays start at zero; untouched memory costs nothing
                part = array[self.contracts[dims[0]].index(contract)][rows]
                part[...] = values if values.ndim == part.ndim else values[:, 0]

    def _array(self, name: str, dims: tuple[str, ...], values: NDArray[np.float64]) -> NDArray[np.float64]:
        with self._lock:
            if name not in self.lines:
                populations, futures, years = self._shape
                sizes = {
                    "population": populations,
                    "future": futures,
                    "year": years,
                    "cash_year": values.shape[-1],
                    **{dim: len(contracts) for dim, contracts in self.contracts.items()},
                }
                self.lines[name] = np.zeros([sizes[dim] for dim in dims])
            return self.lines[name]


def labelled_settlement(store: LineStore, experience: xr.Dataset, setting: Setting) -> xr.Dataset:
    """Label what was collected, and add what belongs to populations or to contracts as a whole."""
    years = setting.years
    settlement = xr.Dataset(
        {
            name: (_OWN_DIMENSIONS.get(name, _PATHWISE), values, {"units": _units(name)})
            for name, values in sorted(store.lines.items())
        },
        coords={
            "contract": store.contracts["contract"],
            "population": experience["population"].values,
            "future": np.arange(setting.futures),
            "year": years,
        },
    )
    for name in ("lead_contract", "rebased_contract"):
        if name in settlement.dims:
            settlement = settlement.assign_coords({name: store.contracts[name]})
    if "lowest_cash" in settlement:
        cash_years = years[0] + np.arange(settlement.sizes["cash_year"])
        settlement = settlement.assign_coords(cash_year=cash_years)
    if "in_model" in settlement:  # the other programmes have no exit
        for name in set(store.contracts["contract"]) - set(store.contracts["lead_contract"]):
            settlement["in_model"].loc[{"contract": name}] = 1.0
    later = experience.sel(year=years)
    for name in ("panel", "pandemic"):
        settlement[name] = later[name]
    by_population = ("population", "year")
    by_contract = ("contract", *by_population)
    care = [care_management_cost(name, later, setting) for name in store.contracts["contract"]]
    settlement["care_management_cost"] = (by_contract, np.stack(care), _DOLLARS)
    below = np.stack([below_minimum(name, later, setting) for name in store.contracts["contract"]]).astype(np.int8)
    settlement["below_minimum"] = (by_contract, below, {"units": "0 or 1"})
    none = np.zeros(years.shape)
    fees = [
        guarantee_fee(name, setting) if program_of(name) == "lead" else none for name in store.contracts["contract"]
    ]
    settlement["guarantee_fee"] = (("contract", "year"), np.stack(fees), _DOLLARS)
    if "benefit_cost" not in settlement:
        settlement["benefit_cost"] = xr.zeros_like(settlement["care_management_cost"])
    for name in ("administrative_add_on", "enhanced_pcc_repayment", "high_performers_pool"):
        if name not in settlement:  # lines of LEAD alone, which statistics read
            settlement[name] = xr.zeros_like(settlement["net_settlement"])
    if "expenditure_net" in settlement:
        for name in store.contracts["contract"]:
            if name not in store.netted:
                settlement["expenditure_net"].loc[{"contract": name}] = settlement["expenditure"].sel(contract=name)
    return settlement.assign_attrs(
        seed=experience.attrs["seed"],
        spending_class=setting.entry_class,
        unverified_terms=[term["name"] for term in unverified_terms(setting.terms)],
        unread_overrides=unread_overrides(setting.scenario, setting.terms),
    )


_DOLLARS = {"units": "dollars"}


def _is_nothing(values: NDArray[np.float64]) -> bool:
    """Whether an array is one zero, stretched."""
    return not any(values.strides) and values.size > 0 and not values.flat[0]


def _units(line: str) -> str:
    if line == "gross_savings_rate":
        return "share of benchmark_final"
    return "0 or 1" if line in {"in_model", "two_way_protected"} else "dollars"
