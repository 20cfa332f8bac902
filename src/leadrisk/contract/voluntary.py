"""Voluntary alignment: a benchmark of its own, held near a reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount


def voluntary_baseline(own_history_pbpm: Amount, *, reference_pbpm: Amount, band: float) -> Amount:
    """Return the baseline of the voluntarily aligned, in dollars per beneficiary per month.

    It is the own historical spending of those voluntarily aligned in the performance year, limited to 10 % above
    and below a reference (rule book section 3, grade B). Which reference is not stated; the claims-aligned baseline
    is the default (term ``baseline.voluntary_band_reference``, grade C).

    Parameters
    ----------
    own_history_pbpm
        Risk-standardised base-year spending of the voluntarily aligned.
    reference_pbpm
        What the band lies around.
    band
        Half width of the band, as a share of the reference.

    Examples
    --------
    A history of $1,250 against a reference of $1,100 is held at 1.1 x 1,100 = $1,210; $1,050 lies within:

    >>> round(float(voluntary_baseline(1250.0, reference_pbpm=1100.0, band=0.10)), 2)
    1210.0
    >>> float(voluntary_baseline(1050.0, reference_pbpm=1100.0, band=0.10))
    1050.0
    """
    limited: Amount = np.minimum(
        np.maximum(own_history_pbpm, (1.0 - band) * reference_pbpm), (1.0 + band) * reference_pbpm
    )
    return limited


def mixed_pbpm(claims_aligned_pbpm: Amount, *, voluntary_pbpm: Amount, voluntary_share: Amount) -> Amount:
    """Return the mean over claims-aligned and voluntarily aligned, in dollars per beneficiary per month.

    The two kinds have separate benchmarks (rule book section 2, grade B); person-years weigh them.

    Examples
    --------
    One in ten is voluntarily aligned: 0.9 x 1,100 + 0.1 x 1,210 = $1,111:

    >>> round(mixed_pbpm(1100.0, voluntary_pbpm=1210.0, voluntary_share=0.1), 2)
    1111.0
    """
    return claims_aligned_pbpm + voluntary_share * (voluntary_pbpm - claims_aligned_pbpm)
