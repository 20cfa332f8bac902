"""What is fixed for a whole run, whatever the block: terms, spending class, base levels, reference years."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from leadrisk.cohort.panel import starting_shares
from leadrisk.contract.alignment import alignment_minimum, minimum_kind
from leadrisk.contract.amount import added_up
from leadrisk.contract.baseline import base_year_weights
from leadrisk.contract.exclusions import counted_pbpm, excluded_shares
from leadrisk.contract.inputs import CategoryInputs
from leadrisk.contract.lead import spending_class_of
from leadrisk.contract.stop_loss import expected_payout
from leadrisk.contract.terms import load_terms
from leadrisk.experience.base_years import base_years
from leadrisk.futures.base_level import base_levels, known_baseline
from leadrisk.futures.paths import path_law

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.contract.alignment import AlignmentMinimum
    from leadrisk.contract.stop_loss import ReferenceYears
    from leadrisk.contract.terms import Terms, UnverifiedTerm
    from leadrisk.experience.factors import Layer
    from leadrisk.futures.base_level import BaseLevel
    from leadrisk.futures.paths import PathLaw
    from leadrisk.scenario.model import Scenario

_POOLS = {"aged_disabled": 0, "high_needs": 0, "esrd": 1}


@dataclass(frozen=True)
class Setting:
    """Everything that the settlement of a block needs besides the block.

    Attributes
    ----------
    terms
        By programme, for the programmes that the scenario names.
    entry_class
        Spending class at entry.
    base_weights
        Weights of BY1, BY2, BY3 in LEAD's baseline, summing to 1.
    levels
        What the base years tell about each category's level.
    reference
        What the reference years tell about CMS's stop-loss; ``None`` where it is not elected.
    minimum
        Beneficiaries an ACO of this kind needs, by performance year.
    premium_shares
        Premium of the private aggregate cover by LEAD contract, as a share of the final benchmark; empty: none.
    """

    scenario: Scenario
    futures: int
    seed: int
    terms: dict[str, Terms]
    entry_class: Literal["lower", "higher"]
    base_weights: tuple[float, ...]
    levels: dict[str, BaseLevel]
    reference: ReferenceYears | None
    minimum: AlignmentMinimum
    premium_shares: Mapping[str, float] = field(default_factory=dict)
    _laws: dict[frozenset[Layer], PathLaw] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def years(self) -> NDArray[np.int64]:
        """Performance years."""
        return np.array(self.scenario.horizon.performance_year_list)

    @property
    def years_by_future(self) -> NDArray[np.int64]:
        """Performance years of every future, shape (future, year), for terms that meet (population, future, year).

        With (year,) NumPy works through such an array ten numbers at a time, which takes two to three times as long.
        """
        return np.tile(self.years, (self.futures, 1))

    def path_law(self, frozen: Collection[Layer] = ()) -> PathLaw:
        """What the paths of all blocks have in common, worked out when first asked for."""
        layers = frozenset(frozen)
        if layers not in self._laws:
            episodes = self.scenario.cara.elected
            self._laws[layers] = path_law(self.scenario, futures=self.futures, frozen=layers, episodes=episodes)
        return self._laws[layers]

    def contracts(self, program: str) -> list[str]:
        """Contracts of a programme that the scenario names."""
        return [name for name in self.scenario.contract.names if program_of(name) == program]

    def with_premiums(self, premium_shares: Mapping[str, float]) -> Setting:
        """Return the setting with the premiums of the aggregate cover."""
        return replace(self, premium_shares=premium_shares)


def program_of(contract: str) -> str:
    """Programme of a contract.

    Examples
    --------
    >>> program_of("mssp_basic_e")
    'mssp'
    """
    return contract.partition("_")[0]


def run_terms(scenario: Scenario) -> dict[str, Terms]:
    """Terms of every programme that the scenario names, with its overrides; LEAD's are always there."""
    overrides = scenario.contract.overrides
    programs = dict.fromkeys(["lead", *map(program_of, scenario.contract.names)])
    return {program: load_terms(program, overrides=overrides[program]) for program in programs}


def unverified_terms(terms: dict[str, Terms]) -> list[UnverifiedTerm]:
    """Terms read so far that no readable CMS text confirms; a peer's have its programme before the name."""
    return [
        {**term, "name": term["name"] if program == "lead" else f"{program}.{term['name']}"}
        for program, used in terms.items()
        for term in used.unverified()
    ]


