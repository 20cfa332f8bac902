"""The one table of systemic factors: how many numbers each takes, its layer, and whether it touches persons.

Factors that touch persons (S1) are drawn once a population and act inside the person kernel. All others (S2) act on a
population's totals and are drawn once a future. A factor on the wrong side is silent bias, so a test puts the effect
of S2 factors inside the kernel and compares.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Layer = Literal["starting_level", "trend", "drift_and_efficiency", "individuals", "quality"]
Span = Literal["once", "performance_years", "after_first_base_year", "all_years", "after_first_performance_year"]

MEASURES = ("acr", "uamcc", "dah", "tfu", "cahps", "glycemic", "blood_pressure")


@dataclass(frozen=True)
class Factor:
    """A systemic factor: standard normal numbers with a name.

    Attributes
    ----------
    span
        For which years it has a number: once, or one a year of the named span.
    touches_persons
        True: drawn once a population, acts inside the person kernel (S1). False: drawn once a future (S2).
    meaning
        What a positive number does.
    """

    name: str
    layer: Layer
    span: Span
    touches_persons: bool
    meaning: str

    def size(self, performance_years: int) -> int:
        """Count of standard normal numbers for a horizon of so many performance years and three base years."""
        return {
            "once": 1,
            "performance_years": performance_years,
            "after_first_performance_year": performance_years - 1,
            "after_first_base_year": performance_years + 2,
            "all_years": performance_years + 3,
        }[self.span]


FACTORS = (
    Factor("panel_growth", "individuals", "after_first_performance_year", True, "more persons are aligned"),
    Factor("death_shock", "individuals", "performance_years", True, "more deaths in the year"),
    Factor("exit_shock", "individuals", "performance_years", True, "more persons leave in the year"),
    Factor("pandemic", "trend", "once", True, "year of a pandemic: deaths in the kernel, cost in the trend"),
    Factor("true_level", "starting_level", "once", False, "true cost lies above the known base-year figures"),
    Factor(
        "efficiency",
        "drift_and_efficiency",
        "after_first_base_year",
        False,
        "the ACO's cost rises in the year",
    ),
    Factor(
        "score_growth",
        "drift_and_efficiency",
        "after_first_base_year",
        False,
        "the ACO's score rises in the year",
    ),
    Factor("score_trait", "drift_and_efficiency", "all_years", False, "the ACO's score tends to rise for years"),
    Factor("care_effect", "drift_and_efficiency", "once", False, "care management saves more than planned"),
    Factor("ai_shift", "drift_and_efficiency", "once", False, "AI-inferred scores lie above the HCC scores"),
    Factor("region", "trend", "performance_years", False, "the region outgrows the nation in the year"),
    Factor("national", "trend", "performance_years", False, "national growth beats its projection in the year"),
    Factor("regime", "trend", "performance_years", False, "low numbers: the forecast is in its stressed regime"),
    Factor("pandemic_region", "trend", "once", False, "the ACO is hit harder than its region by a pandemic"),
    *(
        Factor(f"quality_{measure}", "quality", "performance_years", False, f"{measure}: better rank in the year")
        for measure in MEASURES
    ),
    Factor("improvement", "quality", "performance_years", False, "high numbers: CI/SEP is passed in the year"),
    Factor(
        "tin_level",
        "drift_and_efficiency",
        "after_first_performance_year",
        False,
        "the new participant list costs more, in the base years too",
    ),
    Factor(
        "tin_mismatch",
        "drift_and_efficiency",
        "after_first_performance_year",
        False,
        "the new participant list costs more than its base years tell",
    ),
    Factor("category_trend_high_needs", "trend", "performance_years", False, "High Needs outgrows Aged & Disabled"),
    Factor("category_trend_esrd", "trend", "performance_years", False, "ESRD outgrows Aged & Disabled"),
    Factor("episode_noise", "drift_and_efficiency", "performance_years", False, "episodes cost more in the year"),
    Factor(
        "stop_loss_neutrality",
        "trend",
        "performance_years",
        False,
        "stop-loss pays more than it is charged for, nationally",
    ),
)


def layout(performance_years: int, *, touches_persons: bool) -> dict[str, slice]:
    """Where each factor's numbers stand in the vector of its side (S1 or S2).

    Examples
    --------
    >>> layout(10, touches_persons=False)["true_level"]
    slice(0, 1, None)
    """
    return dict(_layout(performance_years, touches_persons))


@lru_cache(maxsize=32)  # asked for by every block of a run
def _layout(performance_years: int, touches_persons: bool) -> dict[str, slice]:
    found: dict[str, slice] = {}
    at = 0
    for factor in FACTORS:
        if factor.touches_persons is touches_persons:
            size = factor.size(performance_years)
            found[factor.name] = slice(at, at + size)
            at += size
    return found
