"""V7-V10: how cost and score are spread over persons, and how long the costliest stay so.

A run keeps sums, not persons; :mod:`leadrisk.experience.person_histories` reads persons off the same kernel. Those of
the first years suffice, as a run starts from the stationary population.

Two views of cost: *in-year* cost is what a person cost while aligned; *annualised* cost divides it by exposure, and
whoever died in the year is then weighted by exposure.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.experience.person_histories import person_histories
from leadrisk.experience.stationary import ESRD, MAIN
from leadrisk.risk.estimate import group_jackknife
from leadrisk.validation.standard_aco import Sizes, standard_aco
from leadrisk.validation.targets import Estimates, Measured

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from numpy.typing import NDArray

    from leadrisk.experience.person_histories import PersonHistories

    Array = NDArray[np.float64]

_LIVES = 10_000
_ESRD_LIVES = 2_000
_SHARE_OF_POPULATIONS = 64  # as many fewer populations as a run has: persons are the sample here
_FEWEST = 8
_YEARS = 3
_TOP_PERCENT = (1, 5, 10, 20)  # V7
_TOP = 0.10  # V9
_DECILES = 10
_ONE_CURVE = "the engine has one cost curve for all without ESRD, scaled to each enrollment type's mean"


def check_persons(wanted: Collection[str], sizes: Sizes) -> dict[str, Estimates]:
    """Measure V7, V8, V9 and V10."""
    found: dict[str, Estimates] = {}
    main = _persons(sizes, esrd=False)
    if "V7" in wanted:
        in_year = _first_year(main.expenditure)
        found["V7"] = {f"top {percent} %": _top(in_year, percent / 100.0, main) for percent in _TOP_PERCENT}
    if "V8" in wanted:
        one = _tail(main)
        types = {name: one._replace(note=_ONE_CURVE) for name in ("aged dual", "disabled")}
        found["V8"] = {"aged non-dual": one, **types, "ESRD": _tail(_persons(sizes, esrd=True))}
    if "V9" in wanted:
        found["V9"] = {"three years": _measured(lambda kept: 100.0 * staying_share(main, kept), main)}
    if "V10" in wanted:
        found["V10"] = _score(main)
    return found


def top_share(cost: Array, top: float) -> float:
    """Share of all cost that falls on the costliest share of persons.

    Examples
    --------
    >>> top_share(np.array([0.0, 1.0, 2.0, 7.0]), 0.25)
    0.7
    """
    ordered = np.sort(cost)[::-1]
    return float(ordered[: round(top * ordered.size)].sum() / ordered.sum())


def weighted_quantile(values: Array, weights: Array, level: float) -> float:
    """Smallest value whose share of the weights up to it reaches a level.

    Examples
    --------
    >>> weighted_quantile(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 2.0]), 0.75)
    2.0
    """
    order = np.argsort(values)
    below = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(below, level * below[-1])])


def staying_share(persons: PersonHistories, kept: NDArray[np.bool_]) -> float:
    """Share of the first year's top decile of cost that is in the top decile in both following years, survivors only.

    Persons aligned through all three years are ranked among themselves, year by year.
    """
    aligned = persons.present[kept].all(axis=-1) & ~persons.entered[kept][..., 1:].any(axis=-1)
    aligned &= ~persons.died[kept].any(axis=-1)
    cost = persons.expenditure[kept][aligned].astype(np.float64)
    ranks = cost.argsort(axis=0).argsort(axis=0) / len(cost)
    top = ranks >= 1.0 - _TOP
    return float(top.all(axis=1).sum() / top[:, 0].sum())


def predictive_ratios(cost: Array, score: Array, weight: Array) -> Array:
    """Cost over score by decile of the score, each decile with a tenth of the weight.

    Examples
    --------
    >>> score = np.arange(1.0, 21.0)
    >>> predictive_ratios(2.0 * score, score, np.ones(20)).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    """
    order = np.argsort(score)
    below = np.cumsum(weight[order])
    decile = np.minimum((below - 0.5 * weight[order]) / below[-1] * _DECILES, _DECILES - 1).astype(int)
    spent, told = (np.bincount(decile, (part * weight)[order], _DECILES) for part in (cost, score))
    return np.asarray(spent / told * (told.sum() / spent.sum()))


def _top(cost: Array, share: float, persons: PersonHistories) -> Measured:
    return _measured(lambda kept: 100.0 * top_share(cost[kept].ravel(), share), persons)


def _score(persons: PersonHistories) -> Estimates:
    cost, score, weight = (_first_year(part) for part in (persons.annualised, persons.score, persons.exposure))

    def told(kept: NDArray[np.bool_]) -> tuple[Array, Array, Array]:
        flat = [part[kept].ravel() for part in (cost, score, weight)]
        open_slot = flat[2] > 0.0
        c, s, w = (part[open_slot] for part in flat)
        return c / np.average(c, weights=w), s / np.average(s, weights=w), w

    def explained(kept: NDArray[np.bool_]) -> float:
        c, s, w = told(kept)
        return 1.0 - float(np.average((c - s) ** 2, weights=w) / np.average((c - 1.0) ** 2, weights=w))

    def spread(kept: NDArray[np.bool_]) -> float:
        _, s, w = told(kept)
        return float(np.sqrt(np.average((s - 1.0) ** 2, weights=w)))

    def ratio(pick: Callable[[Array], float]) -> Callable[[NDArray[np.bool_]], float]:
        return lambda kept: float(pick(predictive_ratios(*told(kept))))

    return {
        "R2": _measured(explained, persons),
        "lowest predictive ratio, deciles 2-10": _measured(ratio(lambda found: found[1:].min()), persons),
        "highest predictive ratio, deciles 2-10": _measured(ratio(lambda found: found[1:].max()), persons),
        "predictive ratio, lowest decile": _measured(ratio(lambda found: found[0]), persons),
        "SD of the score over its mean": _measured(spread, persons),
    }


def _tail(persons: PersonHistories) -> Measured:
    cost, weight = (_first_year(part) for part in (persons.annualised, persons.exposure))

    def tail(kept: NDArray[np.bool_]) -> float:
        c, w = cost[kept].ravel(), weight[kept].ravel()
        return weighted_quantile(c, w, 0.99) / float(np.average(c, weights=w))

    return _measured(tail, persons)


def _persons(sizes: Sizes, *, esrd: bool) -> PersonHistories:
    """Persons of one segment, of the standard ACO or of one with ESRD persons only."""
    cohort = {"high_needs_share": 0.0, "esrd_share": 1.0} if esrd else {}
    scenario = standard_aco(_ESRD_LIVES if esrd else _LIVES, at_rest=("panel",), cohort=cohort)
    populations = sizes.share(_SHARE_OF_POPULATIONS, at_least=_FEWEST)
    found = person_histories(scenario, populations=populations, seed=sizes.seed, years=_YEARS)
    own = found.segment == (ESRD if esrd else MAIN)
    shaped = ("exposure", "expenditure", "score", "health", "coding", "high_needs", "entered", "left", "died")
    return replace(found, segment=found.segment[own], **{name: getattr(found, name)[:, own] for name in shaped})


def _first_year(values: NDArray[np.float32]) -> Array:
    return values[..., 0].astype(np.float64)


def _measured(statistic: Callable[[NDArray[np.bool_]], float], persons: PersonHistories) -> Measured:
    populations = len(persons.exposure)
    return Measured(statistic(np.ones(populations, dtype=bool)), group_jackknife(statistic, populations))
