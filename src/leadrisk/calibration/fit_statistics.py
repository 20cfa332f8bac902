"""All that is measured on a segment of a roster, the same way on a real and on a simulated one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from leadrisk.calibration.bootstrap import added_up, bootstrap_weights, person_groups, resampled
from leadrisk.calibration.cost_curve import cost_curve_statistics, cost_curve_sums
from leadrisk.calibration.fit_panel import segment_panel
from leadrisk.calibration.persistence import persistence_statistics, persistence_sums
from leadrisk.calibration.score_fit import score_statistics, score_sums
from leadrisk.calibration.turnover_fit import turnover_statistics, turnover_sums

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from leadrisk.calibration.fit_panel import SegmentPanel
    from leadrisk.calibration.roster import Roster

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured, with all that the bootstrap needs.

    Attributes
    ----------
    by_group
        Sums over the persons of each group, arrays of shape (group, ...).
    flat_beyond
        Normal score up to which the cost curve is fitted.
    """

    by_group: Mapping[str, Floats]
    flat_beyond: float

    @cached_property
    def sums(self) -> dict[str, Floats]:
        """Sums over all persons."""
        return added_up(self.by_group)

    @cached_property
    def statistics(self) -> dict[str, float]:
        """Value of each statistic; NaN where nobody tells it."""
        return {name: float(value) for name, value in _statistics(self.sums, self.flat_beyond).items()}

    def replicates(self, number: int, *, seed: int) -> dict[str, Floats]:
        """Each statistic on ``number`` bootstrap replicates, shape (replicate,)."""
        groups = len(next(iter(self.by_group.values())))
        return _statistics(resampled(self.by_group, bootstrap_weights(number, groups, seed=seed)), self.flat_beyond)


def measure(roster: Roster, categories: tuple[int, ...], *, flat_beyond: float, seed: int) -> Measured:
    """Measure one segment of a roster.

    Parameters
    ----------
    roster
        Real or simulated.
    categories
        Of the segment, ``fit_panel.MAIN_CATEGORIES`` or ``ESRD_CATEGORIES``.
    flat_beyond
        ``persons.cost_flat_beyond`` of the scenario.
    seed
        Deals the persons into groups.
    """
    return measure_panel(segment_panel(roster, categories), flat_beyond=flat_beyond, seed=seed)


def measure_panel(panel: SegmentPanel, *, flat_beyond: float, seed: int) -> Measured:
    """Measure the person-years of one segment."""
    group = person_groups(len(panel.exposure), seed=seed)
    groups = int(group.max()) + 1
    parts = (cost_curve_sums, persistence_sums, turnover_sums, score_sums)
    by_group = {name: held for part in parts for name, held in part(panel, group, groups).items()}
    return Measured(by_group=by_group, flat_beyond=flat_beyond)


def _statistics(sums: Mapping[str, Floats], flat_beyond: float) -> dict[str, Floats]:
    return {
        **cost_curve_statistics(sums, flat_beyond=flat_beyond),
        **persistence_statistics(sums),
        **turnover_statistics(sums),
        **score_statistics(sums),
    }
