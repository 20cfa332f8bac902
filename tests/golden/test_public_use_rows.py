"""Every ACO of CMS's public use files becomes a scenario that keeps the published dollars and runs as it is."""

from __future__ import annotations

import csv
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import leadrisk as lr
from leadrisk.cohort.public_use_file import BASE_YEAR_WEIGHTS, CONTRACTS, cohort_means, scenario_from_row, scenario_text
from leadrisk.cohort.public_use_layout import read_public_use_file
from leadrisk.cohort.public_use_levels import GROWTH, QUALITY, growth_to_base_year_3
from leadrisk.cohort.public_use_notes import quality_scores
from leadrisk.cohort.public_use_region import (
    EXCESS_INTERCEPT,
    EXCESS_SLOPE,
    REGION_WHERE_UNKNOWN,
    base_years_cost,
    region_of,
)
from leadrisk.cohort.public_use_row import find_row, number, required
from leadrisk.scenario.load import load_scenario

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "mssp"
COUNTS = {2021: 475, 2022: 482, 2023: 453}
CATEGORIES = ("aged_disabled", "high_needs", "esrd")
ODD = [
    (2021, "A3103", "the smallest of its file"),
    (2021, "A3580", "220,365 lives; simulated with 20,000"),
    (2021, "A2507", "8.6 % above its benchmark"),
    (2021, "A2772", "risk scores far above those of its base years"),
    (2021, "A2973", "96 % in long-term institutions"),
    (2022, "A5069", "the dearest and the largest negative regional adjustment"),
    (2022, "A3266", "15 % above its benchmark"),
    (2022, "A2142", "the largest share of ESRD"),
    (2022, "A2551", "counts of two types suppressed"),
    (2023, "A3367", "640 lives"),
    (2023, "A5220", "$41,000 a person-year"),
    (2023, "A3770", "the largest positive regional adjustment"),
    (2023, "A5275", "cost of ESRD suppressed in a base year too"),
]


def path_of(year):
    path = FOLDER / f"PY_Financial_and_Quality_Results_{year}.csv"
    if not path.exists():
        pytest.skip(f"the public use file of {year} is not beside the repository")
    return path


@cache
def file_of(year):
    return read_public_use_file(path_of(year))


def loaded(year, aco_id, folder, **wanted):
    path = folder / f"{aco_id}.toml"
    path.write_text(scenario_text(file_of(year), aco_id, **wanted), encoding="utf-8")
    return load_scenario(path)


def over_all(scenario, figure):
    """Mean of a figure over the categories, weighted by their shares."""
    shares = {name: getattr(scenario.cohort, f"{name}_share") for name in CATEGORIES}
    return sum(share * figure(getattr(scenario.categories, name)) for name, share in shares.items())


@pytest.mark.parametrize("year", COUNTS)
def test_every_aco_becomes_a_scenario(year, tmp_path):
    file = file_of(year)
    assert (file.year, len(file.rows)) == (year, COUNTS[year])
    growth = growth_to_base_year_3(year) / 12.0
    for row in file.rows:
        scenario = loaded(year, row["ACO_ID"], tmp_path)
        base_years = [over_all(scenario, lambda money, at=at: money.base_year_pbpm[at]) for at in range(3)]
        region = over_all(scenario, lambda money: money.region_pbpm)
        national = over_all(scenario, lambda money: money.national_pbpm)
        where = f"{row['ACO_ID']} of {year}"
        assert base_years[2] == pytest.approx(required(row, "Per_Capita_Exp_TOTAL_PY") * growth, rel=0.014), where
        assert 0.5 < base_years[0] / base_years[2] < 1.9, where
        assert 0.6 < base_years[1] / base_years[2] < 1.8, where
        assert 0.83 < region / np.mean(base_years) < 1.24, where
        assert 0.4 < national / np.mean(base_years) < 1.5, where
        assert scenario.cohort.lives == required(row, "N_AB"), where
        assert 1 <= scenario.mssp.agreement_period <= 5, where
        assert scenario.contract.names == CONTRACTS, where


