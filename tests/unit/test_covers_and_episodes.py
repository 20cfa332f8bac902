"""Tables of stop-loss, aggregate cover and episode arrangements: in scenarios and in settlement cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

import leadrisk as lr
from leadrisk.contract.cara import cara_amounts
from leadrisk.contract.case import lead_cara, lead_stop_loss
from leadrisk.contract.case.lead_input import LeadCase
from leadrisk.contract.case.source import open_case
from leadrisk.contract.inputs import CategoryInputs
from leadrisk.contract.stop_loss import stop_loss_amounts
from leadrisk.contract.terms import load_terms
from leadrisk.errors import InputError
from leadrisk.experience.simulate import simulate_block
from leadrisk.scenario.cara_table import Cara
from leadrisk.scenario.stop_loss_table import StopLoss
from scenario_fixture import small_scenario

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
TERMS = load_terms("lead")
VALUES = {"benchmark_before_discount": 100e6, "benchmark_final": 96e6, "expenditure": 99e6}
GLOBAL_2028 = LeadCase(option="global", performance_year=2028)
LAYERS: dict[str, object] = {
    "residual_above_first": 5e6, "residual_above_second": 2e6, "charge_pbpm": 50, "person_years": 8000,
}  # fmt: skip
COVER: dict[str, object] = {"attachment": 1.02, "limit": 0.1, "coinsurance": 0.1, "premium_share": 0.01}
EPISODES: dict[str, object] = {
    "target_price": 3e6, "target_discount": 0.03, "actual_cost": 2.5e6, "performance_adjustment": 0.5,
    "quality_score": 0.8,
}  # fmt: skip


def category(person_years: float) -> CategoryInputs:
    return CategoryInputs(
        person_years=person_years, base_year_pbpm=(1000.0, 1020.0, 1060.0), region_pbpm=1100.0, national_pbpm=1100.0,
        two_way_trend=1.05, acpt=1.05, risk_score_by3=1.0, risk_score_py=1.0, expenditure_pbpm=1100.0,
    )  # fmt: skip


def refused(module: Any, table: dict[str, object], case: LeadCase = GLOBAL_2028) -> InputError:
    with pytest.raises(InputError) as caught:
        module.read(open_case(table), TERMS, case=case, values=VALUES)
    return caught.value


def test_charge_is_carried_by_the_person_years_of_the_categories():
    case = LeadCase(
        option="professional", performance_year=2027,
        categories={"aged_disabled": category(7000.0), "high_needs": category(1000.0)},
    )  # fmt: skip
    table = {"stop_loss": {key: value for key, value in LAYERS.items() if key != "person_years"}}
    extra = lead_stop_loss.read(open_case(table), TERMS, case=case, values=VALUES)
    assert extra.added_to_expenditure == {"stop_loss_charge": 4_800_000.0, "stop_loss_payout": -4_400_000.0}
    assert [line["dollars"] for line in extra.lines] == [-4_800_000.0, 4_400_000.0]
    assert not extra.beside


def test_cover_recovers_what_is_owed_beyond_the_attachment():
    extra = lead_stop_loss.read(open_case({"aggregate_cover": COVER}), TERMS, case=GLOBAL_2028, values=VALUES)
    # 90 % of 99.00 - 1.02 x 96.00 = 1.08, less 1 % of 96.00
    assert extra.beside == {"aggregate_cover_net": pytest.approx(972_000.0 - 960_000.0)}
    assert not extra.added_to_expenditure


@pytest.mark.parametrize(
    ("table", "key", "words"),
    [
        ({"stop_loss": LAYERS | {"residual_above_second": 6e6}}, "stop_loss.residual_above_second", "part of what"),
        ({"stop_loss": LAYERS | {"payout": 1.0}}, "stop_loss.payout", "no such key"),
        ({"stop_loss": {"charge_pbpm": 50}}, "stop_loss.residual_above_first", "missing"),
        ({"stop_loss": LAYERS | {"person_years": 0}}, "stop_loss.person_years", "above 0"),
        ({"aggregate_cover": COVER | {"attachment": 0.9}}, "aggregate_cover.attachment", "at least 1"),
        ({"aggregate_cover": COVER, "cara": EPISODES}, "aggregate_cover", "[cara]"),
    ],
)
def test_wrong_covers_are_refused_by_key(table, key, words):
    error = refused(lead_stop_loss, table)
    assert error.key == key
    assert words in str(error)


def test_person_years_have_no_place_beside_categories():
    case = LeadCase(option="global", performance_year=2027, categories={"esrd": category(60.0)})
    assert refused(lead_stop_loss, {"stop_loss": LAYERS}, case).key == "stop_loss.person_years"


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (LeadCase(option="professional", performance_year=2029), "not open to Professional"),
        (LeadCase(option="global", performance_year=2027), "not triggered before 2028"),
    ],
)
def test_episodes_are_for_global_from_2028(case, words):
    error = refused(lead_cara, {"cara": EPISODES}, case)
    assert error.key == "cara"
    assert words in str(error)


@pytest.mark.parametrize(
    ("change", "key", "words"),
    [
        ({"performance_adjustment": 0.05}, "cara.performance_adjustment", "10-100 %"),
        ({"actual_cost": 1e9}, "cara.actual_cost", "part of the year's expenditure"),
        ({"quality": 0.9}, "cara.quality", "no such key"),
    ],
)
def test_wrong_episodes_are_refused_by_key(change, key, words):
    error = refused(lead_cara, {"cara": EPISODES | change})
    assert error.key == key
    assert words in str(error)


def test_the_other_reading_of_quality_lessens_a_repayment():
    dear = EPISODES | {"actual_cost": 3.51e6}
    for scales, expected in (("gains", -600_000.0), ("gains_and_repayments", -540_000.0)):
        terms = load_terms("lead", {"cara.quality_scales": scales})
        extra = lead_cara.read(open_case({"cara": dear}), terms, case=GLOBAL_2028, values=VALUES)
        assert extra.added_to_expenditure["cara_provider_payment"] == pytest.approx(expected)


@pytest.mark.parametrize("prefix", ["", "esrd_"])
def test_second_layer_lies_above_the_first(prefix):
    with pytest.raises(ValidationError, match=f"must lie above {prefix}first_attachment"):
        StopLoss.model_validate({f"{prefix}first_attachment": 12.0, f"{prefix}second_attachment": 11.0})


def test_experience_holds_the_layers_of_its_scenario():
    scenario = small_scenario(stop_loss={"elected": True, "first_attachment": 6.0, "second_attachment": 9.0})
    found = simulate_block(scenario, first=0, count=4, populations=16, seed=1)
    np.testing.assert_allclose(found["layer_node"].values, [[6.0, 9.0, 12.0], [6.0, 9.0, 12.0], [3.3, 4.9, 6.5]])
    excess = found["residual_excess"].values
    assert np.all(np.diff(excess, axis=-1) <= 0.0)
    assert np.all(excess[:, :, 0] > 0.0)
    cheaper = simulate_block(small_scenario(), first=0, count=4, populations=16, seed=1)
    dearer = excess - cheaper["residual_excess"].values  # lower attachments leave more above them
    assert np.all(dearer[:, :, :2] >= 0.0)
    assert np.all(dearer[:, :, 0, 0] > 0.0)
    assert not dearer[:, :, 2].any()
    np.testing.assert_array_equal(cheaper["expenditure"].values, found["expenditure"].values)


def test_model_wide_charge_does_not_know_the_aco():
    terms = load_terms("lead", {"stop_loss.charge_basis": "model_wide", "stop_loss.charge_load": 0.1})
    charge, _ = stop_loss_amounts(
        np.array([[500.0, 200.0, 50.0]]), nodes=np.array([7.5, 11.0, 14.5]), dollars_per_cost=10_000.0,
        benchmark=np.array([80e6]), expected_cost=8_000.0, predicted=1.8, payout_share=0.2, category="esrd",
        terms=terms,
    )  # fmt: skip
    np.testing.assert_allclose(charge, 0.955 * 80e6 * 0.008 * 1.1)


def test_stop_loss_of_an_empty_category_is_nothing():
    charge, payout = stop_loss_amounts(
        np.zeros((2, 1, 3)), nodes=np.array([3.3, 4.9, 6.5]), dollars_per_cost=np.full((2, 4), 1e5),
        benchmark=np.zeros((2, 4)), expected_cost=np.zeros((2, 1)), predicted=1.3, payout_share=0.0, category="esrd",
        terms=TERMS,
    )  # fmt: skip
    assert not charge.any()
    assert not payout.any()


def test_falls_prevention_is_an_overlay_that_saves_from_2028():
    scenario = lr.load_scenario(SCENARIOS / "baseline.toml", overlays=[SCENARIOS / "presets" / "falls_prevention.toml"])
    assert scenario.cara.elected
    lines = cara_amounts(
        100e6, 0.0, benchmark=100e6, person_years=9000.0, years=[2027, 2028, 2030, 2036], arrangement=scenario.cara,
        terms=TERMS,
    )  # fmt: skip
    np.testing.assert_allclose(lines["cara_savings"], [0.0, -40_000.0, -120_000.0, -120_000.0])
    assert not Cara().elected
