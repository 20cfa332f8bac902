"""What the figures show of the paths: bars and bands, small enough to be handed to another process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from leadrisk.report.formatting import is_known

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

BAND_LEVELS = (5, 25, 50, 75, 95)
"""Percent of the paths that lie below the lines of a fan."""

CASH_LEVELS = ("p01", "p05", "p50")
"""Quantiles that the figure of the cash shows."""


class Histogram(NamedTuple):
    """Paths by value: edges of the bars in dollars, paths in each of them."""

    edges: Array
    counts: Array

    @property
    def shown(self) -> tuple[float, float]:
        """First and last edge, dollars."""
        return float(self.edges[0]), float(self.edges[-1])


class FigureData(NamedTuple):
    """Bars and bands of a settlement."""

    totals: dict[str, Histogram]
    """Net settlement over the term by contract, all with the same edges."""
    difference: Histogram | None
    """Of the two contracts that are compared, the first less the second; after costs where they are ranked so."""
    ahead: tuple[float, float]
    """Share of the paths on which the first contract is ahead, and on which the second is."""
    added_up: dict[str, Array]
    """Net settlement added up since the start by contract, shape (year, level of ``BAND_LEVELS``), dollars."""


def with_cash(summary: Mapping[str, Any]) -> list[str]:
    """Contracts whose cash within the year is modelled."""
    return [name for name, contract in summary["contracts"].items() if cash_by_year(contract)]


def cash_by_year(contract: Mapping[str, Any]) -> dict[int, Mapping[str, float]]:
    """Quantiles of the lowest month-end cash of a contract by year, dollars; none where cash is not modelled."""
    years = (contract.get("liquidity") or {}).get("by_year", {})
    return {int(year): found for year, found in years.items() if all(is_known(found.get(q)) for q in CASH_LEVELS)}
