"""Lines of the LEAD contracts on a block: both options, with everything that the scenario elects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np

from leadrisk.cohort.panel import starting_shares
from leadrisk.contract import alignment, participation
from leadrisk.contract.aggregate_cover import aggregate_cover_amounts
from leadrisk.contract.alignment import aligned_person_years
from leadrisk.contract.benefits import benefit_cost, benefit_effect, nutrition_therapy_expenditure
from leadrisk.contract.cara import cara_amounts
from leadrisk.contract.cash_flow import cash_timing, lowest_cash_by_year
from leadrisk.contract.guarantee import collateral_fee, guarantee_amount
from leadrisk.contract.inputs import CategoryInputs
from leadrisk.contract.lead import LeadBenchmarks, lead_benchmarks, settle_lead_option
from leadrisk.contract.lead_payments import Payments, lead_payments
from leadrisk.contract.normalisation import concurrent_score_ratio
from leadrisk.contract.retention import retention_returned, retention_withhold
from leadrisk.contract.stop_loss import stop_loss_amounts
from leadrisk.contract.update import two_way_trend
from leadrisk.futures.base_level import exponential
from leadrisk.run.setting import counted_shares

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.contract.amount import Amount
    from leadrisk.contract.inputs import Option
    from leadrisk.futures.carry import Carried
    from leadrisk.futures.paths import Paths
    from leadrisk.run.setting import Setting
    from leadrisk.scenario.election_rules import Elected
    from leadrisk.scenario.model import Scenario

    Lines = dict[str, NDArray[np.float64]]

MONTHS = 12.0
_INTO_CASH = (
    "net_shared_savings",
    "high_performers_pool",
    "administrative_add_on",
    "aggregate_cover_premium",
    "aggregate_cover_recovery",
)


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
    scenario, years = setting.scenario, np.arange(1.0, setting.years.size + 1)
    counted_base, counted_performance = counted_shares(scenario, setting.terms["lead"])
    grown = np.cumprod(np.full(years.shape, 1.0 + scenario.alignment.demographic_growth)) - 1.0
    found = {}
    for name, one in carried.items():
        category = getattr(scenario.categories, name)
        by3 = category.risk_score_by3
        hcc, ai = scored_ratios(name, one, scenario)
        found[name] = CategoryInputs(
            person_years=_person_years(one.person_years, setting),
            base_year_pbpm=category.base_year_pbpm,
            region_pbpm=category.region_pbpm,
            national_pbpm=category.national_pbpm,
            two_way_trend=two_way_trend(
                national=one.national_trend,
                regional=one.regional_trend,
                aco_market_share=scenario.trend.market_share,
            ),
            acpt=one.acpt,
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
            demographic_growth=grown if name == "aged_disabled" else 0.0,
            reference_person_years=one.person_years[..., :1],
        )
    return found


def scored_ratios(name: str, one: Carried, scenario: Scenario) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """HCC and AI-inferred score over the BY3 score, High Needs by the concurrent model of LEAD and ACO REACH."""
    if name != "high_needs":
        return one.score_ratio, one.ai_score_ratio
    response = scenario.drift.high_needs_concurrent_response
    seen = concurrent_score_ratio(1.0, cost_ratio=one.unexpected_cost, response=response)
    return one.score_ratio * seen, one.ai_score_ratio * seen


def lead_lines(block: LeadBlock) -> dict[str, Lines]:
    """Lines by contract; what an option has beside the settlement (cost, cash) stands among them under its own name."""
    setting = block.setting
    scenario = setting.scenario
    wanted = setting.contracts("lead")
    switch_year = scenario.participation.switch_year
    needed = {name.removeprefix("lead_") for name in wanted} | ({"global"} if switch_year is not None else set())
    terms = setting.terms["lead"]
    common: dict[bytes, LeadBenchmarks] = {}
    settled: dict[str, tuple[Lines, Payments]] = {}
    for option in sorted(needed):
        elected = scenario.elections.under(f"lead_{option}")
        effect = benefit_effect(
            elected=elected, benefits=scenario.benefits, performance_years=setting.years, terms=terms
        )
        key = effect.tobytes()
        if key not in common:
            common[key] = lead_benchmarks(
                _after_benefits(block.inputs, effect),
                entrant=scenario.contract.entrant,
                performance_years=setting.years,
                terms=terms,
                spending_class=setting.entry_class,
                first_performance_year=scenario.horizon.first_performance_year,
            )
        settled[option] = _settle(block, common[key], option=cast("Option", option), elected=elected)
    found = {}
    for contract in wanted:
        lines, payments = settled[contract.removeprefix("lead_")]
        if contract == "lead_professional" and switch_year is not None:
            lines, payments = _switched(settled, switch_year, setting)
        found[contract] = _beside(block, contract, lines, payments)
    return found


def _person_years(person_years: NDArray[np.float64], setting: Setting) -> Amount:
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


def _after_benefits(inputs: dict[str, CategoryInputs], effect: NDArray[np.float64]) -> dict[str, CategoryInputs]:
    if not effect.any():
        return inputs
    return {
        name: replace(category, expenditure_pbpm=category.expenditure_pbpm * (1.0 - effect))
        for name, category in inputs.items()
    }


def _settle(block: LeadBlock, common: LeadBenchmarks, *, option: Option, elected: Elected) -> tuple[Lines, Payments]:
    """Settle an option; where something is elected that moves the settlement, settle again with it."""
    setting, scenario = block.setting, block.setting.scenario

    def settle_with(added: dict[str, Amount], beside: dict[str, Amount]) -> Lines:
        return settle_lead_option(
            common,
            option=option,
            quality_score=block.quality,
            terms=setting.terms["lead"],
            base_pcc_share=scenario.contract.base_pcc_share,
            high_performer=block.high_performer,
            rural=scenario.alignment.rural,
            added_to_expenditure=added,
            beside=beside,
        )

    lines = settle_with({}, {})
    payments = lead_payments(
        lines["benchmark_before_discount"],
        benchmark_after_discount=lines["benchmark_after_discount"],
        expenditure=lines["expenditure"],
        elected=elected,
        shares={
            "tcc": scenario.elections.tcc_share,
            "npcc": scenario.elections.npcc_share,
            "apo": scenario.elections.apo_share,
        },
        base_pcc_share=scenario.contract.base_pcc_share,
        terms=setting.terms["lead"],
    )
    added = payments.added_to_expenditure | _added(block, common, lines, option=option, elected=elected)
    if added or payments.beside:
        lines = settle_with(added, payments.beside)
    return lines, payments


def _added(
    block: LeadBlock, common: LeadBenchmarks, lines: Lines, *, option: Option, elected: Elected
) -> dict[str, Amount]:
    """Signed dollars that elections beside capitation add to expenditure."""
    setting, scenario = block.setting, block.setting.scenario
    terms = setting.terms["lead"]
    added: dict[str, Amount] = {}
    if setting.reference is not None:
        added["stop_loss_charge"], added["stop_loss_payout"] = _stop_loss(block, common, lines)
    if option == "global" and scenario.cara.elected:
        added |= cara_amounts(
            lines["expenditure"],
            block.paths.episode_noise,
            benchmark=lines["benchmark_before_discount"],
            person_years=_all_person_years(common),
            years=setting.years,
            arrangement=scenario.cara,
            terms=terms,
        )
    if elected.medical_nutrition_therapy:
        added["medical_nutrition_therapy"] = nutrition_therapy_expenditure(
            _all_person_years(common),
            elected=elected,
            benefits=scenario.benefits,
            performance_years=setting.years,
            terms=terms,
        )
    return added


def _stop_loss(block: LeadBlock, common: LeadBenchmarks, lines: Lines) -> tuple[Amount, Amount]:
    """Charge, and payout as a negative amount, over all categories."""
    setting, experience = block.setting, block.experience
    table, reference = setting.scenario.stop_loss, setting.reference
    assert reference is not None
    national = exponential(block.paths.stop_loss_neutrality)
    grown = _person_years(np.ones(1), setting)  # those added during the year are as costly as the others
    charge: Amount = 0.0
    payout: Amount = 0.0
    for c, name in enumerate(experience["category"].values.tolist()):
        if name not in block.carried:
            continue
        prefix = "esrd_" if name == "esrd" else ""
        of_category = stop_loss_amounts(
            grown * experience["residual_excess"].values[:, None, :, c, :],
            nodes=np.array(getattr(table, f"{prefix}nodes")),
            dollars_per_cost=MONTHS * block.carried[name].dollars_per_cost,
            benchmark=lines[f"updated_pbpm_{name}"] * common.member_months[name],
            expected_cost=grown * experience["score"].values[:, None, :, c] * reference.cost_per_score[c],
            predicted=getattr(table, f"{prefix}layer_prediction"),
            payout_share=float(reference.payout_share[c]),
            category=name,
            terms=setting.terms["lead"],
            national_payouts=national,
        )
        charge, payout = charge + of_category[0], payout + of_category[1]
    return charge, -payout


def _all_person_years(common: LeadBenchmarks) -> Amount:
    total: Amount = 0.0
    for months in common.member_months.values():
        total = total + months / MONTHS
    return total


def _switched(settled: dict[str, tuple[Lines, Payments]], switch_year: int, setting: Setting) -> tuple[Lines, Payments]:
    """Professional up to the year before the switch, Global from then on; cash and lines alike."""
    reading = cast("participation.OptionSwitch", setting.terms["lead"].choice("participation.option_switch"))
    (before, cash_before), (after, cash_after) = settled["professional"], settled["global"]
    zero = np.zeros(1)

    def both(first: dict[str, Amount], second: dict[str, Amount]) -> dict[str, NDArray[np.float64]]:
        names = dict.fromkeys([*first, *second])
        return participation.switched(
            {name: first.get(name, zero) for name in names},
            {name: second.get(name, zero) for name in names},
            switch_year=switch_year,
            performance_years=setting.years,
            reading=reading,
        )

    cash = both(cash_before.cash, cash_after.cash)
    return both(cast("dict[str, Amount]", before), cast("dict[str, Amount]", after)), Payments({**cash}, {}, {})


def _beside(block: LeadBlock, contract: str, lines: Lines, payments: Payments) -> Lines:
    """Add participation, costs and cash to an option's lines."""
    setting, scenario = block.setting, block.setting.scenario
    terms = setting.terms["lead"]
    elected = scenario.elections.under(contract)
    in_model = years_in_model(block, lines)
    cash: dict[str, Amount] = dict(payments.cash)
    if in_model is not None:
        lines = participation.kept(lines, in_model=in_model)
        cash = {**participation.kept(cash, in_model=in_model)}
    lines["net_settlement"] = lines["net_shared_savings"] + lines["high_performers_pool"]
    lines |= _aggregate_cover(lines, contract, setting)
    person_years = block.experience["person_years"].values.sum(axis=2)[:, None, :]
    costs = benefit_cost(
        person_years, elected=elected, benefits=scenario.benefits, performance_years=setting.years, terms=terms
    )
    benefit = np.zeros(person_years.shape)
    for dollars in costs.values():
        benefit = benefit + dollars
    fee = guarantee_fee(contract, setting)
    spent: dict[str, Amount] = {
        "care_management_cost": care_management_cost(block.experience, scenario)[:, None, :],
        "benefit_cost": benefit,
        "collateral_fee": fee,
    }
    if in_model is not None:
        spent = {**participation.kept(spent, in_model=in_model)}
        lines["in_model"] = in_model.astype(np.float64)
    cash |= {name: dollars for name, dollars in spent.items() if np.any(dollars)}
    for name in _INTO_CASH:
        if name in lines and np.any(lines[name]):
            cash[name] = lines[name]
    cash |= _retention(lines, in_model, setting)
    timing = cash_timing(terms, provisional_settlement=elected.provisional_settlement)
    return {**lines, "benefit_cost": benefit, "lowest_cash": lowest_cash_by_year(cash, timing=timing)}


