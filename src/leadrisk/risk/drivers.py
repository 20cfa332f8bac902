"""What drives the variance: freeze one layer at a time on the same paths and see how much variance goes.

The shares need not add up to one: layers interact through caps, corridors and the guardrail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from leadrisk.risk.estimate import group_jackknife

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from leadrisk.experience.factors import Layer

LAYERS: dict[Layer, str] = {
    "starting_level": "Starting level",
    "trend": "Trend, region and shocks",
    "drift_and_efficiency": "Score drift and efficiency",
    "individuals": "Individual patients and panel size",
    "quality": "Quality",
}


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
    return Driver(
        layer=layer,
        label=LAYERS[layer],
        sd_all=float(total.std()),
        sd_frozen=float(frozen.std()),
        variance_share=_share(total, frozen),
        variance_share_se=group_jackknife(lambda kept: _share(total[kept], frozen[kept]), len(total)),
    )


def _share(total: NDArray[np.float64], frozen: NDArray[np.float64]) -> float:
    whole = float(total.var())
    return 1.0 - float(frozen.var()) / whole if whole > 0 else 0.0
