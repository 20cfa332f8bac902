"""The ACO whose simulation is timed, and what every engine of its persons is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leadrisk.cohort.panel import active_slots, segment_lives
from leadrisk.experience.person_kernel import QUANTITIES
from leadrisk.experience.stationary import ESRD, MAIN, segments
from leadrisk.experience.systemic import person_factors
from leadrisk.scenario.category_tables import CATEGORY_NAMES
from leadrisk.scenario.model import Scenario

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.experience.stationary import Segment

LEAD = ("lead_global", "lead_professional")
SIX = (*LEAD, "mssp_enhanced", "mssp_basic_e", "reach_global", "reach_professional")


def benchmark_aco(
    *, lives: int = 10_000, years: int = 10, contracts: tuple[str, ...] = LEAD, stop_loss: bool = False
) -> Scenario:
    """Scenario with all three categories, every assumption at its default.

    Parameters
    ----------
    lives
        Aligned beneficiaries at the start.
    years
        Performance years; three base years come before them.
    contracts
        Contracts to settle.
    stop_loss
        Whether CMS's stop-loss is elected. Its layers are simulated person by person whether or not.

    Examples
    --------
    >>> scenario = benchmark_aco(lives=5_000)
    >>> scenario.cohort.lives, len(scenario.horizon.years)
    (5000, 13)
    """
    money = {"aged_disabled": 1000.0, "high_needs": 2500.0, "esrd": 9000.0}
    return Scenario.model_validate(
        {
            "name": "benchmark",
            "horizon": {"performance_years": years},
            "cohort": {"lives": lives},
            "categories": {
                name: {"base_year_pbpm": [dollars] * 3, "region_pbpm": dollars, "national_pbpm": dollars}
                for name, dollars in money.items()
            },
            "stop_loss": {"elected": stop_loss},
            "contract": {"entrant": "renewing_mssp", "names": contracts},
        }
    )


class SegmentRun(NamedTuple):
    """One segment of a run of populations, ready to be simulated.

    Attributes
    ----------
    segment
        Constants of its persons.
    categories
        Numbers of the categories in it: of its plain persons, then of its High Needs where it has any.
    active
        int32, shape (population, year): slots in use.
    death_factor, exit_rate
        float32, shape (population, year): systemic factors that touch persons.
    """

    segment: Segment
    categories: tuple[int, ...]
    active: NDArray[np.int32]
    death_factor: NDArray[np.float32]
    exit_rate: NDArray[np.float32]


def segment_runs(scenario: Scenario, *, count: int, first: int = 0, populations: int, seed: int) -> list[SegmentRun]:
    """What the persons of some populations need to be told, segment by segment; the factors are the engine's own."""
    factors = person_factors(scenario, first=first, count=count, populations=populations, seed=seed)
    parts = segments(scenario)
    lives = dict(zip((MAIN, ESRD), segment_lives(scenario), strict=True))
    return [
        SegmentRun(
            parts[number],
            categories,
            active_slots(lives[number], factors.panel),
            factors.death_factor,
            factors.exit_rate,
        )
        for number, categories in ((MAIN, (0, 1)), (ESRD, (2,)))
        if number in parts and lives[number] > 0
    ]


def empty_totals(count: int, years: int) -> NDArray[np.float64]:
    """Zeros of shape (population, year, category, quantity)."""
    return np.zeros((count, years, len(CATEGORY_NAMES), len(QUANTITIES)))
