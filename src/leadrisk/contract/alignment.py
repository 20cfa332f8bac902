"""Alignment: the minimum number of beneficiaries, what happens below it, and additions during the year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from leadrisk.contract.amount import Amount, Mask
    from leadrisk.contract.inputs import Entrant
    from leadrisk.contract.terms import Terms

MinimumKind = Literal["standard", "high_needs", "newly_entering"]
Mode = Literal["prospective", "hybrid"]

_FIRST_YEAR = 2027


class AlignmentMinimum(NamedTuple):
    """Beneficiaries an ACO needs.

    Parameters
    ----------
    aligned
        Aligned in the performance year.
    claims_aligned
        Claims-aligned in at least one base year.
    """

    aligned: NDArray[np.float64]
    claims_aligned: NDArray[np.float64]


def minimum_kind(*, entrant: Entrant, high_needs_share: float, high_needs_share_above: float) -> MinimumKind:
    """Tell which minimum holds: more than 40 % high needs, newly entering, or the standard one.

    Rule book section 8, grade A; an ACO that is both has the lower one of the two, that of high needs (grade C).
    Beneficiaries with ESRD who are also high needs count in the share, whatever category pays for them.

    Examples
    --------
    >>> minimum_kind(entrant="newly_entering", high_needs_share=0.40, high_needs_share_above=0.40)
    'newly_entering'
    """
    if high_needs_share > high_needs_share_above:
        return "high_needs"
    return "newly_entering" if entrant == "newly_entering" else "standard"


def alignment_minimum(kind: MinimumKind, *, years: ArrayLike, terms: Terms) -> AlignmentMinimum:
    """Return the minimums by performance year.

    5,000 aligned and 3,000 claims-aligned in one base year; 800 and 500 with more than 40 % high needs; 1,000 and 600
    for newly entering ACOs (rule book section 8, grade A). The two lower ones "will slowly grow over the course of the
    model": by 10 % a year from 2027, at most to the standard ones (section 17, grade C).

    Examples
    --------
    1,000 x 1.1 x 1.1 in the third year:

    >>> from leadrisk.contract.terms import load_terms
    >>> minimum = alignment_minimum("newly_entering", years=[2027, 2029], terms=load_terms("lead"))
    >>> minimum.aligned.tolist(), minimum.claims_aligned.tolist()
    ([1000.0, 1210.0], [600.0, 726.0])
    """
    standard = AlignmentMinimum(
        *(np.array(terms.number(f"alignment.minimum.standard.{count}")) for count in AlignmentMinimum._fields)
    )
    elapsed = np.asarray(years, dtype=np.int64) - _FIRST_YEAR
    if kind == "standard":
        return AlignmentMinimum(*(np.broadcast_to(least, elapsed.shape) for least in standard))
    growth = terms.number("alignment.minimum_growth")
    return AlignmentMinimum(
        *(
            grown_minimum(
                terms.number(f"alignment.minimum.{kind}.{count}"), elapsed=elapsed, growth=growth, ceiling=float(least)
            )
            for count, least in standard._asdict().items()
        )
    )


def grown_minimum(first: float, *, elapsed: NDArray[np.int64], growth: float, ceiling: float) -> NDArray[np.float64]:
    """Return a minimum after some years of growth, in whole beneficiaries, at most the ceiling.

    Examples
    --------
    >>> import numpy as np
    >>> grown_minimum(4000.0, elapsed=np.array([0, 1, 2, 3]), growth=0.10, ceiling=5000.0).tolist()
    [4000.0, 4400.0, 4840.0, 5000.0]
    """
    grown = first * np.cumprod(np.concatenate(([1.0], np.full(max(int(elapsed.max(initial=0)), 0), 1.0 + growth))))
    limited: NDArray[np.float64] = np.minimum(np.rint(grown), max(ceiling, first))[elapsed]
    return limited


def is_below_minimum(beneficiaries: Amount, *, minimum: Amount) -> Mask:
    """Tell whether an ACO has fewer beneficiaries than it needs (rule book section 8, grade A; 42 CFR 425.110).

    Examples
    --------
    >>> bool(is_below_minimum(4_999.0, minimum=5_000.0)), bool(is_below_minimum(5_000.0, minimum=5_000.0))
    (True, False)
    """
    below: Mask = np.less(beneficiaries, minimum)
    return below


def years_in_model(below: NDArray[np.bool_], *, below_minimum: str) -> NDArray[np.bool_]:
    """Tell in which performance years the ACO takes part, given the years in which it is below its minimum.

    Neither the consequence nor its date is published (rule book section 8, grade C): by default the ACO continues; the
    other reading settles the year in full and ends the participation with it.

    Parameters
    ----------
    below
        Whether it is below, performance years along the last axis.
    below_minimum
        ``"continue"`` or ``"exit_at_year_end"``.

    Examples
    --------
    >>> import numpy as np
    >>> years_in_model(np.array([False, True, False]), below_minimum="exit_at_year_end").tolist()
    [True, True, False]
    """
    if below_minimum == "continue":
        return np.ones(below.shape, dtype=np.bool_)
    gone = np.zeros(below.shape, dtype=np.bool_)
    gone[..., 1:] = np.logical_or.accumulate(below[..., :-1], axis=-1)
    return ~gone


def aligned_person_years(
    person_years: Amount,
    *,
    mode: Mode,
    voluntary_additions: Amount,
    midyear_additions: Amount,
    voluntary_exposure: float,
    midyear_exposure: float,
) -> Amount:
    """Return the person-years of a performance year, with what hybrid alignment adds to them.

    Prospective alignment is set before the year. Under hybrid alignment voluntary alignment is updated monthly, and
    once, at mid-year, claims-based alignment for newly added participant TINs; beneficiaries "can only be added
    mid-year; they cannot be dropped" (rule book section 8, grade A). How long the added count in their first year is
    a term (grade C).

    Parameters
    ----------
    person_years
        Of those aligned before the year.
    voluntary_additions, midyear_additions
        Beneficiaries added voluntarily and with new TINs.
    voluntary_exposure, midyear_exposure
        Part of the year that they count.

    Examples
    --------
    8,000 person-years, 200 who join through the year and 300 from a new practice, each for half a year:

    >>> for mode in ("prospective", "hybrid"):
    ...     aligned_person_years(
    ...         8000.0,
    ...         mode=mode,
    ...         voluntary_additions=200.0,
    ...         midyear_additions=300.0,
    ...         voluntary_exposure=0.5,
    ...         midyear_exposure=0.5,
    ...     )
    8000.0
    8250.0
    """
    if mode == "prospective":
        return person_years
    return person_years + voluntary_exposure * voluntary_additions + midyear_exposure * midyear_additions


def esrd_person_years_moved(esrd_and_high_needs: Amount, *, precedence: str) -> Amount:
    """Return the person-years that leave ESRD for high needs, of beneficiaries who are both.

    Not settled by any source: ACO REACH's concurrent model knows no ESRD, so by default they stay (rule book sections
    2 and 17, grade C). Those who move bring their spending along and are paid for at the high needs benchmark.

    Parameters
    ----------
    precedence
        ``"esrd"`` or ``"high_needs"``.

    Examples
    --------
    >>> [esrd_person_years_moved(20.0, precedence=category) for category in ("esrd", "high_needs")]
    [0.0, 20.0]
    """
    return esrd_and_high_needs if precedence == "high_needs" else 0.0 * esrd_and_high_needs
