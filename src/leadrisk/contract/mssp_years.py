"""Shared Savings Program performance years, from enrollment types to dollars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.contract.mssp import settle_mssp_year
from leadrisk.contract.mssp_benchmark_years import BenchmarkYears, benchmark_mssp_years
from leadrisk.contract.mssp_inputs import ONE_SIDED, rules_of
from leadrisk.contract.mssp_layout import axes, years_first
from leadrisk.contract.mssp_sharing import is_low_revenue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from leadrisk.contract.amount import Amount, Mask
    from leadrisk.contract.mssp_inputs import EnrollmentType, Track
    from leadrisk.contract.terms import Terms


def settle_mssp_years(
    types: Mapping[str, EnrollmentType],
    *,
    track: Track,
    first_agreement_period: int,
    performance_years: ArrayLike,
    quality_met: Mask,
    quality_score: Amount,
    terms: Terms,
    rebasing: bool = True,
    quality_alternative: Mask = False,
    assigned_beneficiaries: Amount | None = None,
    minimum_savings_rate: float | None = None,
    revenue_share: float | None = None,
    low_revenue: bool | None = None,
) -> dict[str, NDArray[np.float64]]:
    """Settle performance years under the Shared Savings Program.

    Parameters
    ----------
    types
        Inputs by enrollment type: ``esrd``, ``disabled``, ``aged_dual``, ``aged_nondual``. An array that several
        types share should be passed as the same object: it is worked on once.
    track
        ``"A"`` to ``"E"`` (BASIC track) or ``"ENHANCED"``, in every year.
    first_agreement_period
        Which agreement period begins with the first performance year: 1 for an ACO new to the programme.
    performance_years
        Calendar years along the last axis of every array, one after the other.
    quality_met, quality_alternative
        Whether the quality standard, or only the alternative standard, is met.
    quality_score
        Quality score, 0 to 1.
    terms
        Shared Savings Program terms from :func:`leadrisk.contract.terms.load_terms`.
    rebasing
        Whether the benchmark of each later agreement period is set anew from the years before it; ``False`` keeps
        the first one for all years, to show on the same paths what rebasing costs.
    assigned_beneficiaries
        They set the minimum savings rate; ``None`` derives them from person-years.
    minimum_savings_rate
        The rate a two-sided ACO chose; ``None`` goes by size, as one-sided tracks always do.
    revenue_share
        The participants' Medicare fee-for-service revenue as a share of expenditure, for the loss limit of levels C
        to E; ``None`` leaves the limit on the benchmark alone.
    low_revenue
        Whether the ACO is low-revenue and so, under the BASIC track, shares savings below the minimum by half;
        ``None`` goes by ``revenue_share``, and without it the ACO is not.

    Returns
    -------
    dict
        The lines of the settlement in dollars under the names of :func:`leadrisk.contract.lead.settle_lead`; the
        benchmark has neither discount nor quality adjustment. ``two_way_protected`` is 1 where the two-way update
        replaced the three-way update. Every line has the shape the inputs broadcast to, years last, and is not to
        be written to.

    Examples
    --------
    An ACO that spends $1,040 a month where base years and region say $1,071, at unchanged prices; once rebased its own
    $1,040 and half the distance to the region say $1,065.71:

    >>> from leadrisk.contract.mssp_inputs import EnrollmentType
    >>> from leadrisk.contract.terms import load_terms
    >>> aged = EnrollmentType(
    ...     person_years=20_000.0, base_year_pbpm=(1060.0, 1060.0, 1060.0), region_pbpm=1091.43, national_pbpm=1100.0,
    ...     national_trend=1.0, regional_trend=1.0, acpt=1.0, risk_ratio=1.0, expenditure_pbpm=1040.0,
    ... )
    >>> kept, rebased = (
    ...     settle_mssp_years(
    ...         {"aged_nondual": aged}, track="ENHANCED", first_agreement_period=1, performance_years=range(2027, 2037),
    ...         quality_met=True, quality_score=0.8, minimum_savings_rate=0.0, terms=load_terms("mssp"),
    ...         rebasing=rebasing,
    ...     )
    ...     for rebasing in (False, True)
    ... )
    >>> [f"{kept['net_shared_savings'][year]:,.0f}" for year in (0, 9)]
    ['5,468,488', '5,468,488']
    >>> [f"{rebased['net_shared_savings'][year]:,.0f}" for year in (0, 9)]
    ['5,468,488', '4,536,126']
    """
    benchmark = benchmark_mssp_years(
        types,
        first_agreement_period=first_agreement_period,
        performance_years=performance_years,
        terms=terms,
        rebasing=rebasing,
    )
    return settle_mssp_benchmark(
        benchmark,
        track=track,
        performance_years=performance_years,
        quality_met=quality_met,
        quality_score=quality_score,
        terms=terms,
        quality_alternative=quality_alternative,
        assigned_beneficiaries=assigned_beneficiaries,
        minimum_savings_rate=minimum_savings_rate,
        revenue_share=revenue_share,
        low_revenue=low_revenue,
    )


def settle_mssp_benchmark(
    years: BenchmarkYears,
    *,
    track: Track,
    performance_years: ArrayLike,
    quality_met: Mask,
    quality_score: Amount,
    terms: Terms,
    quality_alternative: Mask = False,
    assigned_beneficiaries: Amount | None = None,
    minimum_savings_rate: float | None = None,
    revenue_share: float | None = None,
    low_revenue: bool | None = None,
) -> dict[str, NDArray[np.float64]]:
    """Settle one track on benchmarks that several tracks share.

    Parameters and lines are those of :func:`settle_mssp_years`, which is this after
    :func:`leadrisk.contract.mssp_benchmark_years.benchmark_mssp_years`.

    Examples
    --------
    $2.0 M saved on $100.0 M under level E and under ENHANCED:

    >>> from leadrisk.contract.terms import load_terms
    >>> ones = np.ones(1)
    >>> years = BenchmarkYears(100e6 * ones, 98e6 * ones, 8_000.0 * ones, ones < 0.0)
    >>> for track in ("E", "ENHANCED"):
    ...     lines = settle_mssp_benchmark(
    ...         years, track=track, performance_years=[2027], quality_met=True, quality_score=0.8,
    ...         minimum_savings_rate=0.01, terms=load_terms("mssp"),
    ...     )
    ...     print(f"{lines['net_shared_savings'][0]:,.0f}")
    980,000
    1,470,000
    """
    given: list[Any] = [*years, quality_met, quality_alternative, quality_score, assigned_beneficiaries]
    moved = years_first(given, ndim=axes(given))
    benchmark, spent, person_years, protected = BenchmarkYears(*moved[:4])
    met, alternative, score, beneficiaries = moved[4:]
    if beneficiaries is None:
        beneficiaries = person_years / terms.number("expenditure.person_years_per_beneficiary")
    if low_revenue is None:
        threshold = terms.number("reduced_sharing.low_revenue")
        low_revenue = revenue_share is not None and is_low_revenue(revenue_share, threshold=threshold)
    first_year = int(np.asarray(performance_years, dtype=np.int64)[0])
    basic_of_2024 = track != "ENHANCED" and rules_of(first_year) == "from_2024"
    lines = settle_mssp_year(
        track=track,
        benchmark_final=benchmark,
        expenditure=spent,
        assigned_beneficiaries=beneficiaries,
        minimum_savings_rate=None if track in ONE_SIDED else minimum_savings_rate,
        quality_met=met,
        quality_alternative=alternative,
        quality_score=score,
        revenue=None if revenue_share is None else revenue_share * spent,
        reduced_sharing=low_revenue and basic_of_2024,
        savings_barred=protected if np.any(protected) else None,
        terms=terms,
    )
    lines |= {
        "benchmark_before_discount": benchmark,
        "discount": 0.0,
        "benchmark_after_discount": benchmark,
        "quality_adjustment": 0.0,
        "two_way_protected": protected.astype(np.float64),
    }
    shape = np.broadcast_shapes(*(np.shape(amount) for amount in lines.values()))
    return {name: np.moveaxis(_filled(amount, shape), 0, -1) for name, amount in lines.items()}


def _filled(amount: Amount, shape: tuple[int, ...]) -> NDArray[np.float64]:
    return np.broadcast_to(np.asarray(amount, dtype=np.float64), shape)
