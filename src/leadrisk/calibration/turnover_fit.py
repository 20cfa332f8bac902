"""Who dies, who leaves and who comes: rates, and how the cost of each differs from that of the others.

Health is not seen. It shows in the normal scores of cost: of the year before for those who die, of the year of death
for the shift in it, of the first full year for those who come.
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


def turnover_sums(panel: SegmentPanel, group: NDArray[np.int32], groups: int) -> dict[str, Floats]:
    """Weights and sums of normal scores of those it happens to and of the others, each shape (group, 4).

    ``death_rate`` and ``exit_rate`` hold the number it happened to and the number of all, shape (group, 2).
    """

    def total(values: NDArray[Any]) -> Floats:
        return grouped(values, group, groups)

    def contrast(these: NDArray[Any], others: NDArray[Any], score: NDArray[np.float32]) -> Floats:
        return np.stack([total(these), total(these * score), total(others), total(others * score)], axis=-1)

    present, died, full = panel.present, panel.died, panel.full
    sums = {
        "death_rate": np.stack([total(died), total(present)], axis=-1),
        "decedent_shift": contrast(panel.exposure * died, panel.exposure * ~died, panel.rank_score),
    }
    if present.shape[1] > 1:
        before, after = full[:, :-1], present[:, 1:]
        sums["death_slope"] = contrast(
            before & after & died[:, 1:], before & after & ~died[:, 1:], panel.full_score[:, :-1]
        )
        alive = present[:, :-1] & ~died[:, :-1]
        sums["exit_rate"] = np.stack([total(alive & ~panel.anywhere[:, 1:]), total(alive)], axis=-1)
        sums["entrants"] = contrast(
            full[:, 1:] & ~panel.anywhere[:, :-1], full[:, 1:] & present[:, :-1], panel.full_score[:, 1:]
        )
    return sums


def turnover_statistics(sums: Mapping[str, Floats]) -> dict[str, Floats]:
    """Rates, and differences of the mean normal scores; NaN where nobody died, left or came."""
    found = {}
    with np.errstate(invalid="ignore", divide="ignore"):
        for name in ("death_rate", "exit_rate"):
            if name in sums:
                found[name] = sums[name][..., 0] / sums[name][..., 1]
        for name in ("decedent_shift", "death_slope", "entrants"):
            if name in sums:
                these, others = sums[name][..., :2], sums[name][..., 2:]
                found[name] = these[..., 1] / these[..., 0] - others[..., 1] / others[..., 0]
    return found
