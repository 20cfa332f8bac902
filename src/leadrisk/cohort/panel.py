"""How many slots each segment of a population holds, year by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.scenario.category_tables import CATEGORY_NAMES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.scenario.model import Scenario


def segment_lives(scenario: Scenario) -> tuple[int, int]:
    """Persons at the start: aged and disabled with High Needs, and ESRD; at least one where the share is above 0.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> segment_lives(SimpleNamespace(cohort=SimpleNamespace(lives=10_000, esrd_share=0.004)))
    (9960, 40)
    """
    lives, share = scenario.cohort.lives, scenario.cohort.esrd_share
    esrd = min(max(round(lives * share), int(share > 0)), lives - int(share < 1))
    return lives - esrd, esrd


def active_slots(lives: int, panel: NDArray[np.float64]) -> NDArray[np.int32]:
    """Slots in use by population and year for a segment of ``lives`` persons; never below one person.

    Parameters
    ----------
    panel
        Shape (population, year): panel size as a share of the start.
    """
    return np.maximum(np.floor(lives * panel + 0.5), 1.0).astype(np.int32)


def starting_shares(scenario: Scenario) -> dict[str, float]:
    """Share of each category among the aligned persons at the start; categories nobody is in are left out.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from leadrisk.scenario.model import Cohort
    >>> cohort = Cohort(lives=5000, high_needs_share=0.25, esrd_share=0.0)
    >>> starting_shares(SimpleNamespace(cohort=cohort))
    {'aged_disabled': 0.75, 'high_needs': 0.25}
    """
    shares = {name: getattr(scenario.cohort, f"{name}_share") for name in CATEGORY_NAMES}
    return {name: share for name, share in shares.items() if share > 0}
