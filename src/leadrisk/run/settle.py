"""Settle every (population, future) pair of a block under the contracts that the scenario names."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from leadrisk.cohort.panel import starting_shares
from leadrisk.contract.baseline import base_year_weights
from leadrisk.contract.lead import CategoryInputs, settle_lead, spending_class_of
from leadrisk.contract.quality_score import quality_score
from leadrisk.contract.terms import Terms, load_terms
from leadrisk.futures.carry import BaseLevel, Carried, base_levels, carry
from leadrisk.futures.paths import systemic_paths

if TYPE_CHECKING:
    from collections.abc import Collection

    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.contract.inputs import Option
    from leadrisk.experience.factors import Layer
    from leadrisk.scenario.model import Category, Scenario

Lines = dict[str, "NDArray[np.float64]"]


def lead_terms(scenario: Scenario) -> Terms:
    """LEAD terms with the scenario's overrides."""
    return load_terms("lead", overrides=scenario.contract.terms)


def spending_class(scenario: Scenario, terms: Terms) -> Literal["lower", "higher"]:
    """Spending class at entry: the scenario's, or derived from its base years and starting shares."""
    if scenario.contract.spending_class is not None:
        return scenario.contract.spending_class
    inputs = {
        name: _category_inputs(getattr(scenario.categories, name), person_years=share * scenario.cohort.lives)
        for name, share in starting_shares(scenario).items()
    }
    found = spending_class_of(inputs, entrant=scenario.contract.entrant, terms=terms)
    return "higher" if bool(np.all(found)) else "lower"


def entry_levels(experience: xr.Dataset, scenario: Scenario, terms: Terms) -> dict[str, BaseLevel]:
    """Level and credibility of each category's base years, from the whole experience."""
    return base_levels(experience, scenario, base_weights=_weights(scenario, terms))


def _weights(scenario: Scenario, terms: Terms) -> tuple[float, ...]:
    """Weights of BY1, BY2, BY3 in the baseline, summing to 1."""
    weights = base_year_weights(scenario.contract.entrant, terms=terms)
    return tuple(weight / sum(weights) for weight in weights)


def block_settler(experience: xr.Dataset, scenario: Scenario, *, futures: int) -> partial[dict[str, Lines]]:
    """:func:`settle_block` with everything that is fixed for a run: terms, spending class, levels, futures, seed.

    Parameters
    ----------
    experience
        The whole experience; the function returned takes blocks of it.
    """
    terms = lead_terms(scenario)
    return partial(
        settle_block,
        scenario=scenario,
        futures=futures,
        seed=int(experience.attrs["seed"]),
        terms=terms,
        entry_class=spending_class(scenario, terms),
        levels=entry_levels(experience, scenario, terms),
    )


def settle_block(
    experience: xr.Dataset,
    scenario: Scenario,
    *,
    futures: int,
    seed: int,
    terms: Terms,
    entry_class: Literal["lower", "higher"],
    levels: dict[str, BaseLevel],
    net: int = 0,
    frozen: Collection[Layer] = (),
) -> dict[str, Lines]:
    """Lines of the settlement by contract; arrays of shape (population, future, year), dollars.

    Parameters
    ----------
    experience
        A block of neighbouring populations.
    entry_class
        Spending class, fixed at entry.
    levels
        What the base years tell about each category's level, over all populations of the run.
    net
        Number of the scrambled net of futures; results use net 0.
    frozen
        Systemic layers held at their median, to see what they contribute.
    """
    entrant = scenario.contract.entrant
    weights = _weights(scenario, terms)
    paths = systemic_paths(
        scenario,
        experience["pandemic"].values,
        first=int(experience["population"].values[0]),
        futures=futures,
        seed=seed,
        net=net,
        frozen=frozen,
    )
    carried = carry(experience, paths, scenario, levels=levels, base_weights=weights)
    years = np.array(scenario.horizon.performance_year_list)
    quality = quality_score(
        paths.quality,
        gateway=paths.improvement,
        pass_probability=scenario.quality.continuous_improvement_pass,
        prevention_plan=scenario.quality.prevention_quality_plan,
        performance_years=years,
        terms=terms,
    )
    inputs = {name: _category_inputs(getattr(scenario.categories, name), carried=c) for name, c in carried.items()}
    return {
        contract: settle_lead(
            inputs,
            option=cast("Option", contract.removeprefix("lead_")),
            entrant=entrant,
            performance_years=years,
            quality_score=quality,
            terms=terms,
            spending_class=entry_class,
            base_pcc_share=scenario.contract.base_pcc_share,
        )
        for contract in scenario.contract.names
    }


def _category_inputs(
    category: Category, *, carried: Carried | None = None, person_years: float = 0.0
) -> CategoryInputs:
    """Inputs of a category: carried through its futures, or the known figures at entry alone."""
    by3 = category.risk_score_by3
    return CategoryInputs(
        person_years=person_years if carried is None else carried.person_years,
        base_year_pbpm=category.base_year_pbpm,
        region_pbpm=category.region_pbpm,
        national_pbpm=category.national_pbpm,
        two_way_trend=1.0 if carried is None else carried.two_way_trend,
        acpt=1.0 if carried is None else carried.acpt,
        risk_score_by3=by3,
        risk_score_py=by3 if carried is None else by3 * carried.score_ratio,
        ai_risk_score_py=by3 if carried is None else by3 * carried.ai_score_ratio,
        expenditure_pbpm=0.0 if carried is None else carried.expenditure_pbpm,
        prior_savings_pbpm=category.prior_savings_pbpm,
    )
