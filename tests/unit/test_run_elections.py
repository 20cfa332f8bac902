"""What elections, participation and alignment change in a run: the lines they should, and no others."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import leadrisk as lr
from leadrisk.errors import InputError
from leadrisk.risk.choice import total_after_costs
from scenario_fixture import small_scenario

LEAD = ["lead_global", "lead_professional"]
PEERS = ["mssp_enhanced", "reach_global"]
YEARS = [2027, 2028, 2029]


def scenario_with(**changes):
    """The small scenario with LEAD's contracts, one of either peer, and a programme that costs something."""
    names = {"names": [*LEAD, *PEERS], **changes.pop("contract", {})}
    return small_scenario(**{"efficiency": {"care_management_cost_pbpm": 4.0}, **changes, "contract": names})


@pytest.fixture(scope="module")
def experience():
    return lr.simulate(scenario_with(), threads=1)


@pytest.fixture(scope="module")
def plain(experience):
    return lr.settle(experience, scenario_with(), threads=1)


def assert_peers_stay(plain, settled):
    for name in ("benchmark_final", "expenditure", "net_settlement"):
        xr.testing.assert_identical(settled[name].sel(contract=PEERS), plain[name].sel(contract=PEERS))


def close(first, second):
    np.testing.assert_allclose(first, second, rtol=1e-9, atol=1e-3)


def test_exit_after_a_year_ends_lines_and_costs(experience, plain):
    settled = lr.settle(experience, scenario_with(participation={"exit_rule": "after_year", "exit_year": 2028}))
    assert_peers_stay(plain, settled)
    stayed = xr.DataArray([1.0, 1.0, 0.0], coords={"year": YEARS})
    lines = [name for name in plain.data_vars if plain[name].dims == plain["net_settlement"].dims]
    assert len(lines) > 15
    for name in lines:
        close(settled[name].sel(contract=LEAD), plain[name].sel(contract=LEAD) * stayed)
    assert settled["in_model"].sel(contract=LEAD[0])[0, 0].values.tolist() == [1.0, 1.0, 0.0]
    assert bool((settled["in_model"].sel(contract=PEERS) == 1.0).all())
    growth = 1.0 + scenario_with().trend.growth_aged_disabled
    person_years = experience["person_years"].sum("category").sel(year=YEARS)
    spent = 12 * 4.0 * person_years * [growth, growth * growth, 0.0]
    for name in LEAD:
        one = plain.sel(contract=name)
        kept = (one["net_settlement"] + one["administrative_add_on"] - one["guarantee_fee"]) * stayed - spent
        close(total_after_costs(settled.sel(contract=name)), kept.sum("year").transpose("population", "future"))


def test_exit_after_losses_follows_the_path(experience, plain):
    rule = {"exit_rule": "after_cumulative_loss", "exit_loss_share": 0.01}
    settled = lr.settle(experience, scenario_with(participation=rule))
    for name in LEAD:
        net, benchmark = (plain[line].sel(contract=name).values for line in ("net_settlement", "benchmark_final"))
        left = net[..., 0] < -0.01 * benchmark[..., 0]  # known in October 2028, left at the end of 2028
        assert 0 < left.sum() < left.size
        in_model = settled["in_model"].sel(contract=name).values
        assert (in_model[..., :2] == 1.0).all()
        np.testing.assert_array_equal(in_model[..., 2] == 0.0, left)
        final = settled["benchmark_final"].sel(contract=name).values
        np.testing.assert_array_equal(final[..., 2] == 0.0, left)


