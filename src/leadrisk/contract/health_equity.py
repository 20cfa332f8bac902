"""Health equity benchmark adjustment: dollars moved to the beneficiaries with the highest equity scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount


def health_equity_pbpm(*, up_share: Amount, down_share: Amount, up_pbpm: Amount, down_pbpm: Amount) -> Amount:
    """Return the net health equity benchmark adjustment (HEBA), in dollars per beneficiary per month.

    $30 for every month of a beneficiary in the top decile of the equity score, $6 less for one in the lower
    half (calibration 9.1, exact on all 132 ACOs of PY2023, grade A; later years grade C). Over the whole
    model it comes to nothing: 10 % x $30 = 50 % x $6. It stands beside the final benchmark.

    Parameters
    ----------
    up_share, down_share
        Shares of the ACO's beneficiary-months in the top decile and in the lower half of the equity score.
    up_pbpm, down_pbpm
        Dollars added and taken.

    Examples
    --------
    20 % x $30 - 40 % x $6 = $3.60, or $432,000 a year for 10,000 beneficiaries:

    >>> round(health_equity_pbpm(up_share=0.20, down_share=0.40, up_pbpm=30.0, down_pbpm=6.0), 6)
    3.6
    """
    return up_share * up_pbpm - down_share * down_pbpm
