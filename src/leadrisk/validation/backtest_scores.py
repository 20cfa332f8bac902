"""Scores of a backtest: the engine's forecasts of a group of ACOs beside those of simpler forecasters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from leadrisk.validation.forecasters import savings_of
from leadrisk.validation.scores import (
    LEVELS,
    coverage,
    coverage_error,
    histogram,
    paired_difference,
    rank_of,
    uniformity,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from leadrisk.validation.engine_forecast import EngineForecast
    from leadrisk.validation.forecasters import Forecast

SIZE_BANDS: tuple[tuple[str, float, float], ...] = (
    ("below 7,500", 0.0, 7_500.0),
    ("7,500 to 15,000", 7_500.0, 15_000.0),
    ("15,000 to 30,000", 15_000.0, 30_000.0),
    ("above 30,000", 30_000.0, np.inf),
)


class Scored(NamedTuple):
    """Forecasts of a group with their scores, arrays over ACOs.

    Attributes
    ----------
    rivals
        Forecasts of the simpler forecasters by name; ``None`` for one that could not be fitted.
    """

    forecasts: Sequence[EngineForecast]
    ranks: NDArray[np.float64]
    crps: NDArray[np.float64]
    rivals: Mapping[str, Forecast | None]

    @property
    def actual(self) -> NDArray[np.float64]:
        """What came, percent of the benchmark."""
        return savings_of([one.pair.later for one in self.forecasts])

    @property
    def lives(self) -> NDArray[np.float64]:
        """Assigned beneficiaries in the known year."""
        return np.array([float(one.pair.known.lives) for one in self.forecasts])


def scored(forecasts: Sequence[EngineForecast], rivals: Mapping[str, Forecast | None]) -> Scored:
    """Score the engine's forecasts."""
    ranks, crps = (np.array([getattr(one, name) for one in forecasts]) for name in ("rank", "crps"))
    return Scored(forecasts, ranks, crps, rivals)


def group_summary(group: Scored) -> dict[str, Any]:
    """Everything reported about a group; ``None`` for the scores of an empty one.

    ``bias`` is what came less what was expected, on average, with its standard error. ``ks_p`` is the probability of
    ranks this far from uniform once that common miss is taken out: a year's mean is one draw, whoever shares it.
    """
    n = len(group.forecasts)
    if n == 0:
        return {"n": 0}
    miss = group.actual - np.array([float(one.draws.mean()) for one in group.forecasts])
    bias = float(miss.mean())
    without = [rank_of(one.draws + bias, one.pair.later.savings) for one in group.forecasts]
    return {
        "n": n,
        **_engine(group.ranks, group.crps),
        "pit": histogram(group.ranks),
        "pit_without_year_mean": histogram(without),
        "ks_p": round(uniformity(without), 4),
        "bias": {"mean": round(bias, 4), "se": round(float(miss.std(ddof=1) / np.sqrt(n)), 4) if n > 1 else None},
        "monte_carlo_error_of_interval_ends": round(float(np.mean([one.interval_error for one in group.forecasts])), 4),
        **_shape(group, np.ones(n, dtype=np.bool_)),
        **_rivals(group, np.ones(n, dtype=np.bool_)),
        "by_size": [
            {"lives": label, **_band(group, (group.lives >= low) & (group.lives < high))}
            for label, low, high in SIZE_BANDS
        ],
    }


def _band(group: Scored, inside: NDArray[np.bool_]) -> dict[str, Any]:
    n = int(inside.sum())
    if n == 0:
        return {"n": 0}
    return {
        "n": n,
        **_engine(group.ranks[inside], group.crps[inside]),
        **_shape(group, inside),
        **_rivals(group, inside),
    }


def _shape(group: Scored, inside: NDArray[np.bool_]) -> dict[str, Any]:
    """Mean spread and slope of each forecaster, and how heavy the tails of the engine and of what came are.

    Excess kurtosis is 0 for a normal; that of what came is of the errors, each over its forecast's own spread.
    """
    forecasts = [one for one, wanted in zip(group.forecasts, inside, strict=True) if wanted]
    spread = np.array([float(one.draws.std()) for one in forecasts])
    error = group.actual[inside] - np.array([float(one.draws.mean()) for one in forecasts])
    spreads = {"engine": spread} | {name: one.sd[inside] for name, one in group.rivals.items() if one is not None}
    slopes = {"engine": np.array([one.slope for one in forecasts])} | {
        name: one.slope[inside] for name, one in group.rivals.items() if one is not None
    }
    return {
        "mean_sd": {name: round(float(values.mean()), 4) for name, values in spreads.items()},
        "mean_slope": {name: round(float(values.mean()), 4) for name, values in slopes.items()},
        "excess_kurtosis": {
            "engine": round(float(np.mean([_excess_kurtosis(one.draws) for one in forecasts])), 3),
            "what_came": round(_excess_kurtosis(error / spread), 3),
        },
    }


def _excess_kurtosis(values: NDArray[np.float64]) -> float:
    centred = values - values.mean()
    squares = centred * centred
    variance = float(squares.mean())
    return float((squares * squares).mean()) / (variance * variance) - 3.0 if variance > 0.0 else 0.0


def _engine(ranks: NDArray[np.float64], crps: NDArray[np.float64]) -> dict[str, Any]:
    found, error = coverage(ranks), coverage_error(ranks.size)
    return {
        "coverage": {level: round(value, 2) for level, value in found.items()},
        "coverage_error": {level: round(value, 2) for level, value in error.items()},
        "coverage_within_two_errors": {
            str(level): bool(abs(found[str(level)] - level) <= 2.0 * error[str(level)]) for level in LEVELS
        },
        "crps": round(float(crps.mean()), 4),
        "crps_se": round(float(crps.std(ddof=1) / np.sqrt(crps.size)), 4) if crps.size > 1 else None,
    }


def _rivals(group: Scored, inside: NDArray[np.bool_]) -> dict[str, Any]:
    """Scores of the simpler forecasters, and how much better the engine is on the same ACOs (positive: better)."""
    found: dict[str, Any] = {}
    for name, forecast in group.rivals.items():
        if forecast is None:
            found |= {f"crps_{name}": None, f"coverage_{name}": None, _gain(name): None}
            continue
        crps = forecast.crps(group.actual)[inside]
        found |= {
            f"crps_{name}": round(float(crps.mean()), 4),
            f"coverage_{name}": {
                level: round(value, 2) for level, value in coverage(forecast.ranks(group.actual)[inside]).items()
            },
            _gain(name): paired_difference(crps, group.crps[inside]),
        }
    return found


def _gain(name: str) -> str:
    return "crps_gain" if name == "naive" else f"crps_gain_{name}"
