"""Shared Savings Program: the benchmark set anew from the ACO's own experience at each agreement period."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.mssp_adjustment import average_prior_savings
from leadrisk.contract.update import two_way_trend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadrisk.contract.amount import Amount
    from leadrisk.contract.mssp_inputs import EnrollmentType

BASE_YEARS = 3
LEAST_RATIO = 1e-9  # a type nobody was in has no score


def rebased_pbpm(expenditure_pbpm: Amount, *, trend: Amount, risk_ratio: Amount) -> Amount:
    """Return what a year of the last agreement period cost, at prices and risk of the new base year 3.

    The three years before an agreement period are its base years: each is trended to the third by the
    national-regional blend and put at the third's risk (42 CFR 425.652(a) and (c), grade B).

    Parameters
    ----------
    expenditure_pbpm
        Dollars per beneficiary per month.
    trend, risk_ratio
        Growth of prices and of the risk score from that year to the new base year 3.

    Examples
    --------
    >>> round(rebased_pbpm(1000.0, trend=1.05, risk_ratio=1.01), 2)
    1060.5
    """
    return expenditure_pbpm * trend * risk_ratio


def rebased_types(types: Sequence[EnrollmentType], *, start: int, savings_pbpm: Amount) -> list[EnrollmentType]:
    """Return the enrollment types as they stand at the start of a later agreement period.

    Base years, region, nation, trends and risk ratios are taken from or made relative to the year before ``start``.
    Years lie along the first axis of every array, and what lies along it is cut to the years from ``start`` on.

    Parameters
    ----------
    types
        From the first performance year on; not rebased themselves.
    start
        Position of the first performance year of the new agreement period, at least 3.
    savings_pbpm
        Gross savings of all types in each year before ``start``, dollars per beneficiary per month.

    Examples
    --------
    Costs of $900 in each of three years while prices rose by 10 % and 20 %: the new base years are $1,080, $982 and
    $900, and the region moves with its trend.

    >>> import numpy as np
    >>> from leadrisk.contract.mssp_inputs import EnrollmentType
    >>> prices = np.array([1.0, 1.1, 1.2, 1.26])
    >>> aged = EnrollmentType(
    ...     person_years=10_000.0, base_year_pbpm=(1000.0, 1000.0, 1000.0), region_pbpm=1100.0, national_pbpm=1000.0,
    ...     national_trend=prices, regional_trend=prices, acpt=prices, risk_ratio=1.0, expenditure_pbpm=900.0,
    ... )
    >>> (later,) = rebased_types([aged], start=3, savings_pbpm=np.array([50.0, 40.0, 30.0]))
    >>> [round(float(amount.item()), 2) for amount in later.base_year_pbpm], round(float(later.region_pbpm.item()), 2)
    ([1080.0, 981.82, 900.0], 1320.0)
    >>> float(later.prior_savings_pbpm.item()), [round(factor, 6) for factor in later.regional_trend.tolist()]
    (40.0, [1.05])
    """
    last = start - 1
    known: dict[int, Amount] = {}

    def relative(amount: Amount) -> Amount:
        if id(amount) not in known:
            known[id(amount)] = _years(amount, slice(start, None)) / _at(amount, last)
        return known[id(amount)]

    prior_savings = average_prior_savings([_at(savings_pbpm, year) for year in range(start - BASE_YEARS, start)])
    return [
        replace(
            later,
            base_year_pbpm=_new_base_years(one, start=start),
            region_pbpm=one.region_pbpm * _at(one.regional_trend, last) * _at(one.risk_ratio, last),
            national_pbpm=one.national_pbpm * _at(one.national_trend, last),
            national_trend=relative(one.national_trend),
            regional_trend=relative(one.regional_trend),
            acpt=relative(one.acpt),
            risk_ratio=relative(one.risk_ratio),
            demographic_ratio=relative(one.demographic_ratio),
            prior_savings_pbpm=prior_savings,
            base_person_years=_at(one.person_years, last),
        )
        for one, later in zip(types, cut_types(types, slice(start, None)), strict=True)
    ]


def with_base_person_years(types: Sequence[EnrollmentType]) -> list[EnrollmentType]:
    """Return the enrollment types with person-years of base year 3: where unknown, those of the first year.

    Examples
    --------
    >>> import numpy as np
    >>> from leadrisk.contract.mssp_inputs import EnrollmentType
    >>> aged = EnrollmentType(
    ...     person_years=np.array([100.0, 110.0]), base_year_pbpm=(1000.0, 1000.0, 1000.0), region_pbpm=1100.0,
    ...     national_pbpm=1000.0, national_trend=1.0, regional_trend=1.0, acpt=1.0, risk_ratio=1.0,
    ...     expenditure_pbpm=900.0,
    ... )
    >>> with_base_person_years([aged])[0].base_person_years
    array([100.])
    """
    return [
        one if one.base_person_years is not None else replace(one, base_person_years=_at(one.person_years, 0))
        for one in types
    ]


def cut_types(types: Sequence[EnrollmentType], years: slice) -> list[EnrollmentType]:
    """Return the enrollment types with their yearly amounts cut to some years, which lie along the first axis.

    An array that several types share stays one array, so that what follows from it is computed once.

    Examples
    --------
    >>> import numpy as np
    >>> from leadrisk.contract.mssp_inputs import EnrollmentType
    >>> prices = np.array([1.0, 1.1, 1.2])
    >>> aged = EnrollmentType(
    ...     person_years=10_000.0, base_year_pbpm=(1000.0, 1000.0, 1000.0), region_pbpm=1100.0, national_pbpm=1000.0,
    ...     national_trend=prices, regional_trend=prices, acpt=prices, risk_ratio=1.0, expenditure_pbpm=900.0,
    ... )
    >>> first, second = cut_types([aged, aged], slice(0, 2))
    >>> first.acpt.tolist(), first.acpt is second.acpt
    ([1.0, 1.1], True)
    """
    known: dict[int, Amount] = {}

    def kept(amount: Amount) -> Amount:
        if id(amount) not in known:
            known[id(amount)] = _years(amount, years)
        return known[id(amount)]

    return [
        replace(
            one,
            person_years=kept(one.person_years),
            national_trend=kept(one.national_trend),
            regional_trend=kept(one.regional_trend),
            acpt=kept(one.acpt),
            risk_ratio=kept(one.risk_ratio),
            expenditure_pbpm=kept(one.expenditure_pbpm),
            aco_market_share=kept(one.aco_market_share),
            demographic_ratio=kept(one.demographic_ratio),
            list_level=kept(one.list_level),
        )
        for one in types
    ]


def _new_base_years(one: EnrollmentType, *, start: int) -> tuple[Amount, ...]:
    last = start - 1
    national, regional, risk = (
        _at(amount, last) for amount in (one.national_trend, one.regional_trend, one.risk_ratio)
    )
    base_years = []
    for year in range(start - BASE_YEARS, start):
        trend = two_way_trend(
            national=national / _at(one.national_trend, year),
            regional=regional / _at(one.regional_trend, year),
            aco_market_share=_at(one.aco_market_share, last),
        )
        growth = risk / np.maximum(_at(one.risk_ratio, year), LEAST_RATIO)
        of_first_list = _at(one.expenditure_pbpm, year) / _at(one.list_level, year)
        base_years.append(rebased_pbpm(of_first_list, trend=trend, risk_ratio=growth))
    return tuple(base_years)


def _years(amount: Amount, years: slice) -> Amount:
    """Cut the first axis, unless the amount stands for every year."""
    if not isinstance(amount, np.ndarray) or amount.ndim == 0 or amount.shape[0] == 1:
        return amount
    return amount[years]


def _at(amount: Amount, year: int) -> Amount:
    return _years(amount, slice(year, year + 1))
