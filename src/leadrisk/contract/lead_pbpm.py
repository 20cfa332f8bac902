"""LEAD benchmark per beneficiary per month: one category, and the spending class of the whole ACO."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leadrisk.contract.adjustments import (
    baseline_adjustment,
    is_higher_spending,
    prior_savings_adjustment,
    regional_efficiency_adjustment,
)
from leadrisk.contract.baseline import base_year_weights, weighted_baseline
from leadrisk.contract.rate_book import rate_book_blend
from leadrisk.contract.risk_cap import blended_score, capped_risk_ratio
from leadrisk.contract.update import update_factor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from leadrisk.contract.amount import Amount, Mask
    from leadrisk.contract.inputs import CategoryInputs, Entrant, Option
    from leadrisk.contract.terms import Terms


class CategoryBenchmark(NamedTuple):
    """How the benchmark of one category comes about; amounts in dollars per beneficiary per month.

    Parameters
    ----------
    baseline
        Weighted base years.
    rea, psa
        Regional efficiency and prior savings adjustment; the higher one counts.
    start
        Baseline and adjustment after the rate book has taken its weight.
    update
        Update factor from base year 3.
    risk_ratio
        Capped growth of the risk score, after the coding intensity factor.
    """

    baseline: Amount
    rea: Amount
    psa: Amount
    start: Amount
    update: Amount
    risk_ratio: Amount

    @property
    def pbpm(self) -> Amount:
        """Benchmark before discount."""
        return self.start * self.update * self.risk_ratio


def category_benchmark(
    category: CategoryInputs,
    *,
    name: str,
    option: Option,
    entrant: Entrant,
    years: NDArray[np.int64],
    higher: Mask,
    terms: Terms,
) -> CategoryBenchmark:
    """Return the benchmark of one category before discount and the steps that lead to it.

    (weighted baseline + adjustment) x update x capped risk ratio (rule book section 0, grade B*).

    Parameters
    ----------
    category
        Inputs of the category.
    name
        ``aged_disabled``, ``high_needs`` or ``esrd``; it selects the risk cap.
    years
        Performance years along the last axis.
    higher
        Whether the ACO is higher-spending.

    Examples
    --------
    (1,026.67 + half of 93.33) x 1.06 x 1.02:

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
    >>> benchmark = category_benchmark(
    ...     aged,
    ...     name="aged_disabled",
    ...     option="global",
    ...     entrant="renewing_reach",
    ...     years=np.array([2027]),
    ...     higher=False,
    ...     terms=load_terms("lead"),
    ... )
    >>> np.asarray(benchmark.pbpm).round(4).tolist()
    [1160.488]
    """
    baseline = _baseline(category, entrant=entrant, terms=terms)
    rea = _regional(category, baseline=baseline, option=option, entrant=entrant, higher=higher, terms=terms)
    psa = _prior_savings(category, higher=higher, terms=terms)
    start = baseline + baseline_adjustment(rea=rea, psa=psa)
    rate_book_weight = terms.by_year("rate_book_weight", years)
    if np.any(rate_book_weight):
        start = rate_book_blend(start, region_pbpm=category.region_pbpm, weight=rate_book_weight)
    update = update_factor(
        category.two_way_trend,
        acpt=category.acpt,
        acpt_weight=terms.number("update.acpt_weight"),
        guardrail_up=terms.by_year("guardrail.up", years),
        guardrail_down=terms.by_year("guardrail.down", years),
        applies_to=terms.choice("guardrail_applies_to"),
    )
    score = category.risk_score_py
    if category.ai_risk_score_py is not None:
        ai_weight = terms.by_year("ai_score_weight", years)
        score = blended_score(score, ai_score=category.ai_risk_score_py, ai_weight=ai_weight)
    ratio = capped_risk_ratio(
        score,
        reference_score=category.risk_score_by3,
        cap=terms.number(f"risk_cap.{name}"),
        coding_intensity_factor=terms.by_year(f"coding_intensity_factor.{name}", years),
    )
    return CategoryBenchmark(baseline, rea, psa, start, update, ratio)


def spending_class_of(categories: Mapping[str, CategoryInputs], *, entrant: Entrant, terms: Terms) -> Mask:
    """Tell whether the ACO is higher-spending, from the first performance year's inputs.

    The class is fixed at entry (rule book section 17, grade C). Arrays keep a last axis of length one, so
    that the answer broadcasts over the years.

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
    inputs = list(categories.values())
    return is_higher_spending(
        [_first_year(_baseline(category, entrant=entrant, terms=terms)) for category in inputs],
        region_pbpm=[_first_year(category.region_pbpm) for category in inputs],
        person_years=[_first_year(category.person_years) for category in inputs],
    )


def _baseline(category: CategoryInputs, *, entrant: Entrant, terms: Terms) -> Amount:
    return weighted_baseline(category.base_year_pbpm, weights=base_year_weights(entrant, terms=terms))


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


def _first_year(amount: Amount) -> Amount:
    return amount[..., :1] if isinstance(amount, np.ndarray) and amount.ndim else amount
