"""Forecasts of next year's savings without persons: the naive line, a Gaussian panel, and the closed rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import optimize, stats

from leadrisk.validation.scores import crps_of_normal, crps_of_student

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from leadrisk.validation.panel import AcoYear, Pair

_NOISE_DECAY = (0.231, 0.152, 0.102, 0.070)  # share of the base years' luck still with the panel, by years since
_FURTHER_DECAY = 0.69
_NEXT_YEAR = 0.275  # correlation of individual noise from one year to the next, turnover of persons included
_LEAST_PERSONS = 5_000.0
_RULE_DEGREES = 7.0
_FALLBACK_SLOPE, _FALLBACK_SD = 0.83, 2.89  # same agreement period, pooled public use files 2021-2024


class Forecast(NamedTuple):
    """Forecasts of one kind for many ACOs, percent of the benchmark; arrays over ACOs.

    Attributes
    ----------
    slope
        Of the forecast on the known year.
    degrees
        Degrees of freedom of a Student t; infinite for a normal.
    """

    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    slope: NDArray[np.float64]
    degrees: float = np.inf

    @property
    def scale(self) -> NDArray[np.float64]:
        """Scale parameter: the standard deviation of a normal, less for a t."""
        return self.sd if np.isinf(self.degrees) else self.sd * np.sqrt((self.degrees - 2.0) / self.degrees)

    def ranks(self, actual: ArrayLike) -> NDArray[np.float64]:
        """Probability integral transform of what came."""
        z = (np.asarray(actual) - self.mean) / self.scale
        return np.asarray(stats.norm.cdf(z) if np.isinf(self.degrees) else stats.t(self.degrees).cdf(z))

    def crps(self, actual: ArrayLike) -> NDArray[np.float64]:
        """Continuous ranked probability score by ACO, percentage points."""
        if np.isinf(self.degrees):
            return crps_of_normal(self.mean, self.scale, actual)
        return crps_of_student(self.mean, self.scale, actual, degrees=self.degrees)


class NaiveLine(NamedTuple):
    """Next year's savings as a line of this year's, with one standard deviation for all."""

    slope: float
    level: float
    sd: float
    fitted: bool


class PanelVariances(NamedTuple):
    """Variances of savings in squared percentage points; ``_size`` at 10,000 person-years, in proportion to 1 / N.

    Attributes
    ----------
    spread
        Across ACOs at the start of an agreement period.
    walk, walk_size
        Of a year's lasting change.
    luck_size
        Of a year's individual noise.
    """

    spread: float
    walk: float
    walk_size: float
    luck_size: float


#: Parameters of the closed rule, from the prototype that found the engine's defaults; none is fitted here.
CLOSED_RULE = PanelVariances(spread=4.0, walk=0.93, walk_size=2.48, luck_size=3.42)


def savings_of(years: Sequence[AcoYear]) -> NDArray[np.float64]:
    """Savings rates of some ACO years, percent."""
    return np.array([one.savings for one in years])


def fit_naive(earlier: Sequence[Pair]) -> NaiveLine:
    """Least squares of later on known savings over earlier pairs of years.

    With fewer than three pairs the published figures of pooled public use files stand in: slope 0.83, standard
    deviation 2.89, no change of the mean (``level`` is then relative to it).

    Examples
    --------
    >>> fit_naive([])
    NaiveLine(slope=0.83, level=0.0, sd=2.89, fitted=False)
    """
    if len(earlier) < 3:
        return NaiveLine(_FALLBACK_SLOPE, 0.0, _FALLBACK_SD, fitted=False)
    known, later = savings_of([pair.known for pair in earlier]), savings_of([pair.later for pair in earlier])
    slope, level = (float(value) for value in np.polyfit(known, later, 1))
    residual = later - level - slope * known
    return NaiveLine(slope, level, float(np.sqrt((residual @ residual) / (residual.size - 2))), fitted=True)


def naive_forecast(line: NaiveLine, known: Sequence[AcoYear]) -> Forecast:
    """Forecast by the line."""
    savings = savings_of(known)
    level = line.level if line.fitted else (1.0 - line.slope) * float(savings.mean())
    same = np.ones(savings.size)
    return Forecast(level + line.slope * savings, line.sd * same, line.slope * same)


def next_year_moments(
    variances: PanelVariances, person_years: ArrayLike, years: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Slope of next on known savings, variance of the known year, and variance of the next one given it.

    Savings are a level that wanders from the middle of the base years on, plus the luck of persons in the year less
    what is left of their luck in the base years; the same persons carry some luck into the next year.

    Parameters
    ----------
    years
        Years since base year 3 of the known year.

    Examples
    --------
    >>> slope, _, variance = next_year_moments(CLOSED_RULE, [10_000.0, 60_000.0], [3, 3])
    >>> slope.round(2).tolist(), np.sqrt(variance).round(2).tolist()
    ([0.89, 0.96], [2.85, 1.47])
    """
    n, k = np.asarray(person_years, dtype=np.float64), np.asarray(years, dtype=np.int64)
    luck = variances.luck_size * 10_000.0 / n
    walk = variances.walk + variances.walk_size * 10_000.0 / np.maximum(n, _LEAST_PERSONS)
    level = variances.spread + walk * (k + 0.55)
    now, then = _still_there(k), _still_there(k + 1)
    known = level + luck * (1.60 - 2.0 * now)
    shared = level + luck * (0.60 + _NEXT_YEAR - now - then)
    slope = shared / known
    later = level + walk + luck * (1.60 - 2.0 * then)
    return slope, known, later - slope * shared


