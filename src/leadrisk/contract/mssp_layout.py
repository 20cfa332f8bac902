"""Years along the first axis, so that one agreement period of a block is one piece of memory."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from leadrisk.contract.mssp_inputs import EnrollmentType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

T = TypeVar("T")


def axes(values: Iterable[object]) -> int:
    """Return the largest number of axes among amounts and enrollment types, at least 1.

    Examples
    --------
    >>> axes([1.0, np.ones((3, 1, 10)), np.ones(10)])
    3
    """
    return max((amount.ndim for amount in _amounts(values) if isinstance(amount, np.ndarray)), default=1) or 1


def years_first(values: Sequence[T], *, ndim: int) -> list[T]:
    """Return amounts and enrollment types with years moved from the last to the first of ``ndim`` axes.

    Plain numbers stay plain, and an array that stands in several places stays one array.

    Examples
    --------
    >>> trend = np.ones((2, 10))
    >>> first, second, third = years_first([trend, trend, 0.5], ndim=3)
    >>> first.shape, first is second, third
    ((10, 1, 2), True, 0.5)
    """
    known: dict[int, object] = {}

    def moved(amount: object) -> object:
        if not isinstance(amount, np.ndarray):
            return amount
        if id(amount) not in known:
            padded = amount.reshape((1,) * (ndim - amount.ndim) + amount.shape)
            known[id(amount)] = np.ascontiguousarray(np.moveaxis(padded, -1, 0))
        return known[id(amount)]

    def moved_value(value: object) -> object:
        if not isinstance(value, EnrollmentType):
            return moved(value)
        held = {field.name: getattr(value, field.name) for field in fields(value)}
        base_years = tuple(moved(amount) for amount in held.pop("base_year_pbpm"))
        return EnrollmentType(base_year_pbpm=base_years, **{name: moved(amount) for name, amount in held.items()})  # type: ignore[arg-type]

    return [moved_value(value) for value in values]  # type: ignore[misc]


def _amounts(values: Iterable[object]) -> Iterable[object]:
    for value in values:
        if isinstance(value, EnrollmentType):
            yield from (getattr(value, field.name) for field in fields(value) if field.name != "base_year_pbpm")
            yield from value.base_year_pbpm
        else:
            yield value
