"""Kernel of the monthly balance: its lowest month-end of every calendar year."""

from __future__ import annotations

import numpy as np

from leadrisk.experience._jit import inlined, kernel

_TOGETHER = 64  # rows worked out side by side, in vectors: their months stay in the second cache


@inlined
def by_year(annual, first, out):
    """Annual dollars of some rows turned from (row, year) into (year, row)."""
    years, count = out.shape
    for row in range(count):
        for year in range(years):
            out[year, row] = annual[first + row, year]


@inlined
def add_twelfths(moves, start, lag, now, late):
    """Enter a year in twelfths, the first one in the month after ``start``, and what comes late in those after."""
    for month in range(1, 13):
        moved = moves[start + month]
        for row in range(now.size):
            moved[row] += now[row]
        moved = moves[start + month + lag]
        for row in range(late.size):
            moved[row] += late[row]


@inlined
def settle_due(moves, month, repayment_months, dollars):
    """Enter a settlement: what CMS pays moves in its month, what the ACO owes when the repayment window ends."""
    at_once, late = moves[month], moves[month + repayment_months]
    for row in range(dollars.size):
        at_once[row] += max(dollars[row], 0.0)
    for row in range(dollars.size):
        late[row] += min(dollars[row], 0.0)


@inlined
def lowest_of_years(moves, balance, lows):
    """Lowest balance of each calendar year, shape (year, row), from the moves of each month and the first balance."""
    for month in range(moves.shape[0]):
        moved, low = moves[month], lows[month // 12]
        for row in range(balance.size):
            balance[row] += moved[row]
        if month % 12 == 0:
            for row in range(balance.size):
                low[row] = balance[row]
        else:
            for row in range(balance.size):
                low[row] = min(balance[row], low[row])


@kernel
def lowest_balances(
    monthly, lagged, insurer, shared, final, provider_lag, provisional_month, ahead, final_month, repayment_months,
    opening, months, lowest,
):  # fmt: skip
    """Lowest balance by calendar year of every row; annual dollars of shape (row, year), months counted from 1."""
    rows, years = monthly.shape
    for first in range(0, rows, _TOGETHER):
        count = min(_TOGETHER, rows - first)
        dollars, lows = np.empty((5, years, count)), np.empty((lowest.shape[1], count))
        moves, due, balance = np.zeros((months, count)), np.empty(count), np.full(count, opening)
        twelfths = np.empty((2, count))
        by_year(monthly, first, dollars[0])
        by_year(lagged, first, dollars[1])
        by_year(insurer, first, dollars[2])
        by_year(shared, first, dollars[3])
        by_year(final, first, dollars[4])
        for year in range(years):
            start = 12 * year - 1
            for row in range(count):
                twelfths[0, row] = dollars[0, year, row] / 12.0
                twelfths[1, row] = dollars[1, year, row] / 12.0
            add_twelfths(moves, start, provider_lag, twelfths[0], twelfths[1])
            paid, from_insurer = moves[start + final_month], dollars[2, year]
            for row in range(count):
                paid[row] += from_insurer[row]
            sharing, others = dollars[3, year], dollars[4, year]
            for row in range(count):
                due[row] = ahead * sharing[row]
            settle_due(moves, start + provisional_month, repayment_months, due)
            for row in range(count):
                due[row] = (1.0 - ahead) * sharing[row] + others[row]
            settle_due(moves, start + final_month, repayment_months, due)
        lowest_of_years(moves, balance, lows)
        for row in range(count):
            for year in range(lows.shape[0]):
                lowest[first + row, year] = lows[year, row]
