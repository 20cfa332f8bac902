"""``[cara]`` of a LEAD case: a year of episodes settled between the ACO and its Preferred Providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrisk.contract.cara import provider_payment, target_price
from leadrisk.contract.case.extra import CaseExtra
from leadrisk.contract.case.lines import grade, line, money, percent
from leadrisk.contract.case.values import MOST_DOLLARS, number
from leadrisk.scenario.election_rules import Elected, check_elections
from leadrisk.scenario.explain import joined

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadrisk.contract.case.lead_input import LeadCase
    from leadrisk.contract.case.source import CaseSource
    from leadrisk.contract.terms import Terms

KEYS = ("cara",)

_ALL = ("target_price", "target_discount", "actual_cost", "performance_adjustment", "quality_score")


def read(source: CaseSource, terms: Terms, *, case: LeadCase, values: Mapping[str, float]) -> CaseExtra:
    """Check ``[cara]`` and return what it adds to expenditure.

    Parameters
    ----------
    case
        The checked case; episodes are for Global, from 2028.
    values
        Dollars settled so far; ``expenditure`` holds the episodes' actual cost.

    Raises
    ------
    InputError
        If a key is unknown or missing, a value out of range, or the option or year has no episodes.

    Examples
    --------
    Episodes of $3.6 M at a discount of 3 %, $3.3 M spent, 90 % of the points, half of the gain hangs on them:

    >>> from leadrisk.contract.case.lead_input import LeadCase
    >>> from leadrisk.contract.case.source import open_case
    >>> from leadrisk.contract.terms import load_terms
    >>> source = open_case({"cara": {
    ...     "target_price": 3_600_000, "target_discount": 0.03, "actual_cost": 3_300_000,
    ...     "performance_adjustment": 0.5, "quality_score": 0.9,
    ... }})
    >>> case = LeadCase(option="global", performance_year=2028)
    >>> extra = read(source, load_terms("lead"), case=case, values={"expenditure": 100e6})
    >>> extra.added_to_expenditure["cara_provider_payment"]
    182400.0
    """
    if source.get(KEYS) is None:
        return CaseExtra({}, {}, [])
    found = check_elections(Elected(cara=True), option=case.option, last_year=case.performance_year)
    if found:
        raise joined([source.wrong(KEYS, one.problem, one.cure) for one in found])
    first_year = terms.number("cara.first_year")
    if case.performance_year < first_year:
        raise source.wrong(KEYS, f"episodes begin in {first_year:.0f}", "leave [cara] out")
    source.only(KEYS, _ALL)
    price = number(source, ("cara", "target_price"), lowest=0.0, highest=MOST_DOLLARS)
    discount = number(source, ("cara", "target_discount"), lowest=-0.5, highest=0.5)
    cure = "episodes are part of the year's expenditure"
    actual = number(source, ("cara", "actual_cost"), lowest=0.0, highest=values["expenditure"], cure=cure)
    cure = "10-100 % hang on quality; summaries of the 2026 request for applications, grade B*"
    adjustment = number(source, ("cara", "performance_adjustment"), lowest=0.10, highest=1.0, cure=cure)
    quality = number(source, ("cara", "quality_score"), lowest=0.0, highest=1.0)
    target = target_price(price, discount=discount)
    payment = provider_payment(
        target,
        actual=actual,
        performance_adjustment=adjustment,
        quality=quality,
        scales=terms.choice("cara.quality_scales"),
    )
    added = {"cara_provider_payment": float(payment)}
    how = f"target {money(float(target))} less episodes {money(actual)}"
    if target >= actual or terms.choice("cara.quality_scales") == "gains_and_repayments":
        how += f", x (1 - {percent(adjustment)} x (1 - {quality:g}))"
    label = "Paid to episode providers" if payment >= 0.0 else "Repaid by episode providers"
    weakest = grade(terms, "cara.quality_scales", "cara.first_year")
    return CaseExtra(added, {}, [line("cara_provider_payment", label, added, how, weakest, sign=-1)])
