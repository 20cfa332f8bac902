"""The shape of annualised cost: who has none, slope and curvature of its log in the normal score of the rank.

Cost is annualised and ranks are weighted by exposure, as the engine's curve is: in-year cost would put those who die
early in the year among the cheap. The regression weighs by dollars, so it follows the costly, who decide the money.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from leadrisk.calibration.fit_panel import BIN_WIDTH, BINS, bin_middles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from leadrisk.calibration.fit_panel import SegmentPanel

    Floats = NDArray[np.float64]

_TOP = 0.99  # the percentile at which the Shared Savings Program truncates


def cost_curve_sums(panel: SegmentPanel, group: NDArray[np.int32], groups: int) -> dict[str, Floats]:
    """Exposure and relative cost by bin of log cost, each float64, shape (group, bin)."""
    years = panel.exposure.shape[1]
    exposure, dollars = np.zeros(groups * BINS), np.zeros(groups * BINS)
    for year in range(years):
        at = group * np.int32(BINS) + panel.cost_bin[:, year]
        weight = panel.exposure[:, year]
        exposure += np.bincount(at, weights=weight, minlength=groups * BINS)
        dollars += np.bincount(at, weights=weight * panel.relative[:, year], minlength=groups * BINS)
    return {"exposure_by_bin": exposure.reshape(groups, BINS), "dollars_by_bin": dollars.reshape(groups, BINS)}


def cost_curve_statistics(sums: Mapping[str, Floats], *, flat_beyond: float) -> dict[str, Floats]:
    """Share without cost, slope and curvature of log cost, and the 99th percentile over the mean.

    Parameters
    ----------
    sums
        From `cost_curve_sums`, added up over groups; any leading axes.
    flat_beyond
        Normal score up to which the curve is fitted, ``persons.cost_flat_beyond``.

    Returns
    -------
    dict
        ``zero_cost_share, cost_slope, cost_curvature, truncation_multiple``, of the leading axes.
    """
    exposure, dollars = sums["exposure_by_bin"], sums["dollars_by_bin"]
    total = exposure.sum(axis=-1, keepdims=True)
    rank = (exposure.cumsum(axis=-1) - 0.5 * exposure) / total
    zero = exposure[..., :1] / total
    normal = ndtri(np.clip((rank - zero) / (1.0 - zero), 1e-9, 1.0 - 1e-9))[..., 1:]
    weight = np.where(normal <= flat_beyond, dollars[..., 1:], 0.0)
    powers = np.stack([np.ones_like(normal), normal, normal**2], axis=-1)
    left = np.einsum("...b,...bi,...bj->...ij", weight, powers, powers)
    right = np.einsum("...b,...bi,b->...i", weight, powers, bin_middles()[1:])
    curve = np.einsum("...ij,...j->...i", np.linalg.pinv(left, hermitian=True), right)  # a few persons have no curve
    mean = dollars.sum(axis=-1) / total[..., 0]
    return {
        "zero_cost_share": zero[..., 0],
        "cost_slope": curve[..., 1],
        "cost_curvature": curve[..., 2],
        "truncation_multiple": np.exp(_log_quantile(exposure, _TOP)) / mean,
    }


def _log_quantile(exposure: Floats, share: float) -> Floats:
    """Log cost below which a share of the exposure lies, straight between the edges of the bins."""
    below = exposure.cumsum(axis=-1) / exposure.sum(axis=-1, keepdims=True)
    at = np.maximum((below < share).sum(axis=-1), 1)
    upper = np.take_along_axis(below, at[..., None], axis=-1)[..., 0]
    lower = np.take_along_axis(below, at[..., None] - 1, axis=-1)[..., 0]
    part = (share - lower) / np.where(upper > lower, upper - lower, 1.0)
    found: Floats = bin_middles()[at] + (np.clip(part, 0.0, 1.0) - 0.5) * BIN_WIDTH
    return found