def fit_panel(earlier: Sequence[Pair]) -> PanelVariances | None:
    """Variances by size and years that make earlier pairs likeliest, the means of both years taken out.

    Returns
    -------
    PanelVariances or None
        ``None`` with fewer than thirty pairs.

    Examples
    --------
    >>> fit_panel([]) is None
    True
    """
    if len(earlier) < 30:
        return None
    known, later = savings_of([pair.known for pair in earlier]), savings_of([pair.later for pair in earlier])
    known, later = known - known.mean(), later - later.mean()
    person_years = [pair.known.person_years for pair in earlier]
    years = [pair.known.years_from_base for pair in earlier]

    def cost(roots: NDArray[np.float64], /) -> float:
        slope, variance, left = next_year_moments(PanelVariances(*(roots * roots)), person_years, years)
        left = np.maximum(left, 1e-6)
        residual = later - slope * known
        return float((np.log(variance) + known * known / variance + np.log(left) + residual * residual / left).sum())

    start: NDArray[np.float64] = np.sqrt(np.array(CLOSED_RULE, dtype=np.float64))
    found = optimize.minimize(
        cost, start, method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-8, "maxiter": 4000}
    ).x
    return PanelVariances(*(float(root * root) for root in found))


def panel_forecast(
    variances: PanelVariances, known: Sequence[AcoYear], *, shift: float, degrees: float = np.inf
) -> Forecast:
    """Forecast by the panel's moments around the mean of the known year.

    Parameters
    ----------
    shift
        Mean change from the known to the later year.
    """
    savings = savings_of(known)
    person_years = [one.person_years for one in known]
    slope, _, variance = next_year_moments(variances, person_years, [one.years_from_base for one in known])
    mean = float(savings.mean())
    return Forecast(mean + shift + slope * (savings - mean), np.sqrt(variance), slope, degrees)


def closed_rule_forecast(known: Sequence[AcoYear], *, shift: float) -> Forecast:
    """Forecast by the closed rule: fixed variances, Student t with 7 degrees of freedom for changes of the list."""
    return panel_forecast(CLOSED_RULE, known, shift=shift, degrees=_RULE_DEGREES)


def _still_there(years: NDArray[np.int64]) -> NDArray[np.float64]:
    last = len(_NOISE_DECAY)
    shares = np.array(_NOISE_DECAY)[np.minimum(years, last) - 1]
    return np.asarray(shares * _FURTHER_DECAY ** np.maximum(years - last, 0))
