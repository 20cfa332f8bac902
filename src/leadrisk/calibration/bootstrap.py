"""The Bayesian bootstrap over persons: each person, with all years of theirs, gets a random weight.

Weights are exponential (Rubin 1981, "The Bayesian bootstrap"). Persons are dealt at random into at most a thousand
groups that share a weight, so that a replicate costs one product of matrices whatever the number of rows; the variance
of a sum over persons is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.experience.philox import philox
from leadrisk.experience.special64 import log_array

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

MOST_GROUPS = 1000
_STREAM_GROUPS, _STREAM_WEIGHTS = 0xCA11, 0xCA12  # counter words that no run uses
_TO_UNIT = 1.0 / 4294967296.0


def person_groups(persons: int, *, seed: int) -> NDArray[np.int32]:
    """Group of each person, int32, shape (person,): dealt at random, or a group each where there are few.

    Examples
    --------
    >>> person_groups(3, seed=1).tolist(), int(person_groups(5000, seed=1).max())
    ([0, 1, 2], 999)
    """
    if persons <= MOST_GROUPS:
        return np.arange(persons, dtype=np.int32)
    counters = np.zeros((-(-persons // 4), 4), np.uint32)
    counters[:, 0], counters[:, 3] = np.arange(len(counters)), _STREAM_GROUPS
    words = philox(counters, seed).ravel()[:persons]
    return (words % np.uint32(MOST_GROUPS)).astype(np.int32)


def grouped(values: NDArray[Any], group: NDArray[np.int32], groups: int) -> NDArray[np.float64]:
    """Sum of values of shape (person, year) by group of persons, float64, shape (group,).

    Examples
    --------
    >>> grouped(np.array([[1.0, 2.0], [0.0, 4.0]]), np.array([1, 1], "int32"), 2).tolist()
    [0.0, 7.0]
    """
    total = np.zeros(len(group))
    for year in range(values.shape[1]):  # far faster than a sum over a short axis
        total += values[:, year]
    found: NDArray[np.float64] = np.bincount(group, weights=total, minlength=groups).astype(np.float64, copy=False)
    return found


def bootstrap_weights(replicates: int, groups: int, *, seed: int) -> NDArray[np.float64]:
    """Exponential weights of mean 1, float64, shape (replicate, group).

    Examples
    --------
    >>> weights = bootstrap_weights(200, 50, seed=1)
    >>> weights.shape, round(float(weights.mean()), 1)
    ((200, 50), 1.0)
    """
    wide = -(-groups // 4)
    counters = np.zeros((replicates * wide, 4), np.uint32)
    counters[:, 0] = np.tile(np.arange(wide), replicates)
    counters[:, 1] = np.repeat(np.arange(replicates), wide)
    counters[:, 3] = _STREAM_WEIGHTS
    words = philox(counters, seed).reshape(replicates, wide * 4)[:, :groups]
    weights = -log_array((words.ravel() + 0.5) * _TO_UNIT).reshape(replicates, groups)
    found: NDArray[np.float64] = weights
    return found


def resampled(sums: Mapping[str, NDArray[np.float64]], weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Sums of each replicate: arrays of shape (replicate, ...) from arrays of shape (group, ...)."""
    return {name: np.tensordot(weights, held, axes=1) for name, held in sums.items()}


def added_up(sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """Sums of all groups together."""
    return {name: held.sum(axis=0) for name, held in sums.items()}
