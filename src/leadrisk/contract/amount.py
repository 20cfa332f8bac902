"""The two shapes a rule accepts: one number, or an array of numbers over populations, futures and years."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable

MONTHS = 12.0
"""Of a year: dollars per beneficiary per month times this and person-years are dollars."""

Amount: TypeAlias = float | NDArray[np.float64]
"""Dollars, dollars per beneficiary per month, shares or scores: a float or a float64 array."""

Mask: TypeAlias = bool | NDArray[np.bool_]
"""Yes or no: one for all, or one for each population, future or year."""


Value = TypeVar("Value")


def added_up(amounts: Iterable[Value], start: Value | float = 0.0) -> Value:
    """Return the sum from left to right; the built-in ``sum`` rounds otherwise from Python 3.12 on.

    Examples
    --------
    >>> added_up([0.1] * 10), added_up([np.array([1.0, 2.0]), 3.0]).tolist()
    (0.9999999999999999, [4.0, 5.0])
    """
    return cast("Value", reduce(add, amounts, start))


def scaled(amount: Amount, factor: Amount) -> Amount:
    """Return amount x factor, without touching a whole array where the factor is plainly 1.

    Examples
    --------
    >>> scaled(1100.0, 1.02), scaled(1100.0, 1.0)
    (1122.0, 1100.0)
    """
    return amount if isinstance(factor, float) and factor == 1.0 else amount * factor
