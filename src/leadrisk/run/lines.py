"""Collect the lines of all blocks, and label them as one settlement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.run.chunks import Declared
from leadrisk.run.lead_beside import below_minimum, care_management_cost, guarantee_fee
from leadrisk.run.setting import program_of, unread_overrides, unverified_terms

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.run.arrays import Arrays
    from leadrisk.run.setting import Setting

    Lines = dict[str, NDArray[np.float64]]

_OWN_DIMENSIONS = {
    "lowest_cash": ("lead_contract", "population", "future", "cash_year"),
    "net_without_rebasing": ("rebased_contract", "population", "future", "year"),
    "benefit_cost": ("contract", "population", "year"),
}
_PATHWISE = ("contract", "population", "future", "year")
_BY_CONTRACT = ("contract", "population", "year")
_BY_POPULATION = ("population", "year")
_DOUBLE = np.dtype(np.float64)
_NO_LINES = {"generated_savings", "minimum_savings_rate", "share_rate", "loss_rate", "disaster_adjustment"}
_OF_CATEGORIES = "updated_pbpm_"  # dollars per beneficiary per month: like those above a step, no line of the waterfall


class LineStore:
    """Settlement of a whole run that blocks write their lines into.

    Parameters
    ----------
    arrays
        Where they are kept.
    populations
        Populations of the run.
    """

    def __init__(self, setting: Setting, arrays: Arrays, *, populations: int) -> None:
        names = [str(name) for name in setting.scenario.contract.names]
        rebased = [name for name in names if program_of(name) == "mssp"]
        self._contracts: dict[str, list[str]] = {
            "contract": names,
            "lead_contract": [name for name in names if program_of(name) == "lead"],
            "rebased_contract": rebased if setting.scenario.mssp.rebasing else [],
        }
        self._setting, self._arrays = setting, arrays
        self._sizes = {
            "population": populations,
            "future": setting.futures,
            "year": setting.years.size,
            **{dim: len(contracts) for dim, contracts in self._contracts.items()},
        }

    def put(self, rows: slice, found: dict[str, Lines], experience: xr.Dataset) -> None:
        """Write the lines of a block of populations, and what belongs to its populations as a whole."""
        for contract, lines in self._completed(found).items():
            for name, values in lines.items():
                if name in _NO_LINES or name.startswith(_OF_CATEGORIES):
                    continue
                dims = _OWN_DIMENSIONS.get(name, _PATHWISE)
                self._declare(name, dims, cash_years=values.shape[-1])
                if _is_nothing(values):
                    continue  # arrays start at zero; what is not written costs nothing
                part = values if values.ndim == len(dims) - 1 else values[:, 0]
                self._arrays.write(name, part, rows=rows, first=self._contracts[dims[0]].index(contract))
        later = experience.isel(year=slice(-self._sizes["year"], None))
        for name in ("panel", "pandemic"):
            array = later[name]
            self._declare(name, _BY_POPULATION, dtype=array.dtype, attrs=array.attrs)
            self._arrays.write(name, array.values, rows=rows)
        self._declare("care_management_cost", _BY_CONTRACT)
        self._declare("below_minimum", _BY_CONTRACT, dtype=np.dtype(np.int8), attrs={"units": "0 or 1"})
        for first, contract in enumerate(self._contracts["contract"]):
            cost = care_management_cost(contract, later, self._setting)
            self._arrays.write("care_management_cost", cost, rows=rows, first=first)
            below = below_minimum(contract, later, self._setting)
            self._arrays.write("below_minimum", below, rows=rows, first=first)

    def _completed(self, found: dict[str, Lines]) -> dict[str, Lines]:
        """Lines that a contract has only beside another: net expenditure, and years in a model without an exit."""
        has = {name for lines in found.values() for name in lines}
        lead = set(self._contracts["lead_contract"])
        completed = {}
        for contract, lines in found.items():
            added: Lines = {}
            if "expenditure_net" in has and "expenditure_net" not in lines:
                added["expenditure_net"] = lines["expenditure"]
            if "in_model" in has and contract not in lead:
                added["in_model"] = np.ones((1, 1, self._sizes["year"]))
            completed[contract] = {**lines, **added}
        return completed

    def _declare(
        self,
        name: str,
        dims: tuple[str, ...],
        *,
        cash_years: int = 0,
        dtype: np.dtype[Any] = _DOUBLE,
        attrs: Mapping[str, Any] | None = None,
    ) -> None:
        if "cash_year" in dims:
            self._sizes["cash_year"] = cash_years
        shape = tuple(self._sizes[dim] for dim in dims)
        self._arrays.declare(Declared(name, dims, shape, dtype, {"units": _units(name)} if attrs is None else attrs))

    def labels(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Write what belongs to no population, and give coordinates and attributes, once a block has been put."""
        setting = self._setting
        names = self._contracts["contract"]
        self._declare("guarantee_fee", ("contract", "year"))
        none = np.zeros(setting.years.shape)
        fees = [guarantee_fee(name, setting) if program_of(name) == "lead" else none for name in names]
        self._arrays.write("guarantee_fee", np.stack(fees))
        self._declare("benefit_cost", _BY_CONTRACT)
        for name in ("administrative_add_on", "enhanced_pcc_repayment", "high_performers_pool"):
            self._declare(name, _PATHWISE)  # lines of LEAD alone, which statistics read
        coords = {
            "contract": names,
            "population": np.arange(self._sizes["population"]),
            "future": np.arange(setting.futures),
            "year": setting.years,
            **{dim: self._contracts[dim] for dim in ("lead_contract", "rebased_contract") if self._contracts[dim]},
        }
        if "cash_year" in self._sizes:
            coords["cash_year"] = setting.years[0] + np.arange(self._sizes["cash_year"])
        return coords, settlement_attrs(setting)


def settlement_attrs(setting: Setting) -> dict[str, Any]:
    """Attributes of a settlement; complete once every block has been settled, because rules read terms as they go."""
    return {
        "seed": str(setting.seed),
        "spending_class": setting.entry_class,
        "unverified_terms": [term["name"] for term in unverified_terms(setting.terms)],
        "unread_overrides": unread_overrides(setting.scenario, setting.terms),
    }


def _is_nothing(values: NDArray[np.float64]) -> bool:
    """Whether an array is one zero, stretched."""
    return not any(values.strides) and values.size > 0 and not values.flat[0]


def _units(line: str) -> str:
    if line == "gross_savings_rate":
        return "share of benchmark_final"
    return "0 or 1" if line in {"in_model", "two_way_protected"} else "dollars"
