"""Shared Savings Program: growth of the risk score since base year 3, capped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount


def capped_growth(ratio: Amount, *, cap: Amount) -> Amount:
    """Return the growth of one enrollment type's risk score, at most 1 + cap, with no floor.

    At most 3 % over the agreement period, falls in full (CMS Specifications v11, Table 3, calibration section
    9.4, grade A).

    Parameters
    ----------
    ratio
        Normalised score of the performance year over that of base year 3.
    cap
        Growth that counts at most; infinite where the type is not capped.

    Examples
    --------
    1.046 / 0.987 is 1.060 and counts as 1.03: on $100.0 M, $3.0 M instead of $6.0 M.

    >>> [round(float(capped_growth(py / by3, cap=0.03)), 3) for by3, py in ((0.987, 1.046), (1.123, 1.074))]
    [1.03, 0.956]
    """
    capped: Amount = np.minimum(ratio, 1.0 + cap)
    return capped


def aggregate_cap(*, growth: Amount, demographic_growth: Amount, cap: float) -> Amount:
    """Return the cap on each type's growth when all types are judged together.

    From 2024 the cap is 3 % plus the growth of the demographic scores, both over all types by dollars; no type is
    capped while the growth over all types stays within it, and each type is held to it once it does not (42 CFR
    425.605(a)(1)(ii), grade B).

    Parameters
    ----------
    growth, demographic_growth
        Growth since base year 3 of risk and of demographic scores over all types, as shares (0.04 is 4 %).

    Returns
    -------
    Amount
        Cap for :func:`capped_growth`; infinite where no type is capped.

    Examples
    --------
    3.5 % stays within 3 % + 1 %; 4.5 % does not, and each type may grow by 4 %: $4.0 M on $100.0 M.

    >>> [float(aggregate_cap(growth=grown, demographic_growth=0.01, cap=0.03)) for grown in (0.035, 0.045)]
    [inf, 0.04]
    """
    limit = demographic_growth + cap
    capped: Amount = np.where(np.asarray(growth) > limit, limit, np.inf)
    return capped
