"""Foretell real ACOs' savings from what was known before the year, and compare with what came."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

import leadrisk
from leadrisk.errors import InputError
from leadrisk.run.check import check_seed, check_size
from leadrisk.validation.aco_scenario import can_be_simulated
from leadrisk.validation.backtest_notes import notes
from leadrisk.validation.backtest_scores import Scored, group_summary, scored
from leadrisk.validation.engine_forecast import engine_forecasts
from leadrisk.validation.forecasters import (
    closed_rule_forecast,
    fit_naive,
    fit_panel,
    naive_forecast,
    panel_forecast,
    savings_of,
)
from leadrisk.validation.panel import Pair, pairs, read_year

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from leadrisk.validation.engine_forecast import EngineForecast
    from leadrisk.validation.forecasters import Forecast, NaiveLine, PanelVariances
    from leadrisk.validation.panel import AcoYear

    Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Backtest:
    """A finished backtest: what is reported, and the forecasts behind it by group."""

    summary: dict[str, Any]
    groups: dict[str, Scored]


def backtest(
    train: Sequence[Path],
    test: Path,
    *,
    populations: int = 128,
    futures: int = 64,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Run a backtest and return what it reports.

    Parameters
    ----------
    train
        Files known before the test year, in any order; the last one is conditioned on, those before set the mean
        shift and fit the simpler forecasters.
    test
        File of the year to foretell, the one after the last of ``train``.
    populations, futures
        Person-level runs of each ACO (even, at least 4) and systemic paths of each (a power of two).
    seed
        Of all ACOs; each has its own random numbers from it, whoever else is in the files.
    threads
        Threads; no result depends on them.

    Raises
    ------
    InputError
        If a file cannot be read or is of another shape, years do not follow one another, or no ACO of the last training
        file goes on with its agreement period.

    Examples
    --------
    >>> from pathlib import Path
    >>> backtest([], Path("PY2023.csv"))
    Traceback (most recent call last):
    leadrisk.errors.InputError: --train: needs at least one file
    """
    return run_backtest(
        train, test, populations=populations, futures=futures, seed=seed, threads=threads, progress=progress
    ).summary


def run_backtest(
    train: Sequence[Path],
    test: Path,
    *,
    populations: int = 128,
    futures: int = 64,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Backtest:
    """Run a backtest; parameters and errors are those of :func:`backtest`."""
    check_size(populations=populations, futures=futures)
    check_seed(seed)
    known_years, later = _files(train, test)
    last = known_years[-1]
    found = pairs(last, later)
    same = [pair for pair in found if not pair.rebased]
    if not same:
        msg = "has no ACO that goes on with an agreement period of the last training file"
        raise InputError(msg, path=test)
    new = [pair for pair in found if pair.rebased]
    simulated = [pair for pair in new if can_be_simulated(pair)]
    two_years = _two_years(known_years, later)
    earlier = [pair for first, second in pairwise(known_years) for pair in pairs(first, second)]
    stayed = [pair for pair in earlier if not pair.rebased]
    moved = [pair for pair in earlier if pair.rebased]
    shift, new_shift = mean_change(stayed), mean_change(moved)
    naive, panel = fit_naive(stayed), fit_panel(stayed)

    def foretell(group: Sequence[Pair], change: float, label: str) -> list[EngineForecast]:
        return engine_forecasts(
            group,
            shift=change,
            populations=populations,
            futures=futures,
            seed=seed,
            threads=threads,
            progress=progress,
            label=label,
        )

    groups = {
        "same_agreement_period": scored(
            foretell(same, shift, "same agreement period"), _rivals(same, naive, panel, shift=shift)
        ),
        "rebased": scored(
            foretell(simulated, new_shift, "new agreement period"),
            {"naive": naive_forecast(fit_naive(moved), _known(simulated))} if simulated else {},
        ),
        "two_year": scored(foretell(two_years, 2.0 * shift, "two years on"), {}),
    }
    summary: dict[str, Any] = {
        "leadrisk": leadrisk.__version__,
        "train_years": [year[0].year for year in known_years],
        "test_year": later[0].year,
        "populations": populations,
        "futures": futures,
        "seed": seed,
        **group_summary(groups["same_agreement_period"]),
        "two_year": _two_year_summary(groups["two_year"], known_years),
        "rebased": {
            **group_summary(groups["rebased"]),
            "shift": round(new_shift, 4),
            "left_out": {"base_years_not_simulated": len(new) - len(simulated)},
        },
        "shift": round(shift, 4),
        "training": {
            "pairs_same_agreement_period": len(stayed),
            "pairs_rebased": len(moved),
            "naive": naive._asdict(),
            "gaussian": None if panel is None else {name: round(value, 4) for name, value in panel._asdict().items()},
        },
        "left_out": {
            "not_in_test_year": len(last) - len(found),
            "not_in_last_training_year": len(later) - len(found),
        },
        "notes": notes(fitted=naive.fitted),
    }
    return Backtest(summary, groups)


def mean_change(earlier: Sequence[Pair]) -> float:
    """Mean change of savings over pairs of years, percentage points; 0 where there are none.

    Examples
    --------
    >>> mean_change([])
    0.0
    """
    if not earlier:
        return 0.0
    change = savings_of([pair.later for pair in earlier]) - savings_of([pair.known for pair in earlier])
    return float(np.mean(change))


def _files(train: Sequence[Path], test: Path) -> tuple[list[list[AcoYear]], list[AcoYear]]:
    if not train:
        msg = "needs at least one file"
        raise InputError(msg, key="--train")
    read = [(read_year(path), path) for path in train]
    read.sort(key=lambda found: found[0][0].year)
    later = read_year(test)
    for (before, _), (after, path) in pairwise([*read, (later, test)]):
        if after[0].year != before[0].year + 1:
            msg = f"is of {after[0].year}, but the file before it is of {before[0].year}"
            raise InputError(msg, path=path, cure="give one file for each of some successive years, the last as --test")
    return [years for years, _ in read], later


def _known(group: Sequence[Pair]) -> list[AcoYear]:
    return [pair.known for pair in group]


def _rivals(
    group: Sequence[Pair], naive: NaiveLine, panel: PanelVariances | None, *, shift: float
) -> dict[str, Forecast | None]:
    known = _known(group)
    return {
        "naive": naive_forecast(naive, known),
        "gaussian": None if panel is None else panel_forecast(panel, known, shift=shift),
        "closed_rule": closed_rule_forecast(known, shift=shift),
    }


def _two_years(known_years: Sequence[Sequence[AcoYear]], later: Sequence[AcoYear]) -> list[Pair]:
    """ACOs of the year two before the test year that are still in the same agreement period."""
    if len(known_years) < 2:
        return []
    return [pair for pair in pairs(known_years[-2], later) if not pair.rebased]


def _two_year_summary(group: Scored, known_years: Sequence[Sequence[AcoYear]]) -> dict[str, Any]:
    if len(known_years) < 2:
        return {"n": 0, "note": "needs a training file of two years before the test year"}
    return {"from_year": known_years[-2][0].year, **group_summary(group)}
