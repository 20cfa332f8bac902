"""ACO REACH over many years and futures at once: what the same years would have paid under its rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.amount import MONTHS
from leadrisk.contract.reach import LAST_YEAR
from leadrisk.contract.reach_benchmark import filled, settle_reach_benchmark
from leadrisk.contract.reach_inputs import ReachCategory
from leadrisk.contract.reach_pbpm import reach_category_benchmark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from leadrisk.contract.amount import Amount
    from leadrisk.contract.inputs import Option
    from leadrisk.contract.terms import Terms

__all__ = ["ReachCategory", "settle_reach_years"]


def settle_reach_years(
    categories: Mapping[str, ReachCategory],
    *,
    option: Option,
    performance_years: ArrayLike,
    quality_score: Amount,
    terms: Terms,
    rules_year: int | None = LAST_YEAR,
    heba_pbpm: Amount = 0.0,
    stop_loss_net: Amount = 0.0,
) -> dict[str, NDArray[np.float64]]:
    """Settle performance years under ACO REACH.

    Parameters
    ----------
    categories
        Inputs by category: ``aged_disabled``, ``high_needs``, ``esrd``.
    option
        ``"global"`` or ``"professional"``.
    performance_years
        Calendar years along the last axis of every array.
    quality_score
        Share of the quality points earned, 0 to 1.
    terms
        ACO REACH terms from :func:`leadrisk.contract.terms.load_terms`.
    rules_year
        Performance year whose rules hold in every year; ``None`` takes each year's own, and after 2026 those
        of 2026.
    heba_pbpm
        Net health equity adjustment, in dollars per beneficiary per month, from
        :func:`leadrisk.contract.health_equity.health_equity_pbpm`.
    stop_loss_net
        Stop-loss charge less payout, in dollars; it is added to expenditure.

    Returns
    -------
    dict
        The lines of the settlement in dollars, named as those of :func:`leadrisk.contract.lead.settle_lead`
        where they mean the same, with ``benchmark_unadjusted``, ``retrospective_trend_adjustment``,
        ``heba_net``, ``stop_loss_net`` and ``high_performers_pool``; ``gross_savings_rate`` is a share of
        ``benchmark_final``. Every line has the shape the inputs broadcast to, years last, and is not to be
        written to.

    Examples
    --------
    10,000 person-years at a benchmark of $1,149.99 set ahead; the nation spent 3 % more than projected:

    >>> from leadrisk.contract.terms import load_terms
    >>> aged = ReachCategory(
    ...     person_years=10_000.0,
    ...     base_year_pbpm=(1000.0, 1020.0, 1060.0),
    ...     region_pbpm=1120.0,
    ...     national_pbpm=1100.0,
    ...     projected_trend=1.06,
    ...     actual_national_trend=1.0918,
    ...     risk_ratio=1.02,
    ...     expenditure_pbpm=1100.0,
    ... )
    >>> lines = settle_reach_years(
    ...     {"aged_disabled": aged}, option="global", performance_years=[2027], quality_score=0.8,
    ...     terms=load_terms("reach"),
    ... )
    >>> [f"{lines[name][0]:,.2f}" for name in ("benchmark_unadjusted", "benchmark_final", "net_shared_savings")]
    ['137,999,267.39', '135,792,728.11', '3,716,873.55']
    """
    calendar = np.asarray(performance_years, dtype=np.int64)
    years = calendar if rules_year is None else np.array([rules_year])
    unadjusted: Amount = 0.0
    before: Amount = 0.0
    expenditure: Amount = 0.0
    member_months: Amount = 0.0
    for name, category in categories.items():
        months = MONTHS * category.person_years
        benchmark = reach_category_benchmark(category, name=name, years=years, terms=terms)
        set_ahead = benchmark.unadjusted_pbpm * months
        unadjusted = unadjusted + set_ahead
        before = before + set_ahead * benchmark.retrospective_trend
        expenditure = expenditure + category.expenditure_pbpm * months
        member_months = member_months + months
    lines = settle_reach_benchmark(
        unadjusted,
        benchmark_before_discount=before,
        expenditure=expenditure,
        option=option,
        performance_years=years,
        quality_score=quality_score,
        terms=terms,
        heba_net=heba_pbpm * member_months,
        stop_loss_net=stop_loss_net,
    )
    shape = np.broadcast_shapes(calendar.shape, *(np.shape(amount) for amount in lines.values()))
    return filled(lines, shape)
