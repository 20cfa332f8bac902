"""How well the fitted engine reproduces the roster: the same figures of both, with the error of the roster's.

Costs are of the segment of aged, disabled and High Needs persons, over the mean of their year.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.calibration.bootstrap import bootstrap_weights, person_groups
from leadrisk.calibration.diagnostic_figures import panel_figures
from leadrisk.calibration.fit_panel import bin_middles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.calibration.fit_panel import SegmentPanel
    from leadrisk.calibration.fit_statistics import Measured

    Floats = NDArray[np.float64]

DECILES = 10
QUANTILES = (
    0.10, 0.20, 0.30, 0.40, 0.50, 0.60, 0.70, 0.75, 0.80, 0.85, 0.90, 0.925, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99,
    0.9925, 0.995, 0.9975, 0.999, 0.9995,
)  # fmt: skip
TOP_SHARES = (0.01, 0.05, 0.10, 0.20, 0.50)
PUBLISHED_SHARES = (0.149, 0.415, 0.600, 0.791, 0.957)
PUBLISHED_SOURCE = "fee-for-service beneficiaries of 65 and over, 2007-2018 (eClinicalMedicine 2021, 100873)"
_LORENZ_POINTS = 200
_REPLICATES = 200


@dataclass(frozen=True, eq=False)
class Portrait:
    """Figures of one roster, real or simulated.

    Attributes
    ----------
    quantiles
        float64, shape (quantile,): annualised cost over the mean at ``QUANTILES``, by exposure.
    lorenz
        float64, shape (2, point): share of persons from the dearest on, share of in-year cost.
    top_shares
        float64, shape (share,): share of in-year cost of the dearest, by person-year, at ``TOP_SHARES``.
    decile_ratios, decile_errors
        float64, shape (decile,): mean score over mean annualised cost in each decile of the score; None without scores.
    lag_correlations, lag_errors
        Correlation of the normal scores of cost by lag in years.
    figures
        Single figures by name.
    figure_errors
        Standard errors of them.
    """

    quantiles: Floats
    lorenz: Floats
    top_shares: Floats
    decile_ratios: Floats | None
    decile_errors: Floats | None
    lag_correlations: dict[int, float]
    lag_errors: dict[int, float]
    figures: dict[str, float]
    figure_errors: dict[str, float]


def portrait(panel: SegmentPanel, measured: Measured, *, seed: int) -> Portrait:
    """Draw up the figures of one segment.

    Parameters
    ----------
    panel
        Person-years of the segment.
    measured
        What was measured on it.
    seed
        Of the bootstrap.
    """
    replicates = measured.replicates(_REPLICATES, seed=seed)
    names = {1: "cost_lag_1", 2: "cost_lag_2", 3: "cost_lag_3"}
    lags = {lag: name for lag, name in names.items() if np.isfinite(measured.statistics.get(name, np.nan))}
    in_year = np.sort((panel.relative * panel.exposure)[panel.present].astype(np.float64))[::-1]
    held = in_year.cumsum() / max(in_year.sum(), 1e-300)
    at = np.unique(np.geomspace(1, len(in_year), _LORENZ_POINTS).astype(np.int64)) - 1
    ratios, errors = score_deciles(panel, seed=seed)
    own = panel_figures(panel, seed=seed)
    figures = {name: value for name, (value, _) in own.items()}
    figure_errors = {name: error for name, (_, error) in own.items()}
    if np.isfinite(measured.statistics.get("cost_score", np.nan)):
        figures["r_squared"] = measured.statistics["cost_score"] ** 2
        figure_errors["r_squared"] = float(np.std(replicates["cost_score"] ** 2))
    for name in ("death_rate", "exit_rate", "zero_cost_share", "truncation_multiple"):
        if np.isfinite(measured.statistics.get(name, np.nan)):
            figures[name] = measured.statistics[name]
            figure_errors[name] = float(np.std(replicates[name]))
    return Portrait(
        quantiles=_quantiles(measured),
        lorenz=np.stack([(at + 1.0) / len(in_year), held[at]]),
        top_shares=held[np.maximum((np.array(TOP_SHARES) * len(in_year)).astype(np.int64) - 1, 0)],
        decile_ratios=ratios,
        decile_errors=errors,
        lag_correlations={lag: measured.statistics[name] for lag, name in lags.items()},
        lag_errors={lag: float(np.std(replicates[name])) for lag, name in lags.items()},
        figures=figures,
        figure_errors=figure_errors,
    )


def score_deciles(panel: SegmentPanel, *, seed: int) -> tuple[Floats | None, Floats | None]:
    """Predictive ratio of the score by its decile, and standard errors by the bootstrap over persons.

    The ratio is mean score over mean annualised cost, both weighted by exposure and both over the mean of all who have
    a score: 1 where the score predicts the cost of the decile.
    """
    known = np.isfinite(panel.score) & panel.present
    if known.sum() < 10 * DECILES:
        return None, None
    person, year = np.nonzero(known)
    score, weight = panel.score[person, year].astype(np.float64), panel.exposure[person, year].astype(np.float64)
    decile = np.searchsorted(np.quantile(score, np.arange(1, DECILES) / DECILES), score, side="right")
    group = person_groups(len(known), seed=seed)
    groups = int(group.max()) + 1
    at = group[person] * DECILES + decile
    columns = (weight * score, weight * panel.relative[person, year])
    sums = np.stack([np.bincount(at, weights=values, minlength=groups * DECILES) for values in columns])
    by_group = sums.reshape(2, groups, DECILES)

    def ratios(predicted: Floats, actual: Floats) -> Floats:
        overall = actual.sum(axis=-1, keepdims=True) / predicted.sum(axis=-1, keepdims=True)
        found: Floats = predicted / np.where(actual > 0, actual, np.nan) * overall
        return found

    weights = bootstrap_weights(_REPLICATES, groups, seed=seed)
    return ratios(*by_group.sum(axis=1)), np.std(ratios(weights @ by_group[0], weights @ by_group[1]), axis=0)


def _quantiles(measured: Measured) -> Floats:
    exposure, dollars = measured.sums["exposure_by_bin"], measured.sums["dollars_by_bin"]
    middle = (exposure.cumsum() - 0.5 * exposure) / exposure.sum()
    held = exposure > 0
    cost = np.exp(bin_middles())
    found: Floats = np.interp(QUANTILES, middle[held], cost[held]) / (dollars.sum() / exposure.sum())
    found[np.array(QUANTILES) <= exposure[0] / exposure.sum()] = 0.0
    return found
