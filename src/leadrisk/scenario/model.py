"""The scenario: what is assumed about an ACO, its patients, the coming years and its contracts."""

from __future__ import annotations

from typing import Self

from pydantic import field_validator, model_validator

from leadrisk.scenario.alignment_table import Alignment
from leadrisk.scenario.assumption import assumption
from leadrisk.scenario.benefits_table import Benefits
from leadrisk.scenario.cara_table import Cara
from leadrisk.scenario.category_tables import CATEGORY_NAMES, Categories
from leadrisk.scenario.churn_table import Churn
from leadrisk.scenario.contract_table import Contract  # noqa: TC001 pydantic reads it
from leadrisk.scenario.dependence_table import Dependence
from leadrisk.scenario.elections_table import Elections
from leadrisk.scenario.exclusions_table import Exclusions
from leadrisk.scenario.mssp_table import Mssp
from leadrisk.scenario.participation_table import Participation
from leadrisk.scenario.peer_rules import reject_what_peers_do_not_know
from leadrisk.scenario.person_tables import Exposure, Persons
from leadrisk.scenario.quality_table import Quality
from leadrisk.scenario.reach_table import Reach
from leadrisk.scenario.shock_table import Shocks
from leadrisk.scenario.stop_loss_table import AggregateCover, StopLoss
from leadrisk.scenario.systemic_tables import Drift, Efficiency, Level
from leadrisk.scenario.table import OWN_FIGURE, Table, reject
from leadrisk.scenario.trend_table import Trend
from leadrisk.scenario.uncertainty_table import Uncertainty
from leadrisk.scenario.unelected import reject_unelected

LAST_PERFORMANCE_YEAR = 2036


class Horizon(Table):
    """Performance years; the base years are always the three before."""

    first_performance_year: int = assumption(
        2027,
        meaning="first performance year",
        unit="calendar year",
        source="CMS LEAD page: ten years from 1 January 2027",
        grade="A",
        ge=2027,
        le=LAST_PERFORMANCE_YEAR,
    )
    performance_years: int = assumption(
        10,
        meaning="number of performance years; the last may not lie beyond 2036",
        unit="years",
        source="CMS LEAD page: ten years from 1 January 2027",
        grade="A",
        ge=1,
        le=10,
    )

    @property
    def base_years(self) -> tuple[int, ...]:
        """The three calendar years before the first performance year."""
        return tuple(range(self.first_performance_year - 3, self.first_performance_year))

    @property
    def performance_year_list(self) -> tuple[int, ...]:
        """The performance years, in order."""
        return tuple(range(self.first_performance_year, self.first_performance_year + self.performance_years))

    @property
    def years(self) -> tuple[int, ...]:
        """Base years and performance years, in order."""
        return self.base_years + self.performance_year_list

    @model_validator(mode="after")
    def _model_ends(self) -> Self:
        last = self.first_performance_year + self.performance_years - 1
        if last > LAST_PERFORMANCE_YEAR:
            reject(
                "horizon.performance_years",
                f"the last performance year may not lie beyond {LAST_PERFORMANCE_YEAR}, "
                f"got {self.performance_years} years from {self.first_performance_year}, the last one {last}",
            )
        return self


class Cohort(Table):
    """Who is aligned at the start of the first performance year."""

    lives: int = assumption(
        meaning="aligned beneficiaries at the start of the first performance year",
        unit="beneficiaries",
        source=OWN_FIGURE,
        grade="user",
        ge=200,
        le=5_000_000,
    )
    high_needs_share: float = assumption(
        0.10,
        meaning="share of aligned beneficiaries who are High Needs at the start",
        unit="share",
        source="judgement (6-16 %) from the score tail and LEAD's criteria; no published figure",
        grade="C",
        low=0.06,
        high=0.16,
        ge=0.0,
        le=1.0,
    )
    esrd_share: float = assumption(
        0.004,
        meaning="share of aligned beneficiaries with end-stage renal disease at the start",
        unit="share",
        source="0.35-0.37 % of assigned beneficiaries, MSSP public use files PY2023-2024",
        grade="A",
        ge=0.0,
        le=1.0,
    )

    @property
    def aged_disabled_share(self) -> float:
        """Share of aligned beneficiaries who are neither High Needs nor ESRD, never below zero."""
        return max(0.0, 1.0 - self.high_needs_share - self.esrd_share)

    @model_validator(mode="after")
    def _shares_sum(self) -> Self:
        total = self.high_needs_share + self.esrd_share
        if total > 1.0:
            reject(
                "cohort.high_needs_share",
                f"high_needs_share and esrd_share must sum to at most 1, "
                f"got {self.high_needs_share:g} + {self.esrd_share:g} = {total:g}",
            )
        return self


