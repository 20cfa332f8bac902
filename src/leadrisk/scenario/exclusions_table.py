"""Assumptions about spending that does not count."""

from __future__ import annotations

from typing import Any, Self

from pydantic import model_validator

from leadrisk.scenario.assumption import assumption
from leadrisk.scenario.table import Table, reject

_KINDS = {
    "sahs": "significant, anomalous and highly suspect billing",
    "skin_substitutes": "skin substitutes",
    "ime": "indirect medical education payments",
    "dsh": "disproportionate share payments",
    "uncompensated_care": "uncompensated care payments",
    "above_p99": "spending beyond the 99th percentile of a beneficiary's year",
}


def _share(kind: str, years: str) -> Any:
    return assumption(
        0.0,
        meaning=f"share of gross Part A and B spending of the {years} that is {_KINDS[kind]}",
        unit="share",
        source="0: the dollars of the scenario are given net of what does not count",
        grade="user",
        ge=0.0,
        le=0.5,
    )


class Exclusions(Table):
    """Spending that does not count, as far as the dollars of the scenario are not net of it already."""

    base_sahs: float = _share("sahs", "base years")
    base_skin_substitutes: float = _share("skin_substitutes", "base years")
    base_ime: float = _share("ime", "base years")
    base_dsh: float = _share("dsh", "base years")
    base_uncompensated_care: float = _share("uncompensated_care", "base years")
    base_above_p99: float = _share("above_p99", "base years")
    performance_sahs: float = _share("sahs", "performance years")
    performance_skin_substitutes: float = _share("skin_substitutes", "performance years")
    performance_ime: float = _share("ime", "performance years")
    performance_dsh: float = _share("dsh", "performance years")
    performance_uncompensated_care: float = _share("uncompensated_care", "performance years")
    performance_above_p99: float = _share("above_p99", "performance years")

    @property
    def base(self) -> dict[str, float]:
        """Shares of the base years by kind, those that are not zero."""
        return self._of("base")

    @property
    def performance(self) -> dict[str, float]:
        """Shares of the performance years by kind, those that are not zero."""
        return self._of("performance")

    def _of(self, years: str) -> dict[str, float]:
        shares = {kind: getattr(self, f"{years}_{kind}") for kind in _KINDS}
        return {kind: share for kind, share in shares.items() if share > 0.0}

    @model_validator(mode="after")
    def _something_counts(self) -> Self:
        for years in ("base", "performance"):
            shares = self._of(years)
            if sum(shares.values()) > 0.9:
                names = " + ".join(f"{years}_{kind}" for kind in shares)
                reject(f"exclusions.{years}_{next(iter(shares))}", f"{names} must sum to at most 0.9")
        return self
