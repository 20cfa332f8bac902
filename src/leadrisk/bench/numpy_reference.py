"""The yardstick of a beneficiary-year: random numbers alone, as NumPy draws them on one core."""

from __future__ import annotations

import numpy as np

NORMALS = EXPONENTIALS = UNIFORMS = 2  # a beneficiary-year


def draw_numpy(*, lives: int = 10_000, years: int = 13, generator: np.random.Generator | None = None) -> int:
    """Draw two normals, two exponentials and two uniforms a beneficiary-year, float32, in whole arrays of lives.

    Returns
    -------
    int
        Beneficiary-years drawn.

    Examples
    --------
    >>> draw_numpy(lives=100, years=2)
    200
    """
    draw = np.random.Generator(np.random.SFC64(1)) if generator is None else generator
    array = np.empty(lives, dtype=np.float32)
    for _ in range(years):
        for _ in range(NORMALS):
            draw.standard_normal(dtype=np.float32, out=array)
        for _ in range(EXPONENTIALS):
            draw.standard_exponential(dtype=np.float32, out=array)
        for _ in range(UNIFORMS):
            draw.random(dtype=np.float32, out=array)
    return lives * years
