"""Shared Savings Program benchmarks of ten years, agreement period by agreement period; the same for every track."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from leadrisk.contract.amount import MONTHS, added_up
from leadrisk.contract.mssp_benchmark import (
    Trends,
    TypeYear,
    final_benchmark,
    historical_benchmarks,
    update_trends,
    updated_benchmark,
)
from leadrisk.contract.mssp_layout import axes, years_first
from leadrisk.contract.mssp_rebasing import cut_types, rebased_types, with_base_person_years

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from leadrisk.contract.amount import Amount, Mask
    from leadrisk.contract.mssp_inputs import EnrollmentType
    from leadrisk.contract.terms import Terms

Scalar = TypeVar("Scalar", bound=np.generic)


class BenchmarkYears(NamedTuple):
    """What every track is settled on; all of shape (..., years).

    Parameters
    ----------
    benchmark, expenditure
        Dollars.
    person_years
        Of all enrollment types.
    two_way_protected
        Whether the two-way update replaced the three-way update, so that no savings are shared.
    """

    benchmark: NDArray[np.float64]
    expenditure: NDArray[np.float64]
    person_years: NDArray[np.float64]
    two_way_protected: NDArray[np.bool_]


def benchmark_mssp_years(
    types: Mapping[str, EnrollmentType],
    *,
    first_agreement_period: int,
    performance_years: ArrayLike,
    terms: Terms,
    rebasing: bool = True,
) -> BenchmarkYears:
    """Return benchmark and expenditure of each performance year.

    The parameters are those of :func:`leadrisk.contract.mssp_years.settle_mssp_years`.

    Examples
    --------
    An ACO that spends $1,040 a month where base years say $1,060: once rebased, its benchmark is $1,040 and half of
    the $20 it saved. The region always costs what the ACO does.

    >>> from leadrisk.contract.mssp_inputs import EnrollmentType
    >>> from leadrisk.contract.terms import load_terms
    >>> aged = EnrollmentType(
    ...     person_years=1000.0, base_year_pbpm=(1060.0, 1060.0, 1060.0), region_pbpm=1040.0, national_pbpm=1100.0,
    ...     national_trend=1.0, regional_trend=1.0, acpt=1.0, risk_ratio=1.0, expenditure_pbpm=1040.0,
    ... )
    >>> years = benchmark_mssp_years(
    ...     {"aged_nondual": aged}, first_agreement_period=1, performance_years=range(2027, 2037),
    ...     terms=load_terms("mssp"),
    ... )
    >>> (years.benchmark[[0, 4, 5, 9]] / 12_000).round(6).tolist()
    [1060.0, 1060.0, 1050.0, 1050.0]
    """
    calendar = np.asarray(performance_years, dtype=np.int64)
    given = list(types.values())
    inputs = with_base_person_years(years_first(given, ndim=axes(given)))
    person_years = _by_year(added_up(one.person_years for one in inputs), calendar.size)
    spent = _by_year(MONTHS * added_up(one.person_years * one.expenditure_pbpm for one in inputs), calendar.size)
    length = int(terms.number("agreement_period_years")) if rebasing else calendar.size
    benchmarks: list[NDArray[np.float64]] = []
    protections: list[NDArray[np.bool_]] = []
    for start in range(0, calendar.size, length):
        from_start = inputs
        if start:
            savings = (_joined(benchmarks) - spent[:start]) / (MONTHS * person_years[:start])
            from_start = rebased_types(inputs, start=start, savings_pbpm=savings)
        stop = min(start + length, calendar.size)
        benchmark, protected = _period_benchmark(
            cut_types(from_start, slice(0, stop - start)),
            spent=spent[start:stop],
            agreement_period=first_agreement_period + start // length,
            start_year=int(calendar[start]),
            terms=terms,
        )
        benchmarks.append(_by_year(benchmark, stop - start))
        protections.append(np.broadcast_to(protected, benchmarks[-1].shape))
    return BenchmarkYears(
        benchmark=np.moveaxis(_joined(benchmarks), 0, -1),
        expenditure=np.moveaxis(spent, 0, -1),
        person_years=np.moveaxis(person_years, 0, -1),
        two_way_protected=np.moveaxis(_joined(protections), 0, -1),
    )


def _period_benchmark(
    types: Sequence[EnrollmentType],
    *,
    spent: NDArray[np.float64],
    agreement_period: int,
    start_year: int,
    terms: Terms,
) -> tuple[Amount, Mask]:
    historical = historical_benchmarks(types, agreement_period=agreement_period, start_year=start_year, terms=terms)
    known: dict[tuple[int, ...], Trends] = {}
    parts = []
    for one, start in zip(types, historical, strict=True):
        key = tuple(
            id(one_trend) for one_trend in (one.national_trend, one.regional_trend, one.acpt, one.aco_market_share)
        )
        if key not in known:
            known[key] = update_trends(one, start_year=start_year, terms=terms)
        parts.append(TypeYear(start.pbpm, one.person_years, one.risk_ratio, one.demographic_ratio, known[key]))
    updated = updated_benchmark(parts, start_year=start_year, terms=terms)
    return final_benchmark(updated, expenditure=spent, terms=terms)


def _by_year(amount: Amount, years: int) -> NDArray[np.float64]:
    array = np.asarray(amount, dtype=np.float64)
    return np.broadcast_to(array, np.broadcast_shapes(array.shape, (years,) + (1,) * max(0, array.ndim - 1)))


def _joined(parts: Sequence[NDArray[Scalar]]) -> NDArray[Scalar]:
    """Join agreement periods along the years; an early one may lack axes on which a later one varies."""
    others = np.broadcast_shapes(*(part.shape[1:] for part in parts))
    return np.concatenate([np.broadcast_to(part, (len(part), *others)) for part in parts])
