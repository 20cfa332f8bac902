"""Assumptions about rare events that move every ACO at once."""

from __future__ import annotations

from leadrisk.scenario.assumption import assumption
from leadrisk.scenario.table import Table


class Shocks(Table):
    """Rare events that move every ACO at once."""

    pandemic_probability: float = assumption(
        0.02,
        meaning="chance a year that a pandemic begins (at most one in the horizon)",
        unit="probability per year",
        source="judgement",
        grade="C",
        low=0.01,
        high=0.04,
        ge=0.0,
        le=1.0,
    )
    pandemic_year: int | None = assumption(
        None,
        meaning="performance year in which a pandemic is forced, a stress",
        unit="calendar year",
        source="the user's stress",
        grade="user",
    )
    pandemic_cost_effect: float = assumption(
        -0.035,
        meaning="change of national cost in the pandemic year",
        unit="share of cost",
        source="all fee-for-service A+B per beneficiary 2019 to 2020: -3.6 % (KFF 2022)",
        grade="B",
        ge=-0.5,
        le=0.5,
    )
    pandemic_rebound: float = assumption(
        0.02,
        meaning="rise above the old path in the year after",
        unit="share of cost",
        source="judgement",
        grade="C",
        low=0.0,
        high=0.05,
        ge=-0.5,
        le=0.5,
    )
    pandemic_aco_sd: float = assumption(
        0.031,
        meaning="standard deviation across ACOs of savings added by the pandemic year",
        unit="share of cost",
        source="SD of the change of savings 2019 to 2020 against the year before, MSSP public use files",
        grade="C",
        low=0.02,
        high=0.045,
        ge=0.0,
        le=0.3,
    )
    pandemic_death_factor: float = assumption(
        1.15,
        meaning="factor on deaths in the pandemic year",
        unit="factor",
        source="judgement",
        grade="C",
        low=1.05,
        high=1.3,
        ge=0.5,
        le=3.0,
    )
