"""Assumptions about individual beneficiaries: cost, score, health (layer 4) and how they come and go."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from leadrisk.scenario.assumption import assumption
from leadrisk.scenario.table import Table, reject

_FIT = (
    "fitted so that one set meets cost concentration (eClinicalMedicine 2021, 100873), the CMS 99th "
    "percentiles of CY2022 and the scale of CMS's minimum savings rates (42 CFR 425.605) together; range: coefficient "
    "of variation of annual cost 1.95-2.35"
)


class Persons(Table):
    """Cost, score and health of individual beneficiaries (layer 4)."""

    health_persistence: float = assumption(
        0.93,
        meaning="correlation of a beneficiary's latent health from one year to the next",
        unit="correlation",
        source="three-year stay in the top decile of cost (Health Affairs 2019, hlthaff.2018.05160); fit",
        grade="C",
        low=0.9,
        high=0.95,
        ge=0.0,
        le=0.99,
    )
    health_weight: float = assumption(
        0.70,
        meaning="share of the variance of latent annual cost that is health, the rest is the year's luck",
        unit="share",
        source="three-year stay in the top decile of cost (Health Affairs 2019, hlthaff.2018.05160); fit",
        grade="C",
        low=0.62,
        high=0.74,
        ge=0.0,
        le=0.99,
    )
    coding_persistence: float = assumption(
        0.73,
        meaning="correlation of a beneficiary's coding noise from one year to the next",
        unit="correlation",
        source="condition counts 2008 to 2009 in the CMS DE-SynPUF (synthetic); range: correlation of a person's score "
        "from year to year 0.70-0.88",
        grade="C",
        low=0.57,
        high=0.85,
        ge=0.0,
        lt=1.0,
    )
    score_health_weight: float = assumption(
        0.595,
        meaning="loading of the risk score on health; the rest of the score is coding noise",
        unit="correlation",
        source="CMS-HCC explains about 12 % of annual cost (10-14 %); fit",
        grade="C",
        low=0.54,
        high=0.64,
        ge=0.0,
        le=1.0,
    )
    zero_cost_share: float = assumption(
        0.03,
        meaning="share of aligned beneficiaries without any cost in a year",
        unit="share",
        source="88 % of fee-for-service beneficiaries are attributable (AJMC 2018;24(7)); judgement",
        grade="C",
        low=0.01,
        high=0.06,
        ge=0.0,
        le=0.5,
    )
    cost_slope: float = assumption(
        2.45,
        meaning="slope a of annualised cost, ln cost = a w + b w^2 with w the normal score of the rank",
        unit="log cost",
        source=_FIT,
        grade="C",
        low=2.35,
        high=2.57,
        gt=0.0,
        le=3.0,
    )
    cost_curvature: float = assumption(
        -0.297,
        meaning="curvature b of annualised cost; negative: a lighter tail than the lognormal",
        unit="log cost",
        source=_FIT,
        grade="C",
        low=-0.32,
        high=-0.27,
        ge=-0.4,
        le=0.0,
    )
    cost_flat_beyond: float = assumption(
        4.1,
        meaning="normal score beyond which annualised cost rises no further",
        unit="standard deviations",
        source=_FIT,
        grade="C",
        low=3.6,
        high=4.6,
        ge=3.0,
        le=6.0,
    )
    truncation_multiple: float = assumption(
        12.0,
        meaning="truncation point of annualised cost over its mean (99th percentile, aged non-dual)",
        unit="multiple of the mean",
        source="CMS truncation thresholds over national means, CY2022 ($139,228 / $11,610)",
        grade="A",
        low=10.2,
        high=13.8,
        ge=2.0,
        le=100.0,
    )
    esrd_zero_cost_share: float = assumption(
        0.006,
        meaning="share of ESRD beneficiaries without any cost in a year",
        unit="share",
        source="CMS DE-SynPUF 2008, ESRD (synthetic)",
        grade="C",
        low=0.003,
        high=0.02,
        ge=0.0,
        le=0.5,
    )
    esrd_cost_slope: float = assumption(
        1.25,
        meaning="slope a of annualised ESRD cost",
        unit="log cost",
        source="coefficient of variation near 1.0 (0.85-1.2), fitted to the 99th percentile over the mean of 5.35",
        grade="C",
        low=1.1,
        high=1.37,
        gt=0.0,
        le=3.0,
    )
    esrd_cost_curvature: float = assumption(
        -0.16,
        meaning="curvature b of annualised ESRD cost",
        unit="log cost",
        source="coefficient of variation near 1.0 (0.85-1.2), fitted to the 99th percentile over the mean of 5.35",
        grade="C",
        low=-0.2,
        high=-0.12,
        ge=-0.4,
        le=0.0,
    )
    esrd_truncation_multiple: float = assumption(
        5.35,
        meaning="truncation point of annualised ESRD cost over its mean",
        unit="multiple of the mean",
        source="CMS truncation thresholds over national means, CY2022 ($483,949 / $90,392)",
        grade="A",
        low=4.55,
        high=6.15,
        ge=2.0,
        le=100.0,
    )
    score_slope: float = assumption(
        0.808,
        meaning="slope of ln score in the score's latent variable",
        unit="log score",
        source="score = expected cost given the latent variable: R2 0.12, SD 0.79 (0.75-0.85), decile ratios near 1; "
        "fit",
        grade="C",
        low=0.77,
        high=0.85,
        gt=0.0,
        le=3.0,
    )
    score_curvature: float = assumption(
        -0.053,
        meaning="curvature of ln score in the score's latent variable",
        unit="log score",
        source="score = expected cost given the latent variable: R2 0.12, SD 0.79 (0.75-0.85), decile ratios near 1; "
        "fit",
        grade="C",
        low=-0.075,
        high=-0.033,
        ge=-0.5,
        le=0.5,
    )
    esrd_score_slope: float = assumption(
        0.36,
        meaning="slope of ln score in the latent variable, ESRD",
        unit="log score",
        source="judgement, in proportion to the narrower ESRD cost distribution",
        grade="C",
        low=0.27,
        high=0.45,
        gt=0.0,
        le=3.0,
    )
    esrd_score_curvature: float = assumption(
        -0.02,
        meaning="curvature of ln score in the latent variable, ESRD",
        unit="log score",
        source="judgement, in proportion to the narrower ESRD cost distribution",
        grade="C",
        low=-0.05,
        high=0.0,
        ge=-0.5,
        le=0.5,
    )
    decedent_shift: float = assumption(
        0.95,
        meaning="shift of latent cost in the year of death",
        unit="standard deviations",
        source="in-year decedent to survivor cost 3.8 (3.3-4.5, KFF 2016); fit",
        grade="C",
        low=0.7,
        high=1.1,
        ge=0.0,
        le=4.0,
    )
    entrant_health_mean: float = assumption(
        0.13,
        meaning="mean latent health of new beneficiaries (higher is sicker)",
        unit="standard deviations",
        source="keeps the stationary mean cost level over years; fit",
        grade="C",
        low=0.03,
        high=0.23,
        ge=-3.0,
        le=3.0,
    )
    high_needs_incidence: float = assumption(
        0.03,
        meaning="chance that an Aged & Disabled beneficiary becomes High Needs in a year (never left again)",
        unit="share per year",
        source="judgement, 2-5 %; no published figure",
        grade="C",
        low=0.02,
        high=0.05,
        ge=0.0,
        le=0.15,
    )
    high_needs_entrant_health: float = assumption(
        1.0,
        meaning="mean latent health of beneficiaries who enter as High Needs",
        unit="standard deviations",
        source="judgement; no published figure",
        grade="C",
        low=0.5,
        high=1.5,
        ge=-3.0,
        le=4.0,
    )

    @model_validator(mode="after")
    def _cost_rises_with_illness(self) -> Self:
        """Cost must rise up to three standard deviations: turning earlier makes the sickest cheap."""
        for prefix in ("", "esrd_"):
            slope = getattr(self, f"{prefix}cost_slope")
            curvature = getattr(self, f"{prefix}cost_curvature")
            if slope + 6.0 * curvature <= 0.0:
                reject(
                    f"persons.{prefix}cost_curvature",
                    f"cost must rise with illness, so {prefix}cost_slope + 6 x {prefix}cost_curvature "
                    f"must be above 0, got {slope:g} + 6 x {curvature:g} = {slope + 6.0 * curvature:g}",
                )
        return self


class Exposure(Table):
    """Deaths, other exits and growth of the panel."""

    death_rate: float = assumption(
        0.044,
        meaning="deaths per year among aligned beneficiaries without ESRD",
        unit="share per year",
        source="person-years over beneficiaries 0.974-0.979, MSSP public use files PY2021-2024",
        grade="B",
        low=0.038,
        high=0.052,
        ge=0.0,
        le=0.5,
    )
    death_slope: float = assumption(
        0.9,
        meaning="rise of the log hazard of death with one standard deviation of health",
        unit="log hazard",
        source="judgement; deaths fall on the sicker half; range: deaths 3.8-5.4 % a year with the offset held",
        grade="C",
        low=0.7,
        high=1.1,
        ge=0.0,
        le=3.0,
    )
    death_offset: float = assumption(
        -0.405,
        meaning="offset of the log hazard that keeps the average death rate, minus half the squared slope",
        unit="log hazard",
        source="-0.9^2 / 2; range: deaths 3.8-5.2 % a year with the slope held",
        grade="C",
        low=-0.55,
        high=-0.24,
        ge=-5.0,
        le=5.0,
    )
    esrd_death_rate: float = assumption(
        0.15,
        meaning="deaths per year among ESRD beneficiaries",
        unit="share per year",
        source="judgement",
        grade="C",
        low=0.12,
        high=0.2,
        ge=0.0,
        le=0.4,
    )
    exit_rate: float = assumption(
        0.13,
        meaning="other exits per year, at year-end: Medicare Advantage 6 %, realignment and moves 7 %",
        unit="share per year",
        source="KNG Health 2025 (7-8 % nationally); retention 80-84 % (JAMA IM 2014;174(6), AJMC 2019;25(9))",
        grade="B",
        low=0.1,
        high=0.18,
        ge=0.0,
        le=0.2,
    )
    panel_growth_mean: float = assumption(
        -0.03,
        meaning="mean growth of the number of aligned beneficiaries",
        unit="share per year",
        source="median -3.4 % within agreement periods, MSSP public use files PY2021-2024",
        grade="A",
        ge=-0.5,
        le=0.5,
    )
    panel_growth_sd: float = assumption(
        0.10,
        meaning="standard deviation of that growth from year to year",
        unit="share per year",
        source="quartiles -10 % and +2.6 % within agreement periods, MSSP public use files PY2021-2024",
        grade="A",
        ge=0.0,
        le=0.5,
    )
    death_shock_sd: float = assumption(
        0.04,
        meaning="standard deviation of the common log factor on deaths",
        unit="log points",
        source="judgement",
        grade="C",
        low=0.02,
        high=0.08,
        ge=0.0,
        le=1.0,
    )
    exit_shock_sd: float = assumption(
        0.10,
        meaning="standard deviation of the common log factor on other exits",
        unit="log points",
        source="retention 80.4 % and 84.4 % in two studies; judgement",
        grade="C",
        low=0.05,
        high=0.15,
        ge=0.0,
        le=1.0,
    )
