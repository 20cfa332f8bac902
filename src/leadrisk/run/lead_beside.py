"""What stands beside a LEAD settlement: participation, the ACO's own costs, a private cover, monthly cash."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from leadrisk.cohort.panel import starting_shares
from leadrisk.contract import alignment, participation
from leadrisk.contract.aggregate_cover import aggregate_cover_amounts
from leadrisk.contract.amount import MONTHS
from leadrisk.contract.benefits import benefit_cost
from leadrisk.contract.cash_flow import cash_timing, lowest_cash_by_year
from leadrisk.contract.guarantee import collateral_fee, guarantee_amount
from leadrisk.contract.retention import retention_returned, retention_withhold
from leadrisk.run.lead_inputs import grown_person_years
from leadrisk.run.setting import program_of

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.contract.amount import Amount
    from leadrisk.contract.lead_payments import Payments
    from leadrisk.run.lead_inputs import LeadBlock
    from leadrisk.run.setting import Setting
    from leadrisk.scenario.election_rules import Elected
    from leadrisk.scenario.model import Scenario

    Lines = dict[str, NDArray[np.float64]]

IN_BALANCE = "stop_loss_in_balance"
"""Line of CMS's stop-loss where it is settled in the balance and not in expenditure."""
_FOR_GOOD = (
    "high_performers_pool",
    IN_BALANCE,
    "capitation_margin",
    "enhanced_pcc_interest",
    "retention_forfeited",
)
_INTO_CASH = (
    "net_shared_savings",
    "high_performers_pool",
    "administrative_add_on",
    "aggregate_cover_premium",
    "aggregate_cover_recovery",
)


def beside_settlement(block: LeadBlock, contract: str, lines: Lines, payments: Payments) -> Lines:
    """Add participation, costs and cash to an option's lines."""
    setting, scenario = block.setting, block.setting.scenario
    terms = setting.terms["lead"]
    elected = scenario.elections.under(contract)
    if np.any(payments.margin):
        lines = {**lines, "capitation_margin": np.asarray(payments.margin)}
    in_model = years_in_model(block, {**lines, "net_settlement": net_settlement(lines["net_shared_savings"], lines)})
    cash: dict[str, Amount] = dict(payments.cash)
    if in_model is not None:
        lines = participation.kept(lines, in_model=in_model)
        cash = {**participation.kept(cash, in_model=in_model)}
    retention = _retention(lines, in_model, setting)
    if retention:
        lines["retention_forfeited"] = np.asarray(retention["retention_returned"] - retention["retention_withheld"])
    lines["net_settlement"] = net_settlement(lines["net_shared_savings"], lines)
    if IN_BALANCE in lines:
        cash["other_settlement"] = lines[IN_BALANCE]
    lines |= _aggregate_cover(lines, contract, setting)
    care = care_management_cost(contract, block.experience, setting)[:, None, :]
    benefit = _benefit_cost(block, elected)
    spent: dict[str, Amount] = {
        "care_management_cost": care,
        "benefit_cost": benefit,
        "collateral_fee": guarantee_fee(contract, setting),
    }
    if in_model is not None:
        spent = {**participation.kept(spent, in_model=in_model)}
        lines["in_model"] = in_model.astype(np.float64)
    cash |= {name: dollars for name, dollars in spent.items() if np.any(dollars)}
    for name in _INTO_CASH:
        if name in lines and np.any(lines[name]):
            cash[name] = lines[name]
    cash |= retention
    timing = cash_timing(terms, provisional_settlement=elected.provisional_settlement)
    return {**lines, "benefit_cost": benefit, "lowest_cash": lowest_cash_by_year(cash, timing=timing)}


def net_settlement(net_shared_savings: NDArray[np.float64], lines: Lines) -> NDArray[np.float64]:
    """Shared savings or losses with what comes or goes beside them for good; advances paid back do not count."""
    total = net_shared_savings
    for name in _FOR_GOOD:
        if name in lines:
            total = total + lines[name]
    return total


def _benefit_cost(block: LeadBlock, elected: Elected) -> NDArray[np.float64]:
    setting = block.setting
    person_years = np.asarray(grown_person_years(block.experience["person_years"].values.sum(axis=2), setting))
    costs = benefit_cost(
        person_years[:, None, :],
        elected=elected,
        benefits=setting.scenario.benefits,
        performance_years=setting.years,
        terms=setting.terms["lead"],
    )
    total = np.zeros(person_years[:, None, :].shape)
    for dollars in costs.values():
        total = total + dollars
    return total


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
            lines["net_settlement"],
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
    claims_aligned = setting.scenario.alignment.claims_aligned_base_year
    too_few = claims_aligned is not None and claims_aligned < setting.minimum.claims_aligned[0]
    return np.asarray(alignment.is_below_minimum(aligned, minimum=setting.minimum.aligned) | too_few)


def below_minimum(contract: str, experience: xr.Dataset, setting: Setting) -> NDArray[np.bool_]:
    """Whether the ACO has fewer beneficiaries than a contract asks for; ACO REACH's minimums are not modelled."""
    program = program_of(contract)
    if program == "lead":
        return below_alignment_minimum(experience, setting)
    least = setting.terms["mssp"].number("minimum_assigned") if program == "mssp" else 0.0
    assigned = experience["panel"].values * setting.scenario.cohort.lives
    return np.asarray(alignment.is_below_minimum(assigned, minimum=least))


def care_management_cost(contract: str, experience: xr.Dataset, setting: Setting) -> NDArray[np.float64]:
    """Cost of the programme in dollars of each performance year, shape (population, year)."""
    scenario = setting.scenario
    person_years = experience["person_years"].values.sum(axis=2)
    if program_of(contract) == "lead":
        person_years = np.asarray(grown_person_years(person_years, setting))
    growth = np.cumprod(np.full(person_years.shape[1], 1.0 + scenario.trend.growth_aged_disabled))
    return np.asarray(MONTHS * scenario.efficiency.care_management_cost_pbpm * growth * person_years)


def guarantee(contract: str, setting: Setting) -> NDArray[np.float64]:
    """Financial guarantee by performance year, dollars: that of the option settled in the year."""
    terms, prior = setting.terms["lead"], base_year_expenditure(setting.scenario)
    option, switch_year = contract.removeprefix("lead_"), setting.scenario.participation.switch_year
    own = guarantee_amount(prior, option=option, terms=terms)
    if option == "global" or switch_year is None:
        return np.full(setting.years.shape, own)
    later = guarantee_amount(prior, option="global", terms=terms)
    return np.where(setting.years >= switch_year, later, own)


def guarantee_fee(contract: str, setting: Setting) -> NDArray[np.float64]:
    """Cost of holding a LEAD contract's financial guarantee by performance year, dollars."""
    rate = setting.terms["lead"].number("guarantee.collateral_fee")
    return np.asarray(collateral_fee(guarantee(contract, setting), rate=rate))


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
