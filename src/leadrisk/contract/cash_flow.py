"""Monthly cash flow: when the dollars of a performance year reach or leave the ACO's bank account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np

from leadrisk.contract.cash_kernel import lowest_balances
from leadrisk.contract.guarantee import repayment_months

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from leadrisk.contract.amount import Amount
    from leadrisk.contract.terms import Terms

MONTHS = 12

Kind = Literal["monthly", "lagged", "shared", "final", "insurer"]
_NOT_NETTED: tuple[Kind, ...] = ("monthly", "lagged", "insurer")

CASH_LINES: dict[str, tuple[int, Kind]] = {
    "base_pcc": (1, "monthly"),
    "enhanced_pcc": (1, "monthly"),
    "total_care_capitation": (1, "monthly"),
    "non_primary_care_capitation": (1, "monthly"),
    "advanced_payment": (1, "monthly"),
    "administrative_add_on": (1, "monthly"),
    "retention_withheld": (-1, "monthly"),
    "care_management_cost": (-1, "monthly"),
    "benefit_cost": (-1, "monthly"),
    "collateral_fee": (-1, "monthly"),
    "aggregate_cover_premium": (-1, "monthly"),
    "provider_payments": (-1, "lagged"),
    "net_shared_savings": (1, "shared"),
    "enhanced_pcc_repayment": (-1, "final"),
    "enhanced_pcc_interest": (1, "final"),
    "advanced_payment_reconciliation": (1, "final"),
    "high_performers_pool": (1, "final"),
    "aggregate_cover_recovery": (1, "insurer"),
    "other_settlement": (1, "final"),
    "retention_returned": (1, "final"),
}
"""Annual lines that a cash flow may hold: +1 comes in, -1 goes out, and when.

