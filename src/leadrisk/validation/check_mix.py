"""V6 and V11: ACOs of the sizes that the Shared Savings Program has, pooled in their shares.

V6 is the correlation of an ACO's savings rates of successive years, over all ACOs and pairs of years of an agreement
period, year means taken off; above 10,000 lives without changes of the panel of 25 % and more, as the figure it stands
against. V11 is the spread of the risk ratio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leadrisk.risk.estimate import group_jackknife, mean
from leadrisk.validation.check_change import FUTURES, steady_panel
from leadrisk.validation.check_score import risk_ratio
from leadrisk.validation.standard_aco import BASE_YEARS, carried_figures, experience_of, savings_rates, standard_aco
from leadrisk.validation.targets import Measured, programme_sizes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.scenario.model import Scenario
    from leadrisk.validation.standard_aco import Sizes
    from leadrisk.validation.targets import Estimates

    Array = NDArray[np.float64]

_LARGE = 10_000
_SMALL = 5_000
_YEARS = ("1 year", "2 years", "3 years", "4 years")


class Pairs(NamedTuple):
    """Pairs of successive years of ACOs of one size.

    Attributes
    ----------
    share
        Share of the size among ACOs.
    sums
        From :func:`pair_sums`.
    """

    share: float
    sums: Array


def check_mix(wanted: Collection[str], sizes: Sizes) -> dict[str, Estimates]:
    """Measure V6 and V11."""
    every: dict[int, Pairs] = {}
    steady: dict[int, Pairs] = {}
    variance, error = np.zeros(len(_YEARS)), np.zeros(len(_YEARS))
    for lives, share in programme_sizes():
        scenario = standard_aco(lives)
        experience = experience_of(scenario, sizes)
        if "V6" in wanted:
            sums, of_steady = _pair_sums(experience, scenario, sizes)
            every[lives] = Pairs(share, sums)
            if lives > _LARGE:
                steady[lives] = Pairs(share, of_steady)
        if "V11" in wanted:
            ratio = 100.0 * carried_figures(experience, scenario, risk_ratio, futures=FUTURES, sizes=sizes)
            away = ratio - ratio.mean(axis=(0, 1))
            for year in range(len(_YEARS)):
                own = mean(away[..., year] ** 2)
                variance[year] += share * own.value
                error[year] += (share * own.se) ** 2
    found: dict[str, Estimates] = {}
    if "V6" in wanted:
        scenario = standard_aco(_SMALL)
        sums, _ = _pair_sums(experience_of(scenario, sizes), scenario, sizes)
        small = {_SMALL: Pairs(1.0, sums)}
        groups = {"all sizes": every, "above 10,000": steady, "5,000": small}
        found["V6"] = {name: _correlation(group) for name, group in groups.items()}
    if "V11" in wanted:
        found["V11"] = {
            name: Measured(float(np.sqrt(v)), float(np.sqrt(e) / (2.0 * np.sqrt(v))))
            for name, v, e in zip(_YEARS, variance, error, strict=True)
        }
    return found


def pair_sums(rates: Array, weight: Array) -> Array:
    """Weighted sums over the futures of the rates of successive years.

    Parameters
    ----------
    rates
        Shape (population, future, year).
    weight
        Shape (population, year - 1): 1 for pairs that count, else 0.

    Returns
    -------
    ndarray
        Shape (population, year - 1, 6): count, sums of both years, of their squares, and of their products.
    """
    first, second = rates[..., :-1] * weight[:, None], rates[..., 1:] * weight[:, None]
    products = ((first * first).sum(axis=1), (second * second).sum(axis=1), (first * second).sum(axis=1))
    return np.stack([weight * rates.shape[1], first.sum(axis=1), second.sum(axis=1), *products], axis=-1)


def moments(sums: Array) -> Array:
    """Variances of the first and of the second year and their covariance, weighted over the pairs of years.

    Parameters
    ----------
    sums
        Shape (population, pair, 6), from :func:`pair_sums`.

    Examples
    --------
    >>> rates = np.array([[[1.0, 2.0], [3.0, 4.0]], [[1.0, 4.0], [3.0, 6.0]]])
    >>> moments(pair_sums(rates, np.ones((2, 1)))).round(6).tolist()
    [1.0, 2.0, 1.0]
    """
    count, one, two, first, second, together = np.moveaxis(sums.sum(axis=0), -1, 0)
    within = np.stack([first - one * one / count, second - two * two / count, together - one * two / count])
    return np.asarray(within.sum(axis=-1) / count.sum())


def pooled_correlation(parts: Mapping[int, Array], shares: Mapping[int, float]) -> float:
    """Correlation over ACOs of several sizes from their moments and shares.

    Examples
    --------
    >>> pooled_correlation({5_000: np.array([4.0, 4.0, 2.0]), 10_000: np.array([1.0, 1.0, 0.5])}, {5_000: 1, 10_000: 3})
    0.5
    """
    first, second, together = np.sum([shares[lives] * own for lives, own in parts.items()], axis=0)
    return float(together / np.sqrt(first * second))


def _pair_sums(experience: xr.Dataset, scenario: Scenario, sizes: Sizes) -> tuple[Array, Array]:
    """Sums of all pairs, and of those of steady panels."""
    rates = savings_rates(experience, scenario, futures=FUTURES, sizes=sizes)
    steady = steady_panel(experience["panel"].values[:, BASE_YEARS:], lag=1).astype(np.float64)
    return pair_sums(rates, np.ones_like(steady)), pair_sums(rates, steady)


def _correlation(group: Mapping[int, Pairs]) -> Measured:
    """Correlation and its error, which adds up those of the sizes: their runs are apart."""
    whole = {lives: moments(pairs.sums) for lives, pairs in group.items()}
    shares = {lives: pairs.share for lives, pairs in group.items()}
    variance = 0.0
    for lives, pairs in group.items():

        def with_own(kept: NDArray[np.bool_], lives: int = lives, sums: Array = pairs.sums) -> float:
            return pooled_correlation({**whole, lives: moments(sums[kept])}, shares)

        variance += group_jackknife(with_own, len(pairs.sums)) ** 2
    return Measured(pooled_correlation(whole, shares), float(np.sqrt(variance)))