@pytest.mark.parametrize(("year", "aco_id", "why"), ODD)
def test_odd_acos_settle_under_every_contract(year, aco_id, why, tmp_path):
    scenario = loaded(year, aco_id, tmp_path)
    if scenario.cohort.lives > 20_000:
        scenario = load_scenario(tmp_path / f"{aco_id}.toml", set={"cohort.lives": 20_000})
    experience = lr.simulate(scenario, populations=4, seed=1, threads=1)
    settlement = lr.settle(experience, scenario, futures=4, threads=1)
    assert tuple(settlement["contract"].values) == CONTRACTS, why
    assert np.isfinite(settlement["net_settlement"]).all(), why
    months = experience["person_years"].sel(year=2027).sum("category") * 12.0
    cost = float((settlement["expenditure"].sel(contract="lead_global", year=2027) / months).mean())
    known = over_all(scenario, lambda money: sum(money.base_year_pbpm) / 3.0)
    assert 0.90 < cost / known < 1.20, why
    rates = settlement["gross_savings_rate"].sel(year=2027).mean(("population", "future"))
    assert float(abs(rates).max()) < 0.10, why


@pytest.mark.parametrize("entrant", BASE_YEAR_WEIGHTS)
def test_every_entrant_is_a_scenario(entrant, tmp_path):
    scenario = loaded(2022, "A1540", tmp_path, entrant=entrant)
    assert scenario.contract.entrant == entrant
    assert (scenario.categories.esrd.prior_savings_pbpm > 0.0) is (entrant != "newly_entering")


@pytest.mark.parametrize("year", [2021, 2022])
def test_growth_is_that_of_the_acos_of_both_years(year):
    before, after = ({row["ACO_ID"]: row for row in file_of(at).rows} for at in (year, year + 1))
    column = "Per_Capita_Exp_TOTAL_PY"
    growth = [required(after[aco], column) / required(before[aco], column) for aco in before.keys() & after.keys()]
    assert np.mean(growth) == pytest.approx(GROWTH[year].factor, abs=0.0005)


@pytest.mark.parametrize("year", COUNTS)
def test_quality_across_acos_is_that_of_the_file(year):
    scores = quality_scores(file_of(year))
    assert (np.mean(scores), np.std(scores, ddof=1)) == pytest.approx(QUALITY[year], abs=0.05)


def test_estimated_regional_adjustment_is_fitted_to_the_next_year():
    """The file of 2021 gives a sign; the same ACOs' dollars of 2022, in the same agreement, are what it must meet."""
    before, after = file_of(2021), {row["ACO_ID"]: row for row in file_of(2022).rows}
    means = {start: cohort_means(before, start) for start in {row["Current_Start_Date"] for row in before.rows}}
    pairs = []
    for row in before.rows:
        start = row["Current_Start_Date"]
        later = after.get(row["ACO_ID"])
        if later is not None and later["Current_Start_Date"] == start:
            excess = required(row, "HistBnchmk") / base_years_cost(row, means[start]) - 1.0
            pairs.append((excess, required(later, "PosRegAdj") / required(later, "HistBnchmk")))
    excess, published = np.array(pairs).T
    slope, intercept = np.polyfit(excess, published, 1)
    assert len(pairs) == 276
    assert slope == pytest.approx(EXCESS_SLOPE, abs=0.005)
    assert intercept == pytest.approx(EXCESS_INTERCEPT, abs=0.00005)
    assert np.corrcoef(excess, published)[0, 1] == pytest.approx(0.84, abs=0.005)
    assert np.std(published - slope * excess - intercept) == pytest.approx(0.008, abs=0.0005)


def test_region_where_unknown_is_the_mean_of_the_next_agreement():
    unknown = {row["ACO_ID"] for row in file_of(2021).rows if number(row["PosRegAdj"]) is None}
    later = [row for row in file_of(2022).rows if row["ACO_ID"] in unknown]
    over = [region_of(row, {}, regional_dollars=True).over_aco for row in later]
    assert len(later) == 68
    assert np.mean(over) == pytest.approx(REGION_WHERE_UNKNOWN, abs=0.0005)
    assert np.std(over) == pytest.approx(0.046, abs=0.0005)


# ---------------------------------------------------------------- three ACOs once more, in decimals, from the raw file

