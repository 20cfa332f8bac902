"""What an ACO REACH settlement is told about one beneficiary category."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadrisk.contract.amount import Amount


@dataclass(frozen=True, slots=True)
class ReachCategory:
    """What the ACO REACH settlement needs to know about one beneficiary category.

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
    projected_trend
        Prospective trend with which CMS sets the benchmark.
    actual_national_trend
        What the national reference population turned out to spend. CMS measures it for aged and disabled
        and for ESRD; high needs beneficiaries follow the aged and disabled.
    risk_ratio
        Normalised risk score of the performance year over that of base year 3; for high needs from the
        concurrent model.
    expenditure_pbpm
        Part A and B spending of the performance year.
    demographic_growth
        Growth of the demographic score since the reference year, as a share.
    reference_person_years
        Person-years of the reference year; ``None`` where the population is large enough and steady enough
        for the growth cap to apply.
    """

    person_years: Amount
    base_year_pbpm: Sequence[Amount]
    region_pbpm: Amount
    national_pbpm: Amount
    projected_trend: Amount
    actual_national_trend: Amount
    risk_ratio: Amount
    expenditure_pbpm: Amount
    demographic_growth: Amount = 0.0
    reference_person_years: Amount | None = None