class Run(Table):
    """How many paths are drawn; results depend on these three numbers and nothing else about the machine."""

    populations: int = assumption(
        2048,
        meaning="person-level populations, an even number (they come in pairs)",
        unit="count",
        source="the user's choice; sets the standard errors",
        grade="user",
        ge=4,
        le=1_000_000,
        multiple_of=2,
    )
    futures: int | None = assumption(
        None,
        meaning="systemic paths carried by each population, a power of two (a Sobol' net); left out: chosen by size",
        unit="count",
        source="the user's choice, else the least work for a given error (docs/explanation/estimators.md)",
        grade="user",
        ge=2,
        le=4096,
    )
    seed: int = assumption(
        1,
        meaning="seed of the counter-based random numbers",
        unit="number",
        source="the user's choice",
        grade="user",
        ge=0,
        le=2**63 - 1,
    )

    @field_validator("futures")
    @classmethod
    def _power_of_two(cls, futures: int | None) -> int | None:
        if futures is not None and futures & (futures - 1):
            reject("run.futures", f"must be a power of two (2, 4, 8 ... 4096), got {futures}")
        return futures


class Scenario(Table):
    """Everything that is assumed; see each table for meaning, unit, source and grade of its values.

    Examples
    --------
    >>> money = {"base_year_pbpm": [900, 920, 950], "region_pbpm": 980, "national_pbpm": 1000}
    >>> scenario = Scenario.model_validate(
    ...     {
    ...         "name": "small",
    ...         "cohort": {"lives": 5000, "high_needs_share": 0.0, "esrd_share": 0.0},
    ...         "categories": {"aged_disabled": money},
    ...         "contract": {"entrant": "newly_entering"},
    ...     }
    ... )
    >>> scenario.horizon.base_years
    (2024, 2025, 2026)
    """

    name: str = assumption(
        meaning="short name, shown in reports",
        unit="text",
        source="the user's choice",
        grade="user",
        min_length=1,
    )
    description: str = assumption(
        "", meaning="what the scenario stands for", unit="text", source="the user's choice", grade="user"
    )
    horizon: Horizon = Horizon()
    cohort: Cohort
    categories: Categories = Categories()
    alignment: Alignment = Alignment()
    exclusions: Exclusions = Exclusions()
    persons: Persons = Persons()
    exposure: Exposure = Exposure()
    uncertainty: Uncertainty = Uncertainty()
    level: Level = Level()
    trend: Trend = Trend()
    drift: Drift = Drift()
    efficiency: Efficiency = Efficiency()
    churn: Churn = Churn()
    quality: Quality = Quality()
    shocks: Shocks = Shocks()
    dependence: Dependence = Dependence()
    stop_loss: StopLoss = StopLoss()
    aggregate_cover: AggregateCover = AggregateCover()
    cara: Cara = Cara()
    elections: Elections = Elections()
    benefits: Benefits = Benefits()
    participation: Participation = Participation()
    reach: Reach = Reach()
    mssp: Mssp = Mssp()
    contract: Contract
    run: Run = Run()

    @model_validator(mode="after")
    def _categories_present(self) -> Self:
        for name in CATEGORY_NAMES:
            share = getattr(self.cohort, f"{name}_share")
            if share > 0.0 and getattr(self.categories, name) is None:
                reject(
                    f"categories.{name}",
                    f"is missing; it is required, because the share of this category is {share:.4g}",
                )
        return self

    @model_validator(mode="after")
    def _elections_and_participation_fit(self) -> Self:
        years, contracts = self.horizon.performance_year_list, self.contract.names
        self.elections.reject_contradictions(
            contracts,
            cara=self.cara.elected,
            last_year=years[-1],
            spending_class=self.contract.spending_class,
            rural=self.alignment.rural,
        )
        self.participation.reject_outside(years, contracts=contracts)
        reject_unelected(benefits=self.benefits, stop_loss=self.stop_loss, elections=self.elections)
        return self

    @model_validator(mode="after")
    def _peers_settle_the_same(self) -> Self:
        reject_what_peers_do_not_know(self.contract.names, alignment=self.alignment, exclusions=self.exclusions)
        return self

    @model_validator(mode="after")
    def _uncertainty_is_plausible(self) -> Self:
        self.uncertainty.reject_implausible({"persons": self.persons, "exposure": self.exposure})
        return self

    @model_validator(mode="after")
    def _pandemic_inside_horizon(self) -> Self:
        year = self.shocks.pandemic_year
        years = self.horizon.performance_year_list
        if year is not None and year not in years:
            reject("shocks.pandemic_year", f"must be a performance year ({years[0]} to {years[-1]}), got {year}")
        return self
