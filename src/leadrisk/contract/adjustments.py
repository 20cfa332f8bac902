"""Adjustments of the baseline: spending class, regional efficiency and prior savings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadrisk.contract.amount import Amount, Mask


def is_higher_spending(
    baseline_pbpm: Sequence[Amount], *, region_pbpm: Sequence[Amount], person_years: Sequence[Amount]
) -> Mask:
    """Tell whether an ACO is higher-spending: its baseline is not below its region's spending.

    One class per ACO, from the baseline before adjustment against regional spending, both weighted over the
    categories by person-years (rule book section 5, grade B*; the concept is grade A). An ACO exactly at
    its region counts as higher-spending, so that it earns no adjustment it has no claim to (grade C).

    Parameters
    ----------
    baseline_pbpm, region_pbpm
        Risk-standardised dollars per beneficiary per month, one entry per category.
    person_years
        Weights, one entry per category.

    Examples
    --------
    8,000 x 1,026.67 + 1,500 x 3,000 < 8,000 x 1,120 + 1,500 x 2,900, hence lower-spending:

    >>> is_higher_spending([1026.67, 3000.0], region_pbpm=[1120.0, 2900.0], person_years=[8000.0, 1500.0])
    False
    """
    own: Amount = 0.0
    region: Amount = 0.0
    for baseline, regional, years in zip(baseline_pbpm, region_pbpm, person_years, strict=True):
        own = own + baseline * years
        region = region + regional * years
    higher: Mask = own >= region
    return higher


def regional_efficiency_adjustment(
    baseline_pbpm: Amount, *, region_pbpm: Amount, national_pbpm: Amount, weight: float, cap: float
) -> Amount:
    """Return the regional efficiency adjustment (REA), in dollars per beneficiary per month.

    Half of (region - ACO), never negative, at most 5 % of national per-capita spending, 3 % for ACOs
    renewing from the Shared Savings Program (rule book section 5, grades B and B*), category by category.

    Examples
    --------
    Half of 1,300 - 1,180 is $60.00, above the cap of 5 % of 1,150 = $57.50:

    >>> rea = regional_efficiency_adjustment(
    ...     1180.0, region_pbpm=1300.0, national_pbpm=1150.0, weight=0.5, cap=0.05
    ... )
    >>> float(rea)
    57.5
    """
    adjustment: Amount = np.minimum(np.maximum(weight * (region_pbpm - baseline_pbpm), 0.0), cap * national_pbpm)
    return adjustment


def prior_savings_adjustment(prior_savings_pbpm: Amount, *, national_pbpm: Amount, weight: float, cap: float) -> Amount:
    """Return the prior savings adjustment (PSA), in dollars per beneficiary per month.

    Half of the pro-rated savings of earlier years under the Shared Savings Program or ACO REACH, at most
    5 % of national per-capita spending (rule book section 5, grade B*).

    Examples
    --------
    >>> float(prior_savings_adjustment(70.0, national_pbpm=1150.0, weight=0.5, cap=0.05))
    35.0
    """
    adjustment: Amount = np.minimum(weight * prior_savings_pbpm, cap * national_pbpm)
    return adjustment


def baseline_adjustment(*, rea: Amount, psa: Amount) -> Amount:
    """Return the higher of the two adjustments; an ACO never gets both (rule book section 5, grade A).

    Examples
    --------
    >>> float(baseline_adjustment(rea=57.5, psa=35.0))
    57.5
    """
    adjustment: Amount = np.maximum(rea, psa)
    return adjustment
