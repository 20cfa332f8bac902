"""Assumptions about how beneficiaries are aligned, and what that does to the benchmark and its risk adjustment."""

from __future__ import annotations

from typing import Literal

from leadrisk.scenario.assumption import assumption
from leadrisk.scenario.table import Table


class Alignment(Table):
    """How beneficiaries are aligned, and what that does to the benchmark and its risk adjustment."""

    mode: Literal["prospective", "hybrid"] = assumption(
        "prospective",
        meaning="prospective: aligned before the year; hybrid: additions during the year as well",
        unit="name",
        source="the ACO's choice; both are on the CMS LEAD page",
        grade="user",
    )
    voluntary_share: float = assumption(
        0.0,
        meaning="share of person-years aligned voluntarily, with a benchmark of its own",
        unit="share",
        source="the ACO's own figure",
        grade="user",
        ge=0.0,
        le=1.0,
    )
    voluntary_cost_ratio: float = assumption(
        1.0,
        meaning="cost of the voluntarily aligned over that of the claims-aligned, risk-standardised",
        unit="ratio",
        source="no published figure",
        grade="C",
        low=0.7,
        high=1.2,
        ge=0.2,
        le=5.0,
    )
    voluntary_additions: float = assumption(
        0.0,
        meaning="voluntarily aligned during the year under hybrid alignment, of those aligned before it",
        unit="share per year",
        source="no published figure",
        grade="C",
        low=0.0,
        high=0.05,
        ge=0.0,
        le=1.0,
    )
    midyear_additions: float = assumption(
        0.0,
        meaning="aligned at mid-year with newly added TINs under hybrid alignment, of those aligned before the year",
        unit="share per year",
        source="no published figure",
        grade="C",
        low=0.0,
        high=0.05,
        ge=0.0,
        le=1.0,
    )
    claims_aligned_base_year: int | None = assumption(
        None,
        meaning="most beneficiaries claims-aligned in any base year, for the minimum; left out: taken as met",
        unit="beneficiaries",
        source="the ACO's own figure",
        grade="user",
        ge=0,
        le=5_000_000,
    )
    rural: bool = assumption(
        False,
        meaning="the ACO gets the administrative add-on as a rural one",
        unit="yes or no",
        source="the ACO's own figure",
        grade="user",
    )
    demographic_growth: float = assumption(
        0.0,
        meaning="yearly growth of the demographic score of aged & disabled beneficiaries since base year 3",
        unit="share per year",
        source="no published figure; read only where the term risk_cap.demographic_shift asks for it",
        grade="C",
        low=-0.005,
        high=0.005,
        ge=-0.05,
        le=0.05,
    )
