"""Single figures of a segment that an actuary knows by heart, each with its standard error by the bootstrap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.calibration.bootstrap import bootstrap_weights, grouped, person_groups

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from leadrisk.calibration.fit_panel import SegmentPanel

    Floats = NDArray[np.float64]

_REPLICATES = 200
_TOP_DECILE = 1.2815515655446004  # normal score of the 90th percentile


def panel_figures(panel: SegmentPanel, *, seed: int) -> dict[str, tuple[float, float]]:
    """Value and standard error of each figure that the years and columns of a roster allow.

    Parameters
    ----------
    panel
        Person-years of the segment.
    seed
        Of the bootstrap.

    Returns
    -------
    dict
        ``coefficient_of_variation`` of annualised cost by exposure, ``score_sd`` over the mean score,
        ``decedent_to_survivor_cost`` in the year, and ``three_year_top_decile``: of those in the top decile of cost who
        lived through three full years, the share who stayed in it.
    """
    group = person_groups(len(panel.exposure), seed=seed)
    groups = int(group.max()) + 1
    weights = bootstrap_weights(_REPLICATES, groups, seed=seed)
    found: dict[str, tuple[float, float]] = {}

    def add(name: str, columns: list[NDArray[Any]], figure: Callable[[Floats], Floats]) -> None:
        sums = np.stack([grouped(values, group, groups) for values in columns], axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            value, error = float(figure(sums.sum(axis=0))), float(np.std(figure(weights @ sums)))
        if np.isfinite(value) and np.isfinite(error):
            found[name] = (value, error)

    weight, cost = panel.exposure.astype(np.float64), panel.relative
    add("coefficient_of_variation", [weight, weight * cost, weight * cost * cost], _variation)
    known = np.isfinite(panel.score)
    if known.any():
        scored, score = weight * known, np.where(known, panel.score, np.float32(0.0))
        add("score_sd", [scored, scored * score, scored * score * score], _variation)
    in_year, died, alive = weight * cost, panel.died, panel.present & ~panel.died
    add("decedent_to_survivor_cost", [died, died * in_year, alive, alive * in_year], _ratio_of_means)
    if panel.full.shape[1] >= 3:
        top = panel.full_score > _TOP_DECILE
        first = panel.full[:, :-2] & panel.full[:, 1:-1] & panel.full[:, 2:] & top[:, :-2]
        add(
            "three_year_top_decile",
            [first, first & top[:, 1:-1] & top[:, 2:]],
            lambda sums: sums[..., 1] / sums[..., 0],
        )
    return found


def _variation(sums: Floats) -> Floats:
    mean = sums[..., 1] / sums[..., 0]
    found: Floats = np.sqrt(np.maximum(sums[..., 2] / sums[..., 0] - mean**2, 0.0)) / mean
    return found


def _ratio_of_means(sums: Floats) -> Floats:
    found: Floats = (sums[..., 1] / sums[..., 0]) / (sums[..., 3] / sums[..., 2])
    return found
