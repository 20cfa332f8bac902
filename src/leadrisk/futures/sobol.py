"""Scrambled Sobol' points of the systemic futures, one net a population, stateless.

The raw points are the first K of the Sobol' sequence. Each population scrambles them for itself with a hash-based
nested uniform (Owen) scramble keyed by (seed, population, dimension), after Burley (2020), "Practical Hash-based Owen
Scrambling", with Vegdahl's hash. The numbers of a future depend on its address alone, never on the chunk.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy import sqrt, uint8, uint32

from leadrisk.experience._jit import inlined, kernel
from leadrisk.experience.philox import STREAM_SCRAMBLE, philox4x32, split_seed
from leadrisk.experience.special64 import CENTRE, central_quantile, log64, near_tail_quantile
from leadrisk.futures.sobol_points import sobol_points

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
def owen_scramble(reversed_x, seed):
    """Nested uniform scramble of a reversed 32-bit fraction: a bit is flipped depending on all bits above it."""
    x = uint32(reversed_x ^ uint32(reversed_x * uint32(0x3D20ADEA)))
    x = uint32(x + seed)
    x = uint32(x * uint32(uint32(seed >> uint32(16)) | uint32(1)))
    x = uint32(x ^ uint32(x * uint32(0x05526C56)))
    x = uint32(x ^ uint32(x * uint32(0x53A22864)))
    return reverse_bits(x)


@kernel
def reversed_array(x):
    """Elementwise :func:`reverse_bits` of a two-dimensional array."""
    out = np.empty_like(x)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            out[i, j] = reverse_bits(x[i, j])
    return out


@inlined
def scrambled_fractions(point, seed, out, outer):
    """Scrambled fractions less one half of one dimension, and whether each lies in a tail."""
    for k in range(out.size):
        q = (float(owen_scramble(point[k], seed)) + 0.5) * 2.3283064365386963e-10 - 0.5
        out[k] = q
        outer[k] = uint8(abs(q) > CENTRE)


@inlined
def outer_quantiles(x, at, tails, count):
    """Replace fractions less one half by quantiles of the standard normal in ``tails``, those of ``x`` at ``at``.

    A 32-bit fraction never reaches the far tail.
    """
    for i in range(count):
        tails[i] = x[at[i]]
    for i in range(count):
        quantile = near_tail_quantile(sqrt(-log64(0.5 - abs(tails[i]))))
        tails[i] = -quantile if tails[i] < 0.0 else quantile


@inlined
def reflect(out, reflection, wanted):
    """Reflect the numbers of one population, ``w - 2 v (v . w)``, and leave zero where they are not ``wanted``."""
    dimensions, futures = out.shape
    along = np.zeros(futures)
    for d in range(dimensions):
        if reflection[d] != 0.0:
            share, row = reflection[d], out[d]
            for k in range(futures):
                along[k] += share * row[k]
    for d in range(dimensions):
        if not wanted[d]:
            out[d] = 0.0
        elif reflection[d] != 0.0:
            twice, row = 2.0 * reflection[d], out[d]
            for k in range(futures):
                row[k] -= twice * along[k]


@kernel
def draw_population(out, points, population, net, key0, key1, reflection, wanted, outer, at, tails):
    """Standard normals of one population, shape (dimension, future), reflected; zero where not ``wanted``.

    The direction that dominates money comes to lie on Sobol' coordinate 1: ``w - 2 v (v . w)``, ``v = reflection``.
    ``points`` have their bits in reverse. Most quantiles lie in the centre, where they are one division; the few in the
    tails are gathered. Workspace: ``outer`` of the shape of ``out``; ``at``, one longer, and ``tails``, flat.
    """
    dimensions, futures = out.shape
    count = 0
    for d in range(dimensions):
        if wanted[d] or reflection[d] != 0.0:
            seed, _, _, _ = philox4x32(uint32(d), uint32(net), uint32(population), uint32(STREAM_SCRAMBLE), key0, key1)
            flags, first = outer[d], d * futures
            scrambled_fractions(points[d], seed, out[d], flags)
            for k in range(futures):
                at[count] = first + k
                count += flags[k]
        else:
            out[d] = 0.0
    numbers = out.reshape(out.size)
    outer_quantiles(numbers, at, tails, count)
    for d in range(dimensions):
        if wanted[d] or reflection[d] != 0.0:
            row = out[d]
            for k in range(futures):
                row[k] = central_quantile(row[k])
    for i in range(count):
        numbers[at[i]] = tails[i]
    reflect(out, reflection, wanted)


@kernel
def scrambled_normals(out, points, first_population, net, key0, key1, reflection, wanted):
    """Standard normals of shape (population, dimension, future)."""
    outer, size = np.empty(points.shape, np.uint8), points.size
    at, tails = np.empty(size + 1, np.int64), np.empty(size)
    for j in range(out.shape[0]):
        draw_population(out[j], points, first_population + j, net, key0, key1, reflection, wanted, outer, at, tails)


@lru_cache(maxsize=8)
def reversed_points(futures: int, dimensions: int) -> NDArray[np.uint32]:
    """Points of :func:`sobol_points` with their bits in reverse order, as the scramble takes them."""
    points: NDArray[np.uint32] = reversed_array(sobol_points(futures, dimensions))
    return points


def reflection_onto(direction: NDArray[np.float64]) -> NDArray[np.float64]:
    """Householder vector that brings a direction of unit length to the first coordinate; zero if it lies there."""
    reflection = direction.copy()
    reflection[0] -= 1.0
    length = np.cumsum(reflection * reflection)[-1]  # a fixed order of additions, whatever the CPU
    return np.asarray(reflection / np.sqrt(length)) if length > 0 else reflection


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
    out = np.empty((count, direction.size, futures))
    wanted = np.ones(direction.size, dtype=np.bool_)
    scrambled_normals(
        out, reversed_points(futures, direction.size), first, net, *split_seed(seed), reflection_onto(direction), wanted
    )
    return out
