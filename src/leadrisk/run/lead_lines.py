"""Lines of the LEAD contracts on a block: both options, with everything that the scenario elects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from leadrisk.contract import participation
from leadrisk.contract.amount import MONTHS
from leadrisk.contract.benefits import benefit_effect, nutrition_therapy_expenditure
from leadrisk.contract.cara import cara_amounts
from leadrisk.contract.lead import LeadBenchmarks, counted_expenditure, lead_benchmarks, settle_lead_option
from leadrisk.contract.lead_payments import Payments, lead_payments
from leadrisk.contract.stop_loss import stop_loss_amounts
from leadrisk.experience.special64 import exponential
from leadrisk.run.lead_beside import IN_BALANCE, beside_settlement
from leadrisk.run.lead_inputs import grown_person_years

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.contract.amount import Amount
    from leadrisk.contract.inputs import CategoryInputs, Option
    from leadrisk.run.lead_inputs import LeadBlock
    from leadrisk.run.setting import Setting
    from leadrisk.scenario.election_rules import Elected

    Lines = dict[str, NDArray[np.float64]]


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
                performance_years=setting.years_by_future,
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
        found[contract] = beside_settlement(block, contract, lines, payments)
    return found


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
    beside = dict(payments.beside)
    if setting.terms["lead"].choice("stop_loss.settled_in") == "balance" and "stop_loss_charge" in added:
        beside[IN_BALANCE] = -(added.pop("stop_loss_charge") + added.pop("stop_loss_payout"))
    if added or beside:
        lines = settle_with(added, beside)
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
    grown = grown_person_years(np.ones(1), setting)  # those added during the year are as costly as the others
    charge: Amount = 0.0
    payout: Amount = 0.0
    for c, name in enumerate(experience["category"].values.tolist()):
        if name not in block.carried:
            continue
        prefix = "esrd_" if name == "esrd" else ""
        of_category = stop_loss_amounts(
            grown * experience["residual_excess"].values[:, None, :, c, :],
            nodes=np.array(getattr(table, f"{prefix}nodes")),
            dollars_per_cost=MONTHS * counted_expenditure(common.categories[name]) / block.carried[name].cost_rate,
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
    margin = both({"margin": cash_before.margin}, {"margin": cash_after.margin})["margin"]
    lines = both(_with_net_expenditure(before), _with_net_expenditure(after))
    return lines, Payments({**cash}, {}, {}, margin)


def _with_net_expenditure(lines: Lines) -> dict[str, Amount]:
    return {"expenditure_net": lines["expenditure"], **lines}
