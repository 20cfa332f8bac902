"""A wrong Shared Savings Program case gives one message that names file, line, key, value and cure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from leadrisk.contract.case import settle_case
from leadrisk.contract.mssp_inputs import EnrollmentType
from leadrisk.contract.mssp_years import settle_mssp_years
from leadrisk.contract.terms import load_terms
from leadrisk.errors import InputError
from leadrisk.scenario.mssp_table import Mssp

if TYPE_CHECKING:
    from pathlib import Path

TOTALS = """\
program = "mssp"
track = "E"
minimum_savings_rate = 0.01
benchmark_final = 1e8
expenditure = 9.5e7
"""
TYPES = """\
program = "mssp"
track = "ENHANCED"
performance_year = 2027
agreement_start = 2027
agreement_period = 1
assigned_beneficiaries = 10000
[types.aged_nondual]
person_years = 9000
base_year_per_capita = [12000, 12240, 12720]
region_per_capita = 13000
national_per_capita = 12900
national_trend = 1.06
regional_trend = 1.05
aco_market_share = 0.04
acpt = 1.05
risk_ratio = 1.02
expenditure_per_capita = 13000
"""


def _settle(folder: Path, text: str) -> dict[str, object]:
    path = folder / "case.toml"
    path.write_text(text, encoding="utf-8")
    return settle_case(path)


@pytest.mark.parametrize(
    ("text", "old", "new", "message"),
    [
        (TOTALS, '"E"', '"F"', "2: track: must be one of A, B, C, D, E, ENHANCED, got 'F'"),
        (TOTALS, 'track = "E"\n', "", " track: is missing"),
        (
            TOTALS, '"E"', '"enhanced"',
            "2: track: must be one of A, B, C, D, E, ENHANCED, got 'enhanced' (did you mean \"ENHANCED\"?)",
        ),
        (TOTALS, "= 0.01", "= 0.03", "3: minimum_savings_rate: must be one of 0, 0.005, 0.01, 0.015, 0.02 under a "),
        (TOTALS, '"E"', '"A"', "3: minimum_savings_rate: has no place under track A (there it goes by size"),
        (TOTALS, "minimum_savings_rate = 0.01\n", "", " assigned_beneficiaries: is missing"),
        (TOTALS, "= 0.01", "= 1", "3: minimum_savings_rate: must be at least 0 and at most 0.2, got 1"),
        (TOTALS, "bench", "assigned_beneficiaries = 0\nbench", "4: assigned_beneficiaries: must be above 0, got 0"),
        (TOTALS, "bench", 'option = "global"\nbench', "4: option: belongs to "),
        (TOTALS, "bench", "share_rate = 40\nbench", "4: share_rate: must be at least 0 and at most 1, got 40"),
        (TOTALS, "bench", "reduced_sharing = 1\nbench", "4: reduced_sharing: must be true or false, got 1"),
        (TOTALS, "bench", 'quality_standard = "good"\nbench', "4: quality_standard: must be one of met, "),
        (TOTALS, "bench", 'quality_standard = "alternative"\nbench', " quality_score: is missing"),
        (TOTALS, "bench", "agreement_period = 1.5\nbench", "4: agreement_period: must be a whole number, got 1.5"),
        (TOTALS, "bench", "agreement_start = 2030\nbench", "4: agreement_start: must not lie after "),
        (TOTALS, '"E"', '"ENHANCED"\nrevenue = 3e7', "3: revenue: has no place under track ENHANCED"),
        (TOTALS, '"E"', '"ENHANCED"\nreduced_sharing = true', "3: reduced_sharing: has no place under track ENHANCED"),
        (TOTALS, '"E"', '"B"\nloss_rate = 0.3', "3: loss_rate: has no place under track B (levels A and B of the"),
        (TOTALS, "expenditure = 9.5e7\n", "", " expenditure: is missing"),
        (TYPES, "performance_year = 2027\n", "", " performance_year: is missing"),
        (TYPES, "agreement_start = 2027\n", "", " agreement_start: is missing"),
        (TYPES, "agreement_period = 1\n", "", " agreement_period: is missing"),
        (TYPES, "assigned", "benchmark_final = 1e8\nassigned", "6: benchmark_final: has no place beside [types]"),
        (TYPES, ".aged_nondual]", ".aged]", "7: types.aged: there is no such key"),
        (TYPES, "= 9000", "= 0", "8: types.aged_nondual.person_years: must not be 0 in every type"),
        (TYPES, "12240,", "", "9: types.aged_nondual.base_year_per_capita: must be three numbers"),
        (TYPES, "base_year_per_capita = [12000, 12240, 12720]\n", "", "7: types.aged_nondual.base_year_per_capita: is"),
        (TYPES, "= 13000\nnat", "= -1\nnat", "10: types.aged_nondual.region_per_capita: must be above 0, got -1"),
        (TYPES, "= 1.06", "= 0.06", "12: types.aged_nondual.national_trend: must be at least 0.5"),
        (TYPES, "acpt = 1.05\n", "", "7: types.aged_nondual.acpt: is missing"),
        (TYPES, "acpt =", "update_factor = 1.06\nacpt =", "12: types.aged_nondual.national_trend: has no place"),
        (TYPES, "risk_ratio = 1.02\n", "", "7: types.aged_nondual.risk_ratio: is missing"),
        (TYPES, "risk_ratio", "risk_score_py = 1\nrisk_ratio", "16: types.aged_nondual.risk_score_py: has no place"),
        (TYPES, "expenditure_per", "paid_per", "7: types.aged_nondual.excess_per_capita: is missing"),
        (TYPES, "acpt", "excess_per_capita = 3\nacpt", "15: types.aged_nondual.excess_per_capita: has no place beside"),
        (TYPES, "acpt", "historical_benchmark_per_capita = 13000\nacpt", "9: types.aged_nondual.base_year_per_capita:"),
    ],
)  # fmt: skip
def test_a_wrong_case_is_located(tmp_path: Path, text: str, old: str, new: str, message: str) -> None:
    assert old in text
    with pytest.raises(InputError) as caught:
        _settle(tmp_path, text.replace(old, new, 1))
    assert str(caught.value).removeprefix(f"{tmp_path}/case.toml:").startswith(message)


def test_more_excess_than_was_paid_is_an_error(tmp_path: Path) -> None:
    text = TYPES.replace("expenditure_per_capita = 13000", "paid_per_capita = 13000\nexcess_per_capita = 13170")
    with pytest.raises(InputError, match="excess_per_capita: must not exceed what was paid, completed"):
        _settle(tmp_path, text)


def test_every_type_has_a_historical_benchmark_or_none_has(tmp_path: Path) -> None:
    second = TYPES[TYPES.index("[types") :].replace("aged_nondual", "disabled")
    for key in ("base_year_per_capita = [12000, 12240, 12720]", "region_per_capita = 13000"):
        second = second.replace(f"{key}\n", "")
    second = second.replace("national_per_capita = 12900", "historical_benchmark_per_capita = 13000")
    with pytest.raises(InputError, match=r"types\.aged_nondual\.historical_benchmark_per_capita: is missing"):
        _settle(tmp_path, TYPES + second)


def test_final_rates_as_reported_take_the_place_of_track_and_quality(tmp_path: Path) -> None:
    result = _settle(tmp_path, TOTALS.replace("bench", "share_rate = 0.3064\nbench", 1))
    assert result["shared_savings"] == pytest.approx(0.3064 * 5e6)
    loss = TOTALS.replace("9.5e7", "1.03e8").replace("bench", "loss_rate = 0.25\nbench", 1)
    assert _settle(tmp_path, loss)["shared_savings"] == pytest.approx(-0.25 * 3e6)


def test_a_rate_chosen_stands_before_the_rate_by_size(tmp_path: Path) -> None:
    result = _settle(tmp_path, TOTALS.replace("bench", "assigned_beneficiaries = 5000\nbench", 1))
    assert result["minimum_savings_rate"] == 0.01


def test_a_reduced_rate_as_reported_is_not_halved_again(tmp_path: Path) -> None:
    below = TOTALS.replace("9.5e7", "9.95e7").replace("bench", "reduced_sharing = true\nbench", 1)
    derived = _settle(tmp_path, below)
    assert derived["shared_savings"] == pytest.approx(0.5 * 0.5 * 5e5)
    reported = _settle(tmp_path, below.replace("bench", "share_rate = 0.25\nbench", 1))
    assert reported["shared_savings"] == pytest.approx(derived["shared_savings"])
    assert "reduced_sharing.factor" not in reported["terms_used"]


def test_alternative_standard_multiplies_the_rate_by_the_score(tmp_path: Path) -> None:
    # A1490 in 2024: 76.59 % of 40 % is the printed final rate of 30.64 %.
    text = TOTALS.replace('"E"', '"B"\nquality_standard = "alternative"\nquality_score = 0.7659')
    text = text.replace("minimum_savings_rate = 0.01", "assigned_beneficiaries = 10000")
    assert _settle(tmp_path, text)["share_rate"] == pytest.approx(0.3064, abs=0.00005)
    none = TOTALS.replace('"E"', '"E"\nquality_standard = "not_met"')
    assert _settle(tmp_path, none)["shared_savings"] == 0.0


def test_the_score_left_out_is_the_stated_default_where_a_loss_hangs_on_it(tmp_path: Path) -> None:
    loss = TOTALS.replace('"E"', '"ENHANCED"').replace("9.5e7", "1.03e8")
    default = load_terms("mssp").number("quality.score_if_not_given")
    rate = max(1.0 - 0.75 * default, 0.40)
    assert _settle(tmp_path, loss)["shared_savings"] == pytest.approx(-rate * 3e6)
    assert "quality.score_if_not_given" in _settle(tmp_path, loss)["terms_used"]
    assert "quality.score_if_not_given" not in _settle(tmp_path, TOTALS)["terms_used"]


def test_a_case_settles_like_the_years_of_a_run(tmp_path: Path) -> None:
    one = EnrollmentType(
        person_years=9000.0, base_year_pbpm=(1000.0, 1020.0, 1060.0), region_pbpm=13000 / 12, national_pbpm=1075.0,
        national_trend=1.06, regional_trend=1.05, acpt=1.05, risk_ratio=1.02, expenditure_pbpm=13000 / 12,
        aco_market_share=0.04,
    )  # fmt: skip
    lines = settle_mssp_years(
        {"aged_nondual": one}, track="ENHANCED", first_agreement_period=1, performance_years=[2027], quality_met=True,
        quality_score=0.8, assigned_beneficiaries=10_000.0, terms=load_terms("mssp"),
    )  # fmt: skip
    result = _settle(tmp_path, TYPES)
    for name in ("benchmark_final", "expenditure", "gross_savings", "net_shared_savings"):
        assert result[name] == pytest.approx(float(lines[name][0]), rel=1e-12)


def test_the_proposal_for_2027_can_be_tried(tmp_path: Path) -> None:
    terms = load_terms("mssp")
    stressed = {name: terms.table[name].stress for name in ("update.guardrail_up", "update.guardrail_down")}
    low_forecast = TYPES.replace("acpt = 1.05", "acpt = 1.02")
    given = "".join(f"{name} = {value}\n" for name, value in stressed.items())
    held = _settle(tmp_path, low_forecast.replace("[types", f"[terms]\n{given}[types", 1))["benchmark_steps"]
    free = _settle(tmp_path, low_forecast)["benchmark_steps"]
    two_way = 0.04 * 1.06 + 0.96 * 1.05
    assert free["aged_nondual"]["update"] == pytest.approx((2 * two_way + 1.02) / 3)  # type: ignore[index]
    assert held["aged_nondual"]["update"] == pytest.approx((2 * two_way + 1.05) / 3)  # type: ignore[index]


def test_the_scenario_table_keeps_the_mean_over_the_types() -> None:
    mssp = Mssp()
    shares = np.array([mssp.disabled_share, mssp.aged_dual_share, mssp.aged_nondual_share])
    costs = np.array([mssp.disabled_cost, mssp.aged_dual_cost, mssp.aged_nondual_cost])
    assert shares.sum() == pytest.approx(1.0)
    assert shares @ costs == pytest.approx(1.0)
    # Per-capita cost of 2024: $12,693, $20,248 and $12,424, or 0.987, 1.575 and 0.966 of their mean.
    np.testing.assert_allclose(
        costs, np.array([12_693, 20_248, 12_424]) / (shares @ [12_693, 20_248, 12_424]), atol=0.001
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"disabled_share": 0.6, "aged_dual_share": 0.5}, "must sum to less than 1"),
        ({"disabled_share": 0.2, "disabled_cost": 6.0}, "may not cost all there is"),
        ({"minimum_savings_rate": 0.012}, "must be one of 0, 0.005, 0.01, 0.015, 0.02"),
        ({"minimum_savings_rate": float("nan")}, "finite number"),
        ({"agreement_period": 0}, "greater than or equal to 1"),
    ],
)
def test_a_wrong_scenario_table_says_what_is_wrong(given: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Mssp.model_validate(given)
