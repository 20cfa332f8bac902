"""One segment of a roster: which parameters it tells, the fit of those, and each weighed against its default."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.calibration.credibility import kept, weighed
from leadrisk.calibration.fit import Fit, fit_parameters, simulator
from leadrisk.calibration.fit_panel import ESRD_CATEGORIES, MAIN_CATEGORIES
from leadrisk.calibration.fit_parameters import (
    DEATHS,
    ESRD_PARAMETERS,
    MAIN_PARAMETERS,
    counted,
    half_range,
    value_of,
)

if TYPE_CHECKING:
    from leadrisk.calibration.credibility import Estimate
    from leadrisk.calibration.fit_parameters import Parameter
    from leadrisk.calibration.fit_statistics import Measured
    from leadrisk.scenario.model import Scenario

_FAINT = 5.0  # half-ranges; a fit with a wider error has a credibility below 4 %
_LEAST_SPREAD = 0.01  # of a log score: less is the same score for all
_PARAMETERS = {MAIN_CATEGORIES: MAIN_PARAMETERS, ESRD_CATEGORIES: ESRD_PARAMETERS}


def fit_segment(
    scenario: Scenario,
    categories: tuple[int, ...],
    measured: Measured,
    *,
    lives: int,
    years: int,
    seed: int,
    bootstraps: int,
) -> tuple[tuple[Estimate, ...], Fit | None]:
    """Fit what the segment tells.

    Parameters
    ----------
    scenario
        Defaults, and the shares of the categories that are simulated.
    categories
        ``fit_panel.MAIN_CATEGORIES`` or ``ESRD_CATEGORIES``.
    measured
        What was measured on the segment.
    lives, years
        Persons of the segment in a year, and years of the roster.
    seed, bootstraps
        As of `calibrate`.

    Returns
    -------
    tuple
        An estimate for each parameter, fitted or kept; and the fit, None where nothing is told.
    """
    parameters = _PARAMETERS[categories]
    told = [parameter for parameter in parameters if _told(parameter, measured)]
    fit = None
    if told and told[0].statistic == "zero_cost_share":  # without the curve of cost nothing else can be read
        scores = any(parameter.statistic == "score_sd" for parameter in told)
        simulate = simulator(scenario, categories, lives=lives, years=years, scores=scores, seed=seed)
        fit = fit_parameters(told, measured, simulate, bootstraps=bootstraps, seed=seed)
        clear = [
            one for one, error in zip(told, fit.standard_errors, strict=True) if error < _FAINT * half_range(one.key)
        ]
        if 0 < len(clear) < len(told):  # what is hardly told would blur the others
            fit = fit_parameters(clear, measured, simulate, bootstraps=bootstraps, seed=seed)
    estimates = []
    for parameter in parameters:
        default, count = value_of(scenario, parameter.key), counted(parameter, measured.sums)
        if fit is None or parameter.key not in fit.keys:
            estimates.append(kept(parameter, default, count=count))
            continue
        at = fit.keys.index(parameter.key)
        error = float(fit.standard_errors[at])
        limit = parameter.key in fit.at_limit
        estimates.append(weighed(parameter, default, float(fit.values[at]), error, count=count, limit=limit))
    return tuple(estimates), fit


def _told(parameter: Parameter, measured: Measured) -> bool:
    value = measured.statistics.get(parameter.statistic, np.nan)
    if counted(parameter, measured.sums) < parameter.least or not np.isfinite(value):
        return False
    spread = measured.statistics.get("score_sd", np.nan)
    if parameter.statistic == "exit_rate" and counted(DEATHS, measured.sums) < DEATHS.least:
        return False  # who died without being marked would count as having left
    about_score = parameter.statistic in {"score_sd", "score_skewness", "cost_score", "score_lag_1"}
    return not about_score or spread > _LEAST_SPREAD
