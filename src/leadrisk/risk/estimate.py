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

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    per_population = sample.mean(axis=1)
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
    t = float(stdtrit(max(sample.shape[0] // 2 - 1, 1), 0.975))
    found = []
    for level in levels:
        value = _at(ordered, level)
        error = standard_error((sample <= value).mean(axis=1))
        spread = np.exp(t * error / (level * (1.0 - level)))
        low, high = level / (level + (1.0 - level) * spread), level / (level + (1.0 - level) / spread)
        found.append(Estimate(value, (_at(ordered, high) - _at(ordered, low)) / (2.0 * t)))
    return found


def tail_mean(sample: Array, level: float) -> Estimate:
    """Mean of the lowest ``level`` share of a sample (TVaR of the lower tail), shape (population, future)."""
    value = _at(np.sort(sample, axis=None), level)
    return mean(value + np.minimum(sample - value, 0.0) / level)


def population_share(sample: Array, *, apart_from: Array | None = None) -> float:
    """Share of the variance of one (population, future) result that is the main effect of its population.

    One-way analysis of variance: the futures' part is taken off the variance of the population means.

    Parameters
    ----------
    sample
        Shape (population, future).
    apart_from
        Shape (population, covariate): what populations differ in besides their persons; its linear effect is left
        out of the share.

    Examples
    --------
    >>> import numpy as np
    >>> sample = np.repeat([[0.0], [2.0], [4.0], [3.0]], 8, axis=1)
    >>> population_share(sample)
    1.0
    >>> round(population_share(sample, apart_from=np.array([[0.0], [1.0], [2.0], [1.0]])), 3)
    0.129
    """
    k = sample.shape[1]
    within = float(sample.var(axis=1, ddof=1).mean())
    means = sample.mean(axis=1)
    between = max(float(means.var(ddof=1)) - within / k, 0.0)
    total = between + within
    if apart_from is not None:
        design = np.column_stack([np.ones(len(means)), apart_from])
        coefficients, _, rank, _ = np.linalg.lstsq(design, means)
        left = means - design @ coefficients
        between = max(float((left * left).sum()) / max(len(means) - int(rank), 1) - within / k, 0.0)
    return between / total if total > 0 else 0.0


def _at(ordered: Array, level: float) -> float:
    rank = int(np.ceil(level * ordered.size - 1e-9)) - 1
    return float(ordered[min(max(rank, 0), ordered.size - 1)])
