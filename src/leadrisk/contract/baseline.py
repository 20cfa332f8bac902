"""Historical baseline: what the ACO's own base years cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadrisk.contract.amount import Amount
    from leadrisk.contract.inputs import Entrant
    from leadrisk.contract.terms import Terms


def counted_pbpm(
    total_pbpm: Amount,
    *,
    sahs_pbpm: Amount,
    skin_substitutes_pbpm: Amount,
    sahs_excluded: float,
    skin_substitutes_excluded: float,
) -> Amount:
    """Return the spending that counts, in dollars per beneficiary per month.

    Significant, anomalous and highly suspect billing is left out whole, skin substitutes by 65 %, in base
    and performance years alike (rule book section 3, grade B*).

    Examples
    --------
    Of $1,200 with $6 of suspect billing and $20 of skin substitutes, 1,200 - 6 - 0.65 x 20 = $1,181 counts.

    >>> counted_pbpm(
    ...     1200.0,
    ...     sahs_pbpm=6.0,
    ...     skin_substitutes_pbpm=20.0,
    ...     sahs_excluded=1.0,
    ...     skin_substitutes_excluded=0.65,
    ... )
    1181.0
    """
    return total_pbpm - sahs_excluded * sahs_pbpm - skin_substitutes_excluded * skin_substitutes_pbpm


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
