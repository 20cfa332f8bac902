"""The annual update of a LEAD case in its parts: two-way trend, prospective trend, guardrail, blend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.case.lines import percent
from leadrisk.contract.update import FIRST_YEAR, guardrail_years, update_factor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from leadrisk.contract.amount import Amount
    from leadrisk.contract.inputs import CategoryInputs
    from leadrisk.contract.terms import Terms


def guarded_years(years: ArrayLike, first_performance_year: int, terms: Terms) -> NDArray[np.int64]:
    """Return the years whose guardrail applies; only a later entrant has others than its performance years."""
    years = np.asarray(years, dtype=np.int64)
    if first_performance_year == FIRST_YEAR:
        return years
    counted = terms.choice("guardrail_year")
    return guardrail_years(years, first_performance_year=first_performance_year, counted=counted)


def update_parts(
    category: CategoryInputs, *, years: NDArray[np.int64], terms: Terms, first_performance_year: int
) -> dict[str, Amount]:
    """Return ``two_way``, ``acpt`` and ``acpt_guarded``, from which the update is blended.

    Where the guardrail is read as one on the blend, the prospective trend goes into it as it is.

    Examples
    --------
    An ACPT 0.8 points above the two-way trend is held 0.3 points above it:

    >>> from leadrisk.contract.inputs import CategoryInputs
    >>> from leadrisk.contract.terms import load_terms
    >>> aged = CategoryInputs(
    ...     person_years=8_000.0,
    ...     base_year_pbpm=(1000.0, 1020.0, 1060.0),
    ...     region_pbpm=1120.0,
    ...     national_pbpm=1100.0,
    ...     two_way_trend=1.062,
    ...     acpt=1.070,
    ...     risk_score_by3=1.0,
    ...     risk_score_py=1.0,
    ...     expenditure_pbpm=1100.0,
    ... )
    >>> parts = update_parts(aged, years=np.array([2027]), terms=load_terms("lead"), first_performance_year=2027)
    >>> [round(float(np.squeeze(part)), 6) for part in parts.values()]
    [1.062, 1.07, 1.065]
    """
    guarded: Amount = category.acpt
    if terms.choice("guardrail_applies_to") == "acpt":
        of = guarded_years(years, first_performance_year, terms)
        guarded = update_factor(
            category.two_way_trend,
            acpt=category.acpt,
            acpt_weight=1.0,
            guardrail_up=terms.by_year("guardrail.up", of),
            guardrail_down=terms.by_year("guardrail.down", of),
        )
    return {"two_way": category.two_way_trend, "acpt": category.acpt, "acpt_guarded": guarded}


def update_in_words(step: Mapping[str, float], terms: Terms) -> str:
    """Say how the update came about, so that it can be done again.

    Parameters
    ----------
    step
        ``two_way``, ``acpt``, ``acpt_guarded`` and ``update`` of a category.

    Examples
    --------
    >>> from leadrisk.contract.terms import load_terms
    >>> update_in_words({"two_way": 1.062, "acpt": 1.07, "acpt_guarded": 1.065, "update": 1.063}, load_terms("lead"))
    'update 1.063000 (66.667 % x two-way 1.062000 + 33.333 % x ACPT 1.070000 held at 1.065000)'
    """
    weight = terms.number("update.acpt_weight")
    held = "" if abs(step["acpt_guarded"] - step["acpt"]) < 5e-7 else f" held at {step['acpt_guarded']:.6f}"
    blended = (1.0 - weight) * step["two_way"] + weight * step["acpt_guarded"]
    blend = (
        f"{percent(1.0 - weight)} x two-way {step['two_way']:.6f} + {percent(weight)} x ACPT {step['acpt']:.6f}{held}"
    )
    if abs(blended - step["update"]) >= 5e-7:  # the guardrail is on the blend
        blend += f" = {blended:.6f}, held at {step['update']:.6f}"
    return f"update {step['update']:.6f} ({blend})"
