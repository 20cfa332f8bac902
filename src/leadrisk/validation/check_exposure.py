"""V14 and V15: person-years of assigned beneficiaries, and who is still aligned a year later.

Who is dropped because the panel shrinks is not counted as lost: the studies behind V15 followed beneficiaries of
standing participants.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.cohort.panel import active_slots, segment_lives
from leadrisk.risk.estimate import mean
from leadrisk.validation.standard_aco import BASE_YEARS, experience_of, standard_aco
from leadrisk.validation.targets import Estimates, Measured

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from leadrisk.validation.standard_aco import Sizes

_POPULATIONS = 512  # at most: the ratios vary by 0.2 % from population to population


def check_exposure(wanted: Collection[str], sizes: Sizes) -> dict[str, Estimates]:
    """Measure V14 and V15, pooled over the performance years."""
    scenario = standard_aco(10_000)
    few = sizes.at_most(_POPULATIONS)
    experience = experience_of(scenario, few)
    panel = experience["panel"].values
    beneficiaries = sum(active_slots(lives, panel) for lives in segment_lives(scenario) if lives > 0)

    def over_beneficiaries(name: str) -> NDArray[np.float64]:
        total = experience[name].sum("category").transpose("population", "year").values
        return np.asarray((total / beneficiaries)[:, BASE_YEARS:])

    found: dict[str, Estimates] = {}
    if "V14" in wanted:
        found["V14"] = {"ratio": Measured(*mean(over_beneficiaries("person_years")))}
    if "V15" in wanted:
        lost = over_beneficiaries("deaths") + over_beneficiaries("exits")
        found["V15"] = {"one year": Measured(*mean(1.0 - lost))}
    return found
