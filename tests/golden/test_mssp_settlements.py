"""CMS's public Shared Savings Program results for 2021 to 2023 are reproduced ACO by ACO from their own columns."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from leadrisk.cohort.public_use_row import number
from leadrisk.contract.case import settle_case
from leadrisk.contract.minimum_savings_rate import minimum_savings_rate
from leadrisk.contract.mssp_adjustment import regional_adjustment
from leadrisk.contract.mssp_risk import capped_growth
from leadrisk.contract.terms import load_terms
from leadrisk.contract.update import two_way_trend

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "mssp"
YEARS = (2021, 2022, 2023)
TERMS = load_terms("mssp")

# Tracks of agreement periods before July 2019 settle like a present one with another rate: Track 1 shares 50 % of
# savings only, Track 1+ like BASIC level E, Track 2 60 % and a loss rate of 1 - 60 % x quality, Track 3 is ENHANCED.
TRACKS = {
    "Track_1": "A", "Track_1_Plus": "E", "Track_2": "ENHANCED", "Track_3": "ENHANCED", "EN": "ENHANCED",
    "ENHANCED": "ENHANCED", **{f"BASIC_{level}": level for level in "ABCDE"}, **{level: level for level in "ABCDE"},
}  # fmt: skip

# The loss limit by revenue bound; the files do not print the participants' revenue.
LIMITED_BY_REVENUE = [
    (2021, "A1515"), (2021, "A2820"), (2021, "A4627"), (2022, "A1070"), (2023, "A1241"), (2023, "A4627"),
    (2023, "A5293"),
]  # fmt: skip

# Left the programme in mid-year (column Impact_Mid_Year_Termination) and forfeited its savings.
FORFEITED = [(2022, "A1080")]


class Aco(NamedTuple):
    year: int
    row: dict[str, str]

    @property
    def key(self) -> tuple[int, str]:
        return self.year, self.row["ACO_ID"]

    @property
    def published_track(self) -> str:
        if "Current_Track" in self.row:
            return self.row["Current_Track"]
        columns = [column for column in self.row if column.startswith("Current_") and column != "Current_Start_Date"]
        return next(column.removeprefix("Current_") for column in columns if self.row[column] == "1")

    @property
    def track(self) -> str:
        return TRACKS[self.published_track]

    @property
    def one_sided(self) -> bool:
        return self.row["Risk_Model"] == "One-Sided"

    def figure(self, column: str) -> float:
        return number(self.row.get(column, "")) or 0.0


@pytest.fixture(scope="module")
def acos() -> list[Aco]:
    paths = {year: FOLDER / f"PY_Financial_and_Quality_Results_{year}.csv" for year in YEARS}
    if not all(path.exists() for path in paths.values()):
        pytest.skip("CMS's public Shared Savings Program results are not on this machine")
    found = []
    for year, path in paths.items():
        with path.open(encoding="utf-8-sig", newline="") as file:
            found += [Aco(year, row) for row in csv.DictReader(file)]
    return found


def size_rate(aco: Aco) -> float:
    sizes, rates = TERMS.weights("minimum_savings_rate.sizes"), TERMS.weights("minimum_savings_rate.rates")
    return float(minimum_savings_rate(aco.figure("N_AB"), sizes=sizes, rates=rates))


def settle(aco: Aco, *, gross_savings: str | None = "BnchmkMinExp", **given: float) -> dict[str, object]:
    """Settle one row from a column of gross savings, or, without one, from its expenditure.

    A two-sided ACO whose printed minimum savings rate is not the rate by size chose it.
    """
    printed = aco.figure("MinSavPerc") / 100.0
    by_size = aco.one_sided or abs(printed - size_rate(aco)) < 0.00006
    size = {"assigned_beneficiaries": aco.figure("N_AB")} if by_size else {"minimum_savings_rate": printed}
    case = {
        "program": "mssp",
        "track": aco.track,
        "performance_year": aco.year,
        "benchmark_final": aco.figure("ABtotBnchmk"),
        "quality_score": aco.figure("QualScore") / 100.0,
        "share_rate": aco.figure("FinalShareRate") / 100.0,
    }
    case |= {"gross_savings": aco.figure(gross_savings)} if gross_savings else {"expenditure": aco.figure("ABtotExp")}
    if aco.published_track == "Track_2":
        given = {"loss_rate": 1.0 - 0.60 * aco.figure("QualScore") / 100.0, **given}
    return settle_case(case | size | given)


def rounding(aco: Aco) -> float:
    """A dollar, and half a unit of the last printed digit of quality score or loss rate where the loss hangs on it."""
    hangs = aco.track == "ENHANCED" and aco.figure("GenSaveLoss") < 0.0
    return 1.0 + 0.00005 * abs(aco.figure("GenSaveLoss")) * hangs


def test_every_row_is_read(acos: list[Aco]) -> None:
    assert [sum(aco.year == year for aco in acos) for year in YEARS] == [475, 482, 453]
    assert {aco.track for aco in acos} == {"A", "B", "C", "D", "E", "ENHANCED"}


def test_minimum_savings_rate_of_every_one_sided_aco(acos: list[Aco]) -> None:
    one_sided = [aco for aco in acos if aco.one_sided]
    assert len(one_sided) > 600
    for aco in one_sided:
        assert 100.0 * size_rate(aco) == pytest.approx(aco.figure("MinSavPerc"), abs=0.00501), aco.key


def test_generated_savings_of_every_row(acos: list[Aco]) -> None:
    for aco in acos:
        result = settle(aco, gross_savings=None)
        assert result["gross_savings"] == pytest.approx(aco.figure("BnchmkMinExp"), abs=1.01), aco.key
        assert result["generated_savings"] == pytest.approx(aco.figure("GenSaveLoss"), abs=1.01), aco.key


def test_full_share_rate_of_every_present_track(acos: list[Aco]) -> None:
    for aco in acos:
        if aco.published_track not in {"Track_1", "Track_2"}:
            rate = 100.0 * TERMS.number(f"share_rate.{aco.track}")
            assert aco.figure("FinalShareRate") == pytest.approx(rate), aco.key


def test_earned_savings_of_every_row(acos: list[Aco]) -> None:
    gains = [aco for aco in acos if aco.figure("GenSaveLoss") >= 0.0]
    exceptions = []
    for aco in gains:
        earned = settle(aco)["net_shared_savings"]
        if earned == pytest.approx(aco.figure("EarnSaveLoss"), abs=1.0):
            continue
        exceptions.append(aco.key)
        assert aco.row["Impact_Mid_Year_Termination"] == "1"
    assert exceptions == FORFEITED
    assert sum(aco.figure("EarnSaveLoss") > 0.0 for aco in gains) == 274 + 303 + 313


def test_earned_losses_of_every_row(acos: list[Aco]) -> None:
    losses = [aco for aco in acos if aco.figure("GenSaveLoss") < 0.0]
    assert len(losses) == 50
    exceptions = []
    for aco in losses:
        spared = -aco.figure("DisAdj")
        result = settle(aco, disaster_adjustment=spared)
        assert result["sequestration"] == 0.0
        if result["net_shared_savings"] == pytest.approx(aco.figure("EarnSaveLoss"), abs=rounding(aco)):
            # Where the disaster took all, what CMS says it took is the whole shared loss.
            assert settle(aco)["shared_savings"] == pytest.approx(
                aco.figure("EarnSaveLoss") - spared, abs=rounding(aco)
            ), aco.key
            continue
        exceptions.append(aco.key)
        owed = spared - aco.figure("EarnSaveLoss")
        revenue = owed / TERMS.number(f"loss_limit.revenue.{aco.track}")
        assert owed < TERMS.number(f"loss_limit.benchmark.{aco.track}") * aco.figure("ABtotBnchmk")
        assert 0.02 < revenue / aco.figure("ABtotExp") < 1.0
        with_revenue = settle(aco, disaster_adjustment=spared, revenue=revenue)
        assert with_revenue["net_shared_savings"] == pytest.approx(aco.figure("EarnSaveLoss"), abs=1.0), aco.key
    assert exceptions == LIMITED_BY_REVENUE


def test_printed_loss_rates_follow_from_the_quality_score(acos: list[Aco]) -> None:
    printed = [aco for aco in acos if aco.figure("FinalLossRate") and aco.figure("GenSaveLoss") < 0.0]
    assert len(printed) == 20
    for aco in printed:
        assert 100.0 * settle(aco)["loss_rate"] == pytest.approx(aco.figure("FinalLossRate"), abs=0.0101), aco.key


@pytest.mark.parametrize(
    ("by3", "py", "ratio"),
    [(1.031, 1.054, 1.022), (1.123, 1.074, 0.956), (0.987, 1.046, 1.030), (1.025, 1.001, 0.977)],
)
def test_risk_ratios_of_cms_specifications(by3: float, py: float, ratio: float) -> None:
    assert float(capped_growth(py / by3, cap=TERMS.number("risk_cap.growth"))) == pytest.approx(ratio, abs=0.0006)


@pytest.mark.parametrize(
    ("size", "rate"),
    [
        (1, 0.122), (500, 0.122), (999, 0.087), (1000, 0.087), (2999, 0.050), (3000, 0.050), (4999, 0.039),
        (5000, 0.039),
        (5999, 0.036), (6000, 0.036), (6999, 0.034), (7000, 0.034), (7207, 0.0335855856), (7999, 0.032), (8000, 0.032),
        (8999, 0.031), (9000, 0.031), (9999, 0.030), (10_000, 0.030), (14_999, 0.027), (15_000, 0.027), (19_999, 0.025),
        (20_000, 0.025), (49_999, 0.022), (50_000, 0.022), (59_999, 0.020), (60_000, 0.020), (500_000, 0.020),
    ],
)  # fmt: skip
def test_minimum_savings_rate_at_every_checkpoint(size: int, rate: float) -> None:
    sizes, rates = TERMS.weights("minimum_savings_rate.sizes"), TERMS.weights("minimum_savings_rate.rates")
    assert float(minimum_savings_rate(float(size), sizes=sizes, rates=rates)) == pytest.approx(rate, abs=5e-11)


def test_trend_of_the_settlement_report() -> None:
    update = two_way_trend(national=1.102459, regional=1.040613, aco_market_share=0.0368)
    assert float(update) == pytest.approx(1.042889, abs=5e-7)


def test_regional_adjustments_of_the_settlement_report() -> None:
    # ESRD, disabled, aged dual, aged non-dual: 35 % of the difference, none at its cap; over all types, weighted by
    # the person-years of base year 3 in the public file, they are its PosRegAdj of $78.
    published = np.array([-2440.31, 50.77, 523.75, 65.52])
    person_years = np.array([92.0, 1514.0, 790.0, 6174.0])
    national = np.array([85_000.0, 11_100.0, 17_000.0, 10_600.0])
    computed = regional_adjustment(
        published / 0.35,
        weight=TERMS.weights("regional.weight_lower_spending")[0],
        national_pbpm=national,
        cap_positive=TERMS.number("regional.cap_positive"),
        cap_negative=TERMS.number("regional.cap_negative.before_2024"),
    )
    np.testing.assert_allclose(computed, published)
    assert round(float(np.average(computed, weights=person_years))) == 78
