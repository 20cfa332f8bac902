"""Ranks of quality as the rates that CMS publishes: readmissions per 100 discharges, days at home, points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.experience.factors import MEASURES
from leadrisk.experience.special64 import normal_quantile_array
from leadrisk.scenario.quality_table import Quality

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LOWER_IS_BETTER = ("acr", "uamcc", "glycemic")
PERCENTILES = (0.05, 0.10, 0.20, 0.25, 0.30, 0.40, 0.50, 0.60, 0.75, 0.90, 0.95)


def measure_rates(ranks: NDArray[np.float64], *, measure: str, quality: Quality) -> NDArray[np.float64]:
    """Rates of a measure in its own unit, from ranks among ACOs as standard normals (higher is better).

    Rates are normal across ACOs, with the mean and the standard deviation that the scenario states.

    Examples
    --------
    An ACO one standard deviation better than the mean has 31.7 - 3.8 unplanned admissions per 100 person-years:

    >>> import numpy as np
    >>> measure_rates(np.array([0.0, 1.0]), measure="uamcc", quality=Quality()).round(1).tolist()
    [31.7, 27.9]
    """
    mean, sd = (quality.of(figure, (measure,))[0] for figure in ("mean", "sd"))
    return np.asarray(mean + (-sd if measure in LOWER_IS_BETTER else sd) * ranks)


def percentile_ladder(quality: Quality, percentiles: Sequence[float] = PERCENTILES) -> list[dict[str, Any]]:
    """Rates that an ACO has to reach to stand at percentiles of all ACOs, best ones last; a record a measure.

    Returns
    -------
    list of dict
        ``measure``, ``unit``, ``source`` (of mean and spread) and ``rates`` by percentile.

    Examples
    --------
    >>> ladder = percentile_ladder(Quality(), [0.10, 0.50, 0.90])
    >>> ladder[0]["measure"], ladder[0]["unit"], [round(rate, 2) for rate in ladder[0]["rates"].values()]
    ('acr', 'percent of discharges', [15.91, 15.28, 14.65])
    """
    ranks = normal_quantile_array(np.array(percentiles, dtype=np.float64))
    found = []
    for measure in MEASURES:
        extra = Quality.model_fields[f"mean_{measure}"].json_schema_extra
        noted = extra if isinstance(extra, dict) else {}
        rates = measure_rates(ranks, measure=measure, quality=quality).tolist()
        found.append(
            {
                "measure": measure,
                "unit": noted.get("unit", ""),
                "source": noted.get("source", ""),
                "rates": dict(zip(percentiles, rates, strict=True)),
            }
        )
    return found
