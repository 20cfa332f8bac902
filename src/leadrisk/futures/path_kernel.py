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
def by_future(by_year, out):
    """Turn (year, future), in which the years are worked out, into (future, year)."""
    futures, years = out.shape
    for k in range(futures):
        for t in range(years):
            out[k, t] = by_year[t, k]


@inlined
def score_path(normals, at, p, trait, growth, rows, score):
    """Score of the ACO against the nation, one population; ``growth`` of shape (year, future) is what moves cost too.

    The score is a random walk with a growth trait, an AR(1) that is stationary at the start. The steps of the walk have
    heavy tails (``futures.heavy_tail``). Half of its variance is taken off, so that the exponential has mean one.
    """
    futures, years = score.shape
    mean, sd, linear, cubic = p.mean_growth, p.score_sd, p.score_linear, p.score_cubic
    persistence, innovation = p.trait_persistence, p.trait_innovation
    number, first = normals[at.score_trait], growth[0]
    for k in range(futures):
        trait[k] = p.trait_sd * number[k]
        first[k] = 0.0
    for t in range(1, years):
        number, steps = normals[at.score_trait + t], normals[at.score_growth + t - 1]
        before, now = growth[t - 1], growth[t]
        for k in range(futures):
            z = steps[k]
            trait[k] = persistence * trait[k] + innovation * number[k]
            now[k] = before[k] + (trait[k] + (mean + sd * (linear * z + cubic * (z * z * z))))
    for t in range(years):
        now, row, half = growth[t], rows[t], 0.5 * p.score_variance[t]
        for k in range(futures):
            row[k] = now[k] - half
    by_future(rows, score)


@inlined
def cost_path(normals, outbreak, change, at, p, growth, walk, state, rows, cost, churn_level):
    """Cost of the ACO against its region, one population, and that of its changed panel that its base years show.

    Efficiency is a random walk with heavy tails, and so is what each year's change of the panel does to the level; the
    real part of the score's ``growth`` moves cost. Half of each variance is taken off.
    """
    futures, years = cost.shape
    sd, linear, cubic, real = p.efficiency_sd, p.efficiency_linear, p.efficiency_cubic, p.real_share
    step = 0.5 * p.efficiency_sd * p.efficiency_sd
    real_step = 0.5 * p.real_share * p.real_share
    shift, mismatch, both = state[0], state[1], state[2]
    for k in range(futures):
        walk[k] = 0.0
    for t in range(years):
        if t > 0:
            steps = normals[at.efficiency + t - 1]
            for k in range(futures):
                z = steps[k]
                walk[k] += sd * (linear * z + cubic * (z * z * z)) - step
        grown, row, off = growth[t], rows[t], real_step * p.score_variance[t]
        for k in range(futures):
            row[k] = walk[k] + (real * grown[k] - off)
    level_sd, hit_sd = p.level_sd, p.pandemic_aco_sd
    level_off, hit_off = 0.5 * p.level_sd * p.level_sd, 0.5 * p.pandemic_aco_sd * p.pandemic_aco_sd
    true_level, region_hit = normals[at.true_level], normals[at.pandemic_region]
    for k in range(futures):
        shift[k] = 0.0
        mismatch[k] = 0.0
    for n in range(years - 3):
        if n > 0:
            moved(shift, normals[at.tin_level + n - 1], p.churn_level_sd * change[n])
            moved(mismatch, normals[at.tin_mismatch + n - 1], p.churn_mismatch_sd * change[n])
        for k in range(futures):
            both[k] = shift[k] + mismatch[k]
        row, struck = rows[n + 3], outbreak[n]
        for k in range(futures):
            level = level_sd * true_level[k] - level_off
            row[k] += level + (hit_sd * region_hit[k] - hit_off) * struck + both[k]
        for k in range(futures):
            churn_level[k, n] = shift[k]
    by_future(rows, cost)


@inlined
def moved(walk, number, sd):
    """Another step of a walk, half of its variance taken off."""
    half = 0.5 * sd * sd
    for k in range(walk.size):
        walk[k] += sd * number[k] - half


@inlined
def once_paths(normals, at, p, rows, ai_shift, care_savings):
    """AI-inferred against HCC scores, and what care management saves: numbers drawn once a future."""
    futures, years = care_savings.shape
    shift, effects = normals[at.ai_shift], normals[at.care_effect]
    for k in range(futures):
        ai_shift[k, 0] = p.ai_shift_mean + p.ai_shift_sd * shift[k]
    effect_sd = p.care_effect_sd
    for n in range(years):
        planned, row = p.care[n], rows[n]
        for k in range(futures):
            row[k] = min(planned * (1.0 + effect_sd * effects[k]), 0.5)
    by_future(rows, care_savings)


