"""Capitation and advanced payment: what CMS pays each month in place of fee-for-service claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount

CapitationReading = Literal["capitation_paid", "claims_as_if_unreduced"]


def capitation_amount(benchmark: Amount, *, share: Amount) -> Amount:
    """Return a year's capitation or advanced payment, in dollars.

    Base primary care capitation covers the expected primary care of aligned beneficiaries; total care
    capitation all Part A and B services of participants and, as far as agreed, of preferred providers;
    non-primary care capitation and advanced payment the other services of enrolled providers (rule book section
    9, grade A; fee reductions B*). Each is taken as a share of the benchmark (base PCC B*, the others C).

    Parameters
    ----------
    benchmark
        Dollars that the share is of.
    share
        What the services covered are expected to cost, as a share of the benchmark.

    Examples
    --------
    3.164 % of $90.0 M for primary care, $39.55 a month for each of 6,000 beneficiaries:

    >>> round(capitation_amount(90_000_000.0, share=0.03164), 2)
    2847600.0
    """
    return share * benchmark


def expenditure_change(*, capitation: Amount, claims_replaced: Amount, reading: CapitationReading) -> Amount:
    """Return what total care or non-primary care capitation adds to performance-year expenditure, in dollars.

    Providers under it bill as before but are paid nothing or less by Medicare; neither capitation is reconciled
    with their claims (rule book section 9, grade A). What then counts as expenditure is not published (grade C):
    the capitation in place of the claims, or the claims as if they had been paid in full.

    Parameters
    ----------
    claims_replaced
        Fee-for-service payments that CMS did not make because of the capitation.
    reading
        Term ``payments.capitation_in_expenditure``.

    Examples
    --------
    $9.0 M capitation for services that would have cost $8.4 M: the ACO's profit on it is expenditure.

    >>> figures = {"capitation": 9_000_000.0, "claims_replaced": 8_400_000.0}
    >>> expenditure_change(**figures, reading="capitation_paid")
    600000.0
    >>> expenditure_change(**figures, reading="claims_as_if_unreduced")
    0.0
    """
    difference: Amount = capitation - claims_replaced
    return difference if reading == "capitation_paid" else 0.0 * difference


def advanced_payment_reconciliation(*, advanced: Amount, billed: Amount) -> Amount:
    """Return what CMS pays (positive) or takes back (negative) for advanced payments at settlement, in dollars.

    The Advanced Payment Option pays ahead for services that are then reconciled with what enrolled providers
    really billed; the difference joins the settlement balance (rule book section 9, grade A; the line B*).
    Claims count in expenditure as billed, so gross savings do not move.

    Parameters
    ----------
    advanced
        Advanced payments of the year.
    billed
        Fee-for-service payments that CMS held back for the same services.

    Examples
    --------
    $9.0 M paid ahead, $8.4 M billed: $0.6 M goes back.

    >>> advanced_payment_reconciliation(advanced=9_000_000.0, billed=8_400_000.0)
    -600000.0
    """
    difference: Amount = billed - advanced
    return difference


def enhanced_pcc_interest(enhanced_pcc: Amount, *, rate: float, final_settlement_month: float) -> Amount:
    """Return simple interest on the enhanced primary care capitation until it is repaid, in dollars.

    Paid in twelfths, on average in the middle of month 6.5, and repaid with the final settlement. No source
    mentions interest, so the rate is 0 by default (rule book section 9, grade C).

    Parameters
    ----------
    rate
        Share per year.
    final_settlement_month
        Month of repayment, counted from the start of the performance year.

    Examples
    --------
    5 % on $3.4524 M for 15.5 months:

    >>> round(enhanced_pcc_interest(3_452_400.0, rate=0.05, final_settlement_month=22), 2)
    222967.5
    """
    months_outstanding = final_settlement_month - 6.5
    return rate * months_outstanding / 12.0 * enhanced_pcc
