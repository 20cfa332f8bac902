"""What the benefits that an ACO elects cost it, and what it hopes they save."""

from __future__ import annotations

from typing import Any

from leadrisk.scenario.assumption import assumption
from leadrisk.scenario.election_rules import PART_D_FIRST_YEAR
from leadrisk.scenario.table import Dollars, Table


def _saved(name: str) -> Any:
    return assumption(
        0.0,
        meaning=f"share of Part A and B cost that {name} saves at the end of its ramp; read if elected",
        unit="share of cost",
        source="no evidence is assumed",
        grade="C",
        low=0.0,
        high=0.005,
        ge=-0.1,
        le=0.1,
    )


def _reach(default: float, name: str, *, low: float, high: float) -> Any:
    return assumption(
        default,
        meaning=f"share of aligned beneficiaries who take {name} in a year",
        unit="share",
        source="judgement",
        grade="C",
        low=low,
        high=high,
        ge=0.0,
        le=1.0,
    )


class Benefits(Table):
    """Cost and effect of elected benefits, in dollars of the first performance year; all are off by default."""

    part_b_support_pbpm: Dollars = assumption(
        5.0,
        meaning="Part B cost sharing that the ACO pays; read if elected",
        unit="dollars per beneficiary per month",
        source="assumption of the rule book: $5 where elected",
        grade="C",
        low=2.0,
        high=10.0,
    )
    part_d_buydown_pbpm: Dollars = assumption(
        20.0,
        meaning="Part D premium that the ACO pays; read if elected",
        unit="dollars per beneficiary per month",
        source="assumption of the rule book: $20 where elected",
        grade="C",
        low=10.0,
        high=35.0,
    )
    part_d_buydown_first_year: int = assumption(
        PART_D_FIRST_YEAR,
        meaning="first performance year of the Part D buy-down",
        unit="calendar year",
        source="CMS LEAD page: 'by 2029'",
        grade="A",
        ge=PART_D_FIRST_YEAR,
        le=2036,
    )
    prevention_reward_dollars: Dollars = assumption(
        75.0,
        meaning="reward to each beneficiary who earns it; never more than the limit of the terms",
        unit="dollars per beneficiary and year",
        source="recollection of ACO REACH's limit, to be verified",
        grade="C",
        low=25.0,
        high=75.0,
    )
    prevention_reward_reach: float = _reach(0.10, "a prevention reward", low=0.02, high=0.25)
    substance_access_dollars: Dollars = assumption(
        500.0,
        meaning="hemp products for each beneficiary who takes them; never more than the limit of the terms",
        unit="dollars per beneficiary and year",
        source="Fierce Healthcare, April 2026, quoting CMS: up to $500",
        grade="B",
    )
    substance_access_reach: float = _reach(0.005, "hemp products", low=0.001, high=0.02)
    medical_nutrition_therapy_pbpm: Dollars = assumption(
        0.5,
        meaning="Part B expenditure that Medical Nutrition Therapy adds; read if elected",
        unit="dollars per beneficiary per month",
        source="judgement: about $200 for 3 % of beneficiaries a year",
        grade="C",
        low=0.2,
        high=1.0,
    )
    cost_growth: float = assumption(
        0.03,
        meaning="growth of these costs",
        unit="share per year",
        source="judgement",
        grade="C",
        low=0.01,
        high=0.05,
        ge=-0.1,
        le=0.2,
    )
    ramp_years: int = assumption(
        3,
        meaning="performance years until a benefit saves its full share, in equal steps",
        unit="years",
        source="judgement",
        grade="C",
        low=2,
        high=5,
        ge=1,
        le=10,
    )
    part_b_support_saves: float = _saved("Part B cost-sharing support")
    part_d_buydown_saves: float = _saved("the Part D buy-down")
    prevention_reward_saves: float = _saved("the prevention reward")
    substance_access_saves: float = _saved("the Substance Access incentive")
    medical_nutrition_therapy_saves: float = _saved("Medical Nutrition Therapy")
