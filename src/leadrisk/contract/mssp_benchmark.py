"""Shared Savings Program benchmark of one agreement period: historical by enrollment type, then updated."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leadrisk.contract.adjustments import prior_savings_adjustment
from leadrisk.contract.amount import MONTHS, scaled
from leadrisk.contract.baseline import weighted_baseline
from leadrisk.contract.mssp_adjustment import (
    adjustment_by_type,
    average_prior_savings,
    regional_adjustment,
    regional_weight,
)
from leadrisk.contract.mssp_inputs import rules_of
from leadrisk.contract.mssp_risk import aggregate_cap, capped_growth
from leadrisk.contract.mssp_update import guarded_prospective_trend, is_protected, three_way_trend
from leadrisk.contract.update import two_way_trend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadrisk.contract.amount import Amount, Mask
    from leadrisk.contract.mssp_inputs import EnrollmentType
    from leadrisk.contract.terms import Terms


class HistoricalBenchmark(NamedTuple):
    """Historical benchmark of one enrollment type, dollars per beneficiary per month.

    Parameters
    ----------
    baseline
        Weighted base years.
    regional
        Regional adjustment as computed for the type.
    adjustment
        What is added: that, or prior savings, or nothing.
    """

    baseline: Amount
    regional: Amount
    adjustment: Amount

    @property
    def pbpm(self) -> Amount:
        """Baseline and adjustment."""
        return self.baseline + self.adjustment


class Trends(NamedTuple):
    """Update factors of one enrollment type from base year 3: with and without the prospective trend."""

    two_way: Amount
    three_way: Amount


class TypeYear(NamedTuple):
    """What the updated benchmark needs of one enrollment type; see :class:`EnrollmentType`."""

    historical_pbpm: Amount
    person_years: Amount
    risk_ratio: Amount
    demographic_ratio: Amount
    trends: Trends


class UpdatedBenchmark(NamedTuple):
    """Updated benchmark of all types in dollars, by either update, and the cap on risk scores that stood."""

    two_way: Amount
    three_way: Amount
    risk_cap: Amount


def historical_benchmarks(
    types: Sequence[EnrollmentType], *, agreement_period: int, start_year: int, terms: Terms
) -> list[HistoricalBenchmark]:
    """Return the historical benchmark of each enrollment type at the start of an agreement period.

    Weighted base years, plus the regional or the prior savings adjustment (42 CFR 425.601, 425.652; grades A and B).

    Parameters
    ----------
    types
        With ``base_person_years``.
    agreement_period
        1 for the first, 2 for the second and so on; the weights of the regional adjustment follow it, although they
        count only agreement periods that had one.
    start_year
        First performance year of the agreement period.

    Examples
    --------
    10/30/60 of 1,000, 1,020 and 1,060, and 35 % of the $78 by which the region costs more:

    >>> from leadrisk.contract.mssp_inputs import EnrollmentType
    >>> from leadrisk.contract.terms import load_terms
    >>> aged = EnrollmentType(
    ...     person_years=10_000.0, base_year_pbpm=(1000.0, 1020.0, 1060.0), region_pbpm=1120.0, national_pbpm=1100.0,
    ...     national_trend=1.06, regional_trend=1.06, acpt=1.05, risk_ratio=1.0, expenditure_pbpm=1100.0,
    ...     base_person_years=10_000.0,
    ... )
    >>> (start,) = historical_benchmarks([aged], agreement_period=1, start_year=2027, terms=load_terms("mssp"))
    >>> round(start.baseline, 2), round(float(start.adjustment), 2), round(float(start.pbpm), 2)
    (1042.0, 27.3, 1069.3)
    """
    rules = rules_of(start_year)
    weights = terms.weights(
        "baseline.weights_first_period" if agreement_period == 1 else "baseline.weights_later_periods"
    )
    baselines = [scaled(weighted_baseline(one.base_year_pbpm, weights=weights), one.list_level) for one in types]
    differences = [one.region_pbpm - baseline for one, baseline in zip(types, baselines, strict=True)]
    persons = [one.person_years if one.base_person_years is None else one.base_person_years for one in types]
    weight = _regional_weight(_weighted(differences, persons), agreement_period=agreement_period, terms=terms)
    regional = [
        regional_adjustment(
            difference,
            weight=weight,
            national_pbpm=one.national_pbpm,
            cap_positive=terms.number("regional.cap_positive"),
            cap_negative=terms.number(f"regional.cap_negative.{rules}"),
        )
        for one, difference in zip(types, differences, strict=True)
    ]
    prior_savings: Amount = 0.0
    if any(np.any(one.prior_savings_pbpm) for one in types):
        prior_savings = prior_savings_adjustment(
            average_prior_savings([_weighted([one.prior_savings_pbpm for one in types], persons)]),
            national_pbpm=_weighted([one.national_pbpm for one in types], persons),
            weight=terms.number(f"prior_savings.weight.{rules}"),
            cap=terms.number("prior_savings.cap"),
        )
    counts, flat = adjustment_by_type(
        _weighted(regional, persons),
        prior_savings=prior_savings,
        negative_regional=terms.choice(f"regional.negative_overall.{rules}"),
    )
    return [
        HistoricalBenchmark(baseline, own, counts * own + flat)
        for baseline, own in zip(baselines, regional, strict=True)
    ]


def update_trends(one: EnrollmentType, *, start_year: int, terms: Terms) -> Trends:
    """Return the update factors of one enrollment type.

    Examples
    --------
    >>> from leadrisk.contract.mssp_inputs import EnrollmentType
    >>> from leadrisk.contract.terms import load_terms
    >>> aged = EnrollmentType(
    ...     person_years=10_000.0, base_year_pbpm=(1000.0, 1020.0, 1060.0), region_pbpm=1120.0, national_pbpm=1100.0,
    ...     national_trend=1.08, regional_trend=1.05, acpt=1.03, risk_ratio=1.0, expenditure_pbpm=1100.0,
    ...     aco_market_share=0.2,
    ... )
    >>> [round(float(factor), 4) for factor in update_trends(aged, start_year=2027, terms=load_terms("mssp"))]
    [1.056, 1.0473]
    """
    two_way = two_way_trend(
        national=one.national_trend, regional=one.regional_trend, aco_market_share=one.aco_market_share
    )
    acpt_weight = terms.number(f"update.acpt_weight.{rules_of(start_year)}")
    if acpt_weight == 0.0:
        return Trends(two_way, two_way)
    up, down = terms.number("update.guardrail_up"), terms.number("update.guardrail_down")
    acpt = guarded_prospective_trend(one.acpt, national=one.national_trend, guardrail_up=up, guardrail_down=down)
    return Trends(two_way, three_way_trend(two_way, acpt=acpt, acpt_weight=acpt_weight))


def updated_benchmark(types: Sequence[TypeYear], *, start_year: int, terms: Terms) -> UpdatedBenchmark:
    """Return the updated benchmark: historical benchmark x capped risk ratio x update, summed over the types.

    Each type weighs by its person-years of the performance year (42 CFR 425.605(a), grade A). Types that carry the
    very same trends are added up before they are multiplied by them.

    Examples
    --------
    $1,000 a month for 10,000 person-years, risk up 5 %, trend 6 %; capped type by type before 2024:

    >>> from leadrisk.contract.terms import load_terms
    >>> aged = TypeYear(1000.0, 10_000.0, 1.05, 1.0, Trends(1.06, 1.06))
    >>> round(updated_benchmark([aged], start_year=2022, terms=load_terms("mssp")).two_way)
    131016000
    """
    before_risk = [MONTHS * one.historical_pbpm * one.person_years for one in types]
    cap = _risk_cap(types, before_risk, start_year=start_year, terms=terms)
    sums: dict[tuple[int, int], tuple[Trends, Amount]] = {}
    for one, dollars in zip(types, before_risk, strict=True):
        key = (id(one.trends.two_way), id(one.trends.three_way))
        _, others = sums.get(key, (one.trends, 0.0))
        sums[key] = (one.trends, others + dollars * capped_growth(one.risk_ratio, cap=cap))
    two_way: Amount = 0.0
    three_way: Amount = 0.0
    for trends, dollars in sums.values():
        two_way = two_way + dollars * trends.two_way
        three_way = three_way + dollars * trends.three_way
    return UpdatedBenchmark(two_way, three_way, cap)


def final_benchmark(updated: UpdatedBenchmark, *, expenditure: Amount, terms: Terms) -> tuple[Amount, Mask]:
    """Return the updated benchmark that stands, and whether the two-way update replaced the three-way update.

    Examples
    --------
    >>> from leadrisk.contract.terms import load_terms
    >>> updated = UpdatedBenchmark(two_way=102e6, three_way=100e6, risk_cap=0.03)
    >>> [
    ...     tuple(float(part) for part in final_benchmark(updated, expenditure=spent, terms=load_terms("mssp")))
    ...     for spent in (99e6, 101e6)
    ... ]
    [(100000000.0, 0.0), (102000000.0, 1.0)]
    """
    if not terms.flag("update.two_way_protection"):
        return updated.three_way, False
    protected = is_protected(updated.three_way, two_way_benchmark=updated.two_way, expenditure=expenditure)
    benchmark: Amount = np.where(protected, updated.two_way, updated.three_way)
    return benchmark, protected


def _risk_cap(types: Sequence[TypeYear], before_risk: Sequence[Amount], *, start_year: int, terms: Terms) -> Amount:
    cap = terms.number("risk_cap.growth")
    if terms.choice(f"risk_cap.method.{rules_of(start_year)}") == "by_type":
        return cap
    growth = _weighted([one.risk_ratio for one in types], before_risk) - 1.0
    demographic: Amount = 0.0
    if any(not isinstance(one.demographic_ratio, float) or one.demographic_ratio != 1.0 for one in types):
        demographic = _weighted([one.demographic_ratio for one in types], before_risk) - 1.0
    return aggregate_cap(growth=growth, demographic_growth=demographic, cap=cap)


def _regional_weight(overall_difference: Amount, *, agreement_period: int, terms: Terms) -> Amount:
    lower, higher = terms.weights("regional.weight_lower_spending"), terms.weights("regional.weight_higher_spending")
    return regional_weight(
        overall_difference,
        lower_spending=lower[min(agreement_period, len(lower)) - 1],
        higher_spending=higher[min(agreement_period, len(higher)) - 1],
    )


def _weighted(amounts: Sequence[Amount], weights: Sequence[Amount]) -> Amount:
    total: Amount = 0.0
    weight_sum: Amount = 0.0
    for amount, weight in zip(amounts, weights, strict=True):
        total = total + amount * weight
        weight_sum = weight_sum + weight
    return total / weight_sum
