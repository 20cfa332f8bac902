"""What the kernel needs to draw the ranks of quality measures: level, what fades, sampling noise, luck of the persons.

A rank is three parts: a level tied to the ACO's true level of cost, which stays; an AR(1); and sampling noise, whose
variance falls with the size of the ACO. Only the rank is drawn, with one number a year: what a forecaster who knows all
ranks so far would still miss. Its spread and how much of it lasts are those of the Kalman filter, so ranks have exactly
the law of the three parts.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leadrisk.experience.factors import MEASURES
from leadrisk.experience.special64 import logarithm
from leadrisk.experience.stationary import MAIN, segments

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.scenario.model import Scenario

SURVEYED = ("cahps",)  # as many persons are asked in a large ACO as in a small one
LEAST_LIVES = 2_000
LUCK_SD = 2.05  # of log cost per score times the root of person-years, measured at 5,000 and 20,000 lives


class RankParameters(NamedTuple):
    """Parameters of the ranks, a row a measure and last the CI/SEP gateway; ranks have variance 1 at reference size.

    Attributes
    ----------
    persistence
        Correlation of the part that fades with its next year.
    start
        What is expected of the rank in the first performance year.
    spread
        Standard deviation of the year's news, by performance year.
    lasting
        Share of the news that is no noise, by performance year.
    level
        Effect of the number of the true level of cost.
    luck
        Effect of the persons' luck, a standard normal.
    """

    persistence: NDArray[np.float64]
    start: NDArray[np.float64]
    spread: NDArray[np.float64]
    lasting: NDArray[np.float64]
    level: NDArray[np.float64]
    luck: NDArray[np.float64]


class RankParts(NamedTuple):
    """Parts of a rank's variance, at a size: level and what fades, noise apart from the persons' luck, and that luck.

    ``persistence`` is that of the part that fades, ``level`` and ``luck`` are effects and not variances.
    """

    persistence: float
    fading: float
    noise: float
    level: float
    luck: float


def rank_parts(scenario: Scenario, measure: str, *, lives: float | None = None) -> RankParts:
    """Split the variance of a measure's rank.

    Parameters
    ----------
    lives
        Size of the ACO; default the reference size, at which the parts sum to 1.

    Examples
    --------
    >>> from leadrisk.scenario.quality_table import Quality
    >>> from types import SimpleNamespace
    >>> parts = rank_parts(SimpleNamespace(quality=Quality()), "acr", lives=20_000)
    >>> round(parts.fading, 3), round(parts.noise, 3), round(parts.persistence, 3)
    (0.664, 0.165, 0.925)
    """
    quality = scenario.quality
    persistence, noise, level, luck = (
        quality.of(figure, (measure,))[0]
        for figure in ("persistence", "noise", "level_correlation", "luck_correlation")
    )
    fading = 1.0 - noise - level * level
    if lives is not None and measure not in SURVEYED:
        noise *= quality.noise_reference_lives / max(lives, LEAST_LIVES)
    return RankParts(
        persistence=(persistence - level * level) / fading,
        fading=fading,
        noise=noise * (1.0 - luck * luck),
        level=level,
        luck=luck * sqrt(noise),
    )


def rank_parameters(scenario: Scenario) -> RankParameters:
    """Parameters of the ranks of a scenario's ACO.

    Quality was known one year before the first, as far as the composite score tells of a single measure.
    """
    quality, years = scenario.quality, scenario.horizon.performance_years
    rows = []
    for name in (*MEASURES, "gateway"):
        parts = rank_parts(scenario, name, lives=scenario.cohort.lives)
        known = 0.0 if name == "gateway" else getattr(quality, f"persistence_{name}") * quality.composite_correlation
        unknown = max(parts.fading - known * known, 0.0)
        news, lasting = [], []
        for _ in range(years):
            news.append(unknown + parts.noise)
            lasting.append(_share(unknown, parts.noise))
            kept = parts.persistence * parts.persistence
            unknown = kept * unknown * (1.0 - lasting[-1]) + (1.0 - kept) * parts.fading
        rows.append(
            (parts.persistence, known * quality.relative_level, np.sqrt(news), lasting, parts.level, parts.luck)
        )
    return RankParameters(*(np.array(column) for column in zip(*rows, strict=True)))


def rank_correlation(scenario: Scenario) -> NDArray[np.float64]:
    """Correlation matrix of the ranks of one year across ACOs of the reference size, the CI/SEP gateway last.

    News of two measures are correlated as ``dependence.correlation`` states; level and luck of the persons they share.
    """
    names = (*MEASURES, "gateway")
    numbers = tuple("improvement" if name == "gateway" else f"quality_{name}" for name in names)
    news = scenario.dependence.matrix(numbers)
    parts = [rank_parts(scenario, name) for name in names]
    found = np.eye(len(names))
    settled = [_settled(part) for part in parts]
    for i, one in enumerate(parts):
        for j in range(i):
            other, pair = parts[j], settled[i][0] * settled[j][0] * news[i][j]
            kept = one.persistence * other.persistence
            passed_on = kept * settled[i][1] * settled[j][1] / (1.0 - kept)
            found[i, j] = pair * (1.0 + passed_on) + one.level * other.level + one.luck * other.luck
            found[j, i] = found[i, j]
    return found


def _settled(parts: RankParts) -> tuple[float, float]:
    """Spread of the news and the share of them that lasts, once ranks have been seen for many years."""
    fresh = (1.0 - parts.persistence * parts.persistence) * parts.fading
    half = 0.5 * (parts.noise * (1.0 - parts.persistence * parts.persistence) - fresh)
    unknown = sqrt(half * half + fresh * parts.noise) - half
    return sqrt(unknown + parts.noise), _share(unknown, parts.noise)


def _share(unknown: float, noise: float) -> float:
    """Share of a year's news that is no noise; all of it where nothing is left to learn."""
    news = unknown + noise
    return unknown / news if news > 0.0 else 1.0


def cost_luck(experience: xr.Dataset, scenario: Scenario) -> NDArray[np.float64]:
    """What befell each population's persons beyond their scores, a standard normal, shape (population, year).

    Their cost per score on the neutral path over what is expected of such a mix of persons, performance years, ESRD
    left out; its spread falls with the root of person-years, so it is scaled by that root. That of a panel with many
    High Needs persons is narrower.
    """
    main = segments(scenario).get(MAIN)
    expected = 1.0 if main is None else main.cost_per_score
    totals = (experience[name].values[:, 3:] for name in ("expenditure", "score", "person_years"))
    cost, score, persons = (total[..., 0] + total[..., 1] for total in totals)
    nobody = (cost <= 0.0) | (score <= 0.0)
    per_score = np.where(nobody, expected, cost) / np.where(nobody, 1.0, score) / expected
    luck: NDArray[np.float64] = logarithm(per_score) * np.sqrt(persons) / LUCK_SD
    return luck