TYPE_NAMES = {"ESRD": "ESRD", "DIS": "DIS", "AGDU": "AGED_Dual", "AGND": "AGED_NonDual"}
FACTORS = {2021: "1.026", 2022: "1.074", 2023: "1.069", 2024: "1.07", 2025: "1.05"}
BY_HAND = [
    # year, ACO, weight of the regional adjustment
    (2022, "A1540", Decimal("0.35")),
    (2023, "A1001", Decimal("0.35")),
    (2023, "A5257", Decimal("0.15")),
]


def decimal(row, column):
    return Decimal(row[column].rstrip("%").replace(",", ""))


@pytest.mark.parametrize(("year", "aco_id", "weight"), BY_HAND)
def test_dollars_by_hand(year, aco_id, weight):
    with path_of(year).open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    own = next(row for row in rows if row["ACO_ID"] == aco_id)
    peers = [row for row in rows if row["Current_Start_Date"] == own["Current_Start_Date"]]
    growth = national_growth = Decimal(1)
    for at in range(year, 2026):
        growth *= Decimal(FACTORS[at])
    for at in range(2022, 2026):
        national_growth *= Decimal(FACTORS[at])
    years = {name: decimal(own, f"N_AB_Year_{column}_PY") for name, column in TYPE_NAMES.items()}
    base, national = {}, {}
    for name, column in TYPE_NAMES.items():
        relative = {}
        for when in ("BY1", "BY2", "BY3", "PY"):
            weights = f"N_AB_Year_{column}_{'PY' if when == 'PY' else 'BY3'}"
            columns = (weights, f"Per_Capita_Exp_ALL_{name}_{when}", f"CMS_HCC_RiskScore_{name}_{when}")
            told = [[decimal(row, one) for one in columns] for row in peers if "*" not in [row[one] for one in columns]]
            cost = sum(n * dollars for n, dollars, _ in told) / sum(n for n, _, _ in told)
            score = sum(n * risk for n, _, risk in told) / sum(n for n, _, _ in told)
            relative[when] = (decimal(own, columns[1]) / decimal(own, columns[2])) / (cost / score)
        # relative cost at equal risk; the last year's is the ACO's own dollars
        level = decimal(own, f"Per_Capita_Exp_ALL_{name}_PY") / relative["PY"] * growth / 12
        base[name] = [
            level * value for value in ((relative["BY1"] + relative["BY2"]) / 2, relative["BY3"], relative["PY"])
        ]
        nation = {"ESRD": 90_392, "DIS": 13_353, "AGDU": 20_765, "AGND": 11_610}[name]
        national[name] = nation * national_growth / 12 * decimal(own, f"CMS_HCC_RiskScore_{name}_PY")
    rest = sum(years[name] for name in ("DIS", "AGDU", "AGND"))
    mixed = [sum(years[name] * base[name][at] for name in ("DIS", "AGDU", "AGND")) / rest for at in range(3)]
    mixed_national = sum(years[name] * national[name] for name in ("DIS", "AGDU", "AGND")) / rest
    tenth_of_rest = Decimal("0.1") * sum(years.values()) / rest
    factor = {"aged_disabled": 1 / (1 + tenth_of_rest * Decimal("1.5")), "esrd": Decimal(1)}
    factor["high_needs"] = factor["aged_disabled"] * Decimal("2.5")
    adjustment = decimal(own, "PosRegAdj")
    region = 1 + adjustment / weight / (decimal(own, "HistBnchmk") - adjustment)
    savings = max(decimal(own, "Sav_rate"), Decimal(0)) / (100 - decimal(own, "Sav_rate"))

    made = scenario_from_row(file_of(year), aco_id, entrant="renewing_mssp")
    assert find_row(file_of(year).rows, aco_id)["ACO_ID"] == aco_id
    for category, money in made.tables["categories"].items():
        years_of, nation_of = (base["ESRD"], national["ESRD"]) if category == "esrd" else (mixed, mixed_national)
        scaled = [factor[category] * value for value in years_of]
        expected = {
            "base_year_pbpm": [float(value) for value in scaled],
            "region_pbpm": float(sum(scaled) / 3 * region),
            "national_pbpm": float(factor[category] * nation_of),
            "prior_savings_pbpm": float(scaled[2] * savings),
        }
        for key, value in expected.items():
            assert money[key] == pytest.approx(value, abs=0.0051), (category, key)
