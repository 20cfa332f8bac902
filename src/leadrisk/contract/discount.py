"""Discount: the part of the benchmark CMS keeps first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount


def discount_amount(benchmark_before_discount: Amount, *, rate: Amount) -> Amount:
    """Return the dollars taken off the benchmark.

    Global: 3 % for lower-spending ACOs; 1.75 % in 2027 rising to 3 % by 2032 for higher-spending ones (rule
    book section 1, grade B; the steps between are grade C). Professional: none.

    Examples
    --------
    1.75 % of $90.0 M:

    >>> round(discount_amount(90_000_000.0, rate=0.0175), 2)
    1575000.0
    """
    return rate * benchmark_before_discount
