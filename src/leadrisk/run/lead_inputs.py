"""What the LEAD contracts are told about a block: categories carried through their futures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.alignment import aligned_person_years
from leadrisk.contract.inputs import CategoryInputs
from leadrisk.contract.normalisation import concurrent_score_ratio
from leadrisk.contract.update import projected_trend, two_way_trend
from leadrisk.run.setting import counted_shares

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.contract.amount import Amount
    from leadrisk.futures.carry import Carried
    from leadrisk.futures.paths import Paths
    from leadrisk.run.setting import Setting
    from leadrisk.scenario.model import Scenario


@dataclass(frozen=True)
class LeadBlock:
    """A block as LEAD sees it.

    Attributes
    ----------
    experience
        Performance years of the block.
    inputs
        Settlement inputs by category, before any benefit has its effect.
    quality, high_performer
        Share of the quality points, and who is paid from the High Performers Pool, shape (population, future, year).
    """

    setting: Setting
    experience: xr.Dataset
    paths: Paths
    carried: dict[str, Carried]
    inputs: dict[str, CategoryInputs]
    quality: NDArray[np.float64]
    high_performer: NDArray[np.bool_]


def category_inputs(carried: dict[str, Carried], setting: Setting) -> dict[str, CategoryInputs]:
    """Settlement inputs of every category, carried through its futures."""
    scenario = setting.scenario
    terms = setting.terms["lead"]
    counted_base, counted_performance = counted_shares(scenario, terms)
    yearly = terms.choice("update.acpt_set") == "yearly"
    found = {}
    repeats = (setting.futures, 1)
    for name, one in carried.items():
        category = getattr(scenario.categories, name)
        by3 = category.risk_score_by3
        hcc, ai = scored_ratios(name, one, scenario)
        found[name] = CategoryInputs(
            person_years=by_future(grown_person_years(one.person_years, setting), setting.futures),
            base_year_pbpm=category.base_year_pbpm,
            region_pbpm=counted_base * category.region_pbpm,
            national_pbpm=counted_base * category.national_pbpm,
            two_way_trend=two_way_trend(
                national=one.national_trend,
                regional=one.regional_trend,
                aco_market_share=scenario.trend.market_share,
            ),
            acpt=projected_trend(one.national_trend, one.acpt, years_ahead=1) if yearly else np.tile(one.acpt, repeats),
            risk_score_by3=by3,
            risk_score_py=by3 * hcc,
            ai_risk_score_py=by3 * ai,
            expenditure_pbpm=one.expenditure_pbpm,
            prior_savings_pbpm=category.prior_savings_pbpm,
            voluntary_share=scenario.alignment.voluntary_share,
            voluntary_cost_ratio=scenario.alignment.voluntary_cost_ratio,
            baseline_shift=one.baseline_shift,
            counted_base=counted_base,
            counted_performance=counted_performance,
            demographic_growth=demographic_growth(name, setting),
            reference_person_years=one.person_years[..., :1],
        )
    return found


def scored_ratios(name: str, one: Carried, scenario: Scenario) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """HCC and AI-inferred score over the BY3 score, High Needs by the concurrent model of LEAD and ACO REACH."""
    if name != "high_needs":
        return one.score_ratio, one.ai_score_ratio
    response = scenario.drift.high_needs_concurrent_response
    seen = concurrent_score_ratio(1.0, cost_ratio=one.unexpected_cost, response=response)
    seen = by_future(seen, one.score_ratio.shape[1])
    return one.score_ratio * seen, one.ai_score_ratio * seen


def by_future(of_population: Amount, futures: int) -> NDArray[np.float64]:
    """Repeat what all futures of a population share, shape (population, 1, year), for each of them."""
    shared = np.asarray(of_population)
    return np.repeat(shared[:, 0], futures, axis=0).reshape(shared.shape[0], futures, shared.shape[2])


def demographic_growth(name: str, setting: Setting) -> Amount:
    """Growth of the demographic score since BY3 by performance year; of Aged & Disabled alone."""
    if name != "aged_disabled":
        return 0.0
    yearly = 1.0 + setting.scenario.alignment.demographic_growth
    return np.asarray(np.cumprod(np.full(setting.years.shape, yearly)) - 1.0)


def grown_person_years(person_years: NDArray[np.float64], setting: Setting) -> Amount:
    """Person-years with those that hybrid alignment adds during the year."""
    table, terms = setting.scenario.alignment, setting.terms["lead"]
    if table.mode == "prospective":
        return person_years
    return aligned_person_years(
        person_years,
        mode=table.mode,
        voluntary_additions=table.voluntary_additions * person_years,
        midyear_additions=table.midyear_additions * person_years,
        voluntary_exposure=terms.number("alignment.voluntary_exposure"),
        midyear_exposure=terms.number("alignment.midyear_exposure"),
    )
