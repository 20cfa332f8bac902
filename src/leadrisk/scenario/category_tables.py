"""Money of the beneficiary categories (a scenario's ``categories``)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Strict

from leadrisk.scenario.assumption import assumption
from leadrisk.scenario.table import OWN_FIGURE, Dollars, PositiveDollars, Table

CATEGORY_NAMES = ("aged_disabled", "high_needs", "esrd")


class Category(Table):
    """Money of one beneficiary category, in dollars of the last base year (BY3)."""

    base_year_pbpm: Annotated[tuple[PositiveDollars, PositiveDollars, PositiveDollars], Strict(strict=False)] = (
        assumption(
            meaning="Part A and B expenditure of the three base years, each trended to BY3 and risk-standardised",
            unit="dollars per beneficiary per month",
            source=OWN_FIGURE,
            grade="user",
        )
    )
    region_pbpm: PositiveDollars = assumption(
        meaning="risk-standardised expenditure of the ACO's region in BY3",
        unit="dollars per beneficiary per month",
        source=OWN_FIGURE,
        grade="user",
    )
    national_pbpm: PositiveDollars = assumption(
        meaning="national expenditure in BY3, the base of the caps on adjustments",
        unit="dollars per beneficiary per month",
        source="CMS",
        grade="user",
    )
    risk_score_by3: float = assumption(
        1.0,
        meaning="normalised risk score of the category in BY3",
        unit="score, national mean 1",
        source="1 is the national mean",
        grade="user",
        gt=0.0,
        le=20.0,
    )
    prior_savings_pbpm: Dollars = assumption(
        0.0,
        meaning="average savings of the ACO's earlier contract, pro-rated, for the prior savings adjustment",
        unit="dollars per beneficiary per month",
        source=OWN_FIGURE,
        grade="user",
    )


class Categories(Table):
    """The three beneficiary categories; one is required where its share is above zero."""

    aged_disabled: Category | None = None
    high_needs: Category | None = None
    esrd: Category | None = None
