"""Spending that counts: what is left out of it, what is still to come, and what lies beyond a truncation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadrisk.contract.amount import Amount
    from leadrisk.contract.terms import Terms

EXCLUSIONS = ("sahs", "skin_substitutes", "ime", "dsh", "uncompensated_care", "above_p99")
"""Parts of spending that may be left out of base and performance years."""


def excluded_shares(terms: Terms) -> dict[str, float]:
    """Return the share of each part of spending that does not count.

    Significant, anomalous and highly suspect billing (SAHS) is left out whole, skin substitutes by 65 % (rule book
    section 3, grade B*). Indirect medical education, disproportionate share and uncompensated care payments are left
    out as in ACO REACH and the Shared Savings Program; nothing is truncated (section 17, grade C).

    Examples
    --------
    >>> from leadrisk.contract.terms import load_terms
    >>> excluded_shares(load_terms("lead"))["skin_substitutes"]
    0.65
    """
    return {
        "sahs": terms.number("baseline.sahs_excluded"),
        "skin_substitutes": terms.number("baseline.skin_substitutes_excluded"),
        "ime": float(terms.flag("baseline.exclude_ime")),
        "dsh": float(terms.flag("baseline.exclude_dsh")),
        "uncompensated_care": float(terms.flag("baseline.exclude_uncompensated_care")),
        "above_p99": float(terms.flag("baseline.truncated_at_p99")),
    }


def counted_pbpm(gross_pbpm: Amount, *, parts: Mapping[str, Amount], excluded: Mapping[str, float]) -> Amount:
    """Return the spending that counts, in the unit of ``gross_pbpm``.

    Base and performance years alike (rule book section 3, grade B*). With shares of gross spending for ``parts`` and
    a gross of 1 it is the share that counts.

    Parameters
    ----------
    gross_pbpm
        All Part A and B spending, dollars per beneficiary per month.
    parts
        What of it is of each kind of :data:`EXCLUSIONS`, in the same unit; kinds left out are zero.
    excluded
        Share of each kind that does not count, from :func:`excluded_shares`.

    Examples
    --------
    Of $1,200 with $6 of suspect billing and $20 of skin substitutes, 1,200 - 6 - 0.65 x 20 = $1,181 counts.

    >>> counted_pbpm(
    ...     1200.0,
    ...     parts={"sahs": 6.0, "skin_substitutes": 20.0},
    ...     excluded={"sahs": 1.0, "skin_substitutes": 0.65},
    ... )
    1181.0
    """
    counted = gross_pbpm
    for kind, amount in parts.items():
        counted = counted - excluded[kind] * amount
    return counted


def completed_pbpm(paid_pbpm: Amount, *, completion_factor: float) -> Amount:
    """Return the spending of a year after all claims are in, from the claims paid by the end of the run-out.

    Three months of run-out and a completion factor, as in the Shared Savings Program (42 CFR 425.652(a)(1)); none is
    published for LEAD (rule book sections 3 and 17, grade C).

    Examples
    --------
    $1,100 paid three months after the year's end, 1.3 % still to come:

    >>> round(completed_pbpm(1100.0, completion_factor=1.013), 2)
    1114.3
    """
    return completion_factor * paid_pbpm
