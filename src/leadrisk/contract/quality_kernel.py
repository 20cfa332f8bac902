"""Kernel of the points of a quality measure: one step of the ladder after the other, in one pass over the ranks."""

from __future__ import annotations

import numpy as np

from leadrisk.experience._jit import kernel

_TOGETHER = 512  # ranks whose steps stay in the first cache


@kernel
def points_of_ranks(ranks, edges, points, out):
    """Points of each rank of a flat array: those of the number of edges that it reaches."""
    steps = np.empty(_TOGETHER, np.uint8)
    for first in range(0, ranks.size, _TOGETHER):
        some, found = ranks[first : first + _TOGETHER], out[first : first + _TOGETHER]
        for i in range(some.size):
            steps[i] = 0
        for edge in edges:
            for i in range(some.size):
                steps[i] += some[i] >= edge
        for i in range(some.size):
            found[i] = points[steps[i]]
