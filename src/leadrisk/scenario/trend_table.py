"""National and regional growth of cost, and how far its projection misses (layer 2)."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from leadrisk.scenario.assumption import assumption
from leadrisk.scenario.table import PANEL, Table, YearlyRates, reject


class Trend(Table):
    """National and regional growth of cost, and how far the projection misses it (layer 2)."""

    growth_aged_disabled: float = assumption(
        0.05,
        meaning="projected growth of national cost per beneficiary, Aged & Disabled",
        unit="share per year",
        source="judgement, 3-8 %, from national assignable growth 2016-2025",
        grade="C",
        low=0.03,
        high=0.08,
        ge=-0.1,
        le=0.3,
    )
    growth_high_needs: float = assumption(
        0.05,
        meaning="projected growth of national cost per beneficiary, High Needs",
        unit="share per year",
        source="judgement, as Aged & Disabled",
        grade="C",
        low=0.03,
        high=0.08,
        ge=-0.1,
        le=0.3,
    )
    growth_esrd: float = assumption(
        0.05,
        meaning="projected growth of national cost per beneficiary, ESRD",
        unit="share per year",
        source="judgement, as Aged & Disabled",
        grade="C",
        low=0.03,
        high=0.08,
        ge=-0.1,
        le=0.3,
    )
    calm_sd: float = assumption(
        0.020,
        meaning="standard deviation of actual minus projected national growth in calm years",
        unit="share per year",
        source="judgement (1.5-2.5 %)",
        grade="C",
        low=0.015,
        high=0.025,
        ge=0.0,
        le=0.2,
    )
    stressed_sd: float = assumption(
        0.045,
        meaning="the same in stressed years",
        unit="share per year",
        source="ACO REACH trend adjustments PY2021-2025 and ACPT misses 2023-2025 (-5.3 to +9.1 %)",
        grade="C",
        low=0.035,
        high=0.055,
        ge=0.0,
        le=0.3,
    )
    stress_probability: float = assumption(
        0.25,
        meaning="long-run share of years that are stressed",
        unit="share of years",
        source="judgement from the same misses",
        grade="C",
        low=0.15,
        high=0.35,
        ge=0.0,
        le=0.7,
    )
    stress_persistence: float = assumption(
        0.6,
        meaning="chance that a stressed year is followed by another",
        unit="probability",
        source="misses keep their sign for two or three years; judgement",
        grade="C",
        low=0.4,
        high=0.75,
        ge=0.0,
        lt=1.0,
    )
    autocorrelation: float = assumption(
        0.45,
        meaning="correlation of successive misses",
        unit="correlation",
        source="misses keep their sign for two or three years; judgement 0.4-0.5",
        grade="C",
        low=0.4,
        high=0.5,
        ge=0.0,
        lt=1.0,
    )
    regional_sd: float = assumption(
        0.014,
        meaning="standard deviation of regional minus national growth, a random walk",
        unit="share per year",
        source=f"implied updates by start date, {PANEL} (1.2-1.8 %)",
        grade="A",
        low=0.012,
        high=0.018,
        ge=0.0,
        le=0.1,
    )
    category_sd: float = assumption(
        0.010,
        meaning="standard deviation of national growth of High Needs, and of ESRD, apart from that of Aged & Disabled",
        unit="share per year",
        source="judgement (0.5-1.5 %): half the error of the national projection in calm years",
        grade="C",
        low=0.005,
        high=0.015,
        ge=0.0,
        le=0.1,
    )
    stop_loss_neutrality_sd: float = assumption(
        0.0,
        meaning="standard deviation of the log by which stop-loss payouts miss their budget-neutral charge, nationally",
        unit="log points",
        source="0: CMS sets the charge to be neutral; the user's stress",
        grade="C",
        low=0.0,
        high=0.1,
        ge=0.0,
        le=1.0,
    )
    market_share: float = assumption(
        0.05,
        meaning="the ACO's share of its region's assignable beneficiaries, the national weight of the trend",
        unit="share",
        source="judgement; 3.7 % in one published MSSP settlement",
        grade="C",
        low=0.01,
        high=0.2,
        ge=0.0,
        le=1.0,
    )
    projection_miss: YearlyRates = assumption(
        (),
        meaning="actual minus projected national growth added in each performance year, a stress",
        unit="share per year",
        source="the user's stress",
        grade="user",
        max_length=10,
    )

    @model_validator(mode="after")
    def _stress_can_be_so_frequent(self) -> Self:
        """So many stressed years need a calm year to turn stressed with a chance of at most 1."""
        turning = self.stress_probability * (1.0 - self.stress_persistence) / (1.0 - self.stress_probability)
        if turning > 1.0:
            most = 1.0 / (2.0 - self.stress_persistence)
            reject(
                "trend.stress_probability",
                f"must be at most 1 / (2 - stress_persistence) = {most:.4g}, got {self.stress_probability:g}; "
                f"beyond, a calm year would have to turn stressed with a chance above 1",
            )
        return self
