"""The waterfall of a median year: one real settled path, line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

LINES = (
    ("benchmark_before_discount", "Benchmark before discount", 1.0),
    ("discount", "Discount", -1.0),
    ("quality_adjustment", "Quality points not earned", -1.0),
    ("benchmark_final", "Final benchmark", 1.0),
    ("expenditure", "Expenditure", -1.0),
    ("gross_savings", "Gross savings or losses", 1.0),
    ("beyond_corridor", "CMS's part under the risk corridors", 1.0),
    ("shared_savings", "Shared savings or losses", 1.0),
    ("sequestration", "Sequestration", -1.0),
    ("net_shared_savings", "Net shared savings or losses", 1.0),
    ("enhanced_pcc_repayment", "Enhanced PCC paid back", -1.0),
    ("settlement_balance", "Settlement balance with CMS", 1.0),
)


def median_waterfall(settlement: xr.Dataset) -> dict[str, Any]:
    """Lines of the path whose net settlement is the median of the middle year.

    Parameters
    ----------
    settlement
        One contract: dimensions population, future, year.

    Returns
    -------
    dict
        ``year``, ``population``, ``future`` and ``lines`` with name, label and signed dollars: amounts taken off
        are negative, so that steps add up.
    """
    years = settlement["year"].values
    year = int(years[(len(years) - 1) // 2])
    net = settlement["net_settlement"].sel(year=year).values
    flat = int(np.argsort(net, axis=None, kind="stable")[(net.size - 1) // 2])
    population, future = np.unravel_index(flat, net.shape)
    path = settlement.isel(population=population, future=future).sel(year=year)
    values = {name: float(path[name]) for name, _, _ in LINES if name != "beyond_corridor"}
    values["beyond_corridor"] = values["shared_savings"] - values["gross_savings"]
    return {
        "year": year,
        "population": int(settlement["population"].values[population]),
        "future": int(settlement["future"].values[future]),
        "lines": [{"name": name, "label": label, "dollars": sign * values[name]} for name, label, sign in LINES],
    }
