"""From simulated pairs of years to what the later year may be, once the earlier one is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

GROUPS = 8


class Conditional(NamedTuple):
    """Later savings given the known ones.

    Attributes
    ----------
    draws
        Deviation of the later year from its mean, shape (population, future).
    slope
        Of the later year on the known one.
    """

    draws: NDArray[np.float64]
    slope: float


def given_known(known: NDArray[np.float64], later: NDArray[np.float64], *, deviation: float) -> Conditional:
    """Condition simulated pairs on the known year by regression adjustment.

    Every simulated later year is moved by the slope of later on known savings times the distance of its own known
    year from the actual one (Beaumont, Zhang and Balding 2002, with all draws at equal weight). Exact where the two
    are jointly normal or the later year depends on the known one in a line; the shape of what is left is the
    simulation's.

    Parameters
    ----------
    known, later
        Simulated savings, shape (population, future).
    deviation
        The ACO's known savings less the mean that the simulation's mean stands for.

    Examples
    --------
    >>> known = np.array([[-1.0, 1.0], [-2.0, 2.0]])
    >>> found = given_known(known, 0.5 * known + 3.0, deviation=4.0)
    >>> found.slope, found.draws.tolist()
    (0.5, [[2.0, 2.0], [2.0, 2.0]])
    """
    centred, following = known - known.mean(), later - later.mean()
    slope = float((centred * following).sum() / (centred * centred).sum())
    return Conditional(following + slope * (deviation - centred), slope)


def interval_error(draws: NDArray[np.float64], probability: float) -> float:
    """Monte Carlo standard error of a quantile about the mean, which is known.

    It is the spread over groups of whole populations, which are the sample.

    Examples
    --------
    >>> interval_error(np.ones((16, 4)), 0.05)
    0.0
    """
    groups = np.array_split(draws, min(GROUPS, len(draws)))
    found = [float(np.quantile(group, probability) - group.mean()) for group in groups]
    return float(np.std(found, ddof=1) / np.sqrt(len(found)))
