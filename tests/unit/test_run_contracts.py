"""All contracts of a run on the same paths: lines that add up, and what elections and participation change."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import xarray as xr

import leadrisk as lr
from leadrisk.errors import InputError
from leadrisk.run.check import check_terms
from leadrisk.run.setting import prepare
from leadrisk.run.settle import settle_block
from leadrisk.run.store import digest
from scenario_fixture import small_scenario

if TYPE_CHECKING:
    from leadrisk.scenario.model import Scenario

LEAD = ["lead_global", "lead_professional"]
PEERS = ["mssp_enhanced", "mssp_basic_e", "reach_global", "reach_professional"]
SIX = [*LEAD, *PEERS]
CENT = 0.01
EVERYTHING: dict[str, dict[str, Any]] = {
    "alignment": {"mode": "hybrid", "voluntary_additions": 0.05, "midyear_additions": 0.02},
    "stop_loss": {"elected": True},
    "aggregate_cover": {"bought": True},
    "cara": {"elected": True, "episode_savings": 0.02},
    "elections": {
        "npcc": True,
        "npcc_providers": ["a hospital"],
        "cara_providers": ["a home care agency"],
        "medical_nutrition_therapy": True,
        "prevention_reward": True,
    },
    "trend": {"stop_loss_neutrality_sd": 0.1},
    "participation": {"exit_rule": "after_cumulative_loss", "exit_loss_share": 0.02},
}


def six(**changes: Any) -> Scenario:
    """The small scenario with every contract."""
    return small_scenario(**{**changes, "contract": {"names": SIX, **changes.get("contract", {})}})


@pytest.fixture(scope="module")
def experience() -> xr.Dataset:
    return lr.simulate(six(), threads=1)


@pytest.fixture(scope="module")
def plain(experience: xr.Dataset) -> xr.Dataset:
    return lr.settle(experience, six(), threads=1)


@pytest.fixture(scope="module")
def elected(experience: xr.Dataset) -> xr.Dataset:
    return lr.settle(experience, six(**EVERYTHING), threads=1)


def assert_same(first: xr.Dataset, second: xr.Dataset, contracts: list[str]) -> None:
    """Every line of the contracts is the same to the bit."""
    common = [name for name in second.data_vars if "contract" in second[name].dims and name in first]
    assert {"benchmark_final", "net_settlement"} < set(common)
    for name in common:
        xr.testing.assert_identical(first[name].sel(contract=contracts), second[name].sel(contract=contracts))


def assert_zero(amount: xr.DataArray) -> None:
    assert float(abs(amount).max()) < CENT


@pytest.mark.parametrize(("threads", "block"), [(2, 2), (2, 6), (1, 16), (4, 4)])
def test_six_contracts_do_not_depend_on_threads_or_blocks(experience, elected, threads, block):
    again = lr.settle(experience, six(**EVERYTHING), threads=threads, block=block)
    assert digest(experience, again) == digest(experience, elected)


def test_order_and_company_of_contracts_change_no_number(experience, plain):
    turned = lr.settle(experience, six(contract={"names": ["reach_global", "mssp_basic_e", "lead_professional"]}))
    names = turned["contract"].values.tolist()
    assert names == ["reach_global", "mssp_basic_e", "lead_professional"]
    assert_same(plain, turned, names)


@pytest.mark.parametrize("case", ["plain", "elected"])
def test_lines_of_lead_add_up(case, request):
    s = request.getfixturevalue(case).sel(contract=LEAD)
    assert_zero(s["benchmark_before_discount"] - s["discount"] - s["benchmark_after_discount"])
    assert_zero(s["benchmark_after_discount"] - s["quality_adjustment"] - s["benchmark_final"])
    spent = s["expenditure"]
    if case == "elected":
        added = ("stop_loss_charge", "stop_loss_payout", "cara_provider_payment", "cara_savings")
        for name in (*added, "capitation_in_expenditure", "medical_nutrition_therapy"):
            spent = spent + s[name]
        assert_zero(s["expenditure_net"] - spent)
    assert_zero(s["benchmark_final"] - spent - s["gross_savings"])
    assert_zero(s["shared_savings"] - s["sequestration"] - s["net_shared_savings"])
    margin = s["capitation_margin"] if case == "elected" else 0.0  # the ACO's own, not a matter of the balance
    assert_zero(s["net_shared_savings"] + s["high_performers_pool"] + margin - s["net_settlement"])
    assert_zero(s["net_settlement"] - margin - s["enhanced_pcc_repayment"] - s["settlement_balance"])
    assert bool((s["discount"].sel(contract="lead_professional") == 0).all())


def test_lines_of_the_shared_savings_program_add_up(plain):
    s = plain.sel(contract=["mssp_enhanced", "mssp_basic_e"])
    benchmark, gross = s["benchmark_final"], s["gross_savings"]
    assert_zero(benchmark - s["expenditure"] - gross)
    assert_zero(s["shared_savings"] - s["sequestration"] - s["net_settlement"])
    assert_zero(s["discount"])
    counted = gross.where(gross >= 0.01 * benchmark, 0.0).where(s["two_way_protected"] == 0, 0.0)
    shares, caps = (xr.DataArray(part, coords={"contract": s["contract"]}) for part in ([0.75, 0.5], [0.2, 0.1]))
    saved = np.minimum(shares * counted, caps * benchmark)
    assert_zero((s["shared_savings"] - saved).where(gross > 0, 0.0))
    lost = (-gross).where(gross <= -0.01 * benchmark, 0.0)
    of_enhanced = np.minimum(0.4 * lost, 0.15 * benchmark)  # 1 less 75 % of a score of 0.823 is less than 40 %
    of_basic = np.minimum(0.3 * lost, 0.04 * benchmark)
    owed = xr.where(s["contract"] == "mssp_enhanced", of_enhanced, of_basic)
    assert_zero((s["shared_savings"] + owed).where(gross < 0, 0.0))
    assert float(owed.max()) > 0.0
    assert float(saved.max()) > 0.0


def test_lines_of_reach_add_up(plain):
    s = plain.sel(contract=["reach_global", "reach_professional"])
    assert_zero(s["benchmark_unadjusted"] + s["retrospective_trend_adjustment"] - s["benchmark_before_discount"])
    rate = xr.DataArray([0.035, 0.0], coords={"contract": s["contract"]})
    assert_zero(rate * s["benchmark_before_discount"] - s["discount"])
    assert_zero(s["benchmark_before_discount"] - s["discount"] - s["quality_adjustment"] - s["benchmark_final"])
    assert bool((s["quality_adjustment"] <= 0.05 * s["benchmark_after_discount"] + CENT).all())
    net = s["benchmark_final"] + s["heba_net"] - s["expenditure"] - s["stop_loss_net"]
    assert_zero(net - s["gross_savings"])
    assert_zero(s["shared_savings"] - s["sequestration"] - s["net_settlement"])


def test_all_programmes_see_the_same_persons_and_spending(plain):
    spent = plain["expenditure"]
    lead = spent.sel(contract="lead_global")
    for name in ("lead_professional", "reach_global", "reach_professional"):
        np.testing.assert_allclose(spent.sel(contract=name), lead, rtol=1e-12)
    truncated = spent.sel(contract="mssp_enhanced")  # and only the Shared Savings Program truncates it
    assert bool((truncated < lead).all())
    assert bool((truncated > 0.6 * lead).all())


def test_rebasing_is_settled_beside_the_kept_benchmark(experience):
    scenario = six(mssp={"agreement_period": 1, "rebasing": False})
    with pytest.raises(KeyError):
        lr.settle(experience, scenario)["net_without_rebasing"]
    ten = six(horizon={"performance_years": 10}, run={"populations": 4, "futures": 4})
    settled = lr.settle(lr.simulate(ten), ten)
    kept = settled["net_without_rebasing"].rename(rebased_contract="contract")
    rebased = settled["net_settlement"].sel(contract=kept["contract"])
    first = slice(2027, 2031)  # five years of the first agreement period
    xr.testing.assert_equal(kept.sel(year=first), rebased.sel(year=first).drop_attrs())
    assert float(abs(kept - rebased).sel(year=slice(2032, None)).min("contract").max()) > 1000.0


def test_an_overridden_term_of_a_peer_moves_that_programme_alone(experience, plain):
    flat = lr.settle(experience, six(contract={"mssp_terms": {"share_rate.ENHANCED": 0.5}}))
    assert_same(plain, flat, [name for name in SIX if name != "mssp_enhanced"])
    before, after = (s.sel(contract="mssp_enhanced") for s in (plain, flat))
    capped = before["shared_savings"] > 0.2 * before["benchmark_final"] - CENT
    saved = before["shared_savings"].where(~capped & (before["gross_savings"] > 0), 0.0)
    assert float(saved.max()) > 0.0
    assert_zero((after["shared_savings"] - 0.5 / 0.75 * saved).where(saved > 0, 0.0))
    free = lr.settle(experience, six(contract={"reach_terms": {"discount.global": {"2025": 0.0}}}))
    assert_same(plain, free, [name for name in SIX if name != "reach_global"])
    assert_zero(free["discount"].sel(contract="reach_global"))


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("[contract.mssp_terms]\nshare_cap.enhanced = 2.0\n", 2, r"contract\.mssp_terms\.share_cap\.enhanced: .*1"),
        (
            '[contract.mssp_terms]\n\n"share_cap.best" = 0.3\n',
            3,
            r"contract\.mssp_terms\.share_cap\.best: no such term",
        ),
        ("[contract.reach_terms.quality]\nwithhold = true\n", 2, r"contract\.reach_terms\.quality\.withhold: "),
        ("[contract.terms.quality]\nat_risk = -0.1\n", 2, r"contract\.terms\.quality\.at_risk: "),
    ],
)
def test_a_wrong_term_of_any_programme_is_told_with_file_and_line(tmp_path, text, line, message):
    overlay = tmp_path / "terms.toml"
    overlay.write_text(text, encoding="utf-8")
    base = tmp_path / "base.toml"
    base.write_text("", encoding="utf-8")
    scenario = six(contract=tomllib.loads(text)["contract"])
    with pytest.raises(InputError, match=message) as caught:
        check_terms(scenario, files=[base, overlay])
    assert (caught.value.path, caught.value.line) == (overlay, line)
    key = caught.value.key
    with pytest.raises(InputError, match=message) as caught:
        check_terms(scenario, files=[base, overlay], values={key})
    assert (str(caught.value.path), caught.value.line) == ("--set", None)


def test_a_prospective_trend_set_yearly_misses_by_one_year_only(experience):
    """At entry every year's surprise adds up, here inside the guardrail; set yearly only the last one is missed."""
    miss = {"trend": {"projection_miss": [0.0015] * 10}}
    frozen = ("starting_level", "trend", "drift_and_efficiency", "quality")

    def update_lost(reading: str) -> np.ndarray:
        scenario = six(contract={"names": LEAD, "terms": {"update.acpt_set": reading}}, **miss)
        found = settle_block(experience, prepare(experience, scenario, futures=2), frozen=frozen)
        blend = six(contract={"names": LEAD, "terms": {"update.acpt_weight": 0.0}}, **miss)
        two_way = settle_block(experience, prepare(experience, blend, futures=2), frozen=frozen)
        before = "benchmark_before_discount"
        return 1.0 - found["lead_global"][before] / two_way["lead_global"][before]

    at_entry, yearly = update_lost("at_entry"), update_lost("yearly")
    assert (yearly[..., 0] == at_entry[..., 0]).all()
    assert (at_entry[..., 1] > 1.5 * yearly[..., 1]).all()
    assert (yearly > 0.0).all()
    assert (yearly < 0.0015 / 3.0).all()
