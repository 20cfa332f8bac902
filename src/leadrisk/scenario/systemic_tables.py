"""Assumptions common to a whole ACO: starting level, trend, drift and efficiency (layers 1-3)."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from leadrisk.scenario.assumption import assumption
from leadrisk.scenario.table import Table, YearlyRates, reject

_SIZE_RULE = "scaled by 10,000 / N, N the person-years floored at 5,000"
_PANEL = "MSSP public use files PY2021-2024"


class Level(Table):
    """How sure the starting level of cost is (layer 1)."""

    true_level_sd: float = assumption(
        0.015,
        meaning="standard deviation of the true cost level around the simulated base years, once per future",
        unit="share of cost",
        source=f"spread of savings less noise and drift, {_PANEL}; judgement 1.0-2.2 %",
        grade="C",
        ge=0.0,
        le=0.2,
    )
    spread_across_acos: float = assumption(
        0.020,
        meaning="standard deviation of the true level across ACOs at the start of an agreement period; takes the place "
        "of true_level_sd where a run stands for many ACOs, in verify and backtest",
        unit="share of cost",
        source=f"spread of savings less base-year noise and drift, {_PANEL}; fit",
        grade="C",
        ge=0.0,
        le=0.2,
    )
    credibility_tau: float = assumption(
        0.07,
        meaning="true spread of cost around the regional rate; sets the credibility of each category's base years",
        unit="share of cost",
        source="judgement",
        grade="C",
        gt=0.0,
        le=0.5,
    )


class Trend(Table):
    """National and regional growth of cost, and how far the projection misses it (layer 2)."""

    growth_aged_disabled: float = assumption(
        0.05,
        meaning="projected growth of national cost per beneficiary, Aged & Disabled",
        unit="share per year",
        source="judgement, 3-8 %, from national assignable growth 2016-2025",
        grade="C",
        ge=-0.1,
        le=0.3,
    )
    growth_high_needs: float = assumption(
        0.05,
        meaning="projected growth of national cost per beneficiary, High Needs",
        unit="share per year",
        source="judgement, as Aged & Disabled",
        grade="C",
        ge=-0.1,
        le=0.3,
    )
    growth_esrd: float = assumption(
        0.05,
        meaning="projected growth of national cost per beneficiary, ESRD",
        unit="share per year",
        source="judgement, as Aged & Disabled",
        grade="C",
        ge=-0.1,
        le=0.3,
    )
    calm_sd: float = assumption(
        0.020,
        meaning="standard deviation of actual minus projected national growth in calm years",
        unit="share per year",
        source="judgement (1.5-2.5 %)",
        grade="C",
        ge=0.0,
        le=0.2,
    )
    stressed_sd: float = assumption(
        0.045,
        meaning="the same in stressed years",
        unit="share per year",
        source="ACO REACH trend adjustments PY2021-2025 and ACPT misses 2023-2025 (-5.3 to +9.1 %)",
        grade="C",
        ge=0.0,
        le=0.3,
    )
    stress_probability: float = assumption(
        0.25,
        meaning="long-run share of years that are stressed",
        unit="share of years",
        source="judgement from the same misses",
        grade="C",
        ge=0.0,
        le=0.7,
    )
    stress_persistence: float = assumption(
        0.6,
        meaning="chance that a stressed year is followed by another",
        unit="probability",
        source="misses keep their sign for two or three years; judgement",
        grade="C",
        ge=0.0,
        lt=1.0,
    )
    autocorrelation: float = assumption(
        0.45,
        meaning="correlation of successive misses",
        unit="correlation",
        source="misses keep their sign for two or three years; judgement 0.4-0.5",
        grade="C",
        ge=0.0,
        lt=1.0,
    )
    regional_sd: float = assumption(
        0.014,
        meaning="standard deviation of regional minus national growth, a random walk",
        unit="share per year",
        source=f"implied updates by start date, {_PANEL} (1.2-1.8 %)",
        grade="A",
        ge=0.0,
        le=0.1,
    )
    category_sd: float = assumption(
        0.010,
        meaning="standard deviation of national growth of High Needs, and of ESRD, apart from that of Aged & Disabled",
        unit="share per year",
        source="judgement (0.5-1.5 %): half the error of the national projection in calm years",
        grade="C",
        ge=0.0,
        le=0.1,
    )
    stop_loss_neutrality_sd: float = assumption(
        0.0,
        meaning="standard deviation of the log by which stop-loss payouts miss their budget-neutral charge, nationally",
        unit="log points",
        source="0: CMS sets the charge to be neutral; the user's stress",
        grade="C",
        ge=0.0,
        le=1.0,
    )
    market_share: float = assumption(
        0.05,
        meaning="the ACO's share of its region's assignable beneficiaries, the national weight of the trend",
        unit="share",
        source="judgement; 3.7 % in one published MSSP settlement",
        grade="C",
        ge=0.0,
        le=1.0,
    )
    projection_miss: YearlyRates = assumption(
        (),
        meaning="actual minus projected national growth added in each performance year, a stress",
        unit="share per year",
        source="the user's stress",
        grade="user",
        max_length=10,
    )

    @model_validator(mode="after")
    def _stress_can_be_so_frequent(self) -> Self:
        """So many stressed years need a calm year to turn stressed with a chance of at most 1."""
        turning = self.stress_probability * (1.0 - self.stress_persistence) / (1.0 - self.stress_probability)
        if turning > 1.0:
            most = 1.0 / (2.0 - self.stress_persistence)
            reject(
                "trend.stress_probability",
                f"must be at most 1 / (2 - stress_persistence) = {most:.4g}, got {self.stress_probability:g}; "
                f"beyond, a calm year would have to turn stressed with a chance above 1",
            )
        return self


class Drift(Table):
    """Drift of the ACO's risk score against the nation (layer 3)."""

    walk_variance: float = assumption(
        0.00015,
        meaning="variance per year of the score's random walk, the part free of size",
        unit="squared log points per year",
        source=f"spread of the risk ratio by years since BY3, {_PANEL}; fit",
        grade="C",
        ge=0.0,
        le=0.01,
    )
    walk_variance_size: float = assumption(
        0.00015,
        meaning=f"variance per year of the score's random walk at 10,000 person-years, {_SIZE_RULE}",
        unit="squared log points per year",
        source=f"spread of the risk ratio by years since BY3, {_PANEL}; fit",
        grade="C",
        ge=0.0,
        le=0.01,
    )
    trait_sd: float = assumption(
        0.008,
        meaning="standard deviation of a lasting growth trait of the ACO's score",
        unit="log points per year",
        source=f"spread of the risk ratio grows almost linearly over five years, {_PANEL}; fit",
        grade="C",
        ge=0.0,
        le=0.1,
    )
    trait_persistence: float = assumption(
        0.8,
        meaning="correlation of that trait from one year to the next",
        unit="correlation",
        source="judgement; seen over five years only, so it must fade over ten",
        grade="C",
        ge=0.0,
        lt=1.0,
    )
    coding_share: float = assumption(
        0.40,
        meaning="share of the drift that is coding (moves the benchmark only); the rest moves cost too",
        unit="share",
        source=f"change of savings on change of the capped ratio 0.39 +- 0.05, {_PANEL}",
        grade="A",
        ge=0.0,
        le=1.0,
    )
    high_needs_concurrent_response: float = assumption(
        0.27,
        meaning="share of a move of High Needs cost, beyond what the prospective score tells, that the concurrent "
        "score of the same year follows",
        unit="share",
        source="(3 x 0.12 - 0.12) / (1 - 0.12): concurrent models explain about three times the 12 % of annual cost "
        "that prospective ones do, and a model of share R2 follows cost by R2; judgement (0.2-0.5)",
        grade="C",
        ge=0.0,
        le=1.0,
    )
    mean_growth: float = assumption(
        0.002,
        meaning="mean growth of the ACO's score against the nation",
        unit="log points per year",
        source="ACO REACH PY2023: cap binds upward for 28 %, downward for 19 %",
        grade="C",
        ge=-0.05,
        le=0.05,
    )
    ai_shift_mean: float = assumption(
        0.0,
        meaning="mean of the AI-inferred score against the HCC score",
        unit="log points",
        source="no figure published; judgement",
        grade="C",
        ge=-0.5,
        le=0.5,
    )
    ai_shift_sd: float = assumption(
        0.005,
        meaning="standard deviation of that shift across ACOs",
        unit="log points",
        source="no figure published; judgement",
        grade="C",
        ge=0.0,
        le=0.2,
    )


