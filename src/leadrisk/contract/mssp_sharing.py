"""Shared Savings Program: what share of savings or losses the ACO has, and the most it gets or owes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount, Mask


def final_share_rate(
    full_rate: float, *, quality_met: Mask, quality_alternative: Mask = False, quality_score: Amount = 1.0
) -> Amount:
    """Return the share of savings an ACO gets after quality.

    The full rate where the quality standard is met, the rate times the quality score where only the
    alternative standard is, nothing where neither is (42 CFR 425.605(d), 425.610(d); exact on CMS's public use files,
    save the few ACOs that the tests name, grade A, but for the last).

    Examples
    --------
    Of $2.0 M saved under a full rate of 50 %: $1.0 M, $0.7 M, nothing.

    >>> [
    ...     2e6 * float(final_share_rate(0.5, quality_met=met, quality_alternative=other, quality_score=0.7))
    ...     for met, other in ((True, False), (False, True), (False, False))
    ... ]
    [1000000.0, 700000.0, 0.0]
    """
    if quality_met is True:
        return full_rate
    rate: Amount = full_rate * np.where(quality_met, 1.0, np.where(quality_alternative, quality_score, 0.0))
    return rate


def enhanced_loss_rate(
    full_share_rate: float,
    *,
    quality_met: Mask,
    quality_alternative: Mask = False,
    quality_score: Amount,
    lowest: float,
    highest: float,
) -> Amount:
    """Return the share of losses an ACO owes under the ENHANCED track.

    1 less the full share rate times the quality score, at least 40 % and at most 75 %; the most where no quality
    standard is met (42 CFR 425.610(f), grade B; exact on every loss of CMS's public use file 2023, grade A).

    Examples
    --------
    1 - 75 % x 78.09 % of $8,354,010:

    >>> rate = enhanced_loss_rate(0.75, quality_met=True, quality_score=0.7809, lowest=0.40, highest=0.75)
    >>> round(float(rate) * 8_354_010, 2)
    3461275.19
    """
    by_score = np.minimum(np.maximum(1.0 - full_share_rate * quality_score, lowest), highest)
    if quality_met is True:
        return by_score
    rate: Amount = np.where(np.logical_or(quality_met, quality_alternative), by_score, highest)
    return rate


def savings_to_share(gross: Amount, *, benchmark: Amount, minimum_rate: Amount, reduced: Amount) -> Amount:
    """Return the savings that count: all from the first dollar once the minimum savings rate is met.

    Savings below the minimum count for nothing, or by half for a low-revenue ACO under the BASIC track that met a
    quality standard, in agreement periods from 2024 (42 CFR 425.605(b) and (h), grade A).

    Parameters
    ----------
    gross
        Benchmark less expenditure, in dollars.
    reduced
        Share of savings below the minimum that counts, 0 or 0.5.

    Examples
    --------
    $3.0 M saved on $100.0 M against a minimum of 2.9 % and of 3.1 %:

    >>> [float(savings_to_share(3e6, benchmark=1e8, minimum_rate=rate, reduced=0.0)) for rate in (0.029, 0.031)]
    [3000000.0, 0.0]
    """
    counted: Amount = np.maximum(gross, 0.0) * np.where(gross >= minimum_rate * benchmark, 1.0, reduced)
    return counted


def is_low_revenue(revenue_share: float, *, threshold: float) -> bool:
    """Tell whether an ACO is low-revenue: its participants' revenue is less than 35 % of its expenditure.

    Medicare fee-for-service revenue of the participants over Parts A and B expenditure of the assigned
    beneficiaries (42 CFR 425.20, grade B).

    Examples
    --------
    $12.0 M and $40.0 M of revenue on $100.0 M of expenditure:

    >>> [is_low_revenue(share, threshold=0.35) for share in (0.12, 0.40)]
    [True, False]
    """
    return revenue_share < threshold


def losses_to_share(gross: Amount, *, benchmark: Amount, minimum_rate: Amount) -> Amount:
    """Return the losses that count, not negative: all from the first dollar once the minimum loss rate is met.

    Two-sided tracks only; the minimum loss rate equals the minimum savings rate (42 CFR 425.605(b), 425.610(b),
    grade A).

    Examples
    --------
    >>> [float(losses_to_share(-2e6, benchmark=1e8, minimum_rate=rate)) for rate in (0.0, 0.02, 0.025)]
    [2000000.0, 2000000.0, 0.0]
    """
    lost = np.maximum(np.negative(gross), 0.0)
    counted: Amount = lost * (lost >= minimum_rate * benchmark)
    return counted


def loss_limit(
    benchmark: Amount, *, benchmark_limit: float, revenue: Amount | None = None, revenue_limit: float | None = None
) -> Amount:
    """Return the most an ACO can owe for a year, in dollars.

    A share of the updated benchmark, 15 % under the ENHANCED track; under the BASIC track, where the participants'
    Medicare revenue is known, a share of that if it is less: level C 2 % of revenue and 1 % of the benchmark, D 4
    and 2, E 8 and 4 (42 CFR 425.605(d), 425.610(g), grade B).

    Examples
    --------
    Level E, benchmark $100.0 M: 8 % of $30.0 M of revenue is less than 4 % of the benchmark.

    >>> float(loss_limit(1e8, benchmark_limit=0.04, revenue=3e7, revenue_limit=0.08))
    2400000.0
    """
    limit: Amount = benchmark_limit * benchmark
    if revenue is None or revenue_limit is None:
        return limit
    limit = np.minimum(limit, revenue_limit * revenue)
    return limit
