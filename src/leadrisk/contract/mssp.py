"""The Shared Savings Program settlement of performance years from their totals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.minimum_savings_rate import minimum_savings_rate as rate_by_size
from leadrisk.contract.mssp_inputs import ONE_SIDED
from leadrisk.contract.mssp_sharing import (
    enhanced_loss_rate,
    final_share_rate,
    loss_limit,
    losses_to_share,
    savings_to_share,
)
from leadrisk.contract.sequestration import sequestration_amount

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount, Mask
    from leadrisk.contract.mssp_inputs import Track
    from leadrisk.contract.terms import Terms


def settle_mssp_year(
    *,
    track: Track,
    benchmark_final: Amount,
    terms: Terms,
    expenditure: Amount | None = None,
    gross_savings: Amount | None = None,
    assigned_beneficiaries: Amount | None = None,
    minimum_savings_rate: Amount | None = None,
    quality_met: Mask = True,
    quality_alternative: Mask = False,
    quality_score: Amount = 1.0,
    share_rate: Amount | None = None,
    loss_rate: Amount | None = None,
    revenue: Amount | None = None,
    disaster_adjustment: Amount = 0.0,
    reduced_sharing: Mask = False,
    savings_barred: Mask | None = None,
) -> dict[str, Amount]:
    """Settle performance years under the Shared Savings Program from their totals.

    Savings that meet the minimum savings rate are shared from the first dollar at the final share rate, up to a
    share of the updated benchmark, less sequestration; losses that meet the same rate are owed at the final loss
    rate, up to the loss limit, less a disaster adjustment and without sequestration (42 CFR 425.605, 425.610).
    Exact on CMS's public results for 2021-2023, save the few ACOs that the tests name (grade A).

    Parameters
    ----------
    track
        ``"A"`` to ``"E"`` (BASIC track) or ``"ENHANCED"``; A and B share no losses.
    benchmark_final
        Updated benchmark, in dollars.
    terms
        Shared Savings Program terms from :func:`leadrisk.contract.terms.load_terms`.
    expenditure
        Completed and truncated expenditure, in dollars; needed unless ``gross_savings`` is given.
    gross_savings
        Benchmark less expenditure where that is known directly.
    assigned_beneficiaries
        They set the minimum savings rate unless it is given.
    minimum_savings_rate
        The rate a two-sided ACO chose (0, or 0.5 % to 2.0 %), as a share of the benchmark.
    quality_met, quality_alternative
        Whether the quality standard, or only the alternative standard, is met.
    quality_score
        Quality score, 0 to 1.
    share_rate, loss_rate
        Final rates, as CMS reports them, a reduced one as reduced; ``None`` derives them from track and quality.
    revenue
        The participants' Medicare fee-for-service revenue, in dollars, for the loss limit of levels C to E.
    disaster_adjustment
        Dollars by which a shared loss is reduced, positive.
    reduced_sharing
        Whether savings below the minimum savings rate are shared, by half unless ``share_rate`` says.
    savings_barred
        Whether no savings are shared, because the two-way update replaced the three-way update.

    Returns
    -------
    dict
        Lines in dollars under the names of :func:`leadrisk.contract.lead.settle_lead`, with
        ``minimum_savings_rate`` and ``gross_savings_rate`` as shares of the benchmark, the final rates,
        ``generated_savings``, the savings or losses that count after the minimum, and ``disaster_adjustment`` as it
        took effect. Losses are negative.

    Examples
    --------
    A1540 in 2022, level B: 7.43 % saved against a minimum of 3.36 %.

    >>> from leadrisk.contract.terms import load_terms
    >>> lines = settle_mssp_year(
    ...     track="B",
    ...     benchmark_final=98_947_416.90,
    ...     gross_savings=7_354_963.08,
    ...     assigned_beneficiaries=7207.0,
    ...     terms=load_terms("mssp"),
    ... )
    >>> [round(float(lines[name]), 2) for name in ("shared_savings", "sequestration", "net_shared_savings")]
    [2941985.23, 58839.7, 2883145.53]
    """
    if gross_savings is None:
        if expenditure is None:
            msg = "settle_mssp_year needs expenditure or gross_savings"
            raise TypeError(msg)
        gross_savings = benchmark_final - expenditure
    elif expenditure is None:
        expenditure = benchmark_final - gross_savings
    if minimum_savings_rate is None:
        if assigned_beneficiaries is None:
            msg = "settle_mssp_year needs assigned_beneficiaries or minimum_savings_rate"
            raise TypeError(msg)
        minimum_savings_rate = rate_by_size(
            assigned_beneficiaries,
            sizes=terms.weights("minimum_savings_rate.sizes"),
            rates=terms.weights("minimum_savings_rate.rates"),
        )
    # A rate as CMS reports it has the reduction below the minimum in it already.
    kept = 1.0
    if share_rate is None:
        kept = terms.number("reduced_sharing.factor") if np.any(reduced_sharing) else 0.0
        share_rate = final_share_rate(
            terms.number(f"share_rate.{track}"),
            quality_met=quality_met,
            quality_alternative=quality_alternative,
            quality_score=quality_score,
        )
    counted = savings_to_share(
        gross_savings,
        benchmark=benchmark_final,
        minimum_rate=minimum_savings_rate,
        reduced=kept * np.asarray(reduced_sharing, dtype=np.float64),
    )
    cap = terms.number("share_cap.enhanced" if track == "ENHANCED" else "share_cap.basic")
    shared: Amount = np.minimum(share_rate * counted, cap * benchmark_final)
    if savings_barred is not None:
        shared = shared * np.logical_not(savings_barred)
    generated = counted
    spared: Amount = 0.0
    if track not in ONE_SIDED:
        if loss_rate is None:
            loss_rate = _loss_rate(track, quality_met, quality_alternative, quality_score, terms=terms)
        lost = losses_to_share(gross_savings, benchmark=benchmark_final, minimum_rate=minimum_savings_rate)
        generated = counted - lost
        owed = np.minimum(loss_rate * lost, _loss_limit(track, benchmark_final, revenue, terms=terms))
        if np.any(disaster_adjustment):
            spared = np.minimum(disaster_adjustment, owed)
            owed = owed - spared
        shared = shared - owed
    taken = sequestration_amount(
        shared,
        gross=gross_savings,
        rate=terms.number("sequestration.rate"),
        on_losses=terms.flag("sequestration_on_losses"),
    )
    net = shared - taken
    return {
        "benchmark_final": benchmark_final,
        "expenditure": expenditure,
        "gross_savings": gross_savings,
        "gross_savings_rate": gross_savings / benchmark_final,
        "minimum_savings_rate": minimum_savings_rate,
        "generated_savings": generated,
        "share_rate": share_rate,
        "loss_rate": 0.0 if loss_rate is None else loss_rate,
        "disaster_adjustment": spared,
        "shared_savings": shared,
        "sequestration": taken,
        "net_shared_savings": net,
        "settlement_balance": net,
    }


def _loss_rate(track: Track, met: Mask, alternative: Mask, score: Amount, *, terms: Terms) -> Amount:
    if track != "ENHANCED":
        return terms.number("loss_rate.basic")
    return enhanced_loss_rate(
        terms.number("share_rate.ENHANCED"),
        quality_met=met,
        quality_alternative=alternative,
        quality_score=score,
        lowest=terms.number("loss_rate.enhanced_lowest"),
        highest=terms.number("loss_rate.enhanced_highest"),
    )


def _loss_limit(track: Track, benchmark: Amount, revenue: Amount | None, *, terms: Terms) -> Amount:
    by_revenue = track != "ENHANCED" and revenue is not None
    return loss_limit(
        benchmark,
        benchmark_limit=terms.number(f"loss_limit.benchmark.{track}"),
        revenue=revenue if by_revenue else None,
        revenue_limit=terms.number(f"loss_limit.revenue.{track}") if by_revenue else None,
    )