def years_in_model(block: LeadBlock, lines: Lines) -> NDArray[np.bool_] | None:
    """Years that are settled, shape (..., year); ``None`` where the ACO stays to the end on every path."""
    setting, table = block.setting, block.setting.scenario.participation
    terms = setting.terms["lead"]
    found: NDArray[np.bool_] | None = None
    if table.exit_rule != "never":
        delay = participation.exit_delay_years(
            final_settlement_month=terms.number("payments.final_settlement_month"),
            notice_days=terms.number("participation.exit_notice_days"),
        )
        found = participation.years_in_model(
            lines["net_shared_savings"],
            lines["benchmark_final"],
            rule=table.exit_rule,
            performance_years=setting.years,
            liability=cast("participation.ExitLiability", terms.choice("participation.exit_liability")),
            exit_year=table.exit_year,
            exit_loss_share=table.exit_loss_share,
            delay_years=delay,
        )
    below_minimum = terms.choice("alignment.below_minimum")
    if below_minimum != "continue":
        below = below_alignment_minimum(block.experience, setting)
        staying = alignment.years_in_model(below, below_minimum=below_minimum)[:, None, :]
        found = staying if found is None else found & staying
    return found


def below_alignment_minimum(experience: xr.Dataset, setting: Setting) -> NDArray[np.bool_]:
    """Whether the ACO has fewer aligned beneficiaries than it needs, shape (population, year)."""
    aligned = experience["panel"].values * setting.scenario.cohort.lives
    return np.asarray(aligned < setting.minimum)


