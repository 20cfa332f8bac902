"""Kernel of the systemic paths: draws the numbers of a population's futures and runs them through the years.

Logs are natural. ``normals`` has shape (dimension, future); all else is (future, year), years last, so that the
settlement reads it in order.
"""

from __future__ import annotations

import numpy as np

from leadrisk.experience._jit import inlined, kernel
from leadrisk.futures.sobol import draw_population


@inlined
def correlate(normals, correlated):
    """Make the numbers of each year dependent, in place; see :class:`leadrisk.futures.dependence.Correlated`.

    The last factor first, so that each still meets the independent numbers of those before it. A frozen factor gives
    nothing, as its number is zero, and takes nothing.
    """
    rows, factor, active = correlated.rows, correlated.factor, correlated.active
    count, years = rows.shape
    futures = normals.shape[1]
    for t in range(years):
        for i in range(count - 1, 0, -1):
            if rows[i, t] >= 0 and active[i]:
                own, scale = normals[rows[i, t]], factor[i, i]
                for k in range(futures):
                    own[k] *= scale
                for j in range(i):
                    weight = factor[i, j]
                    if weight != 0.0:
                        other = normals[rows[j, t]]
                        for k in range(futures):
                            own[k] += weight * other[k]


@kernel
def correlate_futures(normals, yearly, once):
    """Make the numbers of whole populations dependent, in place; shape (population, dimension, future)."""
    for j in range(normals.shape[0]):
        correlate(normals[j], yearly)
        correlate(normals[j], once)


@inlined
def aco_path(normals, outbreak, change, at, p, cost, score, churn_level, ai_shift, care_savings):
    """Score, cost, churn and care management of the ACO against its region and the nation, one population.

    The score is a random walk with a growth trait, an AR(1) that is stationary at the start; its real part moves cost
    too. Efficiency is a random walk, and so is what each year's change of the panel does to the level. The steps of
    both walks have heavy tails (``futures.heavy_tail``). Half of each variance is taken off, so that every factor's
    exponential has mean one.
    """
    futures, years = cost.shape
    step = 0.5 * p.efficiency_sd * p.efficiency_sd
    real_step = 0.5 * p.real_share * p.real_share
    for k in range(futures):
        level = p.level_sd * normals[at.true_level, k] - 0.5 * p.level_sd * p.level_sd
        hit = p.pandemic_aco_sd * normals[at.pandemic_region, k] - 0.5 * p.pandemic_aco_sd * p.pandemic_aco_sd
        ai_shift[k, 0] = p.ai_shift_mean + p.ai_shift_sd * normals[at.ai_shift, k]
        effect = 1.0 + p.care_effect_sd * normals[at.care_effect, k]
        trait = p.trait_sd * normals[at.score_trait, k]
        growth, walk, shift, mismatch = 0.0, 0.0, 0.0, 0.0
        for t in range(years):
            if t > 0:
                trait = p.trait_persistence * trait + p.trait_innovation * normals[at.score_trait + t, k]
                z = normals[at.score_growth + t - 1, k]
                growth += trait + (p.mean_growth + p.score_sd * (p.score_linear * z + p.score_cubic * (z * z * z)))
                z = normals[at.efficiency + t - 1, k]
                walk += p.efficiency_sd * (p.efficiency_linear * z + p.efficiency_cubic * (z * z * z)) - step
            score[k, t] = growth - 0.5 * p.score_variance[t]
            cost[k, t] = walk + (p.real_share * growth - real_step * p.score_variance[t])
            if t >= 3:
                n = t - 3
                if n > 0:
                    sd = p.churn_level_sd * change[n]
                    shift += sd * normals[at.tin_level + n - 1, k] - 0.5 * sd * sd
                    sd = p.churn_mismatch_sd * change[n]
                    mismatch += sd * normals[at.tin_mismatch + n - 1, k] - 0.5 * sd * sd
                cost[k, t] += level + hit * outbreak[n] + (shift + mismatch)
                churn_level[k, n] = shift
                care_savings[k, n] = min(p.care[n] * effect, 0.5)


