"""Which elections of an ACO contradict each other, or its risk option, in LEAD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

CMS_PAGE = "CMS LEAD page, grade A"
APPLICATIONS = "request for applications as distilled in public notes, grade B*"

CARA_FIRST_YEAR = 2028
"""Year of the first episodes (grade B*)."""

PART_D_FIRST_YEAR = 2029
"""First year of the Part D premium buy-down: "by 2029", read as not before (CMS LEAD page, grade A)."""

SHARED_SAVINGS_KEYS = {
    "track": "42 CFR 425.600",
    "assigned_beneficiaries": "42 CFR 425.400",
    "minimum_savings_rate": "42 CFR 425.605 and 425.610",
    "minimum_loss_rate": "42 CFR 425.605 and 425.610",
    "share_rate": "42 CFR 425.605 and 425.610",
    "loss_rate": "42 CFR 425.605 and 425.610",
    "reduced_sharing": "42 CFR 425.605",
    "disaster_adjustment": "42 CFR 425.605 and 425.610",
    "advance_investment_payments": "42 CFR 425.630",
    "prepaid_shared_savings": "42 CFR 425.640",
}
"""Elections and terms of the Shared Savings Program that LEAD does not have, with their regulation."""


class Elected(NamedTuple):
    """What one ACO elects under one risk option.

    Parameters
    ----------
    capitation
        Primary care capitation or total care capitation.
    npcc, apo
        Non-primary care capitation and Advanced Payment Option.
    enhanced_pcc
        Whether the enhanced primary care capitation is taken; ``None``: with ``"pcc"`` yes, with ``"tcc"`` no.
    administrative_add_on
        Whether the ACO counts on the add-on; it is paid where it is due all the same.
    npcc_providers, apo_providers, cara_providers
        Whom each arrangement covers; empty: every provider.
    """

    capitation: Literal["pcc", "tcc"] = "pcc"
    npcc: bool = False
    apo: bool = False
    enhanced_pcc: bool | None = None
    administrative_add_on: bool = False
    provisional_settlement: bool = False
    cara: bool = False
    part_b_cost_sharing_support: bool = False
    part_d_buydown: bool = False
    prevention_reward: bool = False
    medical_nutrition_therapy: bool = False
    substance_access: bool = False
    npcc_providers: tuple[str, ...] = ()
    apo_providers: tuple[str, ...] = ()
    cara_providers: tuple[str, ...] = ()

    @property
    def takes_enhanced_pcc(self) -> bool:
        """Whether the enhanced primary care capitation is paid and repaid."""
        return self.capitation == "pcc" if self.enhanced_pcc is None else self.enhanced_pcc


class Contradiction(NamedTuple):
    """An election that cannot stand: its key, what is wrong with it, the rule, and where the rule is written."""

    key: str
    problem: str
    rule: str
    source: str

    @property
    def cure(self) -> str:
        """The rule with its source, for the end of an error message."""
        return f"{self.rule}; {self.source}"


def check_elections(
    elected: Elected,
    *,
    option: Literal["global", "professional"],
    last_year: int,
    spending_class: Literal["lower", "higher"] | None = None,
    rural: bool = False,
) -> tuple[Contradiction, ...]:
    """Return every contradiction in what an ACO elects; none where it may stand.

    Professional must take primary care capitation; non-primary care capitation and advanced payment need it
    (CMS LEAD page, grade A). A provider has one of NPCC, APO and CARA (grade B*). CARA and Medical Nutrition
    Therapy are for Global alone (grades B and A). Rule book sections 1, 5, 9, 12 and 13.

    Parameters
    ----------
    last_year
        Last performance year in question.
    spending_class, rural
        Spending class at entry, where it is known, and whether the ACO is a rural one.

    Examples
    --------
    Total care capitation under Professional:

    >>> found = check_elections(Elected(capitation="tcc"), option="professional", last_year=2036)
    >>> [(one.key, one.source) for one in found]
    [('capitation', 'CMS LEAD page, grade A')]
    >>> check_elections(Elected(capitation="tcc"), option="global", last_year=2036)
    ()
    """
    return (
        *_against_option(elected, option),
        *_against_capitation(elected),
        *_for_the_same_provider(elected),
        *_too_early(elected, last_year),
        *_against_spending_class(elected, None if rural else spending_class),
    )


def _against_option(elected: Elected, option: str) -> Iterator[Contradiction]:
    if option == "global":
        return
    if elected.capitation == "tcc":
        problem = "total care capitation is not open to Professional"
        yield Contradiction("capitation", problem, "Professional must take PCC, Global may choose", CMS_PAGE)
    if elected.cara:
        source = "Wakely and McDermott+, 2026, citing the request for applications, grade B"
        yield Contradiction("cara", "CARA is not open to Professional", "episode arrangements are for Global", source)
    if elected.medical_nutrition_therapy:
        problem = "Medical Nutrition Therapy is not open to Professional"
        yield Contradiction("medical_nutrition_therapy", problem, "it is for ACOs that take full risk", CMS_PAGE)


def _against_capitation(elected: Elected) -> Iterator[Contradiction]:
    if elected.capitation == "pcc":
        return
    for key, name in (("npcc", "non-primary care capitation"), ("apo", "the Advanced Payment Option")):
        if getattr(elected, key):
            problem = f"{name} has no place beside total care capitation"
            yield Contradiction(
                key, problem, "it is for ACOs that select PCC; TCC already covers these services", CMS_PAGE
            )
    if elected.enhanced_pcc:
        problem = "the enhanced primary care capitation has no place beside total care capitation"
        yield Contradiction("enhanced_pcc", problem, "it is a part of PCC", CMS_PAGE)


def _for_the_same_provider(elected: Elected) -> Iterator[Contradiction]:
    pairs = (("apo", "npcc"), ("cara", "npcc"), ("cara", "apo"))
    for key, other in pairs:
        if not (getattr(elected, key) and getattr(elected, other)):
            continue
        own, others = getattr(elected, f"{key}_providers"), getattr(elected, f"{other}_providers")
        both = sorted(set(own) & set(others))
        if own and others and not both:
            continue
        whom = ", ".join(both) if both else "providers, since one of the two covers all of them"
        rule = f"a provider has one of them; name whom each covers in {other}_providers and {key}_providers"
        problem = f"{key.upper()} and {other.upper()} both cover {whom}"
        yield Contradiction(key if not both else f"{key}_providers", problem, rule, APPLICATIONS)


def _too_early(elected: Elected, last: int) -> Iterator[Contradiction]:
    if elected.cara and last < CARA_FIRST_YEAR:
        problem = f"CARA episodes are not triggered before {CARA_FIRST_YEAR}"
        yield Contradiction("cara", problem, f"the last year here is {last}", APPLICATIONS)
    if elected.part_d_buydown and last < PART_D_FIRST_YEAR:
        problem = f"the Part D premium buy-down cannot be offered before {PART_D_FIRST_YEAR}"
        yield Contradiction("part_d_buydown", problem, f"the last year here is {last}", f"'by 2029', {CMS_PAGE}")


def _against_spending_class(elected: Elected, spending_class: str | None) -> Iterator[Contradiction]:
    if elected.administrative_add_on and spending_class == "lower":
        problem = "a lower-spending ACO has no administrative add-on"
        rule = "paid to ACOs that spend more than their region, and to rural ones"
        yield Contradiction("administrative_add_on", problem, rule, CMS_PAGE)
