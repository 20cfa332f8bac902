"""How a LEAD benchmark grows from base year 3: update and risk, by category."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leadrisk.contract.normalisation import normalised_score
from leadrisk.contract.risk_cap import blended_score, cap_applies, capped_risk_ratio
from leadrisk.contract.update import FIRST_YEAR, guardrail_years, update_factor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.contract.amount import Amount, Mask
    from leadrisk.contract.inputs import CategoryInputs
    from leadrisk.contract.terms import Terms


class CategoryGrowth(NamedTuple):
    """How the benchmark of one category grows from base year 3; the same under both options.

    Parameters
    ----------
    update
        Update factor.
    risk_ratio
        Capped growth of the risk score, after the coding intensity factor.
    """

    update: Amount
    risk_ratio: Amount


def category_growth(
    category: CategoryInputs,
    *,
    name: str,
    years: NDArray[np.int64],
    terms: Terms,
    first_performance_year: int = FIRST_YEAR,
) -> CategoryGrowth:
    """Return update factor and capped risk ratio of one category (rule book sections 4 and 6, grade B*).

    Parameters
    ----------
    category
        Inputs of the category.
    name
        ``aged_disabled``, ``high_needs`` or ``esrd``; it selects the risk cap.
    years
        Performance years along the last axis.
    first_performance_year
        The ACO's own; later entrants count the years of the guardrail from it.

    Examples
    --------
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
    ...     risk_score_py=1.05,
    ...     expenditure_pbpm=1100.0,
    ... )
    >>> growth = category_growth(aged, name="aged_disabled", years=np.array([2027]), terms=load_terms("lead"))
    >>> [np.asarray(factor).item() for factor in growth]
    [1.06, 1.03]
    """
    guarded = years
    if first_performance_year != FIRST_YEAR:
        guarded = guardrail_years(
            years, first_performance_year=first_performance_year, counted=terms.choice("guardrail_year")
        )
    update = update_factor(
        category.two_way_trend,
        acpt=category.acpt,
        acpt_weight=terms.number("update.acpt_weight"),
        guardrail_up=terms.by_year("guardrail.up", guarded),
        guardrail_down=terms.by_year("guardrail.down", guarded),
        applies_to=terms.choice("guardrail_applies_to"),
    )
    return CategoryGrowth(update, _risk_ratio(category, name=name, years=years, terms=terms))


def _risk_ratio(category: CategoryInputs, *, name: str, years: NDArray[np.int64], terms: Terms) -> Amount:
    score = category.risk_score_py
    if category.ai_risk_score_py is not None:
        ai_weight = terms.by_year("ai_score_weight", years)
        score = blended_score(score, ai_score=category.ai_risk_score_py, ai_weight=ai_weight)
    normalisation = terms.by_year(f"normalisation_factor.{name}", years)
    if np.any(normalisation != 1.0):
        score = normalised_score(score, factor=normalisation)
    demographic: Amount = 0.0
    if (
        name == "aged_disabled"
        and np.any(category.demographic_growth)
        and terms.choice("risk_cap.demographic_shift") == "reach_aged_disabled"
    ):
        demographic = category.demographic_growth
    applies: Mask = True
    if category.reference_person_years is not None and terms.flag("risk_cap.minimum_sizes"):
        applies = cap_applies(
            category.person_years,
            reference_beneficiaries=category.reference_person_years,
            minimum_reference=terms.number(f"risk_cap.minimum_reference.{name}"),
            skip_at_growth=terms.number("risk_cap.skip_at_growth"),
        )
    coding = terms.by_year(f"coding_intensity_factor.{name}", years)
    return capped_risk_ratio(
        score,
        reference_score=category.risk_score_by3,
        cap=terms.number(f"risk_cap.{name}"),
        coding_intensity_factor=coding if np.any(coding != 1.0) else 1.0,
        demographic_growth=demographic,
        applies=applies,
    )
