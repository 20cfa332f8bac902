"""What drives the variance: freeze one layer at a time on the same paths and see how much variance goes.

The shares need not add up to one: layers interact through caps, corridors and the guardrail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.experience.factors import Layer

LAYERS: dict[Layer, str] = {
    "starting_level": "Starting level",
    "trend": "Trend, region and shocks",
    "drift_and_efficiency": "Score drift and efficiency",
    "individuals": "Individual patients and panel size",
    "quality": "Quality",
}
_GROUPS = 16


class Driver(TypedDict):
    """One layer's part in the variance of the ten-year total."""

    layer: str
    label: str
    sd_all: float
    sd_frozen: float
    variance_share: float
    variance_share_se: float


def driver(layer: Layer, *, total: NDArray[np.float64], frozen: NDArray[np.float64]) -> Driver:
    """Share of variance that goes when a layer is frozen.

    Parameters
    ----------
    total, frozen
        Ten-year totals in dollars, shape (population, future), on the same paths with all layers and without one.

    Returns
    -------
    Driver
        The standard error is a delete-a-group jackknife over groups of neighbouring population pairs.
    """
    pairs = np.arange(len(total)) // 2
    groups = min(_GROUPS, len(total) // 2)
    left_out = np.array([_share(total[pairs % groups != g], frozen[pairs % groups != g]) for g in range(groups)])
    spread = float(((left_out - left_out.mean()) ** 2).sum())
    return Driver(
        layer=layer,
        label=LAYERS[layer],
        sd_all=float(total.std()),
        sd_frozen=float(frozen.std()),
        variance_share=_share(total, frozen),
        variance_share_se=float(np.sqrt(spread * (groups - 1) / groups)) if groups > 1 else 0.0,
    )


def _share(total: NDArray[np.float64], frozen: NDArray[np.float64]) -> float:
    whole = float(total.var())
    return 1.0 - float(frozen.var()) / whole if whole > 0 else 0.0
