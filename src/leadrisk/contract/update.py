"""Annual update: observed trend of nation and region, blended with the prospective trend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.contract.amount import Amount

FIRST_YEAR = 2027


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
    deviation = acpt - two_way
    if applies_to == "blend":
        return two_way + _kept(acpt_weight * deviation, up=guardrail_up, down=guardrail_down)
    return two_way + acpt_weight * _kept(deviation, up=guardrail_up, down=guardrail_down)


def projected_trend(
    actual: NDArray[np.float64], projected: NDArray[np.float64], *, years_ahead: int
) -> NDArray[np.float64]:
    """Return the cumulative trend that is set some years ahead: what was known then, grown as projected since.

    The ACPT is prospective; whether its projection is made once, at entry, or before every performance year is not
    published (rule book section 4, grade C). ACO REACH sets its benchmarks on a projection two years old.

    Parameters
    ----------
    actual
        Cumulative national growth since BY3 as it came, shape (..., year).
    projected
        Cumulative growth since BY3 as projected at entry, shape (year,).

    Examples
    --------
    Growth was 10 % instead of 5 % in the first year; a projection two years old does not know it in the second:

    >>> import numpy as np
    >>> known = projected_trend(np.array([1.10, 1.155, 1.21]), np.array([1.05, 1.1025, 1.157625]), years_ahead=2)
    >>> known.round(4).tolist()
    [1.05, 1.1025, 1.2128]
    """
    trend = np.broadcast_to(projected, actual.shape).copy()
    trend[..., years_ahead:] = actual[..., :-years_ahead] * (projected[years_ahead:] / projected[:-years_ahead])
    return trend


def guardrail_years(
    performance_years: NDArray[np.int64], *, first_performance_year: int, counted: str
) -> NDArray[np.int64]:
    """Return the years whose guardrail applies, as years of an ACO that entered in 2027.

    The guardrail is published for 2027, one year after base year 3, and "widening in later years" (rule book section
    4, grade B*). Trends are cumulative from the ACO's own base year 3, so by default its width counts from the ACO's
    entry as well: an entrant of 2028 has in 2028 what an entrant of 2027 had in 2027 (grade C; the other reading goes
    by the calendar). Only the guardrail hangs on the entry. The discount path and the phase-in of AI-inferred scores
    and of the rate book are stated for calendar years.

    Examples
    --------
    >>> import numpy as np
    >>> years = np.array([2028, 2029])
    >>> guardrail_years(years, first_performance_year=2028, counted="since_entry").tolist()
    [2027, 2028]
    """
    return performance_years - (first_performance_year - FIRST_YEAR) if counted == "since_entry" else performance_years


def _kept(deviation: Amount, *, up: Amount, down: Amount) -> Amount:
    kept: Amount = np.minimum(np.maximum(deviation, np.negative(down)), up)
    return kept
