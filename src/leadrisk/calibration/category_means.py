"""Cost and size of each category by year, brought to one level and score; and the enrollment types of MSSP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.scenario.category_tables import CATEGORY_NAMES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.calibration.roster import Roster

    Floats = NDArray[np.float64]

_BASE_YEARS = 3


@dataclass(frozen=True, eq=False)
class CategoryMeans:
    """What a roster says of each category, in the order of ``CATEGORY_NAMES``.

    Attributes
    ----------
    years
        Calendar years.
    persons
        int64, shape (category, year).
    person_months
        float64, shape (category, year).
    pbpm, standard_error
        float64, shape (category, year): dollars per beneficiary per month; NaN where nobody was in the category.
    score
        float64, shape (category, year): mean risk score by exposure; NaN where one is not known for everybody.
    """

    years: tuple[int, ...]
    persons: NDArray[np.int64]
    person_months: Floats
    pbpm: Floats
    standard_error: Floats
    score: Floats

    @property
    def shares(self) -> Floats:
        """Share of each category among the persons of a year, float64, shape (category, year)."""
        found: Floats = self.persons / np.maximum(self.persons.sum(axis=0), 1)
        return found

    @property
    def standardised(self) -> bool:
        """Whether risk scores are known for all categories in all years, so that cost can be brought to one score."""
        return bool(np.isfinite(self.score[self.persons.sum(axis=1) > 0]).all())

    def at_last_score(self) -> Floats:
        """Dollars per beneficiary per month brought to the category's score of the last year, where known."""
        if not self.standardised:
            return self.pbpm
        brought: Floats = self.pbpm * self.score[:, -1:] / self.score
        return brought

    def trend(self) -> float:
        """Yearly growth of cost at one score, all categories together, by dollars; zero with a single year.

        Notes
        -----
        One regression of log cost on the year with a level for each category.
        """
        cost = self.at_last_score()
        known = np.isfinite(cost) & (cost > 0)
        weight = np.where(known, self.pbpm * self.person_months, 0.0)
        log_cost = np.log(np.where(known, cost, 1.0))
        year = np.broadcast_to(np.array(self.years, float) - self.years[-1], cost.shape)
        total = np.where(weight.sum(axis=1, keepdims=True) > 0, weight.sum(axis=1, keepdims=True), 1.0)
        year = year - (weight * year).sum(axis=1, keepdims=True) / total
        spread = float((weight * year**2).sum())
        return float(np.exp((weight * year * log_cost).sum() / spread) - 1.0) if spread > 0 else 0.0

    def base_years(self, category: int) -> list[float]:
        """Cost of the last three years at the level and score of the last one.

        Years before the roster's first take its figure, and years without anybody the mean of the others.

        Parameters
        ----------
        category
            Index into ``CATEGORY_NAMES``.

        Returns
        -------
        list of float
            Three values, dollars per beneficiary per month of the roster's last year.
        """
        growth = 1.0 + self.trend()
        own = self.at_last_score()[category] * growth ** (self.years[-1] - np.array(self.years, float))
        own = np.where(own > 0, own, np.nan)  # a year that cost nothing is a handful of persons
        own = np.where(np.isfinite(own), own, np.nanmean(own))[-_BASE_YEARS:]
        known = [float(value) for value in own]
        return known[:1] * (_BASE_YEARS - len(known)) + known


def category_means(roster: Roster) -> CategoryMeans:
    """Count and average a roster by category and year.

    Examples
    --------
    >>> from leadrisk.calibration.roster import Roster
    >>> roster = Roster(
    ...     years=(2025, 2026), months=np.full((2, 2), 12.0, "float32"), cost=np.array([[1200.0, 2400.0], [0.0, 0.0]]),
    ...     score=np.full((2, 2), np.nan, "float32"), category=np.zeros((2, 2), "int8"), died=np.zeros((2, 2), bool),
    ...     dual=None, disabled=None, age=None, label="made up", synthetic=True, files=(), notes=(),
    ... )
    >>> means = category_means(roster)
    >>> means.pbpm[0].tolist(), round(means.trend(), 3), [round(value, 3) for value in means.base_years(0)]
    ([50.0, 100.0], 1.0, [100.0, 100.0, 100.0])
    """
    shape = (len(CATEGORY_NAMES), len(roster.years))
    persons, months = np.zeros(shape, np.int64), np.zeros(shape)
    pbpm, error, score = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan)
    for category in range(shape[0]):
        for year in range(shape[1]):
            within = (roster.category[:, year] == category) & (roster.months[:, year] > 0)
            if not within.any():
                continue
            own_months = roster.months[within, year].astype(np.float64)
            cost, own_score = roster.cost[within, year], roster.score[within, year]
            persons[category, year], months[category, year] = within.sum(), own_months.sum()
            pbpm[category, year] = cost.sum() / own_months.sum()
            residual = cost - pbpm[category, year] * own_months
            error[category, year] = np.sqrt((residual**2).sum()) / own_months.sum()
            if np.isfinite(own_score).all():
                score[category, year] = (own_score * own_months).sum() / own_months.sum()
    return CategoryMeans(
        years=roster.years, persons=persons, person_months=months, pbpm=pbpm, standard_error=error, score=score
    )


def enrollment_types(roster: Roster) -> dict[str, float] | None:
    """Shares and relative costs of the disabled and of the aged who are dual, without ESRD, in the last year.

    Returns
    -------
    dict or None
        Keys of table ``mssp``; None where the roster does not say who is dual and who disabled, or where a type is
        absent, makes up everything or costs nothing.
    """
    if roster.dual is None or roster.disabled is None:
        return None
    esrd = CATEGORY_NAMES.index("esrd")
    within = (roster.months[:, -1] > 0) & (roster.category[:, -1] != esrd)
    months, cost = np.where(within, roster.months[:, -1], 0.0), np.where(within, roster.cost[:, -1], 0.0)
    types = {"disabled": roster.disabled, "aged_dual": roster.dual & ~roster.disabled}
    mean = cost.sum() / max(months.sum(), 1.0)
    found = {}
    for name, of_type in types.items():
        own = float(months[of_type].sum())
        if own <= 0.0 or mean <= 0.0:
            return None
        found[f"{name}_share"] = own / float(months.sum())
        found[f"{name}_cost"] = float(cost[of_type].sum()) / own / mean
    rest = 1.0 - sum(found[f"{name}_share"] * found[f"{name}_cost"] for name in types)
    possible = rest > 0.0 and sum(found[f"{name}_share"] for name in types) < 1.0
    return found if possible and min(found.values()) > 0.0 else None
