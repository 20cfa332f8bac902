"""Estimates from the nested sample, each with the standard error that is right for it.

The sample is the populations, never populations x futures: futures of one population share its persons. Populations
are stratified, so the error comes from pairs of neighbouring strata. Distribution functions are pooled over all
(population, future) pairs and then inverted; the error of a quantile is that of the distribution function at it,
carried to dollars through the quantiles at logit limits (estimators.md §3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import stdtrit

from leadrisk.experience.special64 import exponential

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]


class Estimate(NamedTuple):
    """A value and its standard error, in the same unit."""

    value: float
    se: float


def standard_error(per_population: Array) -> float:
    """Standard error of the mean of population means, from pairs of neighbouring strata.

    ``sqrt(sum over pairs (h1 - h2)**2) / n``, with n/2 - 1 degrees of freedom.

    Examples
    --------
    >>> import numpy as np
    >>> round(standard_error(np.array([1.0, 2.0, 4.0, 2.0])), 4)
    0.559
    """
    pairs = per_population.reshape(-1, 2)
    differences = pairs[:, 0] - pairs[:, 1]
    return float(np.sqrt((differences * differences).sum()) / per_population.size)


def mean(sample: Array) -> Estimate:
    """Mean of a sample of shape (population, future)."""
    return mean_of_populations(sample.mean(axis=1))


def mean_of_populations(per_population: Array) -> Estimate:
    """Mean of a sample whose mean within each population is known."""
    return Estimate(float(per_population.mean()), standard_error(per_population))


def probability(event: NDArray[np.bool_]) -> Estimate:
    """Probability of an event, shape (population, future)."""
    return mean(event.astype(np.float64))


def quantiles(sample: Array, levels: Sequence[float]) -> list[Estimate]:
    """Quantiles of a sample of shape (population, future): the smallest value with F(value) >= level.

    Examples
    --------
    >>> import numpy as np
    >>> [q.value for q in quantiles(np.arange(1.0, 101.0).reshape(20, 5), [0.05, 0.5])]
    [5.0, 50.0]
    """
    ordered = np.sort(sample, axis=None)
    t = _student(sample)
    found = []
    for level in levels:
        value = _at(ordered, level)
        low, high = _logit_limits(level, t * standard_error((sample <= value).mean(axis=1)))
        found.append(Estimate(value, (_at(ordered, high) - _at(ordered, low)) / (2.0 * t)))
    return found


def quantile_difference(first: Array, second: Array, level: float) -> Estimate:
    """Quantile of one sample less that of another on the same populations and futures.

    The error is that of the difference: each sample's distribution function at its own quantile, carried to dollars by
    the slope of its quantiles between the logit limits, and subtracted population by population.

    Parameters
    ----------
    first, second
        Shape (population, future).
    level
        Of the quantile.

    Examples
    --------
    >>> import numpy as np
    >>> base = np.arange(1.0, 101.0).reshape(20, 5)
    >>> quantile_difference(base + 7.0, base, 0.5)
    Estimate(value=7.0, se=0.0)
    """
    values, moves = zip(*(_quantile_moves(sample, level) for sample in (first, second)), strict=True)
    return Estimate(values[0] - values[1], standard_error(moves[0] - moves[1]))


def _quantile_moves(sample: Array, level: float) -> tuple[float, Array]:
    """Quantile of a sample, and how far each population alone would move it, to first order."""
    ordered = np.sort(sample, axis=None)
    value = _at(ordered, level)
    below = (sample <= value).mean(axis=1)
    low, high = _logit_limits(level, _student(sample) * standard_error(below))
    slope = (_at(ordered, high) - _at(ordered, low)) / (high - low) if high > low else 0.0
    return value, slope * (level - below)


def tail_mean(sample: Array, level: float) -> Estimate:
    """Mean of the lowest ``level`` share of a sample (TVaR of the lower tail), shape (population, future)."""
    return mean(_tail_terms(sample, level))


def tail_mean_difference(first: Array, second: Array, level: float) -> Estimate:
    """Tail mean of one sample less that of another on the same populations and futures.

    Examples
    --------
    >>> import numpy as np
    >>> base = np.arange(1.0, 101.0).reshape(20, 5)
    >>> tail_mean_difference(base - 3.0, base, 0.05)
    Estimate(value=-3.0, se=0.0)
    """
    return mean(_tail_terms(first, level) - _tail_terms(second, level))


def _tail_terms(sample: Array, level: float) -> Array:
    """Numbers whose mean is the mean of the lowest ``level`` share."""
    value = _at(np.sort(sample, axis=None), level)
    terms: Array = value + np.minimum(sample - value, 0.0) / level
    return terms


def _student(sample: Array) -> float:
    """Quantile of Student's t at 97.5 % for so many pairs of populations."""
    return float(stdtrit(max(sample.shape[0] // 2 - 1, 1), 0.975))


def _logit_limits(level: float, distance: float) -> tuple[float, float]:
    """Levels at a distance of a share's confidence limit below and above, on the logit scale."""
    spread = float(exponential(np.array([distance / (level * (1.0 - level))]))[0])
    return level / (level + (1.0 - level) * spread), level / (level + (1.0 - level) / spread)


def population_share(first: Array, second: Array, *, variance: float, apart_from: Array) -> Estimate:
    """Share of a result's variance that is the main effect of its population, the luck of its persons.

    The covariance of population means under two independent nets of futures: what the futures leave in a mean is
    independent, so it drops out, however even the nets are.

    Parameters
    ----------
    first, second
        Shape (population,): mean over the futures of the first and of the second net.
    variance
        Variance of the result over all (population, future) pairs.
    apart_from
        Shape (population, covariate): what populations differ in besides their persons; its linear effect is left
        out of the share.

    Returns
    -------
    Estimate
        The share, and its standard error by a delete-a-group jackknife.

    Examples
    --------
    >>> import numpy as np
    >>> luck, panel = np.array([1.0, -1.0, -1.0, 1.0] * 8), np.repeat([[0.0], [1.0]], 16, axis=0)
    >>> share = population_share(luck + panel[:, 0], luck + panel[:, 0], variance=4.0, apart_from=panel)
    >>> round(share.value, 4)
    0.2667
    """

    def share(rows: NDArray[np.bool_]) -> float:
        units = _units([np.ones(int(rows.sum())), *apart_from[rows].T])
        left = [_without(units, means) for means in (first[rows], second[rows])]
        freedom = max(len(left[0]) - len(units), 1)
        return float((left[0] * left[1]).sum()) / freedom / variance if variance > 0 else 0.0

    whole = share(np.ones(len(first), dtype=bool))
    return Estimate(min(max(whole, 0.0), 1.0), group_jackknife(share, len(first)))


def _units(columns: Sequence[Array]) -> list[Array]:
    """Orthogonal vectors of unit length that span the columns (Gram-Schmidt); LAPACK's bits would hang on the CPU."""
    units: list[Array] = []
    for column in columns:
        own = _without(units, _without(units, column))  # twice is enough: what rounding left goes too
        length = np.sqrt((own * own).sum())
        if length > 1e-10 * np.sqrt((column * column).sum()):
            units.append(own / length)
    return units


def _without(units: Sequence[Array], values: Array) -> Array:
    """Take from values what lies along each of the orthogonal units: the residuals of a least-squares fit."""
    for unit in units:
        values = values - (unit * values).sum() * unit
    return values


def group_jackknife(statistic: Callable[[NDArray[np.bool_]], float], populations: int, *, groups: int = 16) -> float:
    """Standard error of a statistic of whole populations, leaving out a group of neighbouring pairs at a time.

    Parameters
    ----------
    statistic
        Of a mask of populations kept.
    """
    pair = np.arange(populations) // 2
    groups = min(groups, populations // 2)
    if groups < 2:
        return 0.0
    left_out = np.array([statistic(pair % groups != group) for group in range(groups)])
    return float(np.sqrt(((left_out - left_out.mean()) ** 2).sum() * (groups - 1) / groups))


def rank_of(level: float, size: int) -> int:
    """Position of a quantile among so many ordered values: the first whose share of values up to it reaches the level.

    Examples
    --------
    >>> rank_of(0.05, 100), rank_of(0.5, 101)
    (4, 50)
    """
    return min(max(int(np.ceil(level * size - 1e-9)) - 1, 0), size - 1)


def _at(ordered: Array, level: float) -> float:
    return float(ordered[rank_of(level, ordered.size)])