def test_below_the_minimum_is_flagged_and_ends_participation_only_where_read_so(experience):
    renewing = lr.settle(experience, scenario_with())
    asked = [name for name in renewing["contract"].values if not name.startswith("reach")]
    assert bool((renewing["below_minimum"].sel(contract=asked) == 1).all())  # 1,000 of 5,000
    entrant = {"entrant": "newly_entering"}
    settled = lr.settle(experience, scenario_with(contract=entrant))
    beneficiaries = 1000 * experience["panel"].sel(year=YEARS)
    below = (beneficiaries < [1000, 1100, 1210]).transpose("population", "year").values
    assert 0 < below[:, 1:].sum() < below[:, 1:].size
    for name in LEAD:
        np.testing.assert_array_equal(settled["below_minimum"].sel(contract=name).values, below)
    assert "in_model" not in settled
    ends = {**entrant, "terms": {"alignment.below_minimum": "exit_at_year_end"}}
    ended = lr.settle(experience, scenario_with(contract=ends))
    for name in LEAD:
        stays = np.logical_and.accumulate(np.column_stack([np.ones(16, dtype=bool), ~below[:, :2]]), axis=1)
        net = np.where(stays[:, None, :], settled["net_settlement"].sel(contract=name), 0.0)
        np.testing.assert_array_equal(ended["net_settlement"].sel(contract=name), net)


def test_a_change_of_option_is_global_from_its_year_on(experience, plain):
    settled = lr.settle(experience, scenario_with(participation={"switch_year": 2028}))
    xr.testing.assert_identical(
        settled["net_settlement"].sel(contract="lead_global"), plain["net_settlement"].sel(contract="lead_global")
    )
    changed = settled.sel(contract="lead_professional")
    for name in (
        "discount",
        "benchmark_final",
        "gross_savings",
        "shared_savings",
        "net_settlement",
        "settlement_balance",
    ):
        for year, option in zip(YEARS, ("lead_professional", "lead_global", "lead_global"), strict=True):
            expected = plain[name].sel(contract=option, year=year)
            np.testing.assert_array_equal(changed[name].sel(year=year), expected)
    without_global = lr.settle(
        experience, scenario_with(participation={"switch_year": 2028}, contract={"names": ["lead_professional"]})
    )
    np.testing.assert_array_equal(
        without_global["net_settlement"].sel(contract="lead_professional"), changed["net_settlement"]
    )
    fixed = {"participation.option_switch": "fixed"}
    with pytest.raises(InputError, match="option_switch"):
        lr.settle(experience, scenario_with(participation={"switch_year": 2028}, contract={"terms": fixed}))


def test_stop_loss_is_charged_and_pays_in_expenditure(experience, plain):
    settled = lr.settle(experience, scenario_with(stop_loss={"elected": True}))
    assert_peers_stay(plain, settled)
    lead, before = settled.sel(contract=LEAD), plain.sel(contract=LEAD)
    close(lead["expenditure"], before["expenditure"])
    close(lead["benchmark_final"], before["benchmark_final"])
    charge, payout = lead["stop_loss_charge"], lead["stop_loss_payout"]
    assert bool((charge > 0.0).all())
    assert bool((payout <= 0.0).all())
    close(lead["gross_savings"], before["gross_savings"] - charge - payout)
    assert 0.7 < float(-payout.sum() / charge.sum()) < 1.4  # charged as it pays, in the mean
    assert float(lead["net_settlement"].std()) < float(before["net_settlement"].std())


def test_episode_arrangements_are_for_global_alone(experience, plain):
    settled = lr.settle(experience, scenario_with(cara={"elected": True, "episode_savings": 0.06}))
    assert_peers_stay(plain, settled)
    np.testing.assert_array_equal(*(s["net_settlement"].sel(contract="lead_professional") for s in (settled, plain)))
    lines = {name: settled[name].sel(contract="lead_global") for name in ("cara_provider_payment", "cara_savings")}
    for name, amount in lines.items():
        assert not settled[name].sel(contract="lead_professional").any()
        assert not amount.sel(year=2027).any()
    spent = plain["expenditure"].sel(contract="lead_global")
    close(lines["cara_savings"], -0.03 * spent * [0.0, 0.02, 0.04])
    gross = [s["gross_savings"].sel(contract="lead_global") for s in (plain, settled)]
    close(gross[1], gross[0] - lines["cara_provider_payment"] - lines["cara_savings"])


