"""Annual update: observed trend of nation and region, blended with the prospective trend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount


def two_way_trend(*, national: Amount, regional: Amount, aco_market_share: Amount) -> Amount:
    """Return the national-regional trend as a cumulative factor from base year 3.

    The nation weighs as much as the ACO's share of its region's assignable beneficiaries, the region the
    rest (rule book section 4, grade B*; same form as 42 CFR 425.652).

    Examples
    --------
    0.0368 x 1.102459 + 0.9632 x 1.040613:

    >>> round(two_way_trend(national=1.102459, regional=1.040613, aco_market_share=0.0368), 6)
    1.042889
    """
    return aco_market_share * national + (1.0 - aco_market_share) * regional


def update_factor(
    two_way: Amount,
    *,
    acpt: Amount,
    acpt_weight: float,
    guardrail_up: Amount,
    guardrail_down: Amount,
    applies_to: str = "acpt",
) -> Amount:
    """Return the update factor from base year 3 to the performance year.

    Two thirds the observed two-way trend, one third the Accountable Care Prospective Trend (ACPT), which
    may lie at most 0.3 points above and 0.2 points below the two-way trend in 2027 (rule book section 4,
    grade B*; that the guardrail is on the prospective factor is grade A). Its width in later years is a
    term (grade C).

    Parameters
    ----------
    two_way, acpt
        Cumulative factors, for example 1.06.
    acpt_weight
        Weight of the ACPT.
    guardrail_up, guardrail_down
        Width of the guardrail, cumulative, as factors' difference (0.003 is 0.3 points).
    applies_to
        ``"acpt"`` clamps the ACPT before blending, ``"blend"`` clamps the blend.

    Examples
    --------
    An ACPT of 4.8 % against an observed 6.0 % is lifted to 5.8 %: (2 x 1.060 + 1.058) / 3. On a
    $100.0 M baseline the update adds $5,933,333.

    >>> guarded = update_factor(1.06, acpt=1.048, acpt_weight=1 / 3, guardrail_up=0.003, guardrail_down=0.002)
    >>> round(float(guarded), 8)
    1.05933333
    """
    lower, upper = two_way - guardrail_down, two_way + guardrail_up
    if applies_to == "blend":
        update: Amount = np.minimum(np.maximum(_blend(two_way, acpt, acpt_weight), lower), upper)
        return update
    return _blend(two_way, np.minimum(np.maximum(acpt, lower), upper), acpt_weight)


def _blend(two_way: Amount, acpt: Amount, acpt_weight: float) -> Amount:
    return two_way + acpt_weight * (acpt - two_way)
