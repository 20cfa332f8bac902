"""LEAD payments of a year as elected: capitation, advances, what providers are paid, and the effect on expenditure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from leadrisk.contract.capitation import (
    advanced_payment_reconciliation,
    capitation_amount,
    enhanced_pcc_interest,
    expenditure_change,
)
from leadrisk.contract.payments import enhanced_pcc

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount
    from leadrisk.contract.capitation import CapitationReading
    from leadrisk.contract.terms import Terms
    from leadrisk.scenario.election_rules import Elected

Shares = dict[Literal["tcc", "npcc", "apo"], float]


class Payments(NamedTuple):
    """What a year's elections pay and change, in dollars by line name.

    Parameters
    ----------
    cash
        Annual lines for :func:`leadrisk.contract.cash_flow.monthly_cash`: capitation and advances received,
        what providers are paid, and what is settled with the year (reconciliation, repayment, interest).
    added_to_expenditure, beside
        What :func:`leadrisk.contract.lead.settle_lead` takes under these names: signed dollars that count in
        expenditure, and signed dollars that belong to the settlement balance. Empty where nothing is elected
        that moves the settlement.
    margin
        What capitation that is not reconciled pays beyond the claims it replaces: the ACO keeps or bears it.
    """

    cash: dict[str, Amount]
    added_to_expenditure: dict[str, Amount]
    beside: dict[str, Amount]
    margin: Amount = 0.0


def lead_payments(
    benchmark_before_discount: Amount,
    *,
    benchmark_after_discount: Amount,
    expenditure: Amount,
    elected: Elected,
    shares: Shares,
    base_pcc_share: float,
    terms: Terms,
) -> Payments:
    """Return the payments that an ACO's elections bring in a year.

    Capitation is a share of the benchmark, the claims it replaces the same share of expenditure, so the ACO
    keeps what the services cost less, and bears what they cost more (rule book section 9).

    Parameters
    ----------
    benchmark_before_discount, benchmark_after_discount, expenditure
        Dollars of the performance year; expenditure as if nothing were capitated.
    elected
        What the ACO elects under this risk option.
    shares
        Share of expenditure at providers under total care capitation, non-primary care capitation and advanced
        payment, after their fee reductions.
    base_pcc_share
        Base primary care capitation as a share of the benchmark before discount.

    Examples
    --------
    $90.0 M benchmark, $84.0 M spent, a tenth of it under non-primary care capitation: $9.0 M is paid for services
    of $8.4 M, and expenditure rises by $0.6 M.

    >>> from leadrisk.contract.terms import load_terms
    >>> from leadrisk.scenario.election_rules import Elected
    >>> payments = lead_payments(
    ...     90e6, benchmark_after_discount=87.3e6, expenditure=84e6, elected=Elected(npcc=True),
    ...     shares={"tcc": 0.4, "npcc": 0.1, "apo": 0.1}, base_pcc_share=0.03164, terms=load_terms("lead"),
    ... )
    >>> {name: round(amount) for name, amount in payments.cash.items()}  # doctest: +NORMALIZE_WHITESPACE
    {'base_pcc': 2847600, 'non_primary_care_capitation': 9000000, 'provider_payments': 11247600,
     'enhanced_pcc': 3452400, 'enhanced_pcc_repayment': 3452400}
    >>> {name: round(amount) for name, amount in payments.added_to_expenditure.items()}
    {'capitation_in_expenditure': 600000}
    """
    before, after = benchmark_before_discount, benchmark_after_discount
    cash, paid_on = _primary_care(before, elected=elected, base_pcc_share=base_pcc_share, terms=terms)
    added: dict[str, Amount] = {}
    beside: dict[str, Amount] = {}
    margin: Amount = 0.0
    for name, share in _other_services(elected, shares).items():
        on_before = terms.choice("payments.capitation_base") == "benchmark_before_discount"
        received = capitation_amount(before if on_before else after, share=share)
        claims = share * expenditure
        cash[name] = received
        paid_on = paid_on + claims
        if name == "advanced_payment":
            reconciliation = advanced_payment_reconciliation(advanced=received, billed=claims)
            beside["advanced_payment_reconciliation"] = reconciliation
        else:
            reading = cast("CapitationReading", terms.choice("payments.capitation_in_expenditure"))
            change = expenditure_change(capitation=received, claims_replaced=claims, reading=reading)
            added["capitation_in_expenditure"] = added.get("capitation_in_expenditure", 0.0) + change
            margin = margin + (received - claims)
    cash["provider_payments"] = paid_on
    full = _enhanced_pcc(before, base_pcc_share=base_pcc_share, terms=terms)
    if elected.takes_enhanced_pcc:
        cash |= {"enhanced_pcc": full, "enhanced_pcc_repayment": full}
        rate = terms.number("payments.epcc_interest")
        if rate:
            month = terms.number("payments.final_settlement_month")
            beside["enhanced_pcc_interest"] = -enhanced_pcc_interest(full, rate=rate, final_settlement_month=month)
    else:
        beside["enhanced_pcc_not_taken"] = full
    cash |= {name: amount for name, amount in beside.items() if name != "enhanced_pcc_not_taken"}
    return Payments(cash, added, beside, margin)


def _primary_care(
    benchmark: Amount, *, elected: Elected, base_pcc_share: float, terms: Terms
) -> tuple[dict[str, Amount], Amount]:
    """Return base primary care capitation and what clinicians are paid out of it; nothing under total care."""
    if elected.capitation == "tcc":
        return {}, 0.0 * benchmark
    base = capitation_amount(benchmark, share=base_pcc_share)
    return {"base_pcc": base}, terms.number("payments.primary_care_paid_on") * base


def _enhanced_pcc(benchmark: Amount, *, base_pcc_share: float, terms: Terms) -> Amount:
    return enhanced_pcc(
        benchmark,
        base_pcc_share=base_pcc_share,
        target=terms.number("payments.epcc_target"),
        floor=terms.number("payments.epcc_floor"),
    )


def _other_services(elected: Elected, shares: Shares) -> dict[str, float]:
    """Return the share of the benchmark that each elected payment for other services stands for."""
    taken = {
        "total_care_capitation": (shares["tcc"], elected.capitation == "tcc"),
        "non_primary_care_capitation": (shares["npcc"], elected.npcc),
        "advanced_payment": (shares["apo"], elected.apo),
    }
    return {name: share for name, (share, yes) in taken.items() if yes}
