"""Lines of the Shared Savings Program and of ACO REACH on a block: the same persons and futures under other rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from leadrisk.contract.amount import added_up
from leadrisk.contract.baseline import weighted_baseline
from leadrisk.contract.health_equity import health_equity_pbpm
from leadrisk.contract.mssp_benchmark_years import benchmark_mssp_years
from leadrisk.contract.mssp_inputs import EnrollmentType
from leadrisk.contract.mssp_years import settle_mssp_benchmark
from leadrisk.contract.quality_score import REACH_MEASURES, quality_score
from leadrisk.contract.reach_inputs import ReachCategory
from leadrisk.contract.reach_years import settle_reach_years
from leadrisk.contract.update import projected_trend
from leadrisk.run.lead_inputs import demographic_growth, scored_ratios

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from leadrisk.contract.inputs import Option
    from leadrisk.contract.mssp_inputs import Track
    from leadrisk.futures.carry import Carried
    from leadrisk.futures.paths import Paths
    from leadrisk.run.setting import Setting

    Lines = dict[str, NDArray[np.float64]]

TRACKS: dict[str, Track] = {"mssp_basic_e": "E", "mssp_enhanced": "ENHANCED"}
_AGED_AND_DISABLED = ("aged_disabled", "high_needs")
_TYPES = ("disabled", "aged_dual", "aged_nondual")


def mssp_lines(carried: Mapping[str, Carried], setting: Setting, *, ratchet: bool) -> dict[str, Lines]:
    """Lines by contract of the Shared Savings Program.

    Parameters
    ----------
    ratchet
        Whether ``net_without_rebasing`` is worked out too: the same settlement with the first benchmark kept.
    """
    wanted = setting.contracts("mssp")
    if not wanted:
        return {}
    scenario, terms = setting.scenario, setting.terms["mssp"]
    types = enrollment_types(carried, setting)
    person_years = added_up(one.person_years for one in carried.values())
    assigned = person_years / terms.number("expenditure.person_years_per_beneficiary")

    def settle(*, rebasing: bool) -> dict[str, Lines]:
        benchmark = benchmark_mssp_years(
            types,
            first_agreement_period=scenario.mssp.agreement_period,
            performance_years=setting.years,
            terms=terms,
            rebasing=rebasing,
        )
        return {
            contract: settle_mssp_benchmark(
                benchmark,
                track=TRACKS[contract],
                performance_years=setting.years,
                assigned_beneficiaries=assigned,
                quality_met=terms.flag("quality.standard_met"),
                quality_alternative=True,
                quality_score=terms.number("quality.score_if_not_given"),
                terms=terms,
                minimum_savings_rate=scenario.mssp.chosen_rate,
                revenue_share=scenario.mssp.revenue_share,
            )
            for contract in wanted
        }

    found = settle(rebasing=scenario.mssp.rebasing)
    for lines in found.values():
        lines["net_settlement"] = lines["net_shared_savings"]
    if ratchet and scenario.mssp.rebasing:
        for contract, lines in settle(rebasing=False).items():
            found[contract]["net_without_rebasing"] = lines["net_shared_savings"]
    return found


def enrollment_types(carried: Mapping[str, Carried], setting: Setting) -> dict[str, EnrollmentType]:
    """Enrollment types: ESRD as it is, all others by their share and relative cost of Aged & Disabled and High Needs.

    The persons of the three types are not simulated apart: they share growth of cost, of score and of the panel.
    """
    scenario, table = setting.scenario, setting.scenario.mssp
    found: dict[str, EnrollmentType] = {}
    if "esrd" in carried and scenario.cohort.esrd_share > 0.0:
        found["esrd"] = _enrollment_type({"esrd": carried["esrd"]}, setting)
    others = {name: carried[name] for name in _AGED_AND_DISABLED if name in carried}
    if others and scenario.cohort.esrd_share < 1.0:
        whole = _enrollment_type(others, setting)
        for name in _TYPES:
            cost = getattr(table, f"{name}_cost")
            found[name] = EnrollmentType(
                person_years=getattr(table, f"{name}_share") * whole.person_years,
                base_year_pbpm=[cost * pbpm for pbpm in whole.base_year_pbpm],
                region_pbpm=cost * whole.region_pbpm,
                national_pbpm=cost * whole.national_pbpm,
                national_trend=whole.national_trend,
                regional_trend=whole.regional_trend,
                acpt=whole.acpt,
                risk_ratio=whole.risk_ratio,
                expenditure_pbpm=cost * whole.expenditure_pbpm,
                prior_savings_pbpm=cost * whole.prior_savings_pbpm,
                aco_market_share=scenario.trend.market_share,
                list_level=whole.list_level,
            )
    return found


def _enrollment_type(parts: Mapping[str, Carried], setting: Setting) -> EnrollmentType:
    """Categories put together as CMS would see them: truncated cost, and the score of the mix against that of BY3."""
    scenario = setting.scenario
    shares = {name: getattr(scenario.cohort, f"{name}_share") for name in parts}
    known = {name: getattr(scenario.categories, name) for name in parts}
    kept = {name: 1.0 - one.base_truncation for name, one in parts.items()}
    persons = added_up(shares.values())

    def mean(field: str) -> float:
        return float(added_up(shares[name] * kept[name] * getattr(known[name], field) for name in parts) / persons)

    base = [
        added_up(shares[name] * kept[name] * known[name].base_year_pbpm[year] for name in parts) / persons
        for year in range(3)
    ]
    first, *more = parts
    weight = {name: kept[name] * _baseline(known[name].base_year_pbpm) for name in parts}
    at_entry = added_up(shares[name] * weight[name] for name in parts) / persons
    trends = pooled_trends(parts, {name: shares[name] * weight[name] for name in parts})
    person_years = parts[first].person_years
    spent = parts[first].person_years * _truncated(parts[first])
    score = (parts[first].person_years * weight[first]) * parts[first].score_ratio
    for name in more:
        one = parts[name]
        person_years = person_years + one.person_years
        spent = spent + one.person_years * _truncated(one)
        score = score + (one.person_years * weight[name]) * one.score_ratio
    somebody = np.maximum(person_years, 1e-9)
    return EnrollmentType(
        person_years=person_years,
        base_year_pbpm=base,
        region_pbpm=mean("region_pbpm"),
        national_pbpm=mean("national_pbpm"),
        national_trend=trends["national_trend"],
        regional_trend=trends["regional_trend"],
        acpt=trends["acpt"],
        risk_ratio=score / (somebody * at_entry),
        expenditure_pbpm=spent / somebody,
        prior_savings_pbpm=mean("prior_savings_pbpm"),
        aco_market_share=scenario.trend.market_share,
        list_level=parts[first].baseline_shift,
    )


def pooled_trends(parts: Mapping[str, Carried], weights: Mapping[str, float]) -> dict[str, NDArray[np.float64]]:
    """Trends of categories that CMS trends as one, weighted by what they cost in BY3: nation, region, projection."""
    total = added_up(weights.values())
    found = {}
    for field in ("national_trend", "regional_trend", "acpt"):
        first, *others = ((weights[name] / total) * getattr(one, field) for name, one in parts.items())
        found[field] = added_up(others, start=first)
    return found


def reach_lines(carried: Mapping[str, Carried], paths: Paths, setting: Setting) -> dict[str, Lines]:
    """Lines by contract of ACO REACH, its last rules held for ever."""
    wanted = setting.contracts("reach")
    if not wanted:
        return {}
    scenario, terms, table = setting.scenario, setting.terms["reach"], setting.scenario.reach
    score = quality_score(
        paths.quality,
        gateway=paths.improvement,
        pass_probability=scenario.quality.continuous_improvement_pass,
        prevention_plan=False,
        performance_years=setting.years,
        terms=terms,
        measures=REACH_MEASURES,
    )
    together = {name: carried[name] for name in _AGED_AND_DISABLED if name in carried}
    cost = {name: _entry_cost(name, setting) for name in together}
    trends = {name: pooled_trends({name: one}, {name: 1.0}) for name, one in carried.items() if name not in together}
    if together and added_up(cost.values()) > 0.0:
        trends |= dict.fromkeys(together, pooled_trends(together, cost))
    categories = {name: _reach_category(name, carried[name], trends[name], setting) for name in trends}
    heba = health_equity_pbpm(
        up_share=table.heba_up_share,
        down_share=table.heba_down_share,
        up_pbpm=float(terms.by_year("heba.up_pbpm", table.rules_year)),
        down_pbpm=float(terms.by_year("heba.down_pbpm", table.rules_year)),
    )
    found = {}
    for contract in wanted:
        lines = settle_reach_years(
            categories,
            option=cast("Option", contract.removeprefix("reach_")),
            performance_years=setting.years,
            quality_score=score,
            terms=terms,
            rules_year=table.rules_year,
            heba_pbpm=heba,
        )
        lines["net_settlement"] = lines["net_shared_savings"] + lines["high_performers_pool"]
        found[contract] = lines
    return found


def _entry_cost(name: str, setting: Setting) -> float:
    """What a category costs at entry: its share of the beneficiaries times its baseline."""
    share = getattr(setting.scenario.cohort, f"{name}_share")
    return float(share * _baseline(getattr(setting.scenario.categories, name).base_year_pbpm))


def _reach_category(
    name: str, one: Carried, trends: Mapping[str, NDArray[np.float64]], setting: Setting
) -> ReachCategory:
    scenario = setting.scenario
    category = getattr(scenario.categories, name)
    ahead = scenario.reach.projection_years
    return ReachCategory(
        person_years=one.person_years,
        base_year_pbpm=[pbpm * one.baseline_shift for pbpm in category.base_year_pbpm],
        region_pbpm=category.region_pbpm,
        national_pbpm=category.national_pbpm,
        projected_trend=projected_trend(trends["national_trend"], trends["acpt"], years_ahead=ahead),
        actual_national_trend=trends["national_trend"],
        risk_ratio=scored_ratios(name, one, scenario)[0],
        expenditure_pbpm=one.expenditure_pbpm,
        demographic_growth=demographic_growth(name, setting),
        reference_person_years=one.person_years[..., :1],
    )


def _baseline(base_year_pbpm: tuple[float, ...]) -> float:
    return cast("float", weighted_baseline(base_year_pbpm, weights=(1.0, 1.0, 1.0)))


def _truncated(one: Carried) -> NDArray[np.float64]:
    assert one.truncated_pbpm is not None
    return one.truncated_pbpm