``monthly``: in twelfths during the year. ``lagged``: in twelfths, after the provider lag. ``shared``: partly with an
elected provisional settlement, else with the final one. ``final``: with the final settlement. ``insurer``: in its
month too, but from another payer, so not netted with what is owed to CMS.
"""


class CashTiming(NamedTuple):
    """When money moves; months are counted from the start of the performance year, January is month 1.

    Parameters
    ----------
    final_month
        Month of the final settlement.
    provider_lag
        Months from a capitation payment to the ACO's own payment of its providers.
    repayment_months
        Months that the ACO has to pay what it owes after a settlement.
    provisional_month, provisional_share
        Month of the provisional settlement, and the share of the net shared amount that it pays (0: none); a
        provisional settlement not earlier than the final one pays nothing.
    """

    final_month: int = 22
    provider_lag: int = 1
    repayment_months: int = 3
    provisional_month: int = 15
    provisional_share: float = 0.0


def cash_timing(terms: Terms, *, provisional_settlement: bool) -> CashTiming:
    """Return the calendar of a LEAD ACO's cash from its terms (rule book sections 9 and 17, grade C).

    Examples
    --------
    >>> from leadrisk.contract.terms import load_terms
    >>> cash_timing(load_terms("lead"), provisional_settlement=False)[:3]
    (22, 1, 3)
    """
    timing = CashTiming(
        final_month=round(terms.number("payments.final_settlement_month")),
        provider_lag=round(terms.number("payments.provider_lag_months")),
        repayment_months=repayment_months(terms.number("guarantee.repayment_days")),
    )
    if not provisional_settlement:
        return timing
    return timing._replace(
        provisional_month=round(terms.number("payments.provisional_settlement_month")),
        provisional_share=terms.number("payments.provisional_settlement_share"),
    )


def cash_months(performance_years: int, timing: CashTiming) -> int:
    """Return the months from the first January to the last payment of the last performance year.

    Examples
    --------
    Ten years; what the last one owes is paid in its month 25, January two years on:

    >>> cash_months(10, CashTiming())
    133
    """
    last = max(timing.final_month + timing.repayment_months, MONTHS + timing.provider_lag)
    return MONTHS * (performance_years - 1) + last


def monthly_cash(lines: Mapping[str, Amount], *, timing: CashTiming) -> dict[str, NDArray[np.float64]]:
    """Return each annual line month by month, signed as it moves the ACO's bank account, in dollars.

    Capitation, advances and the add-on come in monthly, as do the ACO's own costs (rule book section 9, grade
    A); providers are paid after a lag; the net shared amount comes partly with an elected provisional settlement
    and else with the final one, together with repayment and reconciliation. Each settlement nets all that falls
    due in it; if the ACO owes the sum, it pays at the end of its window (timing grade C). Every dollar of a line
    appears once: months add up to the year.

    Parameters
    ----------
    lines
        Annual dollars by the names of :data:`CASH_LINES`, shape (..., year), signed as the settlement writes
        them (a repayment is positive; a shared loss is negative, as is interest, a part of the balance).
    timing
        The calendar, from :func:`cash_timing`.

    Returns
    -------
    dict
        Arrays of shape (..., month) by line; their sum is the flow, its running sum the balance.

    Examples
    --------
    $1.2 M of capitation, $1.2 M to providers a month later, and a shared loss of $0.5 M settled in month 22 and
    paid in month 25:

    >>> year = {"base_pcc": np.array([1.2e6]), "provider_payments": np.array([1.2e6]),
    ...         "net_shared_savings": np.array([-0.5e6])}
    >>> flows = monthly_cash(year, timing=CashTiming())
    >>> flows["base_pcc"][:2].tolist(), flows["provider_payments"][:2].round(2).tolist()
    ([100000.0, 100000.0], [0.0, -100000.0])
    >>> {month + 1: float(dollars) for month, dollars in enumerate(flows["net_shared_savings"]) if dollars}
    {25: -500000.0}
    """
    totals, shape = _by_kind(lines)
    owed = {month: due < 0.0 for month, due in _settlements(totals, timing).items()}
    flows: dict[str, NDArray[np.float64]] = {}
    for name, amount in lines.items():
        sign, kind = CASH_LINES[name]
        annual = np.broadcast_to(sign * np.asarray(amount, dtype=np.float64), shape)
        flows[name] = np.zeros((*shape[:-1], cash_months(shape[-1], timing)))
        for month, weight in _weights(kind, timing).items():
            paid = slice(month - 1, month - 1 + MONTHS * shape[-1], MONTHS)
            late = slice(paid.start + timing.repayment_months, paid.stop + timing.repayment_months, MONTHS)
            waits = False if kind in _NOT_NETTED else owed[month]
            flows[name][..., paid] += np.where(waits, 0.0, weight * annual)
            if np.any(waits):
                flows[name][..., late] += np.where(waits, weight * annual, 0.0)
    return flows


def lowest_cash_by_year(
    lines: Mapping[str, Amount], *, timing: CashTiming, opening: float = 0.0
) -> NDArray[np.float64]:
    """Return the lowest month-end balance of each calendar year, in dollars.

    The balance runs from the first January of the first performance year to the last payment of the last one,
    so years after the last performance year are there too. Gaps of cash within a year show that annual sums
    hide (rule book section 9: repayment and losses fall due many months after the year).

    Parameters
    ----------
    lines, timing
        As for :func:`monthly_cash`.
    opening
        Balance before the first month.

    Returns
    -------
    numpy.ndarray
        Shape (..., calendar year).

    Examples
    --------
    $2.4 M of enhanced primary care capitation, spent as it comes on care management, then repaid:

    >>> year = {"enhanced_pcc": np.array([2.4e6]), "care_management_cost": np.array([2.4e6]),
    ...         "enhanced_pcc_repayment": np.array([2.4e6])}
    >>> lowest_cash_by_year(year, timing=CashTiming()).tolist()
    [0.0, 0.0, -2400000.0]
    """
    totals, shape = _by_kind(lines)
    months = cash_months(shape[-1], timing)
    early = timing.provisional_month < timing.final_month
    rows = {kind: dollars.reshape(-1, shape[-1]) for kind, dollars in totals.items()}
    lowest = np.empty((len(rows["monthly"]), -(-months // MONTHS)))
    lowest_balances(
        rows["monthly"], rows["lagged"], rows["insurer"], rows["shared"], rows["final"], timing.provider_lag,
        min(timing.provisional_month, timing.final_month), timing.provisional_share if early else 0.0,
        timing.final_month, timing.repayment_months, float(opening), months, lowest,
    )  # fmt: skip
    return lowest.reshape(*shape[:-1], -1)


def _by_kind(lines: Mapping[str, Amount]) -> tuple[dict[Kind, NDArray[np.float64]], tuple[int, ...]]:
    """Return signed annual dollars summed by kind of timing, each of the shape that all lines broadcast to."""
    shape = np.broadcast_shapes(*(np.shape(amount) for amount in lines.values()))
    none = np.zeros(shape)
    totals: dict[Kind, NDArray[np.float64]] = dict.fromkeys(get_args(Kind), none)
    for name, amount in lines.items():
        sign, kind = CASH_LINES[name]
        add = np.add if sign > 0 else np.subtract
        before = totals[kind]
        totals[kind] = add(before, amount, out=None if before is none else before)
    return totals, shape


def _settlements(totals: Mapping[Kind, NDArray[np.float64]], timing: CashTiming) -> dict[int, NDArray[np.float64]]:
    """Return what falls due in each settlement, by its month of the performance year."""
    due = {month: weight * totals["shared"] for month, weight in _weights("shared", timing).items()}
    due[timing.final_month] = due.get(timing.final_month, 0.0) + totals["final"]
    return due


def _weights(kind: Kind, timing: CashTiming) -> dict[int, float]:
    """Return the share of a year's dollars that moves in each month, counted from the start of the year."""
    lag = timing.provider_lag if kind == "lagged" else 0
    if kind in {"monthly", "lagged"}:
        return {month + lag: 1.0 / MONTHS for month in range(1, MONTHS + 1)}
    ahead = timing.provisional_share if kind == "shared" and timing.provisional_month < timing.final_month else 0.0
    weights = {timing.provisional_month: ahead, timing.final_month: 1.0 - ahead}
    return {month: weight for month, weight in weights.items() if weight or month == timing.final_month}
