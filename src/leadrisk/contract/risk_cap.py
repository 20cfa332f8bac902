"""Risk scores: growth caps against the reference year, and AI-inferred scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount, Mask


def capped_risk_ratio(
    score: Amount,
    *,
    reference_score: Amount,
    cap: Amount,
    coding_intensity_factor: Amount = 1.0,
    demographic_growth: Amount = 0.0,
    applies: Mask = True,
) -> Amount:
    """Return the growth of the risk score since base year 3, kept within 1 - cap and 1 + cap.

    Caps are 3 % for aged & disabled and ESRD and 4 % for high needs beneficiaries, both ways, against a
    static base year 3 (rule book section 6, grade B*). A coding intensity factor divides after the cap, as in
    ACO REACH; LEAD has published none (section 17, grade C, default 1). Nor has it published the other two rules of
    ACO REACH, which terms can switch on (section 6, grade C): the cap of aged & disabled lies around the growth of
    the demographic score, and small or fast growing categories have none (:func:`cap_applies`).

    Parameters
    ----------
    score, reference_score
        Normalised risk scores of the performance year and of base year 3.
    cap
        Growth allowed either way.
    coding_intensity_factor
        Divisor of the capped growth.
    demographic_growth
        Growth d of the demographic score since base year 3; the cap is d - cap to d + cap.
    applies
        Whether there is a cap.

    Examples
    --------
    1.085 / 1.02 = 1.0637 is capped at 1.03; on $100.0 M that is $3.0 M instead of $6.4 M.

    >>> float(capped_risk_ratio(1.085, reference_score=1.02, cap=0.03))
    1.03
    >>> round(float(capped_risk_ratio(1.085, reference_score=1.02, cap=0.03, coding_intensity_factor=1.01)), 6)
    1.019802

    With a demographic growth of 2 % the cap lies at 5 %:

    >>> round(float(capped_risk_ratio(1.085, reference_score=1.02, cap=0.03, demographic_growth=0.02)), 6)
    1.05
    """
    growth = score / reference_score
    middle = 1.0 + demographic_growth
    ratio: Amount = np.minimum(np.maximum(growth, middle - cap), middle + cap)
    if applies is not True:
        ratio = np.where(applies, ratio, growth)
    return ratio / coding_intensity_factor


def cap_applies(
    beneficiaries: Amount, *, reference_beneficiaries: Amount, minimum_reference: float, skip_at_growth: float
) -> Mask:
    """Tell whether a category is large and steady enough for the cap on its risk score.

    ACO REACH caps from 1,500 aged & disabled and 50 ESRD reference beneficiaries on, and not where the performance
    year has at least three times as many as the reference year; LEAD has published no such rule (rule book section 6,
    grade C).

    Parameters
    ----------
    beneficiaries, reference_beneficiaries
        Of the category in the performance year and in base year 3.
    minimum_reference
        Least reference beneficiaries for a cap.
    skip_at_growth
        Multiple of the reference beneficiaries from which there is none.

    Examples
    --------
    >>> [cap_applies(n, reference_beneficiaries=1600.0, minimum_reference=1500.0, skip_at_growth=3.0)
    ...  for n in (2000.0, 4800.0)]
    [True, False]
    """
    large_enough: Mask = reference_beneficiaries >= minimum_reference
    steady: Mask = beneficiaries < skip_at_growth * reference_beneficiaries
    applies: Mask = large_enough & steady
    return applies


def blended_score(hcc_score: Amount, *, ai_score: Amount, ai_weight: Amount) -> Amount:
    """Return the risk score with the AI-inferred score phased in.

    Weight 0 to 2028, one third in 2029, full by 2031 (rule book section 6, grade B; 2030 is grade C).

    Examples
    --------
    (2 x 1.08 + 1.02) / 3; on $100.0 M the blend takes $2.0 M off.

    >>> round(blended_score(1.08, ai_score=1.02, ai_weight=1 / 3), 6)
    1.06
    """
    return hcc_score + ai_weight * (ai_score - hcc_score)
