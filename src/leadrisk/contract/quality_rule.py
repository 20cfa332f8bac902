"""Quality: the part of the benchmark that has to be earned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount, Mask


def quality_adjustment(benchmark_after_discount: Amount, *, score: Amount, at_risk: Amount) -> Amount:
    """Return the dollars taken off the benchmark for quality points not earned.

    3 % of the benchmark after discount is at risk; nothing is withheld during the year, only the part not
    earned back counts at settlement (rule book section 7, grade A; the base is B*).

    Parameters
    ----------
    score
        Share of the quality points earned, 0 to 1.

    Examples
    --------
    3 % x (1 - 0.85) of $88,425,000:

    >>> round(quality_adjustment(88_425_000.0, score=0.85, at_risk=0.03), 2)
    397912.5
    """
    return at_risk * (1.0 - score) * benchmark_after_discount


def high_performers_bonus(
    benchmark_after_discount: Amount,
    *,
    high_performer: Mask,
    at_risk: Amount,
    national_mean_score: float,
    share: float,
) -> Amount:
    """Return what the High Performers Pool pays, in dollars; it stands outside gross savings.

    LEAD keeps a pool "to reward ACOs that attain statistically significant improvement year-over-year and high
    overall performance" (rule book section 7, grade A). How it is filled and who gets it is not published: as in ACO
    REACH, all quality dollars that ACOs did not earn go to the top 18 % of ACOs, in proportion to their benchmarks
    (section 17, grade C). Over all ACOs the bonuses are the dollars not earned.

    Parameters
    ----------
    high_performer
        Whether the ACO is among them.
    at_risk
        Share of the benchmark at risk for quality.
    national_mean_score
        Mean quality score of all ACOs, weighted by benchmark.
    share
        Share of all ACOs, by benchmark, that are high performers; 0 where there is no pool.

    Examples
    --------
    3 % x (1 - 0.88) / 18 % = 2 % of $88,425,000:

    >>> bonus = high_performers_bonus(
    ...     88_425_000.0, high_performer=True, at_risk=0.03, national_mean_score=0.88, share=0.18
    ... )
    >>> round(float(bonus), 2)
    1768500.0
    """
    rate = at_risk * (1.0 - national_mean_score) / share if share > 0.0 else 0.0
    bonus: Amount = np.where(high_performer, rate, 0.0) * benchmark_after_discount
    return bonus
