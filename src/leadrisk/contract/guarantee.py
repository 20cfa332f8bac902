"""Financial guarantee: what the ACO must post before it bears risk."""

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
