"""Ratios to NumPy, which carry over from machine to machine better than times."""

from __future__ import annotations

from typing import Any

from leadrisk.bench.benchmark import benchmark


class Ratios:
    """The engine beside NumPy in one run, as ``leadrisk bench`` measures it."""

    timeout = 300

    def setup_cache(self) -> dict[str, Any]:
        return benchmark()

    def track_numpy_twin_ratio(self, found: dict[str, Any]) -> float:
        return found["numpy_twin_ratio"]

    def track_numpy_reference_ratio(self, found: dict[str, Any]) -> float:
        return found["numpy_reference_ratio"]

    def track_beneficiary_years_per_s(self, found: dict[str, Any]) -> float:
        return found["beneficiary_years_per_s"]

    track_numpy_twin_ratio.unit = "times the engine's time"
    track_numpy_reference_ratio.unit = "of NumPy's time"
    track_beneficiary_years_per_s.unit = "beneficiary-years per second"
