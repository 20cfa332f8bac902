"""V17: measures of quality and the quality score as simulated, against what is published of ACOs.

Every pair of a population and a future stands for an ACO, whose quality was not known before. Ranks come from the
engine's paths, savings from the Shared Savings Program on the same paths, scores from the scoring chain of ACO REACH.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.contract.quality_score import (
    REACH_MEASURES,
    Ladder,
    ladder_points,
    normal_quantile,
    passes_gateway,
    quality_score,
)
from leadrisk.contract.terms import load_terms
from leadrisk.experience.factors import MEASURES
from leadrisk.futures.quality_units import measure_rates
from leadrisk.risk.estimate import group_jackknife
from leadrisk.run.api import simulate
from leadrisk.run.peer_lines import mssp_lines
from leadrisk.run.plan import plan_blocks, settled_block_size
from leadrisk.run.setting import prepare
from leadrisk.run.settle import carried_block
from leadrisk.validation.standard_aco import CONTRACT, standard_aco

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Statistic = Callable[[NDArray[np.bool_]], float]

YEAR = 2  # of the comparison: the third performance year, as far from the base years as most ACOs in the files
PERSISTENCE = {"acr": 0.62, "uamcc": 0.70, "tfu": 0.79, "cahps": 0.62, "glycemic": 0.75, "blood_pressure": 0.77}
MEANS = {
    "acr": (15.28, 0.49),
    "uamcc": (31.7, 3.8),
    "dah": (316.3, 5.1),
    "tfu": (71.8, 5.5),
    "cahps": (85.1, 2.4),
    "glycemic": (29.4, 13.0),
    "blood_pressure": (70.7, 6.4),
}
"""Mean and standard deviation across ACOs: ACO REACH PY2023, eCQMs of the Shared Savings Program PY2024."""

WITH_SAVINGS = {"uamcc": -0.20, "blood_pressure": 0.31, "acr": 0.06}
"""Correlation of rates with savings, Shared Savings Program PY2023."""

MSSP_MEASURES = ("acr", "uamcc", "cahps", "glycemic", "blood_pressure")
"""Measures that ``score_deciles`` is the mean of: those of the Shared Savings Program."""

SCORE_LAG, SCORE_WITH_SAVINGS = 0.69, 0.13
"""Of the score of the Shared Savings Program: 0.67-0.71 in three pairs of years; PY2023."""

CORRELATION_TOLERANCE, MEAN_TOLERANCE, SPREAD_TOLERANCE = 0.08, 3.0, 0.15
RATE_TOLERANCE = 0.3
"""Of a measure's standard deviation: 3 points of a score, but a readmission rate has a spread of half a point."""
_DECILES = Ladder(
    np.array([normal_quantile(edge / 10.0) for edge in range(1, 10)]), np.array([edge / 10.0 for edge in range(1, 11)])
)
_FULL = 100.0 - 1e-9
_SAVINGS = "correlation_with_savings"
_OTHER_SIZES = "the spread across ACOs of 10,000 lives is not that across ACOs of all sizes"
_LUCK_LASTS = "persistence and noise of the single measures, the luck of persons who stay, and how measures correlate"
_TIES = "what ties a measure to the ACO's level of cost, to efficiency and to the luck of its persons"
_LADDER = "the ladder of ACO REACH, which is fitted (contract/terms/reach/quality.toml)"
_GATE = "how closely CI/SEP goes with the claims-based measures (dependence.correlation)"


