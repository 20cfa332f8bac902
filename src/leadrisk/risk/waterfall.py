"""The waterfall of a year: one real settled path, line by line, the same for every contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

LINES = (
    ("benchmark_before_discount", "Benchmark before discount", 1.0),
    ("discount", "Discount", -1.0),
    ("quality_adjustment", "Quality points not earned", -1.0),
    ("benchmark_final", "Final benchmark", 1.0),
    ("heba_net", "Health equity adjustment", 1.0),
    ("expenditure", "Expenditure", -1.0),
    ("stop_loss_charge", "Stop-loss charge", -1.0),
    ("stop_loss_payout", "Stop-loss payout", -1.0),
    ("cara_provider_payment", "Episode arrangements: paid to providers", -1.0),
    ("cara_savings", "Episode arrangements: spending avoided", -1.0),
    ("gross_savings", "Gross savings or losses", 1.0),
    ("beyond_corridor", "CMS's part under the sharing rules", 1.0),
    ("shared_savings", "Shared savings or losses", 1.0),
    ("sequestration", "Sequestration", -1.0),
    ("net_shared_savings", "Net shared savings or losses", 1.0),
    ("high_performers_pool", "High performers pool", 1.0),
    ("stop_loss_in_balance", "Stop-loss payout less charge", 1.0),
    ("advanced_payment_reconciliation", "Advanced payments reconciled", 1.0),
    ("enhanced_pcc_repayment", "Enhanced PCC paid back", -1.0),
    ("settlement_balance", "Settlement balance with CMS", 1.0),
)
_ALWAYS = {name for name, _, _ in LINES} - {
    "heba_net", "stop_loss_charge", "stop_loss_payout", "cara_provider_payment", "cara_savings", "high_performers_pool",
    "advanced_payment_reconciliation", "stop_loss_in_balance",
}  # fmt: skip


def middle(years: int) -> int:
    """Place of the middle one of so many years; of an even number the earlier.

    Examples
    --------
    >>> middle(10)
    4
    """
    return (years - 1) // 2


def median_path(settlement: xr.Dataset, net: NDArray[np.float64] | None = None) -> dict[str, int]:
    """Path whose net settlement is the median of the middle year, under one contract.

    Parameters
    ----------
    settlement
        Of that contract.
    net
        Its net settlement of the middle year, shape (population, future), where it was read already.

    Returns
    -------
    dict
        ``year``, ``population`` and ``future``.
    """
    years = settlement["year"].values
    year = int(years[middle(len(years))])
    if net is None:
        net = settlement["net_settlement"].sel(year=year).values
    flat = int(np.argsort(net, axis=None, kind="stable")[(net.size - 1) // 2])
    population, future = np.unravel_index(flat, net.shape)
    return {
        "year": year,
        "population": int(settlement["population"].values[population]),
        "future": int(settlement["future"].values[future]),
    }


def waterfall(settlement: xr.Dataset, path: dict[str, int]) -> dict[str, Any]:
    """Lines of one path and year under one contract.

    Returns
    -------
    dict
        The path, and ``lines`` with name, label and signed dollars: amounts taken off are negative, so that steps add
        up. Lines of optional mechanisms stand only where they are not zero.
    """
    one = settlement.sel(path)
    values = {name: float(one[name]) for name, _, _ in LINES if name in one}
    values["beyond_corridor"] = values["shared_savings"] - values["gross_savings"]
    return {
        **path,
        "lines": [
            {"name": name, "label": label, "dollars": sign * values[name] + 0.0}
            for name, label, sign in LINES
            if name in values and (name in _ALWAYS or values[name])
        ],
    }
