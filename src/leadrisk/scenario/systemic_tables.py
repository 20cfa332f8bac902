"""Assumptions common to a whole ACO: starting level, drift and efficiency (layers 1 and 3)."""

from __future__ import annotations

from leadrisk.scenario.assumption import assumption
from leadrisk.scenario.table import PANEL, Table

_SIZE_RULE = "scaled by 10,000 / N, N the person-years floored at 5,000"
_TRUNCATED = "over 0.89, what a change of cost moves truncated savings by"


class Level(Table):
    """How sure the starting level of cost is (layer 1)."""

    true_level_sd: float = assumption(
        0.017,
        meaning="standard deviation of the true cost level around the simulated base years, once per future",
        unit="share of cost",
        source=f"spread of savings less noise and drift, {PANEL}; judgement 1.0-2.2 %, {_TRUNCATED}",
        grade="C",
        low=0.01,
        high=0.022,
        ge=0.0,
        le=0.2,
    )
    spread_across_acos: float = assumption(
        0.0275,
        meaning="standard deviation of the true level across ACOs at the start of an agreement period; takes the place "
        "of true_level_sd where a run stands for many ACOs, in verify and backtest",
        unit="share of cost",
        source=f"spread and lag-1 correlation of savings by size, {PANEL}; fit, {_TRUNCATED}",
        grade="C",
        low=0.020,
        high=0.032,
        ge=0.0,
        le=0.2,
    )
    credibility_tau: float = assumption(
        0.07,
        meaning="true spread of cost around the regional rate; sets the credibility of each category's base years",
        unit="share of cost",
        source="judgement",
        grade="C",
        low=0.05,
        high=0.09,
        gt=0.0,
        le=0.5,
    )


class Drift(Table):
    """Drift of the ACO's risk score against the nation (layer 3)."""

    walk_variance: float = assumption(
        0.00015,
        meaning="variance per year of the score's random walk, the part free of size",
        unit="squared log points per year",
        source=f"spread of the risk ratio by years since BY3, {PANEL}; fit",
        grade="C",
        low=0.00010,
        high=0.00027,
        ge=0.0,
        le=0.01,
    )
    walk_variance_size: float = assumption(
        0.00015,
        meaning=f"variance per year of the score's random walk at 10,000 person-years, {_SIZE_RULE}",
        unit="squared log points per year",
        source=f"spread of the risk ratio by years since BY3, {PANEL}; fit",
        grade="C",
        low=0.00010,
        high=0.00027,
        ge=0.0,
        le=0.01,
    )
    excess_kurtosis: float = assumption(
        6.0,
        meaning="excess kurtosis of a year's step of the score's random walk: jumps, as when practices join",
        unit="number, 0 is the normal distribution",
        source="one-year errors of savings 2021 to 2022 have the tails of a Student t with 6 degrees of freedom, which "
        "persons and panel do not give; 6 is a Student t with 5",
        grade="C",
        low=0.0,
        high=12.0,
        ge=0.0,
        le=40.0,
    )
    trait_sd: float = assumption(
        0.008,
        meaning="standard deviation of a lasting growth trait of the ACO's score",
        unit="log points per year",
        source=f"spread of the risk ratio grows almost linearly over five years, {PANEL}; fit",
        grade="C",
        low=0.005,
        high=0.011,
        ge=0.0,
        le=0.1,
    )
    trait_persistence: float = assumption(
        0.8,
        meaning="correlation of that trait from one year to the next",
        unit="correlation",
        source="judgement; seen over five years only, so it must fade over ten",
        grade="C",
        low=0.6,
        high=0.9,
        ge=0.0,
        lt=1.0,
    )
    coding_share: float = assumption(
        0.40,
        meaning="share of the drift that is coding (moves the benchmark only); the rest moves cost too",
        unit="share",
        source=f"change of savings on change of the capped ratio 0.39 +- 0.05, {PANEL}",
        grade="A",
        low=0.3,
        high=0.5,
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
        low=0.2,
        high=0.5,
        ge=0.0,
        le=1.0,
    )
    mean_growth: float = assumption(
        0.002,
        meaning="mean growth of the ACO's score against the nation",
        unit="log points per year",
        source="ACO REACH PY2023: cap binds upward for 28 %, downward for 19 %; range: MSSP ACOs -0.5 to +1.0 %",
        grade="C",
        low=-0.005,
        high=0.01,
        ge=-0.05,
        le=0.05,
    )
    ai_shift_mean: float = assumption(
        0.0,
        meaning="mean of the AI-inferred score against the HCC score",
        unit="log points",
        source="no figure published; judgement",
        grade="C",
        low=-0.01,
        high=0.01,
        ge=-0.5,
        le=0.5,
    )
    ai_shift_sd: float = assumption(
        0.005,
        meaning="standard deviation of that shift across ACOs",
        unit="log points",
        source="no figure published; judgement",
        grade="C",
        low=0.0,
        high=0.015,
        ge=0.0,
        le=0.2,
    )


class Efficiency(Table):
    """Drift of the ACO's efficiency and its care management (layer 3)."""

    walk_variance: float = assumption(
        0.000044,
        meaning="variance per year of the efficiency's random walk, the part free of size",
        unit="squared log points per year",
        source=f"change of savings over one to three years, {PANEL}; fit; range: from a standard deviation of 0.5 "
        "points a year to all drift of savings that is free of size, coding included",
        grade="C",
        low=0.000025,
        high=0.00008,
        ge=0.0,
        le=0.01,
    )
    walk_variance_size: float = assumption(
        0.00025,
        meaning=f"variance per year of the efficiency's random walk at 10,000 person-years, {_SIZE_RULE}",
        unit="squared log points per year",
        source=f"change of savings over one to three years, {PANEL}; fit, {_TRUNCATED}",
        grade="C",
        low=0.00010,
        high=0.00033,
        ge=0.0,
        le=0.01,
    )
    excess_kurtosis: float = assumption(
        6.0,
        meaning="excess kurtosis of a year's step of the efficiency's random walk: jumps, as when practices join",
        unit="number, 0 is the normal distribution",
        source="one-year errors of savings 2021 to 2022 have the tails of a Student t with 6 degrees of freedom, which "
        "persons and panel do not give; 6 is a Student t with 5",
        grade="C",
        low=0.0,
        high=12.0,
        ge=0.0,
        le=40.0,
    )
    care_management_savings: float = assumption(
        0.02,
        meaning="share of cost that care management saves at the end of its ramp, before its own cost",
        unit="share of cost",
        source="judgement",
        grade="C",
        low=0.0,
        high=0.04,
        ge=-0.2,
        le=0.4,
    )
    care_management_ramp_years: int = assumption(
        5,
        meaning="performance years until that share is reached, in equal steps",
        unit="years",
        source="judgement",
        grade="C",
        low=3,
        high=8,
        ge=1,
        le=10,
    )
    care_management_effect_sd: float = assumption(
        0.5,
        meaning="standard deviation of the true effect relative to the planned one",
        unit="share of the effect",
        source="judgement",
        grade="C",
        low=0.25,
        high=1.0,
        ge=0.0,
        le=3.0,
    )
    care_management_cost_pbpm: float = assumption(
        8.0,
        meaning="cost of the programme in BY3 dollars, growing with the projected trend; borne outside the settlement",
        unit="dollars per beneficiary per month",
        source="judgement",
        grade="C",
        low=4.0,
        high=15.0,
        ge=0.0,
        le=1000.0,
    )
