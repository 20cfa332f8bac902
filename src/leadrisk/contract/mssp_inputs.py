"""What a Shared Savings Program settlement is told: the track, and each enrollment type's numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadrisk.contract.amount import Amount

Track = Literal["A", "B", "C", "D", "E", "ENHANCED"]
"""Levels A to E of the BASIC track, or the ENHANCED track; A and B share savings only."""

TRACKS: tuple[Track, ...] = ("A", "B", "C", "D", "E", "ENHANCED")
ONE_SIDED: tuple[Track, ...] = ("A", "B")
ENROLLMENT_TYPES = ("esrd", "disabled", "aged_dual", "aged_nondual")
FIRST_YEAR_OF_PRESENT_RULES = 2024


@dataclass(frozen=True, slots=True)
class EnrollmentType:
    """What the settlement needs to know about one enrollment type.

    Every value is a number or an array that broadcasts to (..., years). Amounts are dollars per beneficiary per
    month, completed and truncated at the 99th percentile; trends are cumulative factors from base year 3.

    Parameters
    ----------
    person_years
        Person-years of each performance year.
    base_year_pbpm
        Base years 1, 2, 3, trended to base year 3 and at its risk.
    region_pbpm
        Spending of the region in base year 3 at the ACO's risk.
    national_pbpm
        National spending on assignable beneficiaries in base year 3, the base of the caps.
    national_trend, regional_trend
        Observed growth of the nation and of the region.
    acpt
        Accountable Care Prospective Trend.
    risk_ratio
        Risk score of each performance year over that of base year 3, before any cap.
    expenditure_pbpm
        Spending of each performance year.
    prior_savings_pbpm
        Average savings or losses of the three years before the first performance year.
    aco_market_share
        The ACO's share of its region's assignable beneficiaries of the type: the weight of the nation.
    demographic_ratio
        Demographic risk score of each performance year over that of base year 3.
    list_level
        Cost of each performance year's participants over that of the first year's, in the base years: the historical
        benchmark is adjusted for changes of the participant list, region and nation are not.
    base_person_years
        Person-years of base year 3; ``None`` takes those of the first performance year.
    """

    person_years: Amount
    base_year_pbpm: Sequence[Amount]
    region_pbpm: Amount
    national_pbpm: Amount
    national_trend: Amount
    regional_trend: Amount
    acpt: Amount
    risk_ratio: Amount
    expenditure_pbpm: Amount
    prior_savings_pbpm: Amount = 0.0
    aco_market_share: Amount = 0.0
    demographic_ratio: Amount = 1.0
    list_level: Amount = 1.0
    base_person_years: Amount | None = None


def rules_of(start_year: int) -> str:
    """Return the last part of the name of terms that differ by the start of the agreement period.

    Examples
    --------
    >>> rules_of(2022), rules_of(2027)
    ('before_2024', 'from_2024')
    """
    return "from_2024" if start_year >= FIRST_YEAR_OF_PRESENT_RULES else "before_2024"
