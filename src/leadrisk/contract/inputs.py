"""What a LEAD settlement is told: option, kind of entrant, and each category's numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from leadrisk.contract.amount import Amount, Mask

if TYPE_CHECKING:
    from collections.abc import Sequence

Option = Literal["global", "professional"]
Entrant = Literal["renewing_reach", "renewing_mssp", "newly_entering"]
SpendingClass = Literal["lower", "higher"] | Mask


@dataclass(frozen=True, slots=True)
class CategoryInputs:
    """What the settlement needs to know about one beneficiary category.

    Every value is a number or an array that broadcasts to (..., years). Amounts are dollars per beneficiary
    per month; trends are cumulative factors from base year 3 to the performance year.

    Parameters
    ----------
    person_years
        Person-years of the performance year.
    base_year_pbpm
        Base years 1, 2, 3, trended to base year 3 and risk-standardised.
    region_pbpm, national_pbpm
        Regional and national spending on the same basis.
    two_way_trend, acpt
        Observed national-regional trend and Accountable Care Prospective Trend.
    risk_score_by3, risk_score_py
        Normalised risk scores of base year 3 and of the performance year.
    expenditure_pbpm
        Part A and B spending of the performance year.
    prior_savings_pbpm
        Pro-rated savings of earlier programme years.
    ai_risk_score_py
        AI-inferred score of the performance year; ``None`` where ``risk_score_py`` already holds the score
        to use.
    voluntary_share, voluntary_cost_ratio
        Share of person-years aligned voluntarily, and what they cost, in base and performance years, over what the
        claims-aligned cost, whose figures all the others are.
    baseline_shift
        Baseline on the current participant list over the baseline on the list of the first performance year.
    counted_base, counted_performance
        Share of the base years' and of the performance year's spending that counts; 1 where figures are net.
    demographic_growth
        Growth of the demographic score since base year 3.
    reference_person_years
        Person-years of base year 3, for the minimum sizes of the risk cap; ``None``: large enough.
    """

    person_years: Amount
    base_year_pbpm: Sequence[Amount]
    region_pbpm: Amount
    national_pbpm: Amount
    two_way_trend: Amount
    acpt: Amount
    risk_score_by3: Amount
    risk_score_py: Amount
    expenditure_pbpm: Amount
    prior_savings_pbpm: Amount = 0.0
    ai_risk_score_py: Amount | None = None
    voluntary_share: Amount = 0.0
    voluntary_cost_ratio: Amount = 1.0
    baseline_shift: Amount = 1.0
    counted_base: Amount = 1.0
    counted_performance: Amount = 1.0
    demographic_growth: Amount = 0.0
    reference_person_years: Amount | None = None
