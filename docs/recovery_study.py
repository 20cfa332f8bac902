"""Can the fit find parameters that are known? Written to ``docs/model/results/recovery.json``.

A roster is simulated with parameters that lie off the defaults, at an end of their plausible range or half way to it,
then fitted as if nothing were known of it: ``python docs/recovery_study.py > docs/model/results/recovery.json``.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import leadrisk
from leadrisk.calibration.calibrate import calibrate
from leadrisk.calibration.simulated_roster import simulated_roster
from leadrisk.scenario.category_tables import Category
from leadrisk.scenario.contract_table import Contract
from leadrisk.scenario.model import Cohort, Scenario

NOT_SET = ("persons.truncation_multiple", "persons.esrd_truncation_multiple")  # follow from the curve of cost
LIVES, YEARS, BOOTSTRAPS = 40_000, 4, 200
TRUE = {
    "persons": {
        "zero_cost_share": 0.045,
        "cost_slope": 2.40,
        "cost_curvature": -0.285,
        "health_weight": 0.66,
        "health_persistence": 0.92,
        "coding_persistence": 0.80,
        "score_health_weight": 0.62,
        "decedent_shift": 0.80,
    },
    "exposure": {"death_rate": 0.048, "death_slope": 0.8, "death_offset": -0.32, "exit_rate": 0.15},
}


def recovery(*, lives: int = LIVES, years: int = YEARS, bootstraps: int = BOOTSTRAPS, seed: int = 1) -> dict[str, Any]:
    """Simulate a roster with the parameters above and fit it.

    Returns
    -------
    dict
        Sizes, and for every parameter that the fit could tell: ``key, default, true, fitted, standard_error`` of the
        fit, and ``used, used_error`` after weighing it against the default.
    """
    scenario = _scenario(TRUE)
    roster = simulated_roster(scenario, lives=lives, years=years, seed=seed)
    found = calibrate(roster, seed=seed + 1, bootstraps=bootstraps)
    return {
        "version": leadrisk.__version__,
        "lives": lives,
        "years": years,
        "bootstraps": bootstraps,
        "seed": seed,
        "parameters": [
            {
                "key": one.key,
                "default": one.default,
                "true": _value(scenario, one.key),
                "fitted": one.fitted,
                "standard_error": one.standard_error,
                "used": one.used,
                "used_error": one.used_error,
            }
            for one in found.estimates
            if one.fitted is not None and one.key not in NOT_SET
        ],
    }


def _scenario(changes: dict[str, dict[str, float]]) -> Scenario:
    money = Category(base_year_pbpm=(1000.0, 1000.0, 1000.0), region_pbpm=1000.0, national_pbpm=1000.0)
    return Scenario.model_validate(
        {
            "name": "recovery",
            "cohort": Cohort(lives=LIVES),
            "categories": dict.fromkeys(("aged_disabled", "high_needs", "esrd"), money),
            "contract": Contract(entrant="newly_entering"),
            **changes,
        }
    )


def _value(scenario: Scenario, key: str) -> float:
    table, _, name = key.partition(".")
    return float(getattr(getattr(scenario, table), name))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(recovery(), indent=2, allow_nan=False) + "\n")
