"""A calibration from beginning to end: what a roster says of every parameter, weighed against the defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.calibration.category_means import category_means, enrollment_types
from leadrisk.calibration.diagnostics import portrait
from leadrisk.calibration.fit import death_offset
from leadrisk.calibration.fit_panel import ESRD_CATEGORIES, MAIN_CATEGORIES, segment_panel
from leadrisk.calibration.fit_parameters import with_values
from leadrisk.calibration.fit_segment import fit_segment
from leadrisk.calibration.fit_statistics import measure_panel
from leadrisk.calibration.simulated_roster import simulated_roster
from leadrisk.errors import InputError
from leadrisk.scenario.category_tables import CATEGORY_NAMES, Categories, Category
from leadrisk.scenario.contract_table import Contract
from leadrisk.scenario.model import Cohort, Scenario

if TYPE_CHECKING:
    from leadrisk.calibration.category_means import CategoryMeans
    from leadrisk.calibration.credibility import Estimate
    from leadrisk.calibration.diagnostics import Portrait
    from leadrisk.calibration.fit import Fit
    from leadrisk.calibration.roster import Roster

LEAST_LIVES = 200  # that a scenario may have
_PORTRAIT_LIVES, _PORTRAIT_YEARS = 300_000, 4
_MONEY = Category(base_year_pbpm=(1000.0, 1000.0, 1000.0), region_pbpm=1000.0, national_pbpm=1000.0)


@dataclass(frozen=True, eq=False)
class Calibration:
    """What a roster says.

    Attributes
    ----------
    roster
        As read.
    means, types
        Cost and size of the categories; shares and costs of the types of MSSP, where the roster knows them.
    estimates
        Parameter by parameter, fitted or kept.
    fits
        Of the aged and disabled with High Needs, then of ESRD; those that were possible.
    data, fitted
        Figures of the roster and of the engine at the parameters used; None where nothing was fitted.
    seed, bootstraps
        As asked for.
    scenario
        The base scenario, or the program's defaults, with the roster's shares of the categories and the values used;
        its size and dollars are placeholders.
    """

    roster: Roster
    means: CategoryMeans
    types: dict[str, float] | None
    estimates: tuple[Estimate, ...]
    fits: tuple[Fit, ...]
    data: Portrait | None
    fitted: Portrait | None
    seed: int
    bootstraps: int
    scenario: Scenario

    @property
    def used(self) -> dict[str, float]:
        """Value of each fitted parameter that a scenario is given, the offset of the hazard with its slope."""
        return _used(self.estimates)


def calibrate(roster: Roster, *, base: Scenario | None = None, seed: int = 1, bootstraps: int = 400) -> Calibration:
    """Fit the engine to a roster.

    Parameters
    ----------
    roster
        Beneficiaries by year.
    base
        Scenario whose values are the defaults; those of the program where left out.
    seed
        Of the bootstrap and of the simulated rosters.
    bootstraps
        Replicates of the bootstrap over persons.

    Returns
    -------
    Calibration
        Every parameter that a roster could tell, with what it did tell.

    Raises
    ------
    InputError
        If the roster has fewer persons in its last year than a scenario may have, or no cost.
    """
    means = category_means(roster)
    _refuse_empty(roster, means)
    shares = means.shares[:, -1]
    scenario = _like_roster(base, high_needs=float(shares[1]), esrd=float(shares[2]))
    estimates: tuple[Estimate, ...] = ()
    fits: list[Fit] = []
    data = fitted = None
    years = len(roster.years)
    for categories, alone in ((MAIN_CATEGORIES, _without_esrd), (ESRD_CATEGORIES, _only_esrd)):
        lives = round(float(means.persons[list(categories)].sum(axis=0).mean()))
        if lives == 0:
            continue
        panel = segment_panel(roster, categories)
        measured = measure_panel(panel, flat_beyond=scenario.persons.cost_flat_beyond, seed=seed)
        own, fit = fit_segment(
            alone(scenario), categories, measured, lives=lives, years=years, seed=seed, bootstraps=bootstraps
        )
        estimates += own
        scenario = with_values(scenario, _used(own))
        if fit is not None:
            fits.append(fit)
        if fit is not None and categories == MAIN_CATEGORIES:
            data = portrait(panel, measured, seed=seed)
            scores = data.decile_ratios is not None
            fitted = _engine_portrait(alone(scenario), years=years, scores=scores, seed=seed)
        del panel, measured
    return Calibration(
        roster=roster,
        means=means,
        types=enrollment_types(roster),
        estimates=estimates,
        fits=tuple(fits),
        data=data,
        fitted=fitted,
        seed=seed,
        bootstraps=bootstraps,
        scenario=scenario,
    )


def _refuse_empty(roster: Roster, means: CategoryMeans) -> None:
    lives = int(means.persons[:, -1].sum())
    if lives < LEAST_LIVES:
        problem = f"has {lives:,} beneficiaries in {roster.years[-1]}, and a scenario needs {LEAST_LIVES}"
        raise InputError(problem, path=roster.label, cure="leave out years that are not complete, or add files")
    for at, name in enumerate(CATEGORY_NAMES):
        if means.persons[at, -1] > 0 and not np.nansum(means.pbpm[at]) > 0.0:
            problem = f"has no cost in category {name}, so nothing can be fitted"
            raise InputError(problem, path=roster.label, cure="check the column of costs")


def _like_roster(base: Scenario | None, *, high_needs: float, esrd: float) -> Scenario:
    """The base scenario, or the program's defaults, with the roster's shares of the categories."""
    cohort = Cohort(lives=LEAST_LIVES, high_needs_share=high_needs, esrd_share=esrd)
    money = Categories(aged_disabled=_MONEY, high_needs=_MONEY, esrd=_MONEY)
    start = base or Scenario(
        name="defaults", cohort=cohort, categories=money, contract=Contract(entrant="newly_entering")
    )
    return start.model_copy(update={"cohort": cohort})


def _without_esrd(scenario: Scenario) -> Scenario:
    rest = 1.0 - scenario.cohort.esrd_share
    high_needs = min(scenario.cohort.high_needs_share / rest, 1.0) if rest > 0 else 0.0
    cohort = scenario.cohort.model_copy(update={"high_needs_share": high_needs, "esrd_share": 0.0})
    return scenario.model_copy(update={"cohort": cohort})


def _only_esrd(scenario: Scenario) -> Scenario:
    cohort = scenario.cohort.model_copy(update={"high_needs_share": 0.0, "esrd_share": 1.0})
    return scenario.model_copy(update={"cohort": cohort})


def _used(estimates: tuple[Estimate, ...]) -> dict[str, float]:
    found = {estimate.key: estimate.used for estimate in estimates if estimate.fitted is not None}
    if "exposure.death_slope" in found:
        found["exposure.death_offset"] = death_offset(found["exposure.death_slope"])
    return found


def _engine_portrait(scenario: Scenario, *, years: int, scores: bool, seed: int) -> Portrait:
    """Figures of the engine at a scenario's parameters, on a roster of its own."""
    simulated = simulated_roster(
        scenario, lives=_PORTRAIT_LIVES, years=min(years, _PORTRAIT_YEARS), seed=seed, scores=scores
    )
    panel = segment_panel(simulated, MAIN_CATEGORIES)
    measured = measure_panel(panel, flat_beyond=scenario.persons.cost_flat_beyond, seed=seed)
    return portrait(panel, measured, seed=seed)
