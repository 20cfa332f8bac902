"""Gauss-Newton steps within limits, for a function that is dear and slightly rough.

Each parameter has a statistic of its own, in the same order; further statistics may follow. Where a parameter ends at
a limit, its statistic is out of reach and is given up, so that it does not pull the others away from theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import lsq_linear

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_MOST_STEPS = 10
_NOTICEABLE = 0.05  # squared distance, in standard errors: less is not worth a step
_CONVERGED = 1.0  # squared distance that may be left to gain
_HALVINGS = 3
_STALE = 0.5  # scales moved, after which derivatives are taken anew
_TINY = 1e-12  # room that the solver needs where a parameter is held
_AT_LIMIT = 1e-6  # scales
_LEASH = 0.01


@dataclass(frozen=True)
class Problem:
    """What is to be brought to zero.

    Attributes
    ----------
    scales
        float64, shape (parameter,): a natural size of each.
    gap
        From parameters to what was found there and the gap of each statistic in standard errors.
    derivatives
        From parameters to the fall of the gaps with each parameter, shape (statistic, parameter).
    room
        From parameters to how far each may move, down (negative) and up.
    possible
        From parameters and a move to the part of it that leads to possible parameters.
    smooth
        bool, shape (statistic,): whether a gap follows small moves; the others take part in steps, but do not decide
        whether a step comes closer.
    """

    scales: Floats
    gap: Callable[[Floats], tuple[dict[str, float], Floats]]
    derivatives: Callable[[Floats], Floats]
    room: Callable[[Floats], tuple[Floats, Floats]]
    possible: Callable[[Floats, Floats], Floats]
    smooth: NDArray[np.bool_]


@dataclass(frozen=True)
class Solution:
    """Where the steps ended.

    Attributes
    ----------
    values
        Parameters.
    found
        What the problem gave there.
    design
        Derivatives there or nearby.
    held
        bool, shape (parameter,): at a limit.
    distance
        Squared gap of the smooth statistics that are not given up.
    converged
        Whether a further step would bring next to nothing.
    """

    values: Floats
    found: dict[str, float]
    design: Floats
    held: NDArray[np.bool_]
    distance: float
    converged: bool


def solve(problem: Problem, values: Floats) -> Solution:
    """Move parameters until the gaps are closed as far as limits allow.

    Parameters
    ----------
    problem
        The problem.
    values
        Where to start.

    Examples
    --------
    >>> target = np.array([2.0, 5.0])
    >>> line = Problem(
    ...     scales=np.ones(2), gap=lambda x: ({}, target - x), derivatives=lambda x: np.eye(2),
    ...     room=lambda x: (-4.0 - x, 4.0 - x), possible=lambda x, move: move,
    ...     smooth=np.ones(2, bool),
    ... )
    >>> found = solve(line, np.zeros(2))
    >>> found.values.round(2).tolist(), found.held.tolist(), round(found.distance, 6)
    ([2.0, 4.0], [False, True], 0.0)
    """
    found, gap = problem.gap(values)
    held = np.zeros(len(values), bool)
    fresh, left = False, 0.0
    for _ in range(_MOST_STEPS):
        if not fresh:
            design, fresh = problem.derivatives(values), True
        kept = np.concatenate([~held, np.ones(len(gap) - len(held), bool)])
        low, high = problem.room(values)
        bounds = (np.where(held, -_TINY, np.minimum(low, -_TINY)), np.where(held, _TINY, np.maximum(high, _TINY)))
        step = lsq_linear(
            np.concatenate([design[kept], np.diag(leash(problem.scales))]),
            np.concatenate([gap[kept], np.zeros(len(values))]),
            bounds=bounds,
            method="bvls",
        )
        judged = kept & problem.smooth
        left = _distance(gap, judged) - _distance(gap - design @ step.x, judged)
        closer = _closer(problem, values, _distance(gap, judged), judged, step.x) if left > _NOTICEABLE else None
        if closer is None:
            reached = np.minimum(-low, high) < _AT_LIMIT * problem.scales
            if (reached <= held).all():
                break
            held = held | reached
            continue
        move, found, gap = closer
        values = values + move
        fresh = bool((np.abs(move) < _STALE * problem.scales).all())
    kept = np.concatenate([~held, np.ones(len(gap) - len(held), bool)])
    distance = _distance(gap, kept & problem.smooth)
    return Solution(
        values=values,
        found=found,
        design=design,
        held=held,
        distance=distance,
        converged=min(left, distance) < _CONVERGED,
    )


def leash(scales: Floats) -> Floats:
    """Weight that holds a parameter as if it were known within a hundred scales: only one without any effect feels it.

    Examples
    --------
    >>> leash(np.array([0.1])).round(3).tolist()
    [0.1]
    """
    weight: Floats = _LEASH / scales
    return weight


def covariance(design: Floats, noise: Floats, scales: Floats) -> Floats:
    """Covariance of the parameters from that of the gaps, shape (parameter, parameter).

    Parameters
    ----------
    design
        Derivatives, shape (statistic, parameter).
    noise
        Covariance of the gaps, shape (statistic, statistic).
    scales
        As of the problem; a parameter without any effect gets a standard error of a hundred of them.
    """
    hold = np.diag(leash(scales) ** 2)
    inverse = np.linalg.inv(design.T @ design + hold)
    found: Floats = inverse @ (design.T @ noise @ design + hold) @ inverse
    return found


def _distance(gap: Floats, judged: NDArray[np.bool_]) -> float:
    return float((gap[judged] ** 2).sum())


def _closer(
    problem: Problem, values: Floats, distance: float, judged: NDArray[np.bool_], move: Floats
) -> tuple[Floats, dict[str, float], Floats] | None:
    """Take a step, or the half or quarter of it, that comes closer; None where the problem's own grain decides."""
    move = problem.possible(values, move)
    for _ in range(_HALVINGS):
        found, trial = problem.gap(values + move)
        if _distance(trial, judged) < distance:
            return move, found, trial
        move = move / 2.0
    return None