def care_management_cost(experience: xr.Dataset, scenario: Scenario) -> NDArray[np.float64]:
    """Cost of the programme in dollars of each performance year, shape (population, year)."""
    person_years = experience["person_years"].values.sum(axis=2)
    growth = np.cumprod(np.full(person_years.shape[1], 1.0 + scenario.trend.growth_aged_disabled))
    return np.asarray(MONTHS * scenario.efficiency.care_management_cost_pbpm * growth * person_years)


def guarantee_fee(contract: str, setting: Setting) -> float:
    """Yearly cost of holding a LEAD contract's financial guarantee, dollars."""
    terms = setting.terms["lead"]
    amount = guarantee_amount(
        base_year_expenditure(setting.scenario), option=contract.removeprefix("lead_"), terms=terms
    )
    return float(collateral_fee(amount, rate=terms.number("guarantee.collateral_fee")))


def base_year_expenditure(scenario: Scenario) -> float:
    """Part A and B expenditure of the aligned population in BY3, dollars."""
    total = 0.0
    for name, share in starting_shares(scenario).items():
        total += MONTHS * scenario.cohort.lives * share * getattr(scenario.categories, name).base_year_pbpm[2]
    return total


def _aggregate_cover(lines: Lines, contract: str, setting: Setting) -> Lines:
    """Premium and recovery of the private cover; it settles with the insurer, not with CMS."""
    if contract not in setting.premium_shares:
        return {}
    cover = setting.scenario.aggregate_cover
    amounts = aggregate_cover_amounts(
        lines["benchmark_final"] - lines["gross_savings"],
        benchmark=lines["benchmark_final"],
        net_shared_savings=lines["net_shared_savings"],
        premium_share=setting.premium_shares[contract],
        attachment=cover.attachment,
        limit=cover.limit,
        coinsurance=cover.coinsurance,
    )
    return {name: np.asarray(dollars) for name, dollars in amounts.items()}


def _retention(lines: Lines, in_model: NDArray[np.bool_] | None, setting: Setting) -> dict[str, Amount]:
    rate = setting.terms["lead"].number("guarantee.retention_withhold")
    if not rate:
        return {}
    withheld = retention_withhold(lines["benchmark_final"], rate=rate)
    stays = np.ones(withheld.shape, dtype=bool)
    if in_model is not None:
        stays[..., :-1] = np.broadcast_to(in_model, withheld.shape)[..., 1:]
    return {
        "retention_withheld": withheld,
        "retention_returned": retention_returned(withheld, stays_next_year=stays),
    }