@inlined
def trend_path(normals, outbreak, at, p, national, region, high_needs, esrd):
    """Log of actual over projected national cost, of regional over national cost, and of two categories over the first.

    The nation: two regimes, autocorrelated, plus stated misses; an outbreak puts care off, the year after makes up for
    some of it, then it is over.
    """
    futures, years = national.shape
    for k in range(futures):
        stressed = normals[at.regime, k] < p.starts_stressed
        error, total, regional, sicker, renal = 0.0, 0.0, 0.0, 0.0, 0.0
        for n in range(years):
            if n > 0:
                stressed = normals[at.regime + n, k] < (p.stays_stressed if stressed else p.turns_stressed)
            shock = (p.stressed_sd if stressed else p.calm_sd) * normals[at.national + n, k]
            error = shock if n == 0 else p.autocorrelation * error + p.innovation * shock
            total += error + p.projection_miss[n]
            rebound = p.pandemic_rebound * outbreak[n - 1] if n > 0 else 0.0
            national[k, n] = total + p.pandemic_cost_effect * outbreak[n] + rebound
            regional += p.regional_sd * normals[at.region + n, k]
            region[k, n] = regional
            sicker += p.category_sd * normals[at.category_trend_high_needs + n, k]
            high_needs[k, n] = sicker
            renal += p.category_sd * normals[at.category_trend_esrd + n, k]
            esrd[k, n] = renal


@kernel
def rank_path(normals, first, level, luck, m, p, out):
    """Rank of a measure, or the CI/SEP gateway; see :class:`leadrisk.futures.quality_parameters.RankParameters`.

    Each year brings news, of which what is no noise is told of the next one. ``level`` is the place of the number of
    the true level of cost, ``luck`` the persons', by year.
    """
    futures, years = out.shape
    expected = np.full(futures, p.start[m])
    for n in range(years):
        news_now, row = p.spread[m, n], normals[first + n]
        for k in range(futures):
            news = news_now * row[k]
            out[k, n] = (expected[k] + news) + (p.level[m] * normals[level, k] + p.luck[m] * luck[n])
            expected[k] = p.persistence[m] * (expected[k] + p.lasting[m, n] * news)


@kernel
def yearly_numbers(normals, first, sd, mean, out):
    """A normal number for each year on its own."""
    futures, years = out.shape
    for k in range(futures):
        for n in range(years):
            out[k, n] = mean + sd * normals[first + n, k]


@kernel
def block_paths(
    points, first_population, net, key0, key1, reflection, wanted, yearly, once, outbreak, change, luck, at, p, ranks,
    cost, score, churn_level, ai_shift, care_savings, national, region, categories, quality, improvement,
    episode_noise, stop_loss_neutrality, neutrality_sd,
):  # fmt: skip
    """All paths of a block of populations; see :class:`leadrisk.futures.paths.Paths` for what is filled."""
    measures, populations, _, years = quality.shape
    normals = np.empty(points.shape)
    found, tails = np.empty(normals.size + 1, dtype=np.int64), np.empty(normals.size + 1)
    for j in range(populations):
        draw_population(normals, points, first_population + j, net, key0, key1, reflection, wanted, found, tails)
        correlate(normals, yearly)
        correlate(normals, once)
        aco_path(
            normals, outbreak[j], change[j], at, p, cost[j], score[j], churn_level[j], ai_shift[j], care_savings[j]
        )
        trend_path(normals, outbreak[j], at, p, national[j], region[j], categories[0, j], categories[1, j])
        for m in range(measures):
            rank_path(normals, at.quality + m * years, at.true_level, luck[j], m, ranks, quality[m, j])
        rank_path(normals, at.improvement, at.true_level, luck[j], measures, ranks, improvement[j])
        if episode_noise.shape[1] > 1:
            yearly_numbers(normals, at.episode_noise, 1.0, 0.0, episode_noise[j])
        if stop_loss_neutrality.shape[1] > 1:
            yearly_numbers(
                normals, at.stop_loss_neutrality, neutrality_sd, 0.5 * neutrality_sd * neutrality_sd,  # 1/x has mean 1
                stop_loss_neutrality[j],
            )  # fmt: skip
