"""Sequestration: two percent off what CMS pays, or on what it is owed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount


def sequestration_amount(
    shared: Amount, *, gross: Amount, rate: float, on_losses: bool, base: str = "shared_amount"
) -> Amount:
    """Return the dollars sequestration takes off the settlement, never negative.

    2 % of the shared amount on savings and, by default, on losses, which it deepens (rule book section 1,
    grade B*; the base is grade C). ACO REACH takes it on savings only.

    Parameters
    ----------
    shared, gross
        Shared and gross savings (positive) or losses (negative), in dollars.
    on_losses
        Whether losses are deepened too.
    base
        ``"shared_amount"`` or ``"gross"``.

    Examples
    --------
    2 % of a shared loss of $26.25 M makes it $26.775 M:

    >>> round(float(sequestration_amount(-26_250_000.0, gross=-40_000_000.0, rate=0.02, on_losses=True)), 2)
    525000.0
    """
    amount = gross if base == "gross" else shared
    taken: Amount = rate * (np.abs(amount) if on_losses else np.maximum(amount, 0.0))
    return taken
