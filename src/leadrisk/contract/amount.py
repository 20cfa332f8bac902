"""The two shapes a rule accepts: one number, or an array of numbers over populations, futures and years."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Amount: TypeAlias = float | NDArray[np.float64]
"""Dollars, dollars per beneficiary per month, shares or scores: a float or a float64 array."""

Mask: TypeAlias = bool | NDArray[np.bool_]
"""Yes or no: one for all, or one for each population, future or year."""
