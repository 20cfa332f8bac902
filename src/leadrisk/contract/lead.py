"""The LEAD settlement: from base years and trends to dollars, category by category and line by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.amount import MONTHS, scaled
from leadrisk.contract.inputs import CategoryInputs, Entrant, Option, SpendingClass
from leadrisk.contract.lead_growth import category_growth
from leadrisk.contract.lead_pbpm import category_start, spending_class_of
from leadrisk.contract.lead_settlement import settle_lead_benchmark
from leadrisk.contract.update import FIRST_YEAR
from leadrisk.contract.voluntary import mixed_pbpm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from leadrisk.contract.amount import Amount, Mask
    from leadrisk.contract.terms import Terms

__all__ = [
    "CategoryInputs",
    "Entrant",
    "LeadBenchmarks",
    "Option",
    "SpendingClass",
    "lead_benchmarks",
    "settle_lead",
    "settle_lead_option",
    "spending_class_of",
]


@dataclass(frozen=True, slots=True)
class LeadBenchmarks:
    """What both risk options of one ACO have in common; the regional adjustment alone differs between them.

    Parameters
    ----------
    categories
        Inputs by category.
    entrant
        Where the ACO comes from.
    years
        Performance years along the last axis.
    higher
        Whether the ACO is higher-spending.
    growth
        Update factor x capped risk ratio by category.
    member_months
        By category.
    expenditure
        Part A and B spending that counts, dollars over all categories.
    """

    categories: Mapping[str, CategoryInputs]
    entrant: Entrant
    years: NDArray[np.int64]
    higher: Mask
    growth: Mapping[str, Amount]
    member_months: Mapping[str, Amount]
    expenditure: Amount


def lead_benchmarks(
    categories: Mapping[str, CategoryInputs],
    *,
    entrant: Entrant,
    performance_years: ArrayLike,
    terms: Terms,
    spending_class: SpendingClass | None = None,
    first_performance_year: int = FIRST_YEAR,
) -> LeadBenchmarks:
    """Work out once what :func:`settle_lead_option` needs for either option; parameters as for :func:`settle_lead`.

    Examples
    --------
    >>> from leadrisk.contract.terms import load_terms
    >>> aged = CategoryInputs(
    ...     person_years=10_000.0,
    ...     base_year_pbpm=(1000.0, 1020.0, 1060.0),
    ...     region_pbpm=1120.0,
    ...     national_pbpm=1100.0,
    ...     two_way_trend=1.06,
    ...     acpt=1.06,
    ...     risk_score_by3=1.0,
    ...     risk_score_py=1.02,
    ...     expenditure_pbpm=1100.0,
    ... )
    >>> terms = load_terms("lead")
    >>> common = lead_benchmarks(
    ...     {"aged_disabled": aged}, entrant="renewing_reach", performance_years=[2027], terms=terms
    ... )
    >>> [
    ...     round(float(settle_lead_option(common, option=option, quality_score=0.9, terms=terms)["gross_savings"][0]))
    ...     for option in ("global", "professional")
    ... ]
    [2675561, 804228]
    """
    years = np.asarray(performance_years, dtype=np.int64)
    if spending_class is None or terms.flag("spending_class_redetermined"):
        spending_class = spending_class_of(categories, entrant=entrant, terms=terms)
    growth: dict[str, Amount] = {}
    member_months: dict[str, Amount] = {}
    expenditure: Amount = 0.0
    for name, category in categories.items():
        update, risk_ratio = category_growth(
            category, name=name, years=years, terms=terms, first_performance_year=first_performance_year
        )
        growth[name] = update * risk_ratio
        member_months[name] = MONTHS * category.person_years
        expenditure = expenditure + counted_expenditure(category) * member_months[name]
    return LeadBenchmarks(
        categories=categories,
        entrant=entrant,
        years=years,
        higher=spending_class == "higher" if isinstance(spending_class, str) else spending_class,
        growth=growth,
        member_months=member_months,
        expenditure=expenditure,
    )


def settle_lead_option(
    benchmarks: LeadBenchmarks,
    *,
    option: Option,
    quality_score: Amount,
    terms: Terms,
    base_pcc_share: float | None = None,
    high_performer: Mask = False,
    rural: bool = False,
    added_to_expenditure: Mapping[str, Amount] | None = None,
    beside: Mapping[str, Amount] | None = None,
) -> dict[str, NDArray[np.float64]]:
    """Settle one option from what both have in common; parameters and lines as for :func:`settle_lead`."""
    result: dict[str, NDArray[np.float64]] = {}
    before: Amount = 0.0
    for name, category in benchmarks.categories.items():
        begin = category_start(
            category,
            option=option,
            entrant=benchmarks.entrant,
            years=benchmarks.years,
            higher=benchmarks.higher,
            terms=terms,
        )
        pbpm = begin.start * benchmarks.growth[name]
        result[f"updated_pbpm_{name}"] = np.asarray(pbpm)
        before = before + pbpm * benchmarks.member_months[name]
    lines = settle_lead_benchmark(
        before,
        expenditure=benchmarks.expenditure,
        option=option,
        performance_years=benchmarks.years,
        quality_score=quality_score,
        terms=terms,
        higher_spending=benchmarks.higher,
        base_pcc_share=base_pcc_share,
        high_performer=high_performer,
        rural=rural,
        added_to_expenditure=added_to_expenditure,
        beside=beside,
    )
    return result | lines


def settle_lead(
    categories: Mapping[str, CategoryInputs],
    *,
    option: Option,
    entrant: Entrant,
    performance_years: ArrayLike,
    quality_score: Amount,
    terms: Terms,
    spending_class: SpendingClass | None = None,
    base_pcc_share: float | None = None,
    first_performance_year: int = FIRST_YEAR,
    high_performer: Mask = False,
    rural: bool = False,
    added_to_expenditure: Mapping[str, Amount] | None = None,
    beside: Mapping[str, Amount] | None = None,
) -> dict[str, NDArray[np.float64]]:
    """Settle LEAD performance years.

    Parameters
    ----------
    categories
        Inputs by category: ``aged_disabled``, ``high_needs``, ``esrd``.
    option
        ``"global"`` or ``"professional"``.
    entrant
        ``"renewing_reach"``, ``"renewing_mssp"`` or ``"newly_entering"``.
    performance_years
        Calendar years along the last axis of every array.
    quality_score
        Share of the quality points earned, 0 to 1.
    terms
        LEAD terms from :func:`leadrisk.contract.terms.load_terms`.
    spending_class
        ``"lower"``, ``"higher"``, or an array that is true where the ACO is higher-spending; ``None``
        derives it from the first year's inputs with :func:`spending_class_of`. With the term
        ``spending_class_redetermined`` it is derived for every year, whatever is given here.
    base_pcc_share
        Base primary care capitation as a share of the benchmark; ``None`` takes the term's.
    first_performance_year
        The ACO's own; later entrants count the years of the guardrail from it.
    high_performer
        Whether the ACO is paid from the High Performers Pool.
    rural
        Whether the ACO gets the add-on as a rural one, should it not get it as higher-spending.
    added_to_expenditure
        Signed dollars by line name that count in expenditure (stop-loss charge, payout as a negative amount).
    beside
        Signed dollars by line name that stand outside gross savings and belong to the settlement balance.

    Returns
    -------
    dict
        The lines of the settlement in dollars, ``gross_savings_rate`` as a share of ``benchmark_final``, and
        ``updated_pbpm_<category>`` in dollars per beneficiary per month. ``discount``,
        ``quality_adjustment`` and ``sequestration`` are amounts taken off; losses are negative. With
        ``added_to_expenditure`` there is a line ``expenditure_net``, from which gross savings are taken.
        Every line has the shape the inputs broadcast to, years last, and is not to be written to; the amounts
        by category may lack axes on which they do not vary.

    Examples
    --------
    An ACO with 10,000 person-years at $1,060 in base year 3, in a region at $1,120:

    >>> from leadrisk.contract.terms import load_terms
    >>> aged = CategoryInputs(
    ...     person_years=10_000.0,
    ...     base_year_pbpm=(1000.0, 1020.0, 1060.0),
    ...     region_pbpm=1120.0,
    ...     national_pbpm=1100.0,
    ...     two_way_trend=1.06,
    ...     acpt=1.06,
    ...     risk_score_by3=1.0,
    ...     risk_score_py=1.02,
    ...     expenditure_pbpm=1100.0,
    ... )
    >>> lines = settle_lead(
    ...     {"aged_disabled": aged}, option="global", entrant="renewing_reach", performance_years=[2027],
    ...     quality_score=0.9, terms=load_terms("lead"),
    ... )
    >>> f"{lines['benchmark_before_discount'][0]:,.2f}"
    '139,258,560.00'
    >>> f"{lines['net_shared_savings'][0]:,.2f}"
    '2,622,049.57'
    """
    benchmarks = lead_benchmarks(
        categories,
        entrant=entrant,
        performance_years=performance_years,
        terms=terms,
        spending_class=spending_class,
        first_performance_year=first_performance_year,
    )
    return settle_lead_option(
        benchmarks,
        option=option,
        quality_score=quality_score,
        terms=terms,
        base_pcc_share=base_pcc_share,
        high_performer=high_performer,
        rural=rural,
        added_to_expenditure=added_to_expenditure,
        beside=beside,
    )


def counted_expenditure(category: CategoryInputs) -> Amount:
    """Spending of the performance year that counts, claims-aligned and voluntarily aligned together."""
    counted = scaled(category.expenditure_pbpm, category.counted_performance)
    if not np.any(category.voluntary_share):
        return counted
    ratio = category.voluntary_cost_ratio
    return counted * mixed_pbpm(1.0, voluntary_pbpm=ratio, voluntary_share=category.voluntary_share)
