"""Minimum savings rate: how much an ACO has to save before savings count as more than chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadrisk.contract.amount import Amount


def minimum_savings_rate(assigned_beneficiaries: Amount, *, sizes: Sequence[float], rates: Sequence[float]) -> Amount:
    """Return the minimum savings rate by size, as a share of the benchmark.

    The rate falls with the number of assigned beneficiaries, linearly from the first to the last size of each
    band: the band from 7,000 ends at 7,999 with the rate at which the next begins (42 CFR 425.605(b)(1),
    calibration section 3, grade A). Below the first size the first rate stands, from the last on the last.
    The minimum loss rate of a two-sided track is the same number.

    Parameters
    ----------
    assigned_beneficiaries
        Beneficiaries assigned in the performance year.
    sizes
        First size of each band, rising.
    rates
        Rate at that size.

    Examples
    --------
    7,207 beneficiaries lie 207/999 of the way from 3.4 % to 3.2 %; on $100.0 M that is $3,358,559:

    >>> rate = minimum_savings_rate(7207.0, sizes=[6000.0, 7000.0, 8000.0], rates=[0.036, 0.034, 0.032])
    >>> round(1e8 * float(rate))
    3358559
    """
    ends = [size - 1.0 for size in sizes[1:]]
    knots = np.sort([*sizes, *ends])
    heights = [rates[0], *(rate for rate in rates[1:] for _ in range(2))]
    rate: Amount = np.interp(assigned_beneficiaries, knots, heights)
    return rate
