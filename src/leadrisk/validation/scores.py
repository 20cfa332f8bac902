"""How good a probabilistic forecast was: coverage of its intervals, probability integral transform, CRPS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special, stats

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LEVELS = (50, 80, 90, 95)


def crps_of_sample(sample: ArrayLike, actual: float) -> float:
    """Continuous ranked probability score of equally likely draws, in the unit of the draws; 0 is best.

    Mean distance to what came, less half the mean distance of two draws (Gneiting and Raftery 2007, equation 20).

    Examples
    --------
    >>> round(crps_of_sample([1.0, 3.0], 2.0), 6)
    0.5
    """
    ordered = np.sort(np.asarray(sample, dtype=np.float64), axis=None)
    n = ordered.size
    spread = float(ordered @ (2.0 * np.arange(1, n + 1) - n - 1.0)) / (n * n)
    return float(np.abs(ordered - actual).mean()) - spread


def crps_of_normal(mean: ArrayLike, sd: ArrayLike, actual: ArrayLike) -> NDArray[np.float64]:
    """Continuous ranked probability score of normal forecasts (Gneiting and Raftery 2007, equation 21).

    Examples
    --------
    >>> round(float(crps_of_normal(0.0, 1.0, 0.0)), 6)
    0.233695
    """
    sd = np.asarray(sd, dtype=np.float64)
    z = (np.asarray(actual, dtype=np.float64) - np.asarray(mean)) / sd
    density = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)
    return np.asarray(sd * (z * (2.0 * special.ndtr(z) - 1.0) + 2.0 * density - 1.0 / np.sqrt(np.pi)))


def crps_of_student(mean: ArrayLike, scale: ArrayLike, actual: ArrayLike, *, degrees: float) -> NDArray[np.float64]:
    """Continuous ranked probability score of Student t forecasts (Jordan, Krueger and Lerch 2019, appendix A).

    Parameters
    ----------
    scale
        Of the t distribution; its standard deviation is ``scale * sqrt(degrees / (degrees - 2))``.
    degrees
        Degrees of freedom, above 1.

    Examples
    --------
    With many degrees of freedom it is the normal one:

    >>> round(float(crps_of_student(0.0, 1.0, 0.7, degrees=1e6) - crps_of_normal(0.0, 1.0, 0.7)), 5)
    0.0
    """
    scale = np.asarray(scale, dtype=np.float64)
    z = (np.asarray(actual, dtype=np.float64) - np.asarray(mean)) / scale
    t = stats.t(degrees)
    tail = 2.0 * np.sqrt(degrees) / (degrees - 1.0)
    betas = special.beta(0.5, degrees - 0.5) / special.beta(0.5, 0.5 * degrees) ** 2
    score = z * (2.0 * t.cdf(z) - 1.0) + 2.0 * t.pdf(z) * (degrees + z * z) / (degrees - 1.0) - tail * betas
    return np.asarray(scale * score)


def rank_of(sample: ArrayLike, actual: float) -> float:
    """Probability integral transform: share of the draws below what came, ties by half.

    Examples
    --------
    >>> rank_of([1.0, 2.0, 3.0, 4.0], 2.5)
    0.5
    """
    draws = np.asarray(sample, dtype=np.float64)
    return float((draws < actual).mean() + 0.5 * (draws == actual).mean())


def covered(ranks: ArrayLike, level: int) -> NDArray[np.bool_]:
    """Whether each central interval of ``level`` percent held what came.

    Examples
    --------
    >>> covered([0.05, 0.3, 0.98], 90).tolist()
    [True, True, False]
    """
    distance = np.abs(np.asarray(ranks, dtype=np.float64) - 0.5)
    return np.asarray(distance <= level / 200.0)


def coverage(ranks: ArrayLike) -> dict[str, float]:
    """Percent of what came that the central 50, 80, 90 and 95 % intervals held.

    Examples
    --------
    >>> coverage([0.05, 0.3, 0.6, 0.98])
    {'50': 50.0, '80': 50.0, '90': 75.0, '95': 75.0}
    """
    return {str(level): 100.0 * float(covered(ranks, level).mean()) for level in LEVELS}


def coverage_error(n: int) -> dict[str, float]:
    """Binomial standard error of the coverage by ``n`` independent forecasts that are right, percentage points.

    Examples
    --------
    >>> {level: round(error, 2) for level, error in coverage_error(403).items()}
    {'50': 2.49, '80': 1.99, '90': 1.49, '95': 1.09}
    """
    return {str(level): float(np.sqrt(level * (100.0 - level) / n)) for level in LEVELS}


def uniformity(ranks: ArrayLike) -> float:
    """Probability of a Kolmogorov-Smirnov distance as large as this one, were the ranks uniform.

    Examples
    --------
    >>> round(uniformity([0.1, 0.3, 0.5, 0.7, 0.9]), 3)
    1.0
    """
    return float(stats.kstest(np.asarray(ranks, dtype=np.float64), "uniform").pvalue)


def histogram(ranks: ArrayLike, *, bins: int = 10) -> list[int]:
    """Count of ranks in equal bins; level where the forecasts are calibrated.

    Examples
    --------
    >>> histogram([0.05, 0.45, 0.5, 1.0], bins=2)
    [2, 2]
    """
    counts, _ = np.histogram(np.asarray(ranks, dtype=np.float64), bins=bins, range=(0.0, 1.0))
    return [int(count) for count in counts]


def paired_difference(first: ArrayLike, second: ArrayLike) -> dict[str, float]:
    """Mean of ``first`` less ``second`` over the same ACOs, with its standard error.

    Examples
    --------
    >>> paired_difference([1.0, 2.0, 3.0], [0.5, 1.0, 1.5])
    {'difference': 1.0, 'se': 0.288675}
    """
    gap = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    error = float(gap.std(ddof=1) / np.sqrt(gap.size)) if gap.size > 1 else 0.0
    return {"difference": round(float(gap.mean()), 6), "se": round(error, 6)}
