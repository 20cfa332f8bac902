"""The backtest on CMS's files: what an actuary asks of it, and that its numbers hang neither on seed nor on sample."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from leadrisk.validation.backtest import backtest

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "mssp"
FILES = [FOLDER / f"PY_Financial_and_Quality_Results_{year}.csv" for year in (2021, 2022, 2023)]
FEW = 20

pytestmark = pytest.mark.skipif(
    not all(path.exists() for path in FILES), reason="MSSP public use files of 2021-2023 are not in ../shared/data/mssp"
)


@pytest.fixture(scope="module")
def acceptance() -> dict:
    return backtest(FILES[:2], FILES[2])


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The files cut down to twenty small ACOs of all three years, and to those that tell a file's year."""
    tables = []
    for path in FILES:
        with path.open(encoding="utf-8-sig", newline="") as file:
            tables.append(list(csv.DictReader(file)))
    common = set.intersection(*({row["ACO_ID"] for row in rows if size_of(row) < 12_000.0} for rows in tables))
    kept = sorted(common)[:FEW]
    folder = tmp_path_factory.mktemp("few")
    for path, rows in zip(FILES, tables, strict=True):
        newest = max(rows, key=lambda row: row["Current_Start_Date"][-4:])
        with (folder / path.name).open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(row for row in rows if row["ACO_ID"] in kept or row is newest)
    return [folder / path.name for path in FILES]


def size_of(row: dict[str, str]) -> float:
    return float(row["N_AB"].replace(",", ""))


def test_twenty_real_acos_are_foretold(few: list[Path]):
    found = backtest(few[:2], few[2], populations=8, futures=8)
    groups = (found, found["rebased"])
    assert sum(group["n"] for group in groups) + found["rebased"]["left_out"]["base_years_not_simulated"] >= FEW
    assert 0.5 < found["crps"] < 4.0
    assert found["training"]["pairs_same_agreement_period"] > 0


@pytest.mark.slow
def test_coverage_is_nominal_within_two_binomial_standard_errors(acceptance: dict):
    assert 395 <= acceptance["n"] <= 410
    assert acceptance["coverage_within_two_errors"] == dict.fromkeys(("50", "80", "90", "95"), True)
    assert acceptance["ks_p"] > 0.05


@pytest.mark.slow
def test_the_engine_is_sharper_than_the_naive_line_also_above_thirty_thousand_lives(acceptance: dict):
    for part in (acceptance, acceptance["by_size"][-1]):
        gain = part["crps_gain"]
        assert gain["difference"] > 2.0 * gain["se"]
    assert acceptance["crps"] < acceptance["crps_naive"]


@pytest.mark.slow
def test_the_engine_is_the_closed_rule_in_spread_and_slope(acceptance: dict):
    for band in acceptance["by_size"]:
        assert band["mean_sd"]["engine"] == pytest.approx(band["mean_sd"]["closed_rule"], rel=0.08)
        assert band["mean_slope"]["engine"] == pytest.approx(band["mean_slope"]["closed_rule"], abs=0.05)


@pytest.mark.slow
def test_another_seed_and_half_the_populations_move_coverage_by_less_than_its_standard_error(acceptance: dict):
    other = backtest(FILES[:2], FILES[2], populations=64, seed=2)
    for level, share in acceptance["coverage"].items():
        assert other["coverage"][level] == pytest.approx(share, abs=acceptance["coverage_error"][level])
