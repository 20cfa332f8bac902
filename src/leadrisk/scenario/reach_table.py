"""Assumptions for the question what the same years would have paid under ACO REACH."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from leadrisk.scenario.assumption import assumption
from leadrisk.scenario.table import Table, reject


class Reach(Table):
    """How ACO REACH would have gone on; its last performance year was 2026."""

    rules_year: int = assumption(
        2026,
        meaning="performance year of ACO REACH whose rules hold in every year",
        unit="calendar year",
        source="the model ended with 2026; that its last rules would have stayed is judgement",
        grade="C",
        low=2023,
        high=2026,
        ge=2021,
        le=2026,
    )
    projection_years: int = assumption(
        2,
        meaning="years for which national spending is projected when a benchmark is set",
        unit="years",
        source="Milliman: the retrospective adjustment of PY2023 and PY2025 corrects a two-year trend",
        grade="B",
        ge=1,
        le=3,
    )
    heba_up_share: float = assumption(
        0.10,
        meaning="share of beneficiary-months in the top decile of the health equity score",
        unit="share",
        source="the top decile of all ACOs, by construction; the ACO's own share where known",
        grade="user",
        ge=0.0,
        le=1.0,
    )
    heba_down_share: float = assumption(
        0.50,
        meaning="share of beneficiary-months in the lower half of the health equity score",
        unit="share",
        source="the lower half of all ACOs, by construction; the ACO's own share where known",
        grade="user",
        ge=0.0,
        le=1.0,
    )

    @model_validator(mode="after")
    def _shares_sum(self) -> Self:
        if self.heba_up_share + self.heba_down_share > 1.0:
            reject(
                "reach.heba_down_share",
                f"heba_up_share and heba_down_share must sum to at most 1, "
                f"got {self.heba_up_share:g} + {self.heba_down_share:g}",
            )
        return self
