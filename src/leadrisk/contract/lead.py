"""The LEAD settlement: from base years and trends to dollars, category by category and line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.inputs import CategoryInputs, Entrant, Option, SpendingClass
from leadrisk.contract.lead_pbpm import category_benchmark, spending_class_of
from leadrisk.contract.lead_settlement import settle_lead_benchmark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from leadrisk.contract.amount import Amount, Mask
    from leadrisk.contract.terms import Terms

__all__ = ["CategoryInputs", "Entrant", "Option", "SpendingClass", "settle_lead", "spending_class_of"]

MONTHS = 12.0


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
        derives it from the first year's inputs with :func:`spending_class_of`.
    base_pcc_share
        Base primary care capitation as a share of the benchmark; ``None`` takes the term's.

    Returns
    -------
    dict
        The lines of the settlement in dollars, ``gross_savings_rate`` as a share of ``benchmark_final``, and
        ``updated_pbpm_<category>`` in dollars per beneficiary per month. ``discount``,
        ``quality_adjustment`` and ``sequestration`` are amounts taken off; losses are negative.
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
    years = np.asarray(performance_years, dtype=np.int64)
    if spending_class is None:
        spending_class = spending_class_of(categories, entrant=entrant, terms=terms)
    higher: Mask = spending_class == "higher" if isinstance(spending_class, str) else spending_class
    result: dict[str, NDArray[np.float64]] = {}
    before: Amount = 0.0
    expenditure: Amount = 0.0
    for name, category in categories.items():
        member_months = MONTHS * category.person_years
        pbpm = category_benchmark(
            category, name=name, option=option, entrant=entrant, years=years, higher=higher, terms=terms
        ).pbpm
        result[f"updated_pbpm_{name}"] = np.asarray(pbpm)
        before = before + pbpm * member_months
        expenditure = expenditure + category.expenditure_pbpm * member_months
    lines = settle_lead_benchmark(
        before,
        expenditure=expenditure,
        option=option,
        performance_years=years,
        quality_score=quality_score,
        terms=terms,
        higher_spending=higher,
        base_pcc_share=base_pcc_share,
    )
    return result | lines
