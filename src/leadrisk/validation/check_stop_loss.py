"""V16b: what stop-loss nets a Standard ACO of ACO REACH, from LEAD's settlement with its reading of the same cover.

CMS aims charge and payout at the average ACO. The average of standard ACOs costs its benchmark, so that is the level
the cover is told (``stop_loss.national_cost_level``); everything moves, over three performance years as in the files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.risk.estimate import mean
from leadrisk.run.api import settle
from leadrisk.scenario.systemic_tables import Drift
from leadrisk.validation.check_drift import spread
from leadrisk.validation.standard_aco import experience_of, standard_aco
from leadrisk.validation.targets import Estimates, Measured

if TYPE_CHECKING:
    from collections.abc import Collection

    from leadrisk.validation.standard_aco import Sizes

FUTURES = 16
_POPULATIONS = 1024  # at most
_LIVES = 10_000
_YEARS = 3


def check_stop_loss(_: Collection[str], sizes: Sizes) -> dict[str, Estimates]:
    """Measure V16b: cost net of stop-loss less cost, in percent of cost; negative where more is paid than charged."""
    scenario = standard_aco(
        _LIVES,
        performance_years=_YEARS,
        mean_score_growth=Drift().mean_growth,
        contract={"names": ["lead_global"], "mssp_terms": {}, "terms": {"stop_loss.national_cost_level": 1.0}},
        stop_loss={"elected": True},
    )
    few = sizes.at_most(_POPULATIONS)
    settled = settle(experience_of(scenario, few), scenario, futures=FUTURES, threads=few.threads).sel(
        contract="lead_global"
    )
    effect = 100.0 * (settled["stop_loss_charge"] + settled["stop_loss_payout"]) / settled["expenditure"]
    values = effect.transpose("population", "future", "year").values
    within = (values - values.mean(axis=(0, 1))).reshape(len(values), -1)  # year means are no difference between ACOs
    return {"V16b": {"mean": Measured(*mean(np.asarray(values.mean(axis=-1)))), "SD across ACOs": spread(within)}}
