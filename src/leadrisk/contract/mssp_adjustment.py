"""Shared Savings Program: regional and prior savings adjustment of the historical benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leadrisk.contract.amount import added_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadrisk.contract.amount import Amount


TIE = 1e-9  # rounding does not decide where both adjustments stand at their common cap: the regional one counts


class Adjustment(NamedTuple):
    """What is added to the historical benchmark.

    Parameters
    ----------
    regional
        Share of each enrollment type's own regional adjustment that counts, 0 or 1.
    flat
        Dollars per beneficiary per month, the same for every enrollment type.
    """

    regional: Amount
    flat: Amount


def regional_adjustment(
    difference_pbpm: Amount, *, weight: Amount, national_pbpm: Amount, cap_positive: float, cap_negative: float
) -> Amount:
    """Return the regional adjustment of one enrollment type, in dollars per beneficiary per month.

    A share of (region - ACO), both at the ACO's risk in base year 3, held between two shares of national
    per-capita spending of the type: +5 % and -1.5 %, in agreement periods before 2024 -5 % (42 CFR 425.656(c)
    and 425.601(a)(8); calibration section 9.6; grades A and B).

    Examples
    --------
    35 % of $200 is $70; the cap is 5 % of $1,000:

    >>> caps = {"cap_positive": 0.05, "cap_negative": 0.015}
    >>> float(regional_adjustment(200.0, weight=0.35, national_pbpm=1000.0, **caps))
    50.0
    >>> float(regional_adjustment(-200.0, weight=0.15, national_pbpm=1000.0, **caps))
    -15.0
    """
    weighted = weight * difference_pbpm
    adjustment: Amount = np.minimum(np.maximum(weighted, -cap_negative * national_pbpm), cap_positive * national_pbpm)
    return adjustment


def regional_weight(overall_difference: Amount, *, lower_spending: float, higher_spending: float) -> Amount:
    """Return the weight of (region - ACO), by the sign of that difference over all enrollment types.

    35 % where the ACO spends less than its region and 15 % where it spends more in the first agreement period,
    50/25 in the second, 50/35 in the third, 50 % later (42 CFR 425.656(e), grade B).

    Parameters
    ----------
    overall_difference
        Region less ACO, weighted over the types by person-years of base year 3.

    Examples
    --------
    On a difference of $1.0 M a year this adds $350,000 or takes $150,000:

    >>> [float(regional_weight(side, lower_spending=0.35, higher_spending=0.15)) for side in (1e6, -1e6)]
    [0.35, 0.15]
    """
    weight: Amount = np.where(np.asarray(overall_difference) >= 0.0, lower_spending, higher_spending)
    return weight


def average_prior_savings(savings_pbpm: Sequence[Amount]) -> Amount:
    """Return average savings of the years before an agreement period, never negative.

    Years of loss count against years of gain; an ACO that lost over all of them has no prior savings (42 CFR
    425.658, grade B). No proration: the panel of those years is the panel of the base years (grade C).

    Examples
    --------
    Savings of $40 and $50 and a loss of $15 a month:

    >>> float(average_prior_savings([40.0, 50.0, -15.0]))
    25.0
    """
    average: Amount = np.maximum(added_up(savings_pbpm) / len(savings_pbpm), 0.0)
    return average


def combined_adjustment(regional: Amount, *, prior_savings: Amount, negative_regional: str) -> Amount:
    """Return the adjustment over all enrollment types from the regional and the prior savings adjustment.

    The higher of the two where the regional one is positive, never both. A negative regional adjustment is
    dropped, so that the prior savings adjustment stands alone (CY2024 physician fee schedule), or is applied
    and offset by it (CY2023 physician fee schedule); 42 CFR 425.652(a)(9), grade B.

    Parameters
    ----------
    regional, prior_savings
        Dollars per beneficiary per month over all types; prior savings never negative.
    negative_regional
        ``"dropped"`` or ``"applied"``.

    Examples
    --------
    >>> float(combined_adjustment(30.0, prior_savings=20.0, negative_regional="dropped"))
    30.0
    >>> [float(combined_adjustment(-30.0, prior_savings=20.0, negative_regional=how)) for how in ("dropped", "applied")]
    [20.0, -10.0]
    """
    if negative_regional == "applied":
        combined: Amount = np.where(
            np.asarray(regional) > 0.0, np.maximum(regional, prior_savings), regional + prior_savings
        )
        return combined
    combined = np.maximum(np.maximum(regional, 0.0), prior_savings)
    return combined


def adjustment_by_type(regional: Amount, *, prior_savings: Amount, negative_regional: str) -> Adjustment:
    """Return how :func:`combined_adjustment` reaches the enrollment types.

    A regional adjustment that counts goes to each type as computed for it; prior savings go to every type as the
    same dollars (42 CFR 425.652(a)(9), grade B).

    Examples
    --------
    Prior savings of $20 beat a regional adjustment of $12, so every type gets $20:

    >>> [float(part) for part in adjustment_by_type(12.0, prior_savings=20.0, negative_regional="dropped")]
    [0.0, 20.0]
    """
    overall = np.asarray(regional)
    counts = (overall > 0.0) & (overall >= prior_savings * (1.0 - TIE))
    if negative_regional == "applied":
        counts |= overall <= 0.0
    total = combined_adjustment(regional, prior_savings=prior_savings, negative_regional=negative_regional)
    return Adjustment(regional=counts.astype(np.float64), flat=total - counts * overall)
