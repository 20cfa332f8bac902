"""Assumptions about the participant list, which changes every year after the first (layer 3)."""

from __future__ import annotations

from leadrisk.scenario.assumption import assumption
from leadrisk.scenario.table import Table


class Churn(Table):
    """What a changing list of participant TINs does to cost; LEAD re-runs the baseline on each year's list (layer 3).

    Both act in proportion to g, the relative change of the panel in the year, and add up over the years.
    """

    level_sd: float = assumption(
        0.20,
        meaning="standard deviation of the shift of the ACO's cost level per unit of g; the re-run baseline shifts too",
        unit="share of cost per unit of g",
        source="judgement (0.1-0.3): practices that join or leave lie 20 % from the ACO, three times the spread of "
        "whole ACOs (level.credibility_tau), as if an ACO averaged about ten alike practices",
        grade="C",
        low=0.1,
        high=0.3,
        ge=0.0,
        le=1.0,
    )
    mismatch_sd: float = assumption(
        0.0424,
        meaning="standard deviation of the shift of cost per unit of g that the re-run baseline does not follow",
        unit="share of cost per unit of g",
        source="panel-change term 18 g^2 squared points of the variance of one-year savings, MSSP public use files "
        "PY2021-2024; range: 9 to the 47 of the largest fit by maximum likelihood (30-47)",
        grade="C",
        low=0.03,
        high=0.069,
        ge=0.0,
        le=1.0,
    )
