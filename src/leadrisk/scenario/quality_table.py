"""Assumptions about the quality of care (layer 5)."""

from __future__ import annotations

from leadrisk.scenario.assumption import assumption
from leadrisk.scenario.table import Table

_PANEL = "MSSP public use files PY2021-2024"


class Quality(Table):
    """Quality of care relative to other ACOs (layer 5)."""

    relative_level: float = assumption(
        0.0,
        meaning="the ACO's known quality score against other ACOs, as of the last base year",
        unit="standard deviations",
        source="0 is the average ACO",
        grade="user",
        ge=-4.0,
        le=4.0,
    )
    composite_correlation: float = assumption(
        0.6,
        meaning="correlation of a single measure's rank with the known quality score",
        unit="correlation",
        source="judgement: 0.38 if seven measures were independent, 0.63 if their correlations were 0.3",
        grade="C",
        ge=0.0,
        le=1.0,
    )
    persistence_gateway: float = assumption(
        0.70,
        meaning="correlation with the next year of what decides the CI/SEP gateway",
        unit="correlation",
        source="judgement, as the MSSP quality score (0.67-0.71)",
        grade="C",
        ge=0.0,
        lt=1.0,
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