def unread_overrides(scenario: Scenario, terms: dict[str, Terms]) -> list[str]:
    """Overridden terms that no rule has read: they act in cases only, or under what the scenario does not elect."""
    return [
        name if program == "lead" else f"{program}.{name}"
        for program, used in terms.items()
        for name in scenario.contract.overrides[program]
        if name not in used.used()
    ]


def described_terms(names: Iterable[str], terms: dict[str, Terms]) -> list[UnverifiedTerm]:
    """Describe terms by their names in :func:`unverified_terms`."""
    for name in names:
        program, _, own = name.partition(".")
        if program in terms and program != "lead":
            terms[program].value(own)
        else:
            terms["lead"].value(name)
    return unverified_terms(terms)


def prepare(experience: xr.Dataset, scenario: Scenario, *, futures: int) -> Setting:
    """Work out what is fixed for a run, with the futures that belong to an experience: its seed is theirs."""
    return prepare_run(scenario, futures=futures, seed=int(experience.attrs["seed"]))


def prepare_run(scenario: Scenario, *, futures: int, seed: int) -> Setting:
    """Work out what is fixed for a run, before anybody was simulated."""
    terms = run_terms(scenario)
    lead = terms["lead"]
    weights = base_year_weights(scenario.contract.entrant, terms=lead)
    base_weights = tuple(weight / added_up(weights) for weight in weights)
    levels = base_levels(scenario, base_weights=base_weights)
    kind = minimum_kind(
        entrant=scenario.contract.entrant,
        high_needs_share=scenario.cohort.high_needs_share,
        high_needs_share_above=lead.number("alignment.high_needs_share_above"),
    )
    return Setting(
        scenario=scenario,
        futures=futures,
        seed=seed,
        terms=terms,
        entry_class=spending_class(scenario, lead),
        base_weights=base_weights,
        levels=levels,
        reference=_reference(scenario, levels, base_weights, lead) if scenario.stop_loss.elected else None,
        minimum=alignment_minimum(kind, years=scenario.horizon.performance_year_list, terms=lead),
    )


def spending_class(scenario: Scenario, terms: Terms) -> Literal["lower", "higher"]:
    """Spending class at entry: the scenario's, or derived from its base years and starting shares."""
    if scenario.contract.spending_class is not None:
        return scenario.contract.spending_class
    inputs = {}
    counted, _ = counted_shares(scenario, terms)
    for name, share in starting_shares(scenario).items():
        category = getattr(scenario.categories, name)
        inputs[name] = CategoryInputs(
            person_years=share * scenario.cohort.lives,
            base_year_pbpm=category.base_year_pbpm,
            region_pbpm=counted * category.region_pbpm,
            national_pbpm=counted * category.national_pbpm,
            two_way_trend=1.0,
            acpt=1.0,
            risk_score_by3=category.risk_score_by3,
            risk_score_py=category.risk_score_by3,
            expenditure_pbpm=0.0,
            prior_savings_pbpm=category.prior_savings_pbpm,
            counted_base=counted,
        )
    found = spending_class_of(inputs, entrant=scenario.contract.entrant, terms=terms)
    return "higher" if bool(np.all(found)) else "lower"


def counted_shares(scenario: Scenario, terms: Terms) -> tuple[float, float]:
    """Share of the spending that counts, of base years and of performance years; 1 where the dollars given are net."""
    parts = (scenario.exclusions.base, scenario.exclusions.performance)
    if not any(parts):
        return 1.0, 1.0
    excluded = excluded_shares(terms)
    base, performance = (cast("float", counted_pbpm(1.0, parts=part, excluded=excluded)) for part in parts)
    return base, performance


def _reference(
    scenario: Scenario,
    levels: dict[str, BaseLevel],
    base_weights: tuple[float, ...],
    terms: Terms,
) -> ReferenceYears:
    base = base_years(scenario)
    names = [str(name) for name in base["category"].values]
    dollars = np.zeros(len(names))
    for c, name in enumerate(names):
        category = getattr(scenario.categories, name)
        if category is not None:
            dollars[c] = 12.0 * known_baseline(category, base_weights) / levels[name].expected
    return expected_payout(
        base["residual_excess"].values,
        expenditure=base["expenditure"].values,
        score=base["score"].values,
        dollars_per_cost=dollars,
        pools=[_POOLS[name] for name in names],
        terms=terms,
    )
