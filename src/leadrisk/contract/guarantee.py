"""Financial guarantee: what the ACO must post before it bears risk, and what posting it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount
    from leadrisk.contract.terms import Terms


def guarantee_amount(prior_expenditure: Amount, *, option: str, terms: Terms) -> Amount:
    """Return the financial guarantee, in dollars.

    2-4 % of prior Part A and B expenditure (rule book section 11, grade B); by default 4 % under Global
    (grade B*) and 2 % under Professional (grade C).

    Parameters
    ----------
    prior_expenditure
        Part A and B expenditure of the aligned population in base year 3, in dollars.
    option
        ``"global"`` or ``"professional"``.

    Examples
    --------
    4 % and 2 % of $80.0 M:

    >>> from leadrisk.contract.terms import load_terms
    >>> terms = load_terms("lead")
    >>> [guarantee_amount(80_000_000.0, option=option, terms=terms) for option in ("global", "professional")]
    [3200000.0, 1600000.0]
    """
    return terms.number(f"guarantee.{option}") * prior_expenditure


def collateral_fee(guarantee: Amount, *, rate: float) -> Amount:
    """Return the yearly cost of holding the guarantee, in dollars.

    The guarantee is collateral, not a payment: it costs the fee of a letter of credit or the return that money in
    escrow forgoes, 1-2 % of the amount a year (rule book section 17, grade C). Borne outside the settlement.

    Parameters
    ----------
    guarantee
        Amount posted, from :func:`guarantee_amount`.
    rate
        Fee as a share of the amount per year.

    Examples
    --------
    1.5 % of $3.2 M:

    >>> collateral_fee(3_200_000.0, rate=0.015)
    48000.0
    """
    return rate * guarantee


def repayment_months(days: float) -> int:
    """Return the whole months that an ACO has to pay losses after a settlement.

    No LEAD text has the window; the Shared Savings Program gives 90 days (rule book section 11, grade C).

    Examples
    --------
    Losses settled in month 22 leave the bank in month 25:

    >>> 22 + repayment_months(90)
    25
    """
    return round(days * 12.0 / 365.0)
