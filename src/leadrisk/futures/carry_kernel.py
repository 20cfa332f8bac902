"""Kernel that carries a block of populations through its futures: neutral rates of persons in, dollars out."""

from __future__ import annotations

import numpy as np

from leadrisk.experience._jit import inlined, kernel
from leadrisk.experience.special64 import exp64, log64


@kernel
def exponentials(logs, out):
    """Exponentials of one population's logs, shape (future, year)."""
    x, y = logs.reshape(logs.size), out.reshape(out.size)
    for i in range(x.size):
        y[i] = exp64(x[i])


@kernel
def exponentials_of_sums(logs, others, out):
    """Exponentials of the sums of two paths of one population."""
    x, w, y = logs.reshape(logs.size), others.reshape(others.size), out.reshape(out.size)
    for i in range(x.size):
        y[i] = exp64(x[i] + w[i])


@kernel
def excess_at(position, low, mid, high, nodes):
    """Cost above a threshold at a log position between the attachments of a simulation, and beyond, never below 0.

    Amounts are linear in the log position: a year may have no excess at all, so amounts and not their logs. Beyond the
    outer attachments the nearest line goes on.
    """
    if position < nodes[1]:
        above = low + (mid - low) * (position - nodes[0]) / (nodes[1] - nodes[0])
    else:
        above = mid + (high - mid) * (position - nodes[1]) / (nodes[2] - nodes[1])
    return max(above, 0.0)


@inlined
def carry_category(
    cost, score, ai, care, nation, regional, apart, cost_rate, score_rate, known, level, projected, least,
    weights, expenditure, national_trend, regional_trend, score_ratio, ai_score_ratio,
):  # fmt: skip
    """One category of one population; factors and results of shape (future, year), the rest by year or a number.

    The base years are risk-standardised to the score of BY3 and pinned to what is known of them.
    """
    futures, years = expenditure.shape
    for k in range(futures):
        by3 = score_rate[2] * score[k, 2]
        simulated = 0.0
        for b in range(3):
            simulated += weights[b] * (cost_rate[b] * cost[k, b] / (score_rate[b] * score[k, b]) * by3)
        pin = known / max(simulated, least)
        for n in range(years):
            national_trend[k, n] = projected[n] * nation[k, n] * apart[k, n]
            regional_trend[k, n] = projected[n] * regional[k, n] * apart[k, n]
            trend = regional_trend[k, n] * level[n]
            expenditure[k, n] = pin * (cost_rate[n + 3] * cost[k, n + 3]) * trend * (1.0 - care[k, n])
            score_ratio[k, n] = score_rate[n + 3] * score[k, n + 3] / by3
            ai_score_ratio[k, n] = score_ratio[k, n] * ai[k, 0]


@kernel
def carry_block(
    cost, score, churn_level, ai_shift, care_savings, national, region, categories,
    walks, cost_rate, score_rate, known, level, projected, least, weights,
    baseline_shift, expenditure, national_trend, regional_trend, score_ratio, ai_score_ratio,
):  # fmt: skip
    """Every category of every population of a block; ``walks`` says which of ``categories`` each follows, or -1."""
    _, populations, futures, years = categories.shape
    cost_factor, score_factor = np.empty(cost.shape[1:]), np.empty(score.shape[1:])
    nation, regional, walk = np.empty((futures, years)), np.empty((futures, years)), np.empty((futures, years))
    ai, together = np.empty((futures, 1)), np.ones((futures, years))
    for j in range(populations):
        exponentials(cost[j], cost_factor)
        exponentials(score[j], score_factor)
        exponentials(ai_shift[j], ai)
        exponentials(churn_level[j], baseline_shift[j])
        exponentials(national[j], nation)
        exponentials_of_sums(national[j], region[j], regional)
        for c in range(walks.size):
            if walks[c] >= 0:
                exponentials(categories[walks[c], j], walk)
            carry_category(
                cost_factor, score_factor, ai, care_savings[j], nation, regional, walk if walks[c] >= 0 else together,
                cost_rate[c, j], score_rate[c, j], known[c, j], level[c], projected[c],
                least, weights, expenditure[c, j], national_trend[c, j], regional_trend[c, j],
                score_ratio[c, j], ai_score_ratio[c, j],
            )  # fmt: skip


@kernel
def truncate_block(expenditure, cost_rate, national_trend, excess_rate, threshold, nodes, out):
    """Expenditure less the part above the national truncation threshold, one category, (population, future, year).

    ``cost_rate`` and ``excess_rate`` (at each attachment) are the persons', by population and year. ``threshold`` is
    what a simulated cost of 1 stands for in the nation in BY3, dollars; it moves with the nation alone.
    """
    populations, futures, years = out.shape
    for j in range(populations):
        for k in range(futures):
            for n in range(years):
                dollars = expenditure[j, k, n] / cost_rate[j, n]
                position = log64(threshold * national_trend[j, k, n] / dollars)
                low, mid, high = excess_rate[j, n, 0], excess_rate[j, n, 1], excess_rate[j, n, 2]
                above = excess_at(position, low, mid, high, nodes)
                out[j, k, n] = max(expenditure[j, k, n] - dollars * above, 0.0)
