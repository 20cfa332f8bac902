"""Risk scores of ACO REACH: coding intensity, and the extra cap on growth since base year 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.risk_cap import cap_applies, capped_risk_ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.contract.amount import Amount, Mask
    from leadrisk.contract.reach_inputs import ReachCategory
    from leadrisk.contract.terms import Terms


def limited_coding_intensity(factor: Amount, *, ceiling: Amount) -> Amount:
    """Return the coding intensity factor after its ceiling.

    Model-wide growth of scores beyond the reference is taken back from every ACO, but from PY2024 by at
    most 1 % (2 % for high needs in PY2026; CMS updates, grade A).

    Examples
    --------
    1.5 % of coding growth counts as 1 %: $1.0 M instead of $1.5 M on $100.0 M.

    >>> float(limited_coding_intensity(1.015, ceiling=0.01))
    1.01
    """
    limited: Amount = np.minimum(factor, 1.0 + ceiling)
    return limited


def growth_capped_ratio(ratio: Amount, *, cap: Amount) -> Amount:
    """Return a score ratio held to the extra cap of PY2026 on growth since base year 3.

    3 % from 2019 to 2026, after the symmetric cap and the coding intensity factor, upwards only (CMS PY2026
    update, grade A).

    Examples
    --------
    A ratio of 1.05, allowed for demographic growth, is cut to 1.03: $2.0 M on $100.0 M.

    >>> float(growth_capped_ratio(1.05, cap=0.03)), float(growth_capped_ratio(0.90, cap=0.03))
    (1.03, 0.9)
    """
    capped: Amount = np.minimum(ratio, 1.0 + cap)
    return capped


def reach_risk_ratio(category: ReachCategory, *, name: str, years: NDArray[np.int64], terms: Terms) -> Amount:
    """Return the score ratio that an ACO REACH benchmark is multiplied by.

    Normalised growth since the reference year, within demographic growth +/- 3 %, over the coding intensity
    factor, and from PY2026 at most 3 % above base year 3 (calibration 9.4; rule book section 6). Base year 3
    is also the reference year. An exempt ACO bears the coding intensity factor alone.

    Parameters
    ----------
    category
        Inputs of the category; its ``risk_ratio`` is between normalised scores.
    name
        ``aged_disabled``, ``high_needs`` or ``esrd``; it selects caps and factors.
    years
        Performance years whose rules apply, along the last axis.

    Examples
    --------
    Growth of 6 % with 2 % of it demographic, in PY2025 and PY2026: 1.05 / 1.009, and held to 1.03.

    >>> from leadrisk.contract.reach_inputs import ReachCategory
    >>> from leadrisk.contract.terms import load_terms
    >>> aged = ReachCategory(
    ...     person_years=10_000.0,
    ...     base_year_pbpm=(1000.0, 1020.0, 1060.0),
    ...     region_pbpm=1120.0,
    ...     national_pbpm=1100.0,
    ...     projected_trend=1.06,
    ...     actual_national_trend=1.06,
    ...     risk_ratio=1.06,
    ...     expenditure_pbpm=1100.0,
    ...     demographic_growth=0.02,
    ... )
    >>> ratio = reach_risk_ratio(aged, name="aged_disabled", years=np.array([2025, 2026]), terms=load_terms("reach"))
    >>> ratio.round(6).tolist()
    [1.040634, 1.03]
    """
    factor = limited_coding_intensity(
        terms.number(f"coding_intensity.factor.{name}"),
        ceiling=terms.by_year(f"coding_intensity.ceiling.{name}", years),
    )
    applies: Mask = True
    if category.reference_person_years is not None:
        applies = cap_applies(
            category.person_years,
            reference_beneficiaries=category.reference_person_years,
            minimum_reference=terms.number(f"risk_cap.minimum_reference.{name}"),
            skip_at_growth=terms.number("risk_cap.population_multiple"),
        )
    ratio = capped_risk_ratio(
        category.risk_ratio,
        reference_score=1.0,
        cap=terms.by_year(f"risk_cap.{name}", years),
        coding_intensity_factor=factor,
        demographic_growth=terms.by_year(f"risk_cap.demographic_weight.{name}", years) * category.demographic_growth,
        applies=applies,
    )
    held = growth_capped_ratio(ratio, cap=terms.by_year(f"risk_cap.since_base_year.{name}", years))
    return held if np.all(applies) else np.where(applies, held, ratio)
