"""Compile every kernel that any command needs into the cache, by a small run that turns every mechanism on."""

from __future__ import annotations

from typing import Any

from leadrisk.experience.kernel_cache import writable_directory, write_list
from leadrisk.experience.person_histories import person_histories
from leadrisk.run.job import run
from leadrisk.scenario.model import Scenario

_EVERYTHING: dict[str, Any] = {
    "name": "warm-up",
    "horizon": {"performance_years": 6},
    "cohort": {"lives": 1000},
    "categories": {
        "aged_disabled": {"base_year_pbpm": [1000, 1020, 1060], "region_pbpm": 1120, "national_pbpm": 1100},
        "high_needs": {"base_year_pbpm": [2500, 2600, 2650], "region_pbpm": 2700, "national_pbpm": 2700},
        "esrd": {"base_year_pbpm": [9000, 9100, 9200], "region_pbpm": 9300, "national_pbpm": 9200},
    },
    "contract": {
        "entrant": "renewing_mssp",
        "names": [
            "lead_global", "lead_professional", "mssp_enhanced", "mssp_basic_e", "reach_global", "reach_professional",
        ],
    },
    "stop_loss": {"elected": True},
    "trend": {"stop_loss_neutrality_sd": 0.1},
    "cara": {"elected": True},
    "aggregate_cover": {"bought": True},
    "churn": {"level_sd": 0.3, "mismatch_sd": 0.2},
    "shocks": {"pandemic_probability": 0.08},
    "uncertainty": {"standard_error": {"persons.cost_slope": 0.03}},
    "run": {"populations": 16, "futures": 4, "seed": 0},
}  # fmt: skip
"""All programmes, and every mechanism that makes a kernel meet other arrays; no file is needed."""


def warm_up() -> None:
    """Compile what any command needs, or find it compiled, and write down that it is.

    Raises
    ------
    LeadriskError
        If no directory for compiled kernels can be written.
    """
    writable_directory()
    scenario = Scenario.model_validate(_EVERYTHING)
    run(scenario, threads=1)
    person_histories(scenario, populations=4, seed=0)  # calibration calls single kernels that a run inlines
    write_list()
