"""Shared Savings Program: the annual update of the benchmark, and who is spared a forecast that missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount, Mask


def guarded_prospective_trend(acpt: Amount, *, national: Amount, guardrail_up: float, guardrail_down: float) -> Amount:
    """Return the prospective trend, kept near what the nation's spending grew by.

    No guardrail is in force; the proposed physician fee schedule for 2027 has +1.5 and -1.0 points over an
    agreement period (rule book section 4, grade B).

    Parameters
    ----------
    acpt, national
        Cumulative factors from base year 3.

    Examples
    --------
    A forecast of 4.0 % against an observed 6.0 % is lifted to 5.0 %: $1.0 M on $100.0 M.

    >>> float(guarded_prospective_trend(1.04, national=1.06, guardrail_up=0.015, guardrail_down=0.010))
    1.05
    """
    guarded: Amount = np.minimum(np.maximum(acpt, national - guardrail_down), national + guardrail_up)
    return guarded


def three_way_trend(two_way: Amount, *, acpt: Amount, acpt_weight: float) -> Amount:
    """Return the three-way update: two thirds the two-way trend, one third the prospective trend.

    The Accountable Care Prospective Trend (ACPT) is set at the start of the agreement period and stays (42 CFR
    425.652(b), grade B).

    Examples
    --------
    2/3 of 6 % and 1/3 of 4.5 % are 5.5 %: $5.5 M on $100.0 M.

    >>> round(float(three_way_trend(1.06, acpt=1.045, acpt_weight=1 / 3)), 6)
    1.055
    """
    return two_way + acpt_weight * (acpt - two_way)


def is_protected(three_way_benchmark: Amount, *, two_way_benchmark: Amount, expenditure: Amount) -> Mask:
    """Tell whether the two-way update replaces the three-way update for a year.

    Where the three-way update would put the ACO in the red and the two-way update is kinder, the latter stands;
    the ACO then shares no savings from it (42 CFR 425.652(b), grade B).

    Examples
    --------
    $101.0 M spent: a loss of $1.0 M by three-way, a saving of $1.0 M by two-way:

    >>> bool(is_protected(100e6, two_way_benchmark=102e6, expenditure=101e6))
    True
    """
    protected: Mask = np.asarray(three_way_benchmark < np.minimum(two_way_benchmark, expenditure))
    return protected
