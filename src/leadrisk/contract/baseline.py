"""Historical baseline: what the ACO's own base years cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrisk.contract.amount import scaled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadrisk.contract.amount import Amount
    from leadrisk.contract.inputs import Entrant
    from leadrisk.contract.terms import Terms


def risk_standardised_pbpm(
    counted_pbpm: Amount, *, trend: Amount, risk_score: Amount, reference_score: Amount
) -> Amount:
    """Return the spending of a base year at the prices and the risk of base year 3.

    Base years are trended to base year 3 with the national-regional trend, then risk-adjusted, then weighted (rule
    book section 3, grade B*). Risk adjustment puts each year at the score of base year 3, from which the growth of
    the score is counted (section 6).

    Parameters
    ----------
    counted_pbpm
        Spending of the base year that counts, dollars per beneficiary per month.
    trend
        Cumulative national-regional trend from the base year to base year 3; 1 for base year 3 itself.
    risk_score, reference_score
        Normalised risk scores of the base year and of base year 3.

    Examples
    --------
    $1,000 in base year 1, 8 % of trend, a score of 0.98 where base year 3 has 1.00:

    >>> round(risk_standardised_pbpm(1000.0, trend=1.08, risk_score=0.98, reference_score=1.0), 2)
    1102.04
    """
    return counted_pbpm * trend * reference_score / risk_score


def current_baseline(weighted_pbpm: Amount, *, counted: Amount, shift: Amount) -> Amount:
    """Return the baseline as re-run on the current participant list, in dollars per beneficiary per month.

    Base years are frozen for the ACO's participation, but each performance year the baseline is run again on the
    current list of participant TINs (rule book section 3, grade A). The spending that does not count is taken out
    of it (:mod:`leadrisk.contract.exclusions`).

    Parameters
    ----------
    weighted_pbpm
        Weighted base years on the list of the first performance year.
    counted
        Share of base-year spending that counts; 1 where the figures are already net.
    shift
        Baseline on the current list over the baseline on the first one, by performance year.

    Examples
    --------
    The practices that joined cost 2 % more: $1,100 x 1.02:

    >>> current_baseline(1100.0, counted=1.0, shift=1.02)
    1122.0
    """
    return scaled(scaled(weighted_pbpm, counted), shift)


def weighted_baseline(base_year_pbpm: Sequence[Amount], *, weights: Sequence[float]) -> Amount:
    """Return the weighted base years, in dollars per beneficiary per month.

    The three calendar years before the first performance year, each trended to base year 3 and
    risk-standardised, weigh one third each for a renewing ACO and 10/30/60 for a newly entering one (rule
    book section 3, grade B*; the frozen base years are grade A).

    Parameters
    ----------
    base_year_pbpm
        Base years 1, 2, 3.
    weights
        Their relative weights; they are divided by their sum.

    Examples
    --------
    >>> round(weighted_baseline([1050.0, 1110.0, 1150.0], weights=[1.0, 1.0, 1.0]), 6)
    1103.333333
    >>> round(weighted_baseline([1050.0, 1110.0, 1150.0], weights=[0.1, 0.3, 0.6]), 6)
    1128.0
    """
    first, second, third = base_year_pbpm
    weight_1, weight_2, weight_3 = weights
    total = weight_1 + weight_2 + weight_3
    return (weight_1 * first + weight_2 * second + weight_3 * third) / total


def base_year_weights(entrant: Entrant, *, terms: Terms) -> tuple[float, ...]:
    """Return the relative weights of base years 1, 2, 3 for this kind of entrant.

    Examples
    --------
    >>> from leadrisk.contract.terms import load_terms
    >>> [round(weight, 6) for weight in base_year_weights("newly_entering", terms=load_terms("lead"))]
    [0.1, 0.3, 0.6]
    """
    kind = "newly_entering" if entrant == "newly_entering" else "renewing"
    return terms.weights(f"baseline.weights_{kind}")