def quality_targets(
    *, populations: int = 512, futures: int = 64, seed: int = 1, threads: int | None = None
) -> list[dict[str, Any]]:
    """Measure quality across simulated ACOs of 10,000 lives against what is published.

    Returns
    -------
    list of dict
        Records with ``measure`` (a measure, ``score_reach`` or ``score_deciles``), ``quantity``, ``target``,
        ``result``, ``se`` (a jackknife over groups of populations, so right for futures that share their persons),
        ``tolerance`` (in the unit of the target), ``verdict`` (pass or fail) and ``cause`` of a failure.
    """
    ranks, gateway, savings = _simulated(populations, futures, seed, threads)
    found: list[dict[str, Any]] = []

    def add(measure: str, quantity: str, statistic: Statistic, target: float, tolerance: float, cause: str) -> None:
        result = statistic(np.ones(populations, dtype=np.bool_))
        passed = abs(result - target) <= tolerance
        found.append(
            {
                "measure": measure,
                "quantity": quantity,
                "target": target,
                "result": result,
                "se": group_jackknife(statistic, populations),
                "tolerance": tolerance,
                "verdict": "pass" if passed else "fail",
                "cause": "" if passed else cause,
            }
        )

    assumed = standard_aco(10_000).quality
    for name in MEASURES:
        rank = ranks[MEASURES.index(name)]
        rates = measure_rates(rank, measure=name, quality=assumed)
        mean, sd = MEANS[name]
        add(name, "mean", _mean(rates[..., YEAR]), mean, RATE_TOLERANCE * sd, _OTHER_SIZES)
        add(name, "sd", _spread(rates[..., YEAR]), sd, SPREAD_TOLERANCE * sd, _OTHER_SIZES)
        if name in PERSISTENCE:
            add(name, "lag_1", _successive(rank), PERSISTENCE[name], CORRELATION_TOLERANCE, _LUCK_LASTS)
        if name in WITH_SAVINGS:
            target = WITH_SAVINGS[name]
            add(name, _SAVINGS, _correlation(rates[..., YEAR], savings), target, CORRELATION_TOLERANCE, _TIES)
    deciles = np.mean([ladder_points(ranks[MEASURES.index(m)], ladder=_DECILES) for m in MSSP_MEASURES], axis=0)
    add("score_deciles", "lag_1", _successive(deciles), SCORE_LAG, CORRELATION_TOLERANCE, _LUCK_LASTS)
    with_savings = _correlation(deciles[..., YEAR], savings)
    add("score_deciles", _SAVINGS, with_savings, SCORE_WITH_SAVINGS, CORRELATION_TOLERANCE, _TIES)
    score, passed = _reach_score(ranks, gateway)
    of_year, gate = 100.0 * score[..., YEAR], passed[..., YEAR]
    add("score_reach", "mean", _mean(of_year), 79.4, MEAN_TOLERANCE, _LADDER)
    add("score_reach", "sd", _spread(of_year), 21.0, SPREAD_TOLERANCE * 21.0, _LADDER)
    add("score_reach", "share_at_100", _mean(np.where(of_year > _FULL, 100.0, 0.0)), 26.0, MEAN_TOLERANCE, _LADDER)
    add("score_reach", "mean_passed", _mean(of_year, where=gate), 84.8, MEAN_TOLERANCE, _GATE)
    add("score_reach", "mean_failed", _mean(of_year, where=~gate), 35.8, MEAN_TOLERANCE, _GATE)
    return found


def _simulated(populations: int, futures: int, seed: int, threads: int | None) -> tuple[Array, Array, Array]:
    """Ranks, shape (measure, population, future, year), what decides the gateway, and savings rates of one year."""
    scenario = standard_aco(10_000, quality={"composite_correlation": 0.0})
    experience = simulate(scenario, populations=populations, seed=seed, threads=threads)
    setting = prepare(experience, scenario, futures=futures)
    ranks, gateway, savings = [], [], []
    for part in plan_blocks(populations, size=settled_block_size(futures, setting.years.size)):
        carried, paths = carried_block(experience.isel(population=part.rows), setting)
        ranks.append(paths.quality)
        gateway.append(paths.improvement)
        savings.append(mssp_lines(carried, setting, ratchet=False)[CONTRACT]["gross_savings_rate"][..., YEAR])
    return np.concatenate(ranks, axis=1), np.concatenate(gateway), np.concatenate(savings)


def _reach_score(ranks: Array, gateway: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Score of ACO REACH and whether the gateway is passed, shape (population, future, year)."""
    chance = standard_aco(10_000).quality.continuous_improvement_pass
    score = quality_score(
        ranks,
        gateway=gateway,
        pass_probability=chance,
        prevention_plan=False,
        performance_years=2027 + np.arange(ranks.shape[-1]),
        terms=load_terms("reach"),
        measures=REACH_MEASURES,
    )
    return score, passes_gateway(gateway, pass_probability=chance)


def _mean(values: Array, *, where: NDArray[np.bool_] | None = None) -> Statistic:
    """Mean across ACOs, of those asked for."""
    counted = np.ones(values.shape, dtype=np.bool_) if where is None else where
    return lambda rows: float(values[rows][counted[rows]].mean())


def _spread(values: Array) -> Statistic:
    return lambda rows: float(values[rows].std())


def _correlation(one: Array, other: Array) -> Statistic:
    return lambda rows: float(np.corrcoef(one[rows].ravel(), other[rows].ravel())[0, 1])


def _successive(path: Array) -> Statistic:
    """Correlation across ACOs of a path's values in the year of the comparison and the one before."""
    return _correlation(path[..., YEAR - 1], path[..., YEAR])
