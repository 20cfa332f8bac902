"""Scrambled Sobol' points of the systemic futures, one net a population, stateless.

The raw points are the first K of SciPy's Sobol' sequence. Each population scrambles them for itself with a hash-based
nested uniform (Owen) scramble keyed by (seed, population, dimension), after Burley (2020), "Practical Hash-based Owen
Scrambling", with Vegdahl's hash. The numbers of a future depend on its address alone, never on the chunk.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy import uint32
from scipy.stats import qmc

from leadrisk.experience._jit import inlined, kernel
from leadrisk.experience.philox import STREAM_SCRAMBLE, philox4x32, split_seed
from leadrisk.experience.special64 import normal_quantile64

if TYPE_CHECKING:
    from numpy.typing import NDArray


@lru_cache(maxsize=8)
def sobol_points(futures: int, dimensions: int) -> NDArray[np.uint32]:
    """First ``futures`` points of the unscrambled sequence as 32-bit integers, shape (dimension, future).

    Examples
    --------
    >>> sobol_points(4, 2) / 2**32
    array([[0.  , 0.5 , 0.75, 0.25],
           [0.  , 0.5 , 0.25, 0.75]])
    """
    sequence = qmc.Sobol(dimensions, scramble=False, bits=32)
    points = sequence.random_base2(futures.bit_length() - 1)
    return np.ascontiguousarray((points.T * 2.0**32).astype(np.uint32))


@inlined
def reverse_bits(x):
    """Bits of a 32-bit word in reverse order."""
    x = uint32(uint32(x >> uint32(16)) | uint32(x << uint32(16)))
    x = uint32(
        uint32(uint32(x & uint32(0x00FF00FF)) << uint32(8)) | uint32(uint32(x & uint32(0xFF00FF00)) >> uint32(8))
    )
    x = uint32(
        uint32(uint32(x & uint32(0x0F0F0F0F)) << uint32(4)) | uint32(uint32(x & uint32(0xF0F0F0F0)) >> uint32(4))
    )
    x = uint32(
        uint32(uint32(x & uint32(0x33333333)) << uint32(2)) | uint32(uint32(x & uint32(0xCCCCCCCC)) >> uint32(2))
    )
    return uint32(
        uint32(uint32(x & uint32(0x55555555)) << uint32(1)) | uint32(uint32(x & uint32(0xAAAAAAAA)) >> uint32(1))
    )


@inlined
def owen_scramble(x, seed):
    """Nested uniform scramble of a 32-bit fraction: a bit is flipped depending on all bits above it."""
    x = reverse_bits(x)
    x = uint32(x ^ uint32(x * uint32(0x3D20ADEA)))
    x = uint32(x + seed)
    x = uint32(x * uint32(uint32(seed >> uint32(16)) | uint32(1)))
    x = uint32(x ^ uint32(x * uint32(0x05526C56)))
    x = uint32(x ^ uint32(x * uint32(0x53A22864)))
    return reverse_bits(x)


@kernel
def scrambled_normals(out, points, first_population, net, key0, key1, reflection):
    """Standard normals of shape (population, dimension, future), reflected.

    The direction that dominates money comes to lie on Sobol' coordinate 1: ``w - 2 v (v . w)``, ``v = reflection``.
    """
    populations, dimensions, futures = out.shape
    along = np.empty(futures)
    for j in range(populations):
        for d in range(dimensions):
            seed, _, _, _ = philox4x32(
                uint32(d), uint32(net), uint32(first_population + j), uint32(STREAM_SCRAMBLE), key0, key1
            )
            row = out[j, d]
            for k in range(futures):
                row[k] = normal_quantile64((float(owen_scramble(points[d, k], seed)) + 0.5) * 2.3283064365386963e-10)
        along[:] = 0.0
        for d in range(dimensions):
            if reflection[d] != 0.0:
                for k in range(futures):
                    along[k] += reflection[d] * out[j, d, k]
        for d in range(dimensions):
            if reflection[d] != 0.0:
                for k in range(futures):
                    out[j, d, k] -= 2.0 * reflection[d] * along[k]


def future_normals(
    *, first: int, count: int, futures: int, seed: int, direction: NDArray[np.float64], net: int = 0
) -> NDArray[np.float64]:
    """Standard normals of all futures of a block of populations.

    Parameters
    ----------
    direction
        Shape (dimension,), unit length: the combination of factors that dominates the ten-year result.
    net
        Number of the scramble: nets of the same population are independent.

    Returns
    -------
    ndarray
        Shape (population, dimension, future).
    """
    reflection = direction.copy()
    reflection[0] -= 1.0
    length = 0.0
    for value in reflection:
        length += float(value) * float(value)
    reflection = reflection / np.sqrt(length) if length > 0 else reflection
    out = np.empty((count, direction.size, futures))
    scrambled_normals(out, sobol_points(futures, direction.size), first, net, *split_seed(seed), reflection)
    return out
