"""Payments beside the settlement: enhanced primary care capitation and the administrative add-on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
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


def administrative_add_on(
    benchmark_before_discount: Amount, *, higher_spending: Mask, rate: float, paid: Mask
) -> Amount:
    """Return the administrative add-on of the year, in dollars; it stays outside the settlement.

    1.5 % of the benchmark before discount, for higher-spending ACOs only, neither reconciled nor counted as
    expenditure (rule book section 5: rate grade B, treatment grade A; how long it is paid is grade C).

    Parameters
    ----------
    paid
        Whether the add-on is still paid in the year.

    Examples
    --------
    >>> float(administrative_add_on(90_000_000.0, higher_spending=True, rate=0.015, paid=True))
    1350000.0
    """
    amount: Amount = np.where(np.logical_and(higher_spending, paid), rate, 0.0) * benchmark_before_discount
    return amount
