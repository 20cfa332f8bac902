"""Episode arrangements of a Global ACO with Preferred Providers (CMS Administered Risk Arrangements)."""

from __future__ import annotations

from leadrisk.scenario.assumption import assumption
from leadrisk.scenario.table import Table

_JUDGEMENT = "judgement; CARA has no results yet"


class Cara(Table):
    """CMS Administered Risk Arrangements: what episodes cost, what they should cost, and who keeps the difference."""

    elected: bool = assumption(
        False,
        meaning="the ACO enters episode arrangements; they count under Global alone, from 2028",
        unit="true or false",
        source="the ACO's choice",
        grade="user",
    )
    episode_share: float = assumption(
        0.03,
        meaning="cost of the arranged episodes, before they change anything",
        unit="share of expenditure",
        source=_JUDGEMENT,
        grade="C",
        low=0.01,
        high=0.08,
        gt=0.0,
        le=0.5,
    )
    episodes_per_1000: float = assumption(
        20.0,
        meaning="arranged episodes a year",
        unit="episodes per 1,000 person-years",
        source=_JUDGEMENT,
        grade="C",
        low=10.0,
        high=40.0,
        gt=0.0,
        le=2000.0,
    )
    episode_variation: float = assumption(
        0.9,
        meaning="standard deviation of one episode's cost after risk adjustment; the total's falls with their number",
        unit="share of an episode's mean cost",
        source=_JUDGEMENT,
        grade="C",
        low=0.6,
        high=1.3,
        ge=0.0,
        le=5.0,
    )
    target_level: float = assumption(
        1.0,
        meaning="negotiated, risk-adjusted target price before discount against the episodes' share of the benchmark",
        unit="ratio",
        source="1 pays the episodes what the benchmark pays for them",
        grade="user",
        ge=0.2,
        le=3.0,
    )
    target_discount: float = assumption(
        0.03,
        meaning="discount on the target price that the ACO keeps; negative: a premium that it pays",
        unit="share of the target price",
        source="judgement; as the discounts of CMS's earlier episode models, 1-3 %",
        grade="C",
        low=0.01,
        high=0.05,
        ge=-0.5,
        le=0.5,
    )
    performance_adjustment: float = assumption(
        0.10,
        meaning="share of the provider's gain that stands or falls with quality",
        unit="share",
        source="range 10-100 % in summaries of the 2026 request for applications; the lowest",
        grade="B*",
        ge=0.10,
        le=1.0,
    )
    quality_score: float = assumption(
        0.8,
        meaning="the provider's score on the arrangement's quality measures",
        unit="share of points",
        source=_JUDGEMENT,
        grade="C",
        low=0.6,
        high=1.0,
        ge=0.0,
        le=1.0,
    )
    episode_savings: float = assumption(
        0.0,
        meaning="share of the episodes' cost that the arrangement saves at the end of its ramp",
        unit="share of the episodes' cost",
        source="none until there are results",
        grade="C",
        low=0.0,
        high=0.05,
        ge=-0.5,
        le=0.5,
    )
    ramp_years: int = assumption(
        3,
        meaning="years from the first episodes until that share is reached, in equal steps",
        unit="years",
        source=_JUDGEMENT,
        grade="C",
        low=2,
        high=5,
        ge=1,
        le=10,
    )
