"""ACO REACH settlement from the unadjusted benchmark onwards: trend, discount, quality, health equity, corridor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.discount import discount_amount
from leadrisk.contract.quality_rule import high_performers_bonus, quality_adjustment
from leadrisk.contract.reach import settle_reach_corridor

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from leadrisk.contract.amount import Amount
    from leadrisk.contract.inputs import Option
    from leadrisk.contract.terms import Terms


def settle_reach_benchmark(
    benchmark_unadjusted: Amount,
    *,
    benchmark_before_discount: Amount,
    expenditure: Amount,
    option: Option,
    performance_years: ArrayLike,
    quality_score: Amount,
    terms: Terms,
    heba_net: Amount = 0.0,
    stop_loss_net: Amount = 0.0,
) -> dict[str, Amount]:
    """Settle from the benchmark before discount and the expenditure, both in dollars.

    Final benchmark = unadjusted x retrospective trend x (1 - discount) x (1 - withhold x (1 - score)), the chain
    recovered from CMS's public results (calibration 9.1, grade A-). The health equity adjustment and stop-loss
    stand outside it.

    Parameters
    ----------
    benchmark_unadjusted
        Benchmark as set ahead of the year.
    benchmark_before_discount
        The same after the retrospective trend adjustment.
    performance_years
        Years whose rules apply, along the last axis.
    quality_score
        Share of the quality points earned, 0 to 1.
    heba_net, stop_loss_net
        Health equity adjustment, up positive; stop-loss charge less payout, added to expenditure.

    Examples
    --------
    $100.0 M set ahead, a trend 3 % below the projection, Global in PY2026, 80 % of the quality points:
    97.0 M x 0.965 x (1 - 5 % x 0.2).

    >>> from leadrisk.contract.terms import load_terms
    >>> lines = settle_reach_benchmark(
    ...     100_000_000.0,
    ...     benchmark_before_discount=97_000_000.0,
    ...     expenditure=90_000_000.0,
    ...     option="global",
    ...     performance_years=[2026],
    ...     quality_score=0.8,
    ...     terms=load_terms("reach"),
    ... )
    >>> [round(float(lines[name][0]), 2) for name in ("benchmark_final", "gross_savings", "net_shared_savings")]
    [92668950.0, 2668950.0, 2615571.0]
    """
    years = np.asarray(performance_years, dtype=np.int64)
    discount = discount_amount(benchmark_before_discount, rate=terms.by_year(f"discount.{option}", years))
    after = benchmark_before_discount - discount
    withhold = terms.by_year("quality.withhold", years)
    quality = quality_adjustment(after, score=quality_score, at_risk=withhold)
    final = after - quality
    corridor = settle_reach_corridor(
        final + heba_net - (expenditure + stop_loss_net),
        benchmark_final=final,
        heba_net=heba_net,
        option=option,
        performance_years=years,
        terms=terms,
    )
    bonus: Amount = 0.0
    if terms.flag("high_performers_paid"):
        bonus = high_performers_bonus(
            after,
            high_performer=np.greater_equal(quality_score, terms.number("high_performers.threshold")),
            at_risk=withhold,
            national_mean_score=terms.number("high_performers.national_mean_score"),
            share=terms.number("high_performers.share"),
        )
    return {
        "benchmark_unadjusted": benchmark_unadjusted,
        "retrospective_trend_adjustment": benchmark_before_discount - benchmark_unadjusted,
        "benchmark_before_discount": benchmark_before_discount,
        "discount": discount,
        "benchmark_after_discount": after,
        "quality_adjustment": quality,
        "benchmark_final": final,
        "heba_net": heba_net,
        "expenditure": expenditure,
        "stop_loss_net": stop_loss_net,
        **corridor,
        "high_performers_pool": bonus,
        "settlement_balance": corridor["net_shared_savings"] + bonus,
    }


def filled(lines: dict[str, Amount], shape: tuple[int, ...]) -> dict[str, NDArray[np.float64]]:
    """Return every line in one shape, not to be written to.

    Examples
    --------
    >>> filled({"heba_net": 0.0}, (1, 2))["heba_net"].tolist()
    [[0.0, 0.0]]
    """
    return {name: np.broadcast_to(np.asarray(amount, dtype=np.float64), shape) for name, amount in lines.items()}
