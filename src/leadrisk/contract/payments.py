"""Payments beside the settlement: enhanced primary care capitation and the administrative add-on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.contract.amount import Amount, Mask


def enhanced_pcc(benchmark_before_discount: Amount, *, base_pcc_share: float, target: float, floor: float) -> Amount:
    """Return the enhanced primary care capitation of the year, repaid in full at settlement, in dollars.

    The greater of 7 % of the benchmark less the base capitation, and 2 % of the benchmark (rule book
    section 9: size grade B*, full repayment grade A).

    Parameters
    ----------
    base_pcc_share
        Base primary care capitation as a share of the benchmark.

    Examples
    --------
    $1,250.00 for 6,000 person-years is $90.0 M; 7 % less a base of 3.164 % ($39.55) is $47.95 per month:

    >>> round(float(enhanced_pcc(90_000_000.0, base_pcc_share=0.03164, target=0.07, floor=0.02)), 2)
    3452400.0
    """
    amount: Amount = np.maximum(target - base_pcc_share, floor) * benchmark_before_discount
    return amount


def administrative_add_on(benchmark_before_discount: Amount, *, eligible: Mask, rate: float, paid: Mask) -> Amount:
    """Return the administrative add-on of the year, in dollars; it stays outside the settlement.

    1.5 % of the benchmark before discount, for higher-spending ACOs, neither reconciled nor counted as
    expenditure (rule book section 5: rate grade B, treatment grade A; how long it is paid is grade C).

    Parameters
    ----------
    eligible
        Whether the ACO gets it, from :func:`add_on_eligible`.
    paid
        Whether the add-on is still paid in the year, from :func:`add_on_paid`.

    Examples
    --------
    >>> float(administrative_add_on(90_000_000.0, eligible=True, rate=0.015, paid=True))
    1350000.0
    """
    amount: Amount = np.where(np.logical_and(eligible, paid), rate, 0.0) * benchmark_before_discount
    return amount


def add_on_eligible(*, higher_spending: Mask, rural: Mask, for_rural: bool) -> Mask:
    """Tell who gets the add-on: higher-spending ACOs and, as the same instrument, rural ones; nobody gets it twice.

    CMS describes one unreconciled add-on for ACOs that spend more than their region (grade A) and one for rural
    providers; the summaries of the request for applications show a single instrument (rule book section 9, grade C).

    Examples
    --------
    >>> bool(add_on_eligible(higher_spending=False, rural=True, for_rural=True))
    True
    """
    eligible: Mask = np.logical_or(higher_spending, np.logical_and(rural, for_rural))
    return eligible


def add_on_paid(
    performance_years: NDArray[np.int64], *, rate_book_weight: NDArray[np.float64], last_year: float
) -> NDArray[np.bool_]:
    """Tell in which years the add-on is paid: until the rate book is full, and not after a stated last year.

    CMS calls it "an upfront benchmark adjustment" towards lower spending "over time"; its duration is unknown (rule
    book sections 5 and 17, grade C).

    Parameters
    ----------
    rate_book_weight
        Weight of the regional rate book by performance year; full at 1.

    Examples
    --------
    >>> import numpy as np
    >>> weight = np.array([0.0, 1.0])
    >>> add_on_paid(np.array([2031, 2032]), rate_book_weight=weight, last_year=2036).tolist()
    [True, False]
    """
    paid: NDArray[np.bool_] = (rate_book_weight < 1.0) & (performance_years <= last_year)
    return paid
