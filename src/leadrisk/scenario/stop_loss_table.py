"""Covers against costly patients and costly years: CMS's stop-loss layers and a private aggregate cover."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from leadrisk.scenario.assumption import assumption
from leadrisk.scenario.table import Table, reject

_LAYERS = (
    "invented and fitted: CMS has published none. Net effect of 9,608 lives on the neutral path, 512 populations: SD "
    "0.71 % of cost a year, High Needs paid 3.1 % more than charged; ACO REACH PY2021-2023 (public): 0.6-1.0 %, "
    "1.5-3.4 %"
)
_ESRD_LAYERS = "invented; the layers of the other segment by the ratio of the 99th percentiles to the mean, 5.35 to 12"


class StopLoss(Table):
    """CMS's residual-based stop-loss: two layers on what a patient costs beyond the risk score's prediction."""

    elected: bool = assumption(
        False,
        meaning="the ACO elects CMS's stop-loss, under Global and under Professional",
        unit="true or false",
        source="the ACO's choice; 61 of 105 Standard ACOs of ACO REACH elected it in PY2023",
        grade="user",
    )
    first_attachment: float = assumption(
        7.5,
        meaning="residual cost a year at which the first layer begins, Aged & Disabled and High Needs",
        unit="mean annual costs of the segment",
        source=_LAYERS,
        grade="C",
        low=6.0,
        high=9.0,
        ge=1.0,
        le=40.0,
    )
    second_attachment: float = assumption(
        11.0,
        meaning="residual cost a year at which the second layer begins, Aged & Disabled and High Needs",
        unit="mean annual costs of the segment",
        source=_LAYERS,
        grade="C",
        low=9.0,
        high=14.0,
        gt=1.0,
        le=60.0,
    )
    esrd_first_attachment: float = assumption(
        3.3,
        meaning="residual cost a year at which the first layer begins, ESRD",
        unit="mean annual costs of the segment",
        source=_ESRD_LAYERS,
        grade="C",
        low=2.6,
        high=4.0,
        ge=0.5,
        le=40.0,
    )
    esrd_second_attachment: float = assumption(
        4.9,
        meaning="residual cost a year at which the second layer begins, ESRD",
        unit="mean annual costs of the segment",
        source=_ESRD_LAYERS,
        grade="C",
        low=4.1,
        high=6.2,
        gt=0.5,
        le=60.0,
    )
    layer_prediction: float = assumption(
        1.8,
        meaning="what the risk score predicts for patients in the layers, Aged & Disabled and High Needs; says how far "
        "the attachments move when cost moves against the benchmark",
        unit="mean annual costs of the segment",
        source="measured on the person model at the default layers: 1.84, High Needs 1.93, others 1.80",
        grade="C",
        low=1.2,
        high=2.4,
        ge=0.0,
        le=20.0,
    )
    esrd_layer_prediction: float = assumption(
        1.3,
        meaning="the same for ESRD",
        unit="mean annual costs of the segment",
        source="measured on the person model at the default layers: 1.31",
        grade="C",
        low=1.0,
        high=1.6,
        ge=0.0,
        le=20.0,
    )

    @property
    def nodes(self) -> tuple[float, float, float]:
        """Attachments at which the residual excess of Aged & Disabled and High Needs is simulated, evenly spaced."""
        return _nodes(self.first_attachment, self.second_attachment)

    @property
    def esrd_nodes(self) -> tuple[float, float, float]:
        """The same for ESRD."""
        return _nodes(self.esrd_first_attachment, self.esrd_second_attachment)

    @model_validator(mode="after")
    def _layers_rise(self) -> Self:
        for prefix in ("", "esrd_"):
            first, second = (getattr(self, f"{prefix}{which}_attachment") for which in ("first", "second"))
            if not second > first:
                key = f"stop_loss.{prefix}second_attachment"
                reject(key, f"must lie above {prefix}first_attachment = {first:g}, got {second:g}")
        return self


def _nodes(first: float, second: float) -> tuple[float, float, float]:
    return first, second, 2.0 * second - first


class AggregateCover(Table):
    """A private cover on the ACO's own loss of a year, bought from an insurer outside CMS's settlement."""

    bought: bool = assumption(
        False,
        meaning="the ACO buys an aggregate cover",
        unit="true or false",
        source="the ACO's choice; such covers are on the market (HCP National, Wakely)",
        grade="user",
    )
    attachment: float = assumption(
        1.05,
        meaning="expenditure over the final benchmark at which the cover begins",
        unit="ratio",
        source="judgement; no published quote",
        grade="C",
        low=1.03,
        high=1.08,
        ge=1.0,
        le=2.0,
    )
    limit: float = assumption(
        0.10,
        meaning="width of the covered layer above the attachment",
        unit="share of the final benchmark",
        source="judgement; no published quote",
        grade="C",
        low=0.05,
        high=0.2,
        gt=0.0,
        le=1.0,
    )
    coinsurance: float = assumption(
        0.10,
        meaning="share of the covered layer that stays with the ACO",
        unit="share",
        source="judgement; no published quote",
        grade="C",
        low=0.0,
        high=0.2,
        ge=0.0,
        le=1.0,
    )
    premium_share: float | None = assumption(
        None,
        meaning="quoted premium; left out: the mean recovery over all paths and years plus the insurer's load",
        unit="share of the final benchmark",
        source="an insurer's quote",
        grade="user",
        ge=0.0,
        le=0.2,
    )
    load: float = assumption(
        0.35,
        meaning="insurer's expenses, profit and charge for risk, added to the mean recovery where no quote is given",
        unit="share of the mean recovery",
        source="judgement",
        grade="C",
        low=0.2,
        high=0.6,
        ge=0.0,
        le=5.0,
    )
