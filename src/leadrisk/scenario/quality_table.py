"""Assumptions about the quality of care (layer 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import model_validator

from leadrisk.scenario.assumption import Grade, assumption
from leadrisk.scenario.dependence_table import MEASURES
from leadrisk.scenario.table import PANEL, Table, reject

if TYPE_CHECKING:
    from collections.abc import Sequence

_OWN_PANEL = "MSSP public use files PY2021-2023"
_REACH = "ACO REACH public use file PY2023, 105 Standard ACOs"
_ECQM = "MSSP public use file PY2024, 38 ACOs that report the eCQM"


def _persistence(
    default: float,
    name: str,
    source: str,
    grade: Grade,
    *,
    low: float | None = None,
    high: float | None = None,
) -> Any:
    return assumption(
        default,
        meaning=f"correlation with the next year at the reference size, {name}",
        unit="correlation",
        source=source,
        grade=grade,
        low=low,
        high=high,
        ge=0.0,
        lt=1.0,
    )


def _noise(default: float, name: str, source: str, grade: Grade, *, low: float, high: float) -> Any:
    return assumption(
        default,
        meaning=f"share of the variance across ACOs that is sampling noise at the reference size, {name}",
        unit="share of variance",
        source=source,
        grade=grade,
        low=low,
        high=high,
        ge=0.0,
        lt=1.0,
    )


def _level(default: float, name: str, source: str, grade: Grade, *, low: float, high: float) -> Any:
    return assumption(
        default,
        meaning=f"correlation of the rank with the ACO's true level of cost, {name}; the part of it that never fades",
        unit="correlation",
        source=source,
        grade=grade,
        low=low,
        high=high,
        gt=-1.0,
        lt=1.0,
    )


def _luck(default: float, name: str, source: str, *, low: float, high: float) -> Any:
    return assumption(
        default,
        meaning=f"correlation of the year's sampling noise with what the year's persons cost beyond their scores, "
        f"{name}",
        unit="correlation",
        source=source,
        grade="C",
        low=low,
        high=high,
        ge=-1.0,
        le=1.0,
    )


def _rate(default: float, figure: str, name: str, unit: str, source: str) -> Any:
    return assumption(
        default,
        meaning=f"{figure} across ACOs, {name}; shows ranks as rates and moves no dollar",
        unit=unit,
        source=source,
        grade="A",
        ge=0.0,
    )


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
        low=0.38,
        high=0.75,
        ge=0.0,
        le=1.0,
    )
    persistence_gateway: float = _persistence(
        0.80,
        "what decides the CI/SEP gateway",
        "judgement: CI/SEP rests on claims-based measures, whose lasting part has 0.8-0.9; with it the score of ACO "
        "REACH is about as persistent as that of the Shared Savings Program (0.67-0.71)",
        "C",
        low=0.5,
        high=0.85,
    )
    persistence_acr: float = _persistence(0.62, "all-condition readmission", PANEL, "A")
    persistence_uamcc: float = _persistence(0.70, "unplanned admissions with multiple chronic conditions", PANEL, "A")
    persistence_dah: float = _persistence(
        0.70, "days at home", "judgement, as unplanned admissions", "C", low=0.55, high=0.8
    )
    persistence_tfu: float = _persistence(
        0.79, "timely follow-up", "ACO REACH public use files PY2022-2023, 67 ACOs", "A"
    )
    persistence_cahps: float = _persistence(
        0.62, "patient experience (CAHPS)", "MSSP and ACO REACH public use files (0.45-0.76 by question)", "A"
    )
    persistence_glycemic: float = _persistence(0.75, "glycaemic status above 9 %", PANEL, "A")
    persistence_blood_pressure: float = _persistence(0.77, "blood pressure control", PANEL, "A")

    noise_reference_lives: int = assumption(
        10_000,
        meaning="lives at which persistence and noise are as stated; the variance of noise goes with 1 / lives, "
        "floored at 2,000, in claims measures and eCQMs, and is the same at any size in the survey",
        unit="beneficiaries",
        source=f"median of {_OWN_PANEL}: about 10,000-12,000",
        grade="A",
        low=8_000,
        high=15_000,
        ge=200,
        le=5_000_000,
    )
    noise_acr: float = _noise(
        0.33,
        "all-condition readmission",
        f"one-year changes by size and correlation over two years (0.61), {_OWN_PANEL}; fit",
        "C",
        low=0.25,
        high=0.37,
    )
    noise_uamcc: float = _noise(
        0.13,
        "unplanned admissions",
        f"one-year changes by size and correlation over two years (0.59), {_OWN_PANEL}; fit",
        "C",
        low=0.08,
        high=0.2,
    )
    noise_dah: float = _noise(0.13, "days at home", "judgement, as unplanned admissions", "C", low=0.05, high=0.25)
    noise_tfu: float = _noise(
        0.10, "timely follow-up", "judgement: at most 0.21, as its persistence is 0.79", "C", low=0.05, high=0.2
    )
    noise_cahps: float = _noise(
        0.20,
        "patient experience",
        f"composite of the questions: correlation 0.66 over one year, 0.57 over two, {_OWN_PANEL}; fit",
        "C",
        low=0.15,
        high=0.35,
    )
    noise_glycemic: float = _noise(
        0.15,
        "glycaemic status",
        f"correlation 0.73 over one year, 0.64 over two, {_OWN_PANEL} (Web Interface); fit",
        "C",
        low=0.05,
        high=0.2,
    )
    noise_blood_pressure: float = _noise(
        0.10,
        "blood pressure control",
        f"correlation 0.79 over one year, 0.71 over two, {_OWN_PANEL} (Web Interface); fit",
        "C",
        low=0.05,
        high=0.15,
    )

    level_correlation_acr: float = _level(
        0.08,
        "all-condition readmission",
        f"more readmissions and savings correlate by 0.01-0.08, {_OWN_PANEL}; fit",
        "C",
        low=-0.1,
        high=0.2,
    )
    level_correlation_uamcc: float = _level(
        -0.15,
        "unplanned admissions",
        f"fewer admissions and savings correlate by 0.20-0.28, {_OWN_PANEL}; fit",
        "C",
        low=-0.4,
        high=0.0,
    )
    level_correlation_dah: float = _level(
        -0.15, "days at home", "judgement, as unplanned admissions", "C", low=-0.5, high=0.0
    )
    level_correlation_tfu: float = _level(
        0.0, "timely follow-up", "nothing published of it and of savings", "C", low=-0.3, high=0.3
    )
    level_correlation_cahps: float = _level(
        0.0,
        "patient experience",
        f"patient experience and savings correlate by -0.03 to -0.09, {_OWN_PANEL}: none",
        "C",
        low=-0.1,
        high=0.2,
    )
    level_correlation_glycemic: float = _level(
        0.0,
        "glycaemic status",
        f"glycaemic status and savings correlate by -0.04 to 0.05, {_OWN_PANEL}: none",
        "C",
        low=-0.15,
        high=0.15,
    )
    level_correlation_blood_pressure: float = _level(
        -0.55,
        "blood pressure control",
        f"control and savings correlate by 0.22-0.31, changes of the two by 0.05-0.10 only, {_OWN_PANEL}; fit",
        "C",
        low=-0.7,
        high=-0.3,
    )

    luck_correlation_acr: float = _luck(
        0.0,
        "all-condition readmission",
        f"changes of the rate and of savings do not correlate (0.00-0.05), {_OWN_PANEL}: more admissions, same rate",
        low=-0.3,
        high=0.1,
    )
    luck_correlation_uamcc: float = _luck(
        -0.5,
        "unplanned admissions",
        f"an admission is cost; changes of admissions and of savings correlate by 0.07-0.13, {_OWN_PANEL}; judgement",
        low=-0.8,
        high=-0.2,
    )
    luck_correlation_dah: float = _luck(-0.5, "days at home", "judgement, as unplanned admissions", low=-0.8, high=-0.2)

    mean_acr: float = _rate(15.28, "mean", "all-condition readmission", "percent of discharges", _REACH)
    sd_acr: float = _rate(0.49, "standard deviation", "all-condition readmission", "percent of discharges", _REACH)
    mean_uamcc: float = _rate(31.7, "mean", "unplanned admissions", "per 100 person-years", _REACH)
    sd_uamcc: float = _rate(3.8, "standard deviation", "unplanned admissions", "per 100 person-years", _REACH)
    mean_dah: float = _rate(316.3, "mean", "days at home", "days a year", "ACO REACH PY2023, 14 High Needs ACOs")
    sd_dah: float = _rate(
        5.1, "standard deviation", "days at home", "days a year", "ACO REACH PY2023, 14 High Needs ACOs"
    )
    mean_tfu: float = _rate(71.8, "mean", "timely follow-up", "percent of events", _REACH)
    sd_tfu: float = _rate(5.5, "standard deviation", "timely follow-up", "percent of events", _REACH)
    mean_cahps: float = _rate(85.1, "mean", "patient experience: care coordination", "points of 100", _REACH)
    sd_cahps: float = _rate(2.4, "standard deviation", "patient experience: care coordination", "points of 100", _REACH)
    mean_glycemic: float = _rate(29.4, "mean", "glycaemic status above 9 %", "percent of patients", _ECQM)
    sd_glycemic: float = _rate(13.0, "standard deviation", "glycaemic status above 9 %", "percent of patients", _ECQM)
    mean_blood_pressure: float = _rate(70.7, "mean", "blood pressure control", "percent of patients", _ECQM)
    sd_blood_pressure: float = _rate(6.4, "standard deviation", "blood pressure control", "percent of patients", _ECQM)

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

    def of(self, figure: str, names: Sequence[str] = MEASURES) -> list[float]:
        """Return one figure of measures, zero where a measure has none of its own.

        Examples
        --------
        >>> Quality().of("luck_correlation", ("acr", "uamcc", "cahps"))
        [0.0, -0.5, 0.0]
        """
        return [float(getattr(self, f"{figure}_{name}", 0.0)) for name in names]

    @model_validator(mode="after")
    def _parts_of_a_rank_fit(self) -> Self:
        """A rank is noise, a level that never fades and a rest that fades: the rest has to explain the persistence."""
        for name in MEASURES:
            persistence, noise, level = (
                getattr(self, f"{part}_{name}") for part in ("persistence", "noise", "level_correlation")
            )
            highest, lowest = 1.0 - noise, level * level
            if not lowest <= persistence < highest:
                reject(
                    f"quality.persistence_{name}",
                    f"must be at least {lowest:.4g}, the squared quality.level_correlation_{name}, and below "
                    f"{highest:.4g}, what quality.noise_{name} leaves, got {persistence:g}",
                )
        return self
