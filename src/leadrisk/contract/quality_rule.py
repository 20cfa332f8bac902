"""Quality: the part of the benchmark that has to be earned."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount


def quality_adjustment(benchmark_after_discount: Amount, *, score: Amount, at_risk: float) -> Amount:
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
