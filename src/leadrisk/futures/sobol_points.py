"""The unscrambled Sobol' sequence, from the published direction numbers of Joe and Kuo.

SciPy has the same points in `scipy.stats.qmc`, but loading its statistics takes a second of every run's start.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BITS = 32


@lru_cache(maxsize=8)
def sobol_points(futures: int, dimensions: int) -> NDArray[np.uint32]:
    """First ``futures`` points of the unscrambled sequence as 32-bit integers, shape (dimension, future).

    Source: S. Joe and F. Y. Kuo (2008), SIAM J. Sci. Comput. 30, 2635-2654; in Gray code order, as SciPy has them.

    Raises
    ------
    ValueError
        If there are more dimensions than direction numbers.

    Examples
    --------
    >>> sobol_points(4, 2) / 2**32
    array([[0.  , 0.5 , 0.75, 0.25],
           [0.  , 0.5 , 0.25, 0.75]])
    """
    directions = direction_numbers(dimensions)
    number = np.arange(futures)
    gray = number ^ (number >> 1)
    points = np.zeros((dimensions, futures), dtype=np.uint32)
    for bit in range(futures.bit_length()):
        points ^= np.where(gray >> bit & 1, directions[:, bit, None], np.uint32(0))
    return points


def direction_numbers(dimensions: int) -> NDArray[np.uint32]:
    """Direction numbers, shape (dimension, bit): what bit ``b`` of a point's Gray code adds, as 32-bit fraction.

    Raises
    ------
    ValueError
        If there are more dimensions than the table has.
    """
    lines = files("leadrisk.futures").joinpath("sobol_directions.txt").read_text(encoding="utf-8").splitlines()
    rows = [[int(word) for word in line.split()] for line in lines if not line.startswith("#")]
    if dimensions > len(rows) + 1:
        message = f"{dimensions} dimensions, but direction numbers for {len(rows) + 1} only"
        raise ValueError(message)
    found = np.ones((dimensions, _BITS), dtype=np.uint64)  # of the first dimension all are one
    degrees = np.array([0, *(row[1] for row in rows)])[:dimensions]
    for degree in range(1, degrees.max(initial=0) + 1):
        (alike,) = np.nonzero(degrees == degree)
        if alike.size:
            found[alike] = _recurrence([rows[number - 1] for number in alike], degree)
    return (found << np.arange(_BITS - 1, -1, -1, dtype=np.uint64)).astype(np.uint32)


def _recurrence(rows: list[list[int]], degree: int) -> NDArray[np.uint64]:
    """Direction numbers as odd integers, shape (row, bit), by the recurrence of each row's polynomial."""
    numbers = np.zeros((len(rows), _BITS), dtype=np.uint64)
    numbers[:, :degree] = [row[3:] for row in rows]
    inner = np.array([row[2] for row in rows], dtype=np.uint64)
    for bit in range(degree, _BITS):
        last = numbers[:, bit - degree]
        numbers[:, bit] = last ^ (last << np.uint64(degree))
        for step in range(1, degree):
            term = numbers[:, bit - step] << np.uint64(step)
            numbers[:, bit] ^= np.where(inner >> np.uint64(degree - 1 - step) & np.uint64(1), term, np.uint64(0))
    return numbers
