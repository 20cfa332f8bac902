"""How long the dear stay dear: correlations of the normal scores of cost from year to year.

Persons count who had twelve months in both years, were alive at the end of both and were never away between them.
Those without cost share their middle rank, here as in the simulated roster the fit compares with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.calibration.bootstrap import grouped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from leadrisk.calibration.fit_panel import SegmentPanel

    Floats = NDArray[np.float64]

LAGS = (1, 2, 3)  # years
_COUNT, _X, _Y, _XX, _YY, _XY = range(6)


def paired_sums(
    x: NDArray[np.float32], y: NDArray[np.float32], weight: NDArray[Any], group: NDArray[np.int32], groups: int
) -> Floats:
    """Weight, first and second moments of pairs by group, float64, shape (group, 6); ``x, y, weight`` by person, year.

    Examples
    --------
    >>> x = np.array([[1.0], [2.0]], "float32")
    >>> paired_sums(x, x, np.ones((2, 1)), np.array([0, 0], "int32"), 1).tolist()
    [[2.0, 3.0, 3.0, 5.0, 5.0, 5.0]]
    """
    columns = []
    for values in (None, (x,), (y,), (x, x), (y, y), (x, y)):
        product = weight.astype(np.float64)
        for value in values or ():
            product *= value
        columns.append(grouped(product, group, groups))
    return np.stack(columns, axis=-1)


def correlation(sums: Floats) -> Floats:
    """Correlation from the sums of pairs, of any leading axes; NaN where there are none or nothing varies.

    Examples
    --------
    >>> correlation(np.array([2.0, 3.0, 3.0, 5.0, 5.0, 5.0])).round(6).item()
    1.0
    """
    count = sums[..., _COUNT]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_x, mean_y = sums[..., _X] / count, sums[..., _Y] / count
        covariance = sums[..., _XY] / count - mean_x * mean_y
        spread = (sums[..., _XX] / count - mean_x**2) * (sums[..., _YY] / count - mean_y**2)
        found: Floats = covariance / np.sqrt(spread)
    return found


def staying(panel: SegmentPanel, lag: int) -> NDArray[np.bool_]:
    """Who had full years a lag apart and was never away between them, bool, shape (person, year less lag)."""
    last = panel.full.shape[1] - lag
    both: NDArray[np.bool_] = panel.full[:, :last] & panel.full[:, lag:]
    for between in range(1, lag):
        both = both & panel.present[:, between : last + between]
    return both


def persistence_sums(panel: SegmentPanel, group: NDArray[np.int32], groups: int) -> dict[str, Floats]:
    """Pairs of normal scores at each lag that the years allow, each shape (group, 6)."""
    years = panel.full.shape[1]
    return {
        f"cost_lag_{lag}": paired_sums(
            panel.full_score[:, : years - lag], panel.full_score[:, lag:], staying(panel, lag), group, groups
        )
        for lag in LAGS
        if lag < years
    }


def persistence_statistics(sums: Mapping[str, Floats]) -> dict[str, Floats]:
    """Correlation of the normal scores of cost at each lag in ``sums``."""
    return {name: correlation(held) for name, held in sums.items() if name.startswith("cost_lag_")}
