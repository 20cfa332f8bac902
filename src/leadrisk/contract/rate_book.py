"""Rate book: the move from the ACO's own history to regional spending."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount


def rate_book_blend(adjusted_baseline_pbpm: Amount, *, region_pbpm: Amount, weight: Amount) -> Amount:
    """Return the baseline after the rate book has taken its weight, in dollars per beneficiary per month.

    CMS says the model moves "toward a more standardized regional rate book" (grade A) and MedInsight that
    the final five years are on it in full (grade B); the path between is unpublished (rule book section 5,
    grade C).

    Examples
    --------
    At a weight of 40 %, 0.6 x 1,100 + 0.4 x 1,200 = $1,140:

    >>> round(rate_book_blend(1100.0, region_pbpm=1200.0, weight=0.4), 2)
    1140.0
    """
    return (1.0 - weight) * adjusted_baseline_pbpm + weight * region_pbpm
