"""Retention withhold: money kept back in the first year from an ACO that may leave after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.contract.amount import Amount, Mask


def retention_withhold(benchmark_final: Amount, *, rate: float) -> NDArray[np.float64]:
    """Return what is withheld in each performance year, in dollars: a share of the first year's benchmark.

    No LEAD text has it; ACO REACH had one, so the rate is 0 by default and 2 % as a stress (rule book section
    11, grade C). It is taken in twelfths from the first year's monthly payments.

    Parameters
    ----------
    benchmark_final
        Final benchmark, shape (..., year), dollars; the first year of the axis is the ACO's first.
    rate
        Share withheld.

    Examples
    --------
    2 % of $100.0 M in the first of two years:

    >>> retention_withhold(np.array([100e6, 104e6]), rate=0.02).tolist()
    [2000000.0, 0.0]
    """
    withheld = np.zeros_like(np.asarray(benchmark_final, dtype=np.float64))
    withheld[..., 0] = rate * np.asarray(benchmark_final)[..., 0]
    return withheld


def retention_returned(withheld: Amount, *, stays_next_year: Mask) -> NDArray[np.float64]:
    """Return what comes back with the year's final settlement, in dollars.

    An ACO that stays for the next performance year gets it back in full, one that leaves forfeits it (rule
    book section 11, grade C, by analogy with ACO REACH).

    Parameters
    ----------
    stays_next_year
        Whether the ACO is still in the model in the year after, or completed the last year of the model.

    Examples
    --------
    >>> retention_returned(np.array([2e6, 2e6]), stays_next_year=np.array([True, False])).tolist()
    [2000000.0, 0.0]
    """
    return np.where(stays_next_year, withheld, 0.0)
