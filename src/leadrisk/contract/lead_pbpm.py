"""What a LEAD benchmark starts from, by category, and the spending class of the whole ACO."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leadrisk.contract.adjustments import (
    baseline_adjustment,
    is_higher_spending,
    prior_savings_adjustment,
    regional_efficiency_adjustment,
)
from leadrisk.contract.baseline import base_year_weights, current_baseline, weighted_baseline
from leadrisk.contract.rate_book import rate_book_blend
from leadrisk.contract.voluntary import mixed_pbpm, voluntary_baseline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from leadrisk.contract.amount import Amount, Mask
    from leadrisk.contract.inputs import CategoryInputs, Entrant, Option
    from leadrisk.contract.terms import Terms


class CategoryStart(NamedTuple):
    """What the benchmark of one category starts from, dollars per beneficiary per month.

    Parameters
    ----------
    baseline
        Weighted base years on the current participant list.
    rea, psa
        Regional efficiency and prior savings adjustment; the higher one counts.
    history
        Baseline and adjustment, claims-aligned and voluntarily aligned together.
    start
        History after the rate book has taken its weight.
    """

    baseline: Amount
    rea: Amount
    psa: Amount
    history: Amount
    start: Amount


def category_start(
    category: CategoryInputs,
    *,
    option: Option,
    entrant: Entrant,
    years: NDArray[np.int64],
    higher: Mask,
    terms: Terms,
) -> CategoryStart:
    """Return what the benchmark of one category starts from.

    Weighted baseline + the higher of regional efficiency and prior savings adjustment, for claims-aligned and
    voluntarily aligned apart, then the weight of the rate book (rule book sections 0, 3 and 5, grade B*). The rate
    book knows no own history, so the voluntarily aligned have the region's rate with everybody else.

    Parameters
    ----------
    category
        Inputs of the category.
    years
        Performance years along the last axis.
    higher
        Whether the ACO is higher-spending.

    Examples
    --------
    1,026.67 + half of 93.33:

    >>> import numpy as np
    >>> from leadrisk.contract.inputs import CategoryInputs
    >>> from leadrisk.contract.terms import load_terms
    >>> aged = CategoryInputs(
    ...     person_years=10_000.0,
    ...     base_year_pbpm=(1000.0, 1020.0, 1060.0),
    ...     region_pbpm=1120.0,
    ...     national_pbpm=1100.0,
    ...     two_way_trend=1.06,
    ...     acpt=1.06,
    ...     risk_score_by3=1.0,
    ...     risk_score_py=1.02,
    ...     expenditure_pbpm=1100.0,
    ... )
    >>> begin = category_start(
    ...     aged,
    ...     option="global",
    ...     entrant="renewing_reach",
    ...     years=np.array([2027]),
    ...     higher=False,
    ...     terms=load_terms("lead"),
    ... )
    >>> round(float(begin.start), 2)
    1073.33
    """
    baseline = _baseline(category, entrant=entrant, terms=terms)
    rea = _regional(category, baseline=baseline, option=option, entrant=entrant, higher=higher, terms=terms)
    psa = _prior_savings(category, higher=higher, terms=terms)
    history = _with_voluntary(category, claims_aligned=baseline + baseline_adjustment(rea=rea, psa=psa), terms=terms)
    rate_book_weight = terms.by_year("rate_book_weight", years)
    start = history
    if np.any(rate_book_weight):
        start = rate_book_blend(history, region_pbpm=category.region_pbpm, weight=rate_book_weight)
    return CategoryStart(baseline, rea, psa, history, start)


def spending_class_of(categories: Mapping[str, CategoryInputs], *, entrant: Entrant, terms: Terms) -> Mask:
    """Tell whether the ACO is higher-spending, from the first performance year's inputs.

    The class is fixed at entry (rule book section 17, grade C). Arrays keep a last axis of length one, so
    that the answer broadcasts over the years. With the term ``spending_class_redetermined`` every year has its own
    class, from the baseline on its participant list.

    Examples
    --------
    >>> from leadrisk.contract.inputs import CategoryInputs
    >>> from leadrisk.contract.terms import load_terms
    >>> aged = CategoryInputs(
    ...     person_years=10_000.0,
    ...     base_year_pbpm=(1000.0, 1020.0, 1060.0),
    ...     region_pbpm=1120.0,
    ...     national_pbpm=1100.0,
    ...     two_way_trend=1.06,
    ...     acpt=1.06,
    ...     risk_score_by3=1.0,
    ...     risk_score_py=1.02,
    ...     expenditure_pbpm=1100.0,
    ... )
    >>> bool(spending_class_of({"aged_disabled": aged}, entrant="renewing_reach", terms=load_terms("lead")))
    False
    """
    at_entry: Callable[[Amount], Amount] = _first_year
    if terms.flag("spending_class_redetermined"):
        at_entry = np.asarray
    inputs = list(categories.values())
    return is_higher_spending(
        [at_entry(_baseline(category, entrant=entrant, terms=terms)) for category in inputs],
        region_pbpm=[at_entry(category.region_pbpm) for category in inputs],
        person_years=[at_entry(category.person_years) for category in inputs],
    )


def _baseline(category: CategoryInputs, *, entrant: Entrant, terms: Terms) -> Amount:
    weighted = weighted_baseline(category.base_year_pbpm, weights=base_year_weights(entrant, terms=terms))
    return current_baseline(weighted, counted=category.counted_base, shift=category.baseline_shift)


def _regional(
    category: CategoryInputs,
    *,
    baseline: Amount,
    option: Option,
    entrant: Entrant,
    higher: Mask,
    terms: Terms,
) -> Amount:
    if np.all(higher) or (option == "professional" and not terms.flag("professional_positive_rea")):
        return 0.0
    rea = regional_efficiency_adjustment(
        baseline,
        region_pbpm=category.region_pbpm,
        national_pbpm=category.national_pbpm,
        weight=terms.number("rea.weight"),
        cap=terms.number("rea.cap_renewing_mssp" if entrant == "renewing_mssp" else "rea.cap"),
    )
    return np.where(higher, 0.0, rea) if np.any(higher) else rea


def _prior_savings(category: CategoryInputs, *, higher: Mask, terms: Terms) -> Amount:
    if not np.any(category.prior_savings_pbpm):
        return 0.0
    psa = prior_savings_adjustment(
        category.prior_savings_pbpm,
        national_pbpm=category.national_pbpm,
        weight=terms.number("psa.weight"),
        cap=terms.number("psa.cap"),
    )
    if np.any(higher) and not terms.flag("psa_for_higher_spending"):
        return np.where(higher, 0.0, psa)
    return psa


def _with_voluntary(category: CategoryInputs, *, claims_aligned: Amount, terms: Terms) -> Amount:
    if not np.any(category.voluntary_share):
        return claims_aligned
    of_region = terms.choice("baseline.voluntary_band_reference") == "region"
    limited = voluntary_baseline(
        claims_aligned * category.voluntary_cost_ratio,
        reference_pbpm=category.region_pbpm if of_region else claims_aligned,
        band=terms.number("baseline.voluntary_band"),
    )
    return mixed_pbpm(claims_aligned, voluntary_pbpm=limited, voluntary_share=category.voluntary_share)


def _first_year(amount: Amount) -> Amount:
    return amount[..., :1] if isinstance(amount, np.ndarray) and amount.ndim else amount
