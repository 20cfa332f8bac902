"""High needs: which beneficiaries have the benchmark, trend and risk model of that category."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.contract.amount import Amount, Mask
    from leadrisk.contract.terms import Terms


@dataclass(frozen=True, slots=True)
class Condition:
    """What is known of a beneficiary at a check date, one value or an array over beneficiaries.

    Parameters
    ----------
    mobility, frailty
        A mobility impairment diagnosis; equipment that shows frailty.
    esrd
        End-stage renal disease.
    risk_score
        The higher of the prospective and the concurrent score.
    unplanned_admissions, skilled_nursing_days, home_health_days
        In twelve months.
    """

    mobility: Mask = False
    frailty: Mask = False
    esrd: Mask = False
    risk_score: Amount = 0.0
    unplanned_admissions: Amount = 0.0
    skilled_nursing_days: Amount = 0.0
    home_health_days: Amount = 0.0


def meets_high_needs_criteria(condition: Condition, *, terms: Terms) -> Mask:
    """Tell who meets one of the criteria of high needs at a check date.

    Any one suffices: impaired mobility; frailty; a risk score of 3.0, with ESRD 0.35; a score of 2.0 with two
    unplanned admissions; 45 days in a skilled nursing facility (rule book section 2, grade B*). It is a matter of the
    beneficiary, in every ACO (grade A). Home health days and a moderate score with ESRD count in ACO REACH and are
    absent from the list for LEAD (grade C).

    Examples
    --------
    Scores of 3.0, 2.4 and 2.4 with one, one and two admissions; the third as well:

    >>> import numpy as np
    >>> from leadrisk.contract.terms import load_terms
    >>> condition = Condition(risk_score=np.array([3.0, 2.4, 2.4]), unplanned_admissions=np.array([1.0, 1.0, 2.0]))
    >>> meets_high_needs_criteria(condition, terms=load_terms("lead")).tolist()
    [True, False, True]
    """
    score = condition.risk_score
    high = score >= np.where(condition.esrd, terms.number("high_needs.score_esrd"), terms.number("high_needs.score"))
    admitted = condition.unplanned_admissions >= terms.number("high_needs.unplanned_admissions")
    moderate = np.logical_and(score >= terms.number("high_needs.moderate_score"), np.logical_not(condition.esrd))
    if terms.flag("high_needs.esrd_moderate"):
        moderate = np.logical_or(
            moderate, np.logical_and(score >= terms.number("high_needs.moderate_score_esrd"), condition.esrd)
        )
    in_care: Mask = condition.skilled_nursing_days >= terms.number("high_needs.skilled_nursing_days")
    if terms.flag("high_needs.home_health"):
        in_care = np.logical_or(in_care, condition.home_health_days >= terms.number("high_needs.home_health_days"))
    met: Mask = np.logical_or.reduce(
        np.broadcast_arrays(condition.mobility, condition.frailty, high, np.logical_and(moderate, admitted), in_care)
    )
    return met


def high_needs_at_checks(met: NDArray[np.bool_], *, sticky: bool) -> NDArray[np.bool_]:
    """Tell who is high needs at each check date, from who meets a criterion then.

    Assessed quarterly; "once High Needs, always High Needs" (rule book section 2, grade B*).

    Parameters
    ----------
    met
        Whether a criterion is met, check dates along the last axis.

    Examples
    --------
    >>> import numpy as np
    >>> high_needs_at_checks(np.array([False, True, False, False]), sticky=True).tolist()
    [False, True, True, True]
    """
    return np.logical_or.accumulate(met, axis=-1) if sticky else met
