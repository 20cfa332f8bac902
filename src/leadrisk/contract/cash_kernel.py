"""Kernel of the monthly balance: its lowest month-end of every calendar year."""

from __future__ import annotations

import numpy as np

from leadrisk.experience._jit import inlined, kernel


@inlined
def settle_due(moves, month, repayment_months, dollars):
    """Enter a settlement: what CMS pays moves in its month, what the ACO owes when the repayment window ends."""
    if dollars > 0.0:
        moves[month] += dollars
    else:
        moves[month + repayment_months] += dollars


@kernel
def lowest_balances(
    monthly, lagged, insurer, shared, final, provider_lag, provisional_month, ahead, final_month, repayment_months,
    opening, months, lowest,
):  # fmt: skip
    """Lowest balance by calendar year of every row; annual dollars of shape (row, year), months counted from 1."""
    rows, years = monthly.shape
    moves = np.empty(months)
    for row in range(rows):
        moves[:] = 0.0
        for year in range(years):
            start = 12 * year - 1
            twelfth, late_twelfth = monthly[row, year] / 12.0, lagged[row, year] / 12.0
            for month in range(1, 13):
                moves[start + month] += twelfth
                moves[start + month + provider_lag] += late_twelfth
            moves[start + final_month] += insurer[row, year]
            settle_due(moves, start + provisional_month, repayment_months, ahead * shared[row, year])
            due = (1.0 - ahead) * shared[row, year] + final[row, year]
            settle_due(moves, start + final_month, repayment_months, due)
        balance = opening
        for month in range(months):
            balance += moves[month]
            year = month // 12
            if month % 12 == 0 or balance < lowest[row, year]:
                lowest[row, year] = balance
