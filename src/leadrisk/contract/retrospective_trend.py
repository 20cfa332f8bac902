"""Retrospective trend adjustment: what the nation really spent, put in place of what was projected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.corridor import Corridor, shared_amount

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.contract.amount import Amount
    from leadrisk.contract.terms import Terms

FIRST_CORRIDOR_YEAR = 2024


def retrospective_trend_factor(actual: Amount, *, projected: Amount, trigger: float, corridor: Corridor) -> Amount:
    """Return the factor that corrects a benchmark trended ahead of its time.

    Where actual national spending differs from the projection by more than 1 %, the benchmark follows it;
    from PY2024 the first 4 points of the difference in full, the next 4 by half, the rest not at all
    (calibration 9.3, grade B; that the bands are added up on the difference itself is grade C).

    Parameters
    ----------
    actual, projected
        Cumulative national trends over the same years.
    trigger
        Difference up to which the factor is 1.
    corridor
        Bands of the difference and the share of each that reaches the benchmark.

    Examples
    --------
    A projection missed by 5.2 %: 4 points and half of 1.2, or $4.6 M on $100.0 M.

    >>> bands = Corridor(edges=(0.04, 0.08), shares=(1.0, 0.5, 0.0))
    >>> round(float(retrospective_trend_factor(1.052, projected=1.0, trigger=0.01, corridor=bands)), 6)
    1.046

    Within 1 % nothing is adjusted:

    >>> float(retrospective_trend_factor(1.008, projected=1.0, trigger=0.01, corridor=bands))
    1.0
    """
    difference = actual / projected - 1.0
    borne = shared_amount(difference, benchmark=1.0, savings=corridor, losses=corridor)
    factor: Amount = 1.0 + np.where(np.abs(difference) > trigger, borne, 0.0)
    return factor


def reach_trend_factor(actual: Amount, *, projected: Amount, years: NDArray[np.int64], terms: Terms) -> Amount:
    """Return the retrospective trend factor under the rules of ACO REACH performance years.

    Parameters
    ----------
    actual, projected
        Cumulative national trends, years last.
    years
        Performance years whose rules apply, along the last axis.
    terms
        ACO REACH terms.

    Examples
    --------
    PY2022 bore its 5.28 % in full; under the rules of PY2024 it would have been 4.64 %:

    >>> from leadrisk.contract.terms import load_terms
    >>> years = np.array([2022, 2024])
    >>> reach_trend_factor(0.9472, projected=1.0, years=years, terms=load_terms("reach")).round(6).tolist()
    [0.9472, 0.9536]
    """
    trigger = terms.number("retrospective_trend.trigger")
    later = years >= FIRST_CORRIDOR_YEAR

    def factor(period: str) -> Amount:
        corridor = terms.corridor(f"retrospective_trend.corridor.{period}")
        return retrospective_trend_factor(actual, projected=projected, trigger=trigger, corridor=corridor)

    if np.all(later):
        return factor("from_2024")
    if not np.any(later):
        return factor("before_2024")
    return np.where(later, factor("from_2024"), factor("before_2024"))
