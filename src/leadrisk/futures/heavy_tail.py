"""Numbers with heavier tails than the normal: a standard normal number z becomes a z + b z^3, variance kept at 1."""

from __future__ import annotations

from math import sqrt

MOST_EXCESS_KURTOSIS = 40.0  # z^3 alone has 43.2
_HALVINGS = 60


def cubic_shape(excess_kurtosis: float) -> tuple[float, float]:
    """Return a and b so that a z + b z^3 has variance 1 and the excess kurtosis asked for.

    The cubic rises with z, so ranks, strata and the addresses of numbers stay as they are (A. I. Fleishman,
    Psychometrika 43 (1978), without skewness).

    Parameters
    ----------
    excess_kurtosis
        0 (the normal) to 40; Student t with n degrees of freedom has 6 / (n - 4).

    Examples
    --------
    Student t with five degrees of freedom has 6:

    >>> a, b = cubic_shape(6.0)
    >>> round(a, 4), round(b, 4), round(a * a + 6 * a * b + 15 * b * b, 12)
    (0.6627, 0.1019, 1.0)
    """
    low, high = 0.0, 1.0 / sqrt(15.0)
    if excess_kurtosis > 0.0:
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            if _excess(_linear(middle), middle) < excess_kurtosis:
                low = middle
            else:
                high = middle
    return _linear(low), low


def _linear(b: float) -> float:
    """Coefficient of z that leaves the variance at 1."""
    return sqrt(1.0 - 6.0 * b * b) - 3.0 * b


def _excess(a: float, b: float) -> float:
    return 24.0 * (a * b + b * b * (12.0 + 48.0 * a * b + 225.0 * b * b))
