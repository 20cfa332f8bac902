"""Reserve: the cash that covers the deepest cumulative settlement with a given probability."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def deepest_shortfall(net_settlement: NDArray[np.float64]) -> NDArray[np.float64]:
    """Largest amount by which cumulative settlements fall below zero at any year's end, in dollars, never negative.

    Parameters
    ----------
    net_settlement
        Shape (..., year), dollars; losses negative.

    Examples
    --------
    A loss of 3, a gain of 1 and a loss of 4 need 6 of cash:

    >>> import numpy as np
    >>> float(deepest_shortfall(np.array([-3.0, 1.0, -4.0, 20.0])))
    6.0
    """
    return np.asarray(np.maximum(-np.cumsum(net_settlement, axis=-1).min(axis=-1), 0.0))