class Efficiency(Table):
    """Drift of the ACO's efficiency and its care management (layer 3)."""

    walk_variance: float = assumption(
        0.000035,
        meaning="variance per year of the efficiency's random walk, the part free of size",
        unit="squared log points per year",
        source=f"change of savings over one to three years, {_PANEL}; fit",
        grade="C",
        ge=0.0,
        le=0.01,
    )
    walk_variance_size: float = assumption(
        0.00020,
        meaning=f"variance per year of the efficiency's random walk at 10,000 person-years, {_SIZE_RULE}",
        unit="squared log points per year",
        source=f"change of savings over one to three years, {_PANEL}; fit",
        grade="C",
        ge=0.0,
        le=0.01,
    )
    care_management_savings: float = assumption(
        0.02,
        meaning="share of cost that care management saves at the end of its ramp, before its own cost",
        unit="share of cost",
        source="judgement",
        grade="C",
        ge=-0.2,
        le=0.4,
    )
    care_management_ramp_years: int = assumption(
        5,
        meaning="performance years until that share is reached, in equal steps",
        unit="years",
        source="judgement",
        grade="C",
        ge=1,
        le=10,
    )
    care_management_effect_sd: float = assumption(
        0.5,
        meaning="standard deviation of the true effect relative to the planned one",
        unit="share of the effect",
        source="judgement",
        grade="C",
        ge=0.0,
        le=3.0,
    )
    care_management_cost_pbpm: float = assumption(
        8.0,
        meaning="cost of the programme in BY3 dollars, growing with the projected trend; borne outside the settlement",
        unit="dollars per beneficiary per month",
        source="judgement",
        grade="C",
        ge=0.0,
        le=1000.0,
    )
