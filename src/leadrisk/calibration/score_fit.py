"""The risk score: its spread and skewness, what it says of cost, and how long it lasts.

Scores are taken over the mean of their year, so that normalisation and drift of coding do not count as differences
between persons. Cost is annualised, weighted by exposure and not truncated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.calibration.bootstrap import grouped
from leadrisk.calibration.persistence import correlation, paired_sums, staying

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from leadrisk.calibration.fit_panel import SegmentPanel

    Floats = NDArray[np.float64]


def score_sums(panel: SegmentPanel, group: NDArray[np.int32], groups: int) -> dict[str, Floats]:
    """Moments of log score, (group, 4), pairs of cost and score and of scores a year apart, (group, 6); or none."""
    known = np.isfinite(panel.score)
    if not known.any():
        return {}
    weight = panel.exposure * known
    log_score = np.log(panel.score, out=np.zeros_like(panel.score), where=known)
    score = np.where(known, panel.score, np.float32(0.0))
    powers = [grouped(weight * log_score**power, group, groups) for power in range(4)]
    sums = {
        "log_score": np.stack(powers, axis=-1),
        "cost_score": paired_sums(panel.relative, score, weight, group, groups),
    }
    if known.shape[1] > 1:
        both = staying(panel, 1) & known[:, :-1] & known[:, 1:]
        sums["score_lag_1"] = paired_sums(log_score[:, :-1], log_score[:, 1:], both, group, groups)
    return sums


def score_statistics(sums: Mapping[str, Floats]) -> dict[str, Floats]:
    """Standard deviation and skewness of log score, its correlation with cost and from year to year; or none."""
    if "log_score" not in sums:
        return {}
    weight, first, second, third = (sums["log_score"][..., power] for power in range(4))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean, square, cube = first / weight, second / weight, third / weight
        variance = square - mean**2
        skewness = (cube - 3.0 * mean * square + 2.0 * mean**3) / variance**1.5
        found = {"score_sd": np.sqrt(variance), "score_skewness": skewness}
    found["cost_score"] = correlation(sums["cost_score"])
    if "score_lag_1" in sums:
        found["score_lag_1"] = correlation(sums["score_lag_1"])
    return found
