"""Regional blend: part of a benchmark taken from what the ACO's region spends, within limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount


def regional_blend_adjustment(
    baseline_pbpm: Amount,
    *,
    region_pbpm: Amount,
    national_pbpm: Amount,
    weight: Amount,
    ceiling: Amount,
    floor: Amount,
) -> Amount:
    """Return what the regional blend of ACO REACH adds to the baseline, in dollars per beneficiary per month.

    The benchmark of a Standard ACO is 55 % its own history and 45 % its region in PY2024-2025, 60/40 in
    PY2026; the blend may raise it by at most 3 % (5 % until PY2024) and lower it by at most 2 % of national
    per-capita cost (CMS PY2025 update, grade A for 2024-2025 and the ceiling, C for weights of 2021-2023 and
    the floor). Unlike the regional efficiency adjustment of LEAD it works both ways.

    Parameters
    ----------
    baseline_pbpm, region_pbpm, national_pbpm
        Risk-standardised dollars per beneficiary per month of base year 3.
    weight
        Weight of the region.
    ceiling, floor
        Largest increase and decrease, as shares of national spending.

    Examples
    --------
    40 % of $60 is $24, below 3 % of $1,100; 40 % of -$100 is cut to -$22:

    >>> limits = {"national_pbpm": 1100.0, "weight": 0.40, "ceiling": 0.03, "floor": 0.02}
    >>> float(regional_blend_adjustment(1060.0, region_pbpm=1120.0, **limits))
    24.0
    >>> float(regional_blend_adjustment(1220.0, region_pbpm=1120.0, **limits))
    -22.0
    """
    blended = weight * (region_pbpm - baseline_pbpm)
    adjustment: Amount = np.minimum(np.maximum(blended, -floor * national_pbpm), ceiling * national_pbpm)
    return adjustment