def test_hybrid_alignment_adds_person_years(experience, plain):
    added = {"mode": "hybrid", "voluntary_additions": 0.10, "midyear_additions": 0.06}
    settled = lr.settle(experience, scenario_with(alignment=added))
    assert_peers_stay(plain, settled)
    for name in ("benchmark_before_discount", "expenditure", "gross_savings"):
        close(settled[name].sel(contract=LEAD), 1.08 * plain[name].sel(contract=LEAD))  # half a year each
    insured = [
        lr.settle(experience, scenario_with(alignment=alignment, stop_loss={"elected": True})).sel(contract=LEAD)
        for alignment in ({}, added)
    ]
    for name in ("stop_loss_charge", "stop_loss_payout"):
        close(insured[1][name], 1.08 * insured[0][name])
    prospective = lr.settle(experience, scenario_with(alignment={**added, "mode": "prospective"}))
    xr.testing.assert_identical(prospective["net_settlement"], plain["net_settlement"])


def test_non_primary_care_capitation_is_expenditure(experience, plain):
    settled = lr.settle(experience, scenario_with(elections={"npcc": True, "npcc_share": 0.2})).sel(contract=LEAD)
    before = plain.sel(contract=LEAD)
    change = 0.2 * (before["benchmark_before_discount"] - before["expenditure"])
    close(settled["capitation_in_expenditure"], change)
    close(settled["gross_savings"], before["gross_savings"] - change)


def test_advanced_payment_is_reconciled_beside_gross_savings(experience, plain):
    settled = lr.settle(experience, scenario_with(elections={"apo": True, "apo_share": 0.2})).sel(contract=LEAD)
    before = plain.sel(contract=LEAD)
    reconciled = 0.2 * (before["expenditure"] - before["benchmark_before_discount"])
    close(settled["advanced_payment_reconciliation"], reconciled)
    close(settled["net_settlement"], before["net_settlement"])
    close(settled["settlement_balance"], before["settlement_balance"] + reconciled)


def test_total_care_capitation_brings_no_enhanced_payment(experience, plain):
    elections = {"lead_global": {"capitation": "tcc"}, "tcc_share": 0.5}
    settled = lr.settle(experience, scenario_with(elections=elections))
    professional = "lead_professional"
    np.testing.assert_array_equal(*(s["net_settlement"].sel(contract=professional) for s in (settled, plain)))
    after, before = (s.sel(contract="lead_global") for s in (settled, plain))
    change = 0.5 * (before["benchmark_before_discount"] - before["expenditure"])
    close(after["gross_savings"], before["gross_savings"] - change)
    close(after["capitation_margin"], change)
    close(after["settlement_balance"], after["net_settlement"] - change)  # nothing to repay
    rates = (s["gross_savings"] / s["benchmark_final"] for s in (after, before))
    first_band = np.logical_and(*(abs(rate) < 0.15 for rate in rates))
    assert float(first_band.mean()) > 0.5
    gained = (after["net_settlement"] - before["net_settlement"]).where(first_band, 0.0)
    close(gained, (before["sequestration"] - after["sequestration"]).where(first_band, 0.0))


@pytest.mark.parametrize(("contract", "provisional"), [("lead_global", 0.0), ("lead_professional", 0.6)])
def test_lowest_cash_is_the_lowest_month_end_of_its_year(experience, contract, provisional):
    """One path, month by month: payments in twelfths, settled in October of the next year, owed by January after."""
    terms = {
        "payments.provisional_settlement_share": 0.6,
        "payments.provisional_settlement_month": 15,
    }
    scenario = scenario_with(
        contract={"names": [contract], "base_pcc_share": 0.03, "terms": terms},
        elections={"provisional_settlement": provisional > 0.0},
    )
    settled = lr.settle(experience, scenario).sel(contract=contract)
    cash = settled["lowest_cash"].sel(lead_contract=contract)
    assert cash["cash_year"].values.tolist() == [2027, 2028, 2029, 2030, 2031]
    assert bool(np.isfinite(cash).all())
    for population, future in ((0, 0), (3, 5), (9, 2)):
        path = settled.sel(population=population, future=future)
        moves = np.zeros(49)  # January 2027 is month 0; the last window of payment ends in January 2031
        for year in range(3):
            one = path.isel(year=year)
            before, net = float(one["benchmark_before_discount"]), float(one["net_shared_savings"])
            base, target = 0.03 * before, 0.07 * before
            enhanced = max(target - base, 0.02 * before)
            spent = float(one["care_management_cost"]) + float(one["guarantee_fee"])
            monthly = base + enhanced + float(one["administrative_add_on"]) - spent
            months = slice(12 * year, 12 * year + 12)
            moves[months] += monthly / 12
            moves[1 + 12 * year : 13 + 12 * year] -= base / 12  # clinicians, a month later
            rest = (1 - provisional) * net + float(one["high_performers_pool"]) - enhanced
            for month, due in ((14, provisional * net), (21, rest)):
                moves[12 * year + month + (3 if due < 0 else 0)] += due
        balance = np.cumsum(moves)
        lowest = [balance[12 * year : 12 * year + 12].min() for year in range(5)]
        close(cash.sel(population=population, future=future), lowest)


