"""``[elections]`` of a LEAD case: contradictions refused, capitation and advanced payment in dollars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from leadrisk.contract.capitation import advanced_payment_reconciliation, expenditure_change
from leadrisk.contract.case.extra import CaseExtra
from leadrisk.contract.case.lines import grade, line, money
from leadrisk.contract.case.values import MOST_DOLLARS
from leadrisk.scenario.election_rules import SHARED_SAVINGS_KEYS, Elected, check_elections
from leadrisk.scenario.explain import joined

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from leadrisk.contract.capitation import CapitationReading
    from leadrisk.contract.case.lead_input import LeadCase
    from leadrisk.contract.case.lines import Line
    from leadrisk.contract.case.source import CaseSource
    from leadrisk.contract.terms import Terms

KEYS = ("elections",)

_FLAGS = (
    "npcc",
    "apo",
    "provisional_settlement",
    "administrative_add_on",
    "part_b_cost_sharing_support",
    "part_d_buydown",
    "prevention_reward",
    "medical_nutrition_therapy",
    "substance_access",
)
_PROVIDERS = ("npcc_providers", "apo_providers", "cara_providers")
_DOLLARS = {
    "total_care_capitation": ("total care capitation paid", "total_care_claims"),
    "non_primary_care_capitation": ("non-primary care capitation paid", "non_primary_care_claims"),
    "advanced_payment": ("advanced payments made", "advanced_payment_billed"),
}
_ALL = (
    "capitation",
    *_FLAGS,
    "enhanced_pcc",
    *_PROVIDERS,
    *_DOLLARS,
    *(claims for _, claims in _DOLLARS.values()),
)


def read(source: CaseSource, terms: Terms, *, case: LeadCase, values: Mapping[str, float]) -> CaseExtra:
    """Check ``[elections]`` and return what the elections add to expenditure and to the settlement balance.

    Parameters
    ----------
    case
        The checked case.
    values
        Dollars settled so far; ``enhanced_pcc_repayment`` is given back where the capitation is not taken.

    Raises
    ------
    InputError
        If a key or value is wrong, or elections contradict each other, the option or the year.

    Examples
    --------
    $9.0 M of non-primary care capitation for services that would have cost $8.4 M:

    >>> from leadrisk.contract.case.lead_input import LeadCase
    >>> from leadrisk.contract.case.source import open_case
    >>> from leadrisk.contract.terms import load_terms
    >>> source = open_case({"elections": {
    ...     "npcc": True, "non_primary_care_capitation": 9_000_000, "non_primary_care_claims": 8_400_000,
    ... }})
    >>> case = LeadCase(option="professional", performance_year=2027)
    >>> read(source, load_terms("lead"), case=case, values={}).added_to_expenditure
    {'capitation_in_expenditure': 600000.0}
    """
    if source.get(KEYS) is None:
        return CaseExtra({}, {}, [])
    elected = _elected(source)
    _refuse_contradictions(source, elected, case)
    if elected.administrative_add_on and values.get("administrative_add_on") == 0.0:
        at = (*KEYS, "administrative_add_on")
        raise source.wrong(at, "none is due to this ACO in this year", "leave it out; it is paid where it is due")
    dollars = _dollars(source, elected)
    expenditure: dict[str, float] = {}
    beside: dict[str, float] = {}
    lines: list[Line] = []
    capitated = {name: paid for name, paid in dollars.items() if name != "advanced_payment"}
    if capitated:
        reading = cast("CapitationReading", terms.choice("payments.capitation_in_expenditure"))
        change = sum(
            float(expenditure_change(capitation=paid, claims_replaced=claims, reading=reading))
            for paid, claims in capitated.values()
        )
        expenditure["capitation_in_expenditure"] = change
        lines.append(_capitation_line(capitated, change, reading, terms))
    if "advanced_payment" in dollars:
        advanced, billed = dollars["advanced_payment"]
        beside["advanced_payment_reconciliation"] = float(
            advanced_payment_reconciliation(advanced=advanced, billed=billed)
        )
        how = f"billed {money(billed)} less advanced {money(advanced)}"
        lines.append(line("advanced_payment_reconciliation", "Advanced payment reconciled", beside, how, "A"))
    if not elected.takes_enhanced_pcc and values.get("enhanced_pcc_repayment"):
        beside["enhanced_pcc_not_taken"] = values["enhanced_pcc_repayment"]
        how = "nothing was paid, so nothing is repaid"
        lines.append(line("enhanced_pcc_not_taken", "Enhanced primary care not taken", beside, how, "A"))
    return CaseExtra(expenditure, beside, lines)


def _elected(source: CaseSource) -> Elected:
    elsewhere = {
        key: f"belongs to the Shared Savings Program, not to LEAD ({regulation})"
        for key, regulation in SHARED_SAVINGS_KEYS.items()
    }
    source.only(KEYS, _ALL, elsewhere=elsewhere)
    capitation = cast('Literal["pcc", "tcc"]', source.choice((*KEYS, "capitation"), ("pcc", "tcc")) or "pcc")
    chosen: dict[str, Any] = {name: _flag(source, name) or False for name in _FLAGS}
    chosen["enhanced_pcc"] = _flag(source, "enhanced_pcc")
    chosen |= {name: _names(source, name) for name in _PROVIDERS}
    return Elected(capitation=capitation, cara=source.get(("cara",)) is not None, **chosen)


def _flag(source: CaseSource, name: str) -> bool | None:
    value = source.get((*KEYS, name))
    if value is not None and not isinstance(value, bool):
        raise source.wrong((*KEYS, name), f"must be true or false, got {value!r}", "write true or false")
    return value


def _names(source: CaseSource, name: str) -> tuple[str, ...]:
    value = source.get((*KEYS, name)) or []
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise source.wrong((*KEYS, name), f"must be a list of names, got {value!r}", f'write {name} = ["..."]')
    return tuple(value)


def _refuse_contradictions(source: CaseSource, elected: Elected, case: LeadCase) -> None:
    found = check_elections(
        elected,
        option=case.option,
        last_year=case.performance_year,
        spending_class=case.spending_class,
        rural=case.rural,
    )
    if found:
        places = [("cara",) if one.key == "cara" else (*KEYS, one.key) for one in found]
        raise joined([source.wrong(at, one.problem, one.cure) for at, one in zip(places, found, strict=True)])


def _dollars(source: CaseSource, elected: Elected) -> dict[str, tuple[float, float]]:
    """Return payments made and claims they stand for, of what is elected; dollars of anything else are refused."""
    taken = {
        "total_care_capitation": elected.capitation == "tcc",
        "non_primary_care_capitation": elected.npcc,
        "advanced_payment": elected.apo,
    }
    found: dict[str, tuple[float, float]] = {}
    for name, (what, claims) in _DOLLARS.items():
        given = [key for key in (name, claims) if source.get((*KEYS, key)) is not None]
        if given and not taken[name]:
            raise source.wrong((*KEYS, given[0]), "is not elected", "elect it, or leave its dollars out")
        if taken[name]:
            paid, billed = (
                source.number((*KEYS, key), lowest=0.0, highest=MOST_DOLLARS, required=True, cure=f"{what}, a year")
                for key in (name, claims)
            )
            found[name] = (cast("float", paid), cast("float", billed))
    return found


def _capitation_line(
    capitated: Mapping[str, tuple[float, float]], change: float, reading: CapitationReading, terms: Terms
) -> Line:
    how = "claims count as if they had been paid in full"
    if reading == "capitation_paid":
        paid, claims = (sum(pair[side] for pair in capitated.values()) for side in (0, 1))
        how = f"capitation {money(paid)} in place of claims of {money(claims)}"
    values = {"capitation_in_expenditure": change}
    weakest = grade(terms, "payments.capitation_in_expenditure")
    return line("capitation_in_expenditure", "Capitation in expenditure", values, how, weakest, sign=-1)
