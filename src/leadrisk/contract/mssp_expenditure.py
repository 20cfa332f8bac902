"""Shared Savings Program: the spending that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount


def completed_and_truncated(paid: Amount, *, completion_factor: float, excess: Amount) -> Amount:
    """Return the spending that counts, in the unit of ``paid``.

    Claims paid within three months of the year's end are completed by a factor (CMS Specifications v11, Table
    12, calibration section 9.7, grade A); what a person costs above the 99th percentile of the nation is cut
    off, in base and performance years alike (42 CFR 425.652(a)(4), grade B).

    Parameters
    ----------
    paid
        Paid by the end of the run-out.
    completion_factor
        Factor for claims still to come.
    excess
        Part of the completed spending above the threshold, summed over persons.

    Examples
    --------
    $10,000 paid a person, of which $500 once completed lie above the threshold:

    >>> round(completed_and_truncated(10_000.0, completion_factor=1.013, excess=500.0), 2)
    9630.0
    """
    return completion_factor * paid - excess