@inlined
def nation_path(normals, outbreak, at, p, bound, error, total, rows, national):
    """Log of actual over projected national cost.

    Two regimes, autocorrelated, plus stated misses; an outbreak puts care off, the year after makes up for some of it,
    then it is over. ``bound`` is the number below which a future's next year is stressed.
    """
    futures, years = national.shape
    turns, stays, calm_sd, stressed_sd = p.turns_stressed, p.stays_stressed, p.calm_sd, p.stressed_sd
    autocorrelation, innovation = p.autocorrelation, p.innovation
    for k in range(futures):
        bound[k] = p.starts_stressed
        total[k] = 0.0
    for n in range(years):
        regime, number, row = normals[at.regime + n], normals[at.national + n], rows[n]
        for k in range(futures):
            stressed = regime[k] < bound[k]
            bound[k] = stays if stressed else turns
            row[k] = (stressed_sd if stressed else calm_sd) * number[k]
        if n == 0:
            for k in range(futures):
                error[k] = row[k]
        else:
            for k in range(futures):
                error[k] = autocorrelation * error[k] + innovation * row[k]
        miss, struck = p.projection_miss[n], p.pandemic_cost_effect * outbreak[n]
        rebound = p.pandemic_rebound * outbreak[n - 1] if n > 0 else 0.0
        for k in range(futures):
            total[k] += error[k] + miss
            row[k] = total[k] + struck + rebound
    by_future(rows, national)


@inlined
def walk_path(normals, first, sd, total, rows, out):
    """A random walk of normal steps."""
    futures, years = out.shape
    for k in range(futures):
        total[k] = 0.0
    for n in range(years):
        number, row = normals[first + n], rows[n]
        for k in range(futures):
            total[k] += sd * number[k]
            row[k] = total[k]
    by_future(rows, out)


@inlined
def rank_path(normals, first, level, luck, m, p, expected, rows, out):
    """Rank of a measure, or the CI/SEP gateway; see :class:`leadrisk.futures.quality_parameters.RankParameters`.

    Each year brings news, of which what is no noise is told of the next one. ``level`` is the place of the number of
    the true level of cost, ``luck`` the persons', by year.
    """
    futures, years = out.shape
    start, persistence, of_level, of_luck = p.start[m], p.persistence[m], p.level[m], p.luck[m]
    levels = normals[level]
    for k in range(futures):
        expected[k] = start
    for n in range(years):
        spread, lasting, own = p.spread[m, n], p.lasting[m, n], of_luck * luck[n]
        number, row = normals[first + n], rows[n]
        for k in range(futures):
            news = spread * number[k]
            row[k] = (expected[k] + news) + (of_level * levels[k] + own)
            expected[k] = persistence * (expected[k] + lasting * news)
    by_future(rows, out)


@kernel
def yearly_numbers(normals, first, sd, mean, out):
    """A normal number for each year on its own."""
    futures, years = out.shape
    for k in range(futures):
        for n in range(years):
            out[k, n] = mean + sd * normals[first + n, k]


@kernel
def block_paths(
    points, numbers, net, key0, key1, reflection, wanted, yearly, once, outbreak, change, luck, at, p, ranks,
    cost, score, churn_level, ai_shift, care_savings, national, region, categories, quality, improvement,
    episode_noise, stop_loss_neutrality, neutrality_sd,
):  # fmt: skip
    """All paths of the populations ``numbers``; see :class:`leadrisk.futures.paths.Paths` for what is filled."""
    measures, populations, futures, years = quality.shape
    normals, work = np.empty(points.shape), np.empty((2 * years + 12, futures))
    growth, rows, state = work[: years + 3], work[years + 3 : 2 * years + 6], work[2 * years + 6 :]
    outer, found, tails = np.empty(points.shape, np.uint8), np.empty(normals.size + 1, np.int64), np.empty(normals.size)
    for j in range(populations):
        draw_population(normals, points, numbers[j], net, key0, key1, reflection, wanted, outer, found, tails)
        correlate(normals, yearly)
        correlate(normals, once)
        score_path(normals, at, p, state[0], growth, rows, score[j])
        cost_path(normals, outbreak[j], change[j], at, p, growth, state[0], state[1:], rows, cost[j], churn_level[j])
        once_paths(normals, at, p, rows, ai_shift[j], care_savings[j])
        nation_path(normals, outbreak[j], at, p, state[0], state[1], state[2], rows, national[j])
        walk_path(normals, at.region, p.regional_sd, state[0], rows, region[j])
        walk_path(normals, at.category_trend_high_needs, p.category_sd, state[0], rows, categories[0, j])
        walk_path(normals, at.category_trend_esrd, p.category_sd, state[0], rows, categories[1, j])
        for m in range(measures):
            rank_path(normals, at.quality + m * years, at.true_level, luck[j], m, ranks, state[0], rows, quality[m, j])
        rank_path(normals, at.improvement, at.true_level, luck[j], measures, ranks, state[0], rows, improvement[j])
        if episode_noise.shape[1] > 1:
            yearly_numbers(normals, at.episode_noise, 1.0, 0.0, episode_noise[j])
        if stop_loss_neutrality.shape[1] > 1:
            yearly_numbers(
                normals, at.stop_loss_neutrality, neutrality_sd, 0.5 * neutrality_sd * neutrality_sd,  # 1/x has mean 1
                stop_loss_neutrality[j],
            )  # fmt: skip
