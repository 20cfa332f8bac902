"""Assumptions about the quality of care (layer 5)."""

from __future__ import annotations

from leadrisk.scenario.assumption import assumption
from leadrisk.scenario.table import Table

_PANEL = "MSSP public use files PY2021-2024"


class Quality(Table):
    """Quality of care relative to other ACOs (layer 5)."""

    relative_level: float = assumption(
        0.0,
        meaning="the ACO's long-run quality, in standard deviations across ACOs",
        unit="standard deviations",
        source="0 is the average ACO",
        grade="user",
        ge=-4.0,
        le=4.0,
    )
    persistence_acr: float = assumption(
        0.62,
        meaning="correlation with the next year, all-condition readmission",
        unit="correlation",
        source=_PANEL,
        grade="A",
        ge=0.0,
        lt=1.0,
    )
    persistence_uamcc: float = assumption(
        0.70,
        meaning="correlation with the next year, unplanned admissions with multiple chronic conditions",
        unit="correlation",
        source=_PANEL,
        grade="A",
        ge=0.0,
        lt=1.0,
    )
    persistence_dah: float = assumption(
        0.70,
        meaning="correlation with the next year, days at home",
        unit="correlation",
        source="judgement, as unplanned admissions",
        grade="C",
        ge=0.0,
        lt=1.0,
    )
    persistence_tfu: float = assumption(
        0.79,
        meaning="correlation with the next year, timely follow-up",
        unit="correlation",
        source="ACO REACH public use files PY2022-2023, 67 ACOs",
        grade="A",
        ge=0.0,
        lt=1.0,
    )
    persistence_cahps: float = assumption(
        0.62,
        meaning="correlation with the next year, patient experience (CAHPS)",
        unit="correlation",
        source="MSSP and ACO REACH public use files (0.45-0.76 by question)",
        grade="A",
        ge=0.0,
        lt=1.0,
    )
    persistence_glycemic: float = assumption(
        0.75,
        meaning="correlation with the next year, glycaemic status above 9 %",
        unit="correlation",
        source=_PANEL,
        grade="A",
        ge=0.0,
        lt=1.0,
    )
    persistence_blood_pressure: float = assumption(
        0.77,
        meaning="correlation with the next year, blood pressure control",
        unit="correlation",
        source=_PANEL,
        grade="A",
        ge=0.0,
        lt=1.0,
    )
    continuous_improvement_pass: float = assumption(
        0.88,
        meaning="chance to pass the continuous improvement / sustained exceptional performance gateway",
        unit="probability",
        source="ACO REACH PY2023: 73 of 83 rated ACOs (another count says 64 of 132: conflict)",
        grade="B",
        ge=0.0,
        le=1.0,
    )
    prevention_quality_plan: bool = assumption(
        True,
        meaning="the ACO submits a prevention quality plan each year",
        unit="true or false",
        source="the ACO's choice",
        grade="user",
    )
