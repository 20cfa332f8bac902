"""Normalisation: risk scores against the national mean of their year."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount


def normalised_score(raw_score: Amount, *, factor: Amount) -> Amount:
    """Return the risk score over the normalisation factor of its year.

    CMS renormalises scores every year so that the national mean is 1; the factors are not published, so the default
    is 1 for scores that are given as normalised (rule book section 6, grade C).

    Examples
    --------
    A raw score of 1.0404 in a year whose national mean is 1.02; on $100.0 M that takes $2.0 M off:

    >>> round(normalised_score(1.0404, factor=1.02), 6)
    1.02
    """
    return raw_score / factor


def concurrent_score_ratio(prospective_ratio: Amount, *, cost_ratio: Amount, response: float) -> Amount:
    """Return how a concurrent risk score grows, from the growth of the prospective score and of cost.

    High needs beneficiaries are scored with a concurrent model: diagnoses of the performance year count in that year
    (rule book section 6, grades A and B), so their score follows part of what happens to their cost in the year. The
    model itself is not public; this is prospective ratio x (1 + response x (cost ratio - 1)) (grade C): 0 leaves the
    prospective score, 1 follows cost in full.

    Parameters
    ----------
    prospective_ratio
        Prospective score over that of base year 3.
    cost_ratio
        Cost of the year over what was to be expected at the prospective score, without price trend.
    response
        0 to 1, an assumption of the scenario.

    Examples
    --------
    Cost 10 % above expectation, a response of 0.4: 1.02 x (1 + 0.4 x 0.10):

    >>> round(concurrent_score_ratio(1.02, cost_ratio=1.10, response=0.4), 6)
    1.0608
    """
    return prospective_ratio * (1.0 + response * (cost_ratio - 1.0))
