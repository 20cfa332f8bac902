"""A small valid scenario in code, for tests."""

from __future__ import annotations

from typing import Any

from leadrisk.scenario.model import Scenario


def small_scenario(**changes: Any) -> Scenario:
    """1,000 lives, 16 populations x 8 futures, three performance years; ``lives`` and any table may be changed."""
    tables: dict[str, Any] = {
        "name": "small",
        "horizon": {"performance_years": 3},
        "cohort": {"lives": changes.pop("lives", 1_000)},
        "categories": {
            "aged_disabled": {
                "base_year_pbpm": [1000, 1020, 1060],
                "region_pbpm": 1120,
                "national_pbpm": 1100,
            },
            "high_needs": {"base_year_pbpm": [2500, 2600, 2650], "region_pbpm": 2700, "national_pbpm": 2700},
            "esrd": {"base_year_pbpm": [9000, 9100, 9200], "region_pbpm": 9300, "national_pbpm": 9200},
        },
        "contract": {"entrant": "renewing_mssp"},
        "run": {"populations": 16, "futures": 8, "seed": 1},
    }
    for table, values in changes.items():
        tables[table] = {**tables.get(table, {}), **values} if isinstance(values, dict) else values
    return Scenario.model_validate(tables)
