"""The chain from unadjusted to final benchmark: printed vectors, and CMS's public results of 2021 and 2022."""

from __future__ import annotations

import csv
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from leadrisk.contract.case import settle_case
from leadrisk.contract.corridor import Corridor
from leadrisk.contract.retrospective_trend import reach_trend_factor, retrospective_trend_factor
from leadrisk.contract.terms import load_terms

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "reach" / "settlement_py2021_py2022.csv"
PUBLISHED_TREND = {"2021": 0.9491, "2022": 0.9472}  # aged and disabled, Milliman
RECOVERED_TREND = {"2021": 0.9505, "2022": 0.9480}  # all categories, calibration 9.1
DISCOUNT = {"Global": 0.02, "Professional": 0.0}

Row = dict[str, str]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    if not DATA.exists():
        pytest.skip("CMS's public ACO REACH results are not on this machine")
    with DATA.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("ratio", "factor"),
    [(0.9491, 0.95455), (0.9472, 0.9536), (0.9667, 0.9667), (1.008, 1.0), (1.052, 1.046), (1.091, 1.060)],
)
def test_printed_trend_vectors_are_those_of_the_corridors_from_2024(ratio: float, factor: float) -> None:
    value = reach_trend_factor(ratio, projected=1.0, years=np.array([2024]), terms=load_terms("reach"))
    assert float(np.ravel(value)[0]) == pytest.approx(factor, abs=1e-12)


@pytest.mark.parametrize(
    ("ratio", "factor"), [(0.9491, 0.9491), (0.9472, 0.9472), (0.9667, 0.9667), (1.008, 1.0), (1.091, 1.091)]
)
def test_before_2024_the_trend_is_borne_in_full(ratio: float, factor: float) -> None:
    value = reach_trend_factor(ratio, projected=1.0, years=np.array([2021, 2023]), terms=load_terms("reach"))
    np.testing.assert_allclose(value, factor, atol=1e-12)


def test_the_trend_is_the_ratio_of_cumulative_trends() -> None:
    bands = Corridor(edges=(0.04, 0.08), shares=(1.0, 0.5, 0.0))
    value = retrospective_trend_factor(1.1572, projected=1.1, trigger=0.01, corridor=bands)
    assert float(value) == pytest.approx(1.046)


def _settled_final(row: Row, trend: float, **terms: object) -> float:
    result = settle_case(
        {
            "program": "reach",
            "option": row["risk_arrangement"].lower(),
            "performance_year": int(row["perf_year"]),
            "benchmark_unadjusted": float(row["unadj_benchmark"]),
            "retrospective_trend": trend,
            "quality_score": float(row["qual_scr"]) / 100.0,
            "expenditure": float(row["tot_cost_care"]),
            "terms": terms,
        }
    )
    return float(result["benchmark_final"])


@pytest.mark.parametrize("year", ["2021", "2022"])
def test_the_trend_recovered_from_public_results_is_near_the_published_one(rows: list[Row], year: str) -> None:
    # The published factor is that of aged and disabled; the public figures hold ESRD too, whose factor is not public.
    recovered = median(
        float(row["final_benchmark"]) / _settled_final(row, 1.0)
        for row in rows
        if row["perf_year"] == year and float(row["qual_scr"]) == 100.0
    )
    assert recovered == pytest.approx(RECOVERED_TREND[year], abs=5e-4)
    assert 0.0 < recovered - PUBLISHED_TREND[year] < 0.002


def test_final_benchmarks_of_standard_acos(rows: list[Row]) -> None:
    standard = [row for row in rows if row["aco_type"] == "Standard"]
    off = [
        _settled_final(row, RECOVERED_TREND[row["perf_year"]]) / float(row["final_benchmark"]) - 1.0 for row in standard
    ]
    assert len(standard) == 107
    assert median(abs(share) for share in off) < 0.0005
    # Three ACOs of 2022 stand 2 % below the others in CMS's file: unexplained.
    assert sum(abs(share) > 0.003 for share in off) == 3


def test_the_discount_of_every_row(rows: list[Row]) -> None:
    terms = load_terms("reach")
    for row in rows:
        rate = terms.by_year(f"discount.{row['risk_arrangement'].lower()}", int(row["perf_year"]))
        assert 100.0 * float(rate) == pytest.approx(float(row["discount"])), row["aco_id"]


def test_five_percent_were_withheld_in_2022(rows: list[Row]) -> None:
    # Standard ACOs only; a quality score of 92 against a withhold of 2 % would leave the benchmark 0.24 % higher.
    at_risk = [
        (
            1.0
            - float(row["final_benchmark"])
            / (_settled_final(row, RECOVERED_TREND["2022"], **{"quality.withhold": 0.0}))
        )
        / (1.0 - float(row["qual_scr"]) / 100.0)
        for row in rows
        if row["aco_type"] == "Standard" and float(row["qual_scr"]) < 97.0
    ]
    assert len(at_risk) == 6
    assert median(at_risk) == pytest.approx(0.05, abs=0.006)
    assert load_terms("reach").by_year("quality.withhold", [2021, 2022, 2023, 2025, 2026]).tolist() == [
        0.05,
        0.05,
        0.02,
        0.02,
        0.05,
    ]