def test_benefits_cost_the_aco_and_save_expenditure(experience, plain):
    elections = {"part_b_cost_sharing_support": True, "part_d_buydown": True, "medical_nutrition_therapy": True}
    benefits = {
        "part_b_support_pbpm": 4.0,
        "part_d_buydown_pbpm": 10.0,
        "cost_growth": 0.0,
        "part_d_buydown_saves": 0.03,
    }
    benefits |= {"medical_nutrition_therapy_pbpm": 2.0, "ramp_years": 3}
    settled = lr.settle(experience, scenario_with(elections=elections, benefits=benefits))
    assert_peers_stay(plain, settled)
    months = 12 * experience["person_years"].sum("category").sel(year=YEARS).transpose("population", "year")
    for name in LEAD:
        close(settled["benefit_cost"].sel(contract=name), months * [4.0, 4.0, 14.0])  # Part D from 2029
        saved = 1.0 - np.array([0.0, 0.0, 0.01])  # a third of 3 % in its first year
        close(settled["expenditure"].sel(contract=name), plain["expenditure"].sel(contract=name) * saved)
    therapy = settled["medical_nutrition_therapy"]
    close(therapy.sel(contract="lead_global", future=0), 2.0 * months)
    assert not therapy.sel(contract="lead_professional").any()
    assert not settled["benefit_cost"].sel(contract=PEERS).any()


@pytest.mark.parametrize("quote", [None, 0.012])
def test_the_aggregate_cover_is_priced_or_quoted_and_stands_outside_the_settlement(experience, plain, quote):
    cover = {"bought": True, "attachment": 1.01, "load": 0.4, "premium_share": quote}
    settled = lr.settle(experience, scenario_with(aggregate_cover=cover)).sel(contract=LEAD)
    for name in ("net_settlement", "settlement_balance"):
        close(settled[name], plain[name].sel(contract=LEAD))
    premium, recovery = settled["aggregate_cover_premium"], settled["aggregate_cover_recovery"]
    layer = (settled["expenditure"] - 1.01 * settled["benchmark_final"]).clip(0.0, None)
    layer = np.minimum(layer, 0.10 * settled["benchmark_final"])
    close(recovery, np.minimum(0.9 * layer, (-settled["net_shared_savings"]).clip(0.0, None)))
    assert float(recovery.max()) > 0.0
    for name in LEAD:
        paid, back, benchmark = (part.sel(contract=name) for part in (premium, recovery, settled["benchmark_final"]))
        rate = quote if quote is not None else 1.4 * float(back.sum() / benchmark.sum())
        close(paid, rate * benchmark)
        change = total_after_costs(settled.sel(contract=name)) - total_after_costs(plain.sel(contract=name))
        np.testing.assert_allclose(change, (back - paid).sum("year").transpose("population", "future"), atol=0.01)


def test_guarantee_and_add_on_belong_to_lead_alone(experience):
    settled = lr.settle(experience, scenario_with(contract={"spending_class": "higher"}))
    add_on = settled["administrative_add_on"]
    close(add_on.sel(contract=LEAD), 0.015 * settled["benchmark_before_discount"].sel(contract=LEAD))
    assert not add_on.sel(contract=PEERS).any()
    assert bool((settled["guarantee_fee"].sel(contract=LEAD) > 0.0).all())
    assert not settled["guarantee_fee"].sel(contract=PEERS).any()
