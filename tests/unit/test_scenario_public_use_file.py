"""One row of the MSSP public use file becomes a scenario, by arithmetic that can be followed by hand."""

from __future__ import annotations

from itertools import pairwise

import pytest

from leadrisk.cohort import public_use_file as puf
from leadrisk.cohort.public_use_layout import PublicUseFile
from leadrisk.cohort.public_use_levels import growth_to_base_year_3
from leadrisk.cohort.public_use_notes import HIGH_NEEDS_COST_RATIO
from leadrisk.cohort.public_use_region import (
    EXCESS_INTERCEPT,
    EXCESS_SLOPE,
    REGION_WHERE_UNKNOWN,
    region_of,
    region_over_aco,
    times_adjusted,
)
from leadrisk.cohort.public_use_row import FILE_YEARS, agreement_period, number, type_shares
from leadrisk.errors import InputError
from leadrisk.scenario.load import load_scenario


def row(**changes):
    """Return a plain ACO: every cost at the same level, scores 1, no adjustment."""
    plain = {
        "ACO_ID": "A1",
        "ACO_Name": "One",
        "Agreement_Period_Num": "1",
        "Current_Start_Date": "01/01/2022",
        "Current_Track": "E",
        "N_AB": "10,000",
        "N_AB_Year_PY": "9800",
        "Sav_rate": "2.00%",
        "PosRegAdj": "0",
        "HistBnchmk": "10000",
        "UpdatedBnchmk": "11000",
        "Per_Capita_Exp_TOTAL_PY": "10780",
        "QualScore": "82.30%",
    }
    costs = {"ESRD": "90000", "DIS": "12000", "AGDU": "18000", "AGND": "11000"}
    years = {"ESRD": "49", "DIS": "980", "AGED_Dual": "588", "AGED_NonDual": "8183"}
    for year in FILE_YEARS:
        plain |= {f"Per_Capita_Exp_ALL_{name}_{year}": cost for name, cost in costs.items()}
        plain |= {f"CMS_HCC_RiskScore_{name}_{year}": "1.0" for name in costs}
    for year in ("BY3", "PY"):
        plain |= {f"N_AB_Year_{name}_{year}": value for name, value in years.items()}
    return plain | changes


def means_of(*rows):
    """Return the means of those of these rows that started in 2022."""
    return puf.cohort_means(PublicUseFile(2023, rows), "01/01/2022")


def made(rows, aco_id="A1", *, entrant="renewing_mssp", year=2023, regional_dollars=True):
    """Return the tables of the first ACO of a file of these rows."""
    file = PublicUseFile(year, tuple(rows), regional_dollars=regional_dollars)
    return puf.scenario_from_row(file, aco_id, entrant=entrant)


def test_total_cost_is_kept_by_the_split_into_categories():
    tables = made([row()]).tables
    shares = {"aged_disabled": 0.9 - 0.005, "high_needs": 0.1, "esrd": 0.005}
    assert tables["cohort"] == {"lives": 10000, "high_needs_share": 0.1, "esrd_share": 0.005}
    total = sum(share * tables["categories"][name]["base_year_pbpm"][2] for name, share in shares.items())
    per_person_year = 0.005 * 90_000 + 0.1 * 12_000 + 0.06 * 18_000 + 0.835 * 11_000
    assert total == pytest.approx(per_person_year * growth_to_base_year_3(2023) / 12, abs=0.01)
    ratio = (
        tables["categories"]["high_needs"]["base_year_pbpm"][0]
        / tables["categories"]["aged_disabled"]["base_year_pbpm"][0]
    )
    assert ratio == pytest.approx(HIGH_NEEDS_COST_RATIO, rel=1e-4)


def test_relative_costs_are_taken_at_the_scores_of_the_last_year():
    one = row(**{f"Per_Capita_Exp_ALL_AGND_{year}": "11000" for year in FILE_YEARS})
    one |= {"CMS_HCC_RiskScore_AGND_BY3": "0.5", "Per_Capita_Exp_ALL_AGND_PY": "22000"}
    other = row(ACO_ID="A2", N_AB_Year_AGED_NonDual_BY3="8183")
    means = means_of(one, other)
    assert means["AGND", "PY"] == (16500.0, 1.0)
    assert means["AGND", "BY3"] == (11000.0, 0.75)
    first, second, third = puf.relative_costs(one, means, "AGND")
    assert first == pytest.approx(1.0)
    assert second == pytest.approx((11000 / 0.5) / (11000 / 0.75))
    assert third == pytest.approx(22000 / 16500)


def test_acos_with_another_start_are_no_yardstick():
    other = row(ACO_ID="A2", Current_Start_Date="01/01/2020", Per_Capita_Exp_ALL_AGND_PY="99999")
    assert means_of(row(), other)["AGND", "PY"] == (11000.0, 1.0)


def test_suppressed_years_take_the_mean_of_the_known_ones():
    hidden = row(Per_Capita_Exp_ALL_ESRD_BY3="*", CMS_HCC_RiskScore_ESRD_BY3="*", N_AB_Year_ESRD_BY3="*")
    hidden |= {"Per_Capita_Exp_ALL_ESRD_PY": "180000"}
    means = means_of(hidden, row(ACO_ID="A2"))
    relative = puf.relative_costs(hidden, means, "ESRD")
    assert relative == pytest.approx([1.0, (1.0 + 1.0 + 180 / 135) / 3, 180 / 135])


def test_wholly_suppressed_type_takes_the_cohort_mean():
    hidden = row(N_AB_Year_ESRD_PY="*")
    hidden |= {
        f"{stem}_ESRD_{year}": "*" for stem in ("Per_Capita_Exp_ALL", "CMS_HCC_RiskScore") for year in FILE_YEARS
    }
    rows = [hidden, row(ACO_ID="A2")]
    assert puf.relative_costs(hidden, means_of(*rows), "ESRD") == [1.0, 1.0, 1.0]
    tables = made(rows).tables
    assert tables["cohort"]["esrd_share"] == round(49 / 9800, 5)


def test_type_hidden_in_the_whole_cohort_is_an_error():
    hidden = row(**{f"Per_Capita_Exp_ALL_ESRD_{year}": "*" for year in FILE_YEARS})
    with pytest.raises(InputError, match="no ACO that started on 01/01/2022 has a published figure for ESRD in BY1"):
        made([hidden])


@pytest.mark.parametrize(
    ("adjustment", "period", "start", "expected"),
    [
        ("350", "1", "01/01/2022", 1000 / 9650),
        ("-150", "1", "01/01/2022", -1000 / 10150),
        ("500", "3", "01/01/2022", 1000 / 9500),
        ("-250", "3", "01/01/2022", -1000 / 10250),
        ("350", "2", "01/01/2022", 1000 / 9650),
        ("350", "3", "07/01/2019", 1000 / 9650),
        ("-250", "2", "01/01/2018", -1000 / 10250),
        ("0", "2", "01/01/2022", 0.0),
    ],
)
def test_region_follows_from_the_regional_adjustment(adjustment, period, start, expected):
    of = row(PosRegAdj=adjustment, Agreement_Period_Num=period, Current_Start_Date=start)
    assert region_over_aco(of, float(adjustment)) == pytest.approx(expected)
    category = made([of], "A1", entrant="newly_entering").tables["categories"]["esrd"]
    first, second, third = category["base_year_pbpm"]
    baseline = 0.1 * first + 0.3 * second + 0.6 * third
    assert category["region_pbpm"] == pytest.approx(baseline * (1 + expected), abs=0.02)


@pytest.mark.parametrize(
    ("rate", "entrant", "expected"),
    [
        ("2.00%", "renewing_mssp", 0.02 / 0.98),
        ("-3.00%", "renewing_mssp", 0.0),
        ("2.00%", "newly_entering", 0.0),
    ],
)
def test_prior_savings(rate, entrant, expected):
    category = made([row(Sav_rate=rate)], "A1", entrant=entrant).tables["categories"]["esrd"]
    assert category["prior_savings_pbpm"] == pytest.approx(category["base_year_pbpm"][2] * expected, abs=0.006)


def test_quality_is_in_standard_deviations():
    tables = made([row(QualScore="89.20%")]).tables
    assert tables["quality"]["relative_level"] == 1.0


def test_shared_savings_table_by_hand():
    # 980 + 588 + 8,183 = 9,751 person-years; 12,000, 18,000 and 11,000 dollars, together 112,357,000.
    table = made([row()]).tables["mssp"]
    assert table == {
        "agreement_period": 2,
        "disabled_share": 0.1005,
        "aged_dual_share": 0.0603,
        "disabled_cost": 1.041,
        "aged_dual_cost": 1.562,
    }


def test_type_with_suppressed_cost_takes_the_mean_of_its_cohort():
    hidden = row(Per_Capita_Exp_ALL_AGDU_PY="*")
    rows = [hidden, row(ACO_ID="A2", Per_Capita_Exp_ALL_AGDU_PY="24000")]
    # (980 x 12,000 + 588 x 24,000 + 8,183 x 11,000) / 9,751 = 11,884.63
    assert made(rows).tables["mssp"]["aged_dual_cost"] == 2.019


@pytest.mark.parametrize(
    ("period", "start", "expected"),
    [
        ("1", "01/01/2022", 2),
        ("1", "01/01/2023", 1),
        ("3", "07/01/2019", 4),
        ("2", "07/01/2021", 3),
        ("2", "07/01/2022", 2),
    ],
)
def test_agreement_period_of_2027(period, start, expected):
    assert agreement_period(row(Agreement_Period_Num=period, Current_Start_Date=start), first_year=2027) == expected


def test_suppressed_figure_that_is_needed_is_an_error():
    with pytest.raises(InputError, match="HistBnchmk: is suppressed for A1"):
        made([row(HistBnchmk="-")])


def test_unknown_aco_is_an_error():
    with pytest.raises(InputError, match="which lists 1, has the identifier A9"):
        made([row()], "A9")


def test_text_that_is_no_number_is_an_error():
    with pytest.raises(InputError, match='must be a number, got the text "n/a"'):
        number("n/a")


def test_dollars_of_earlier_files_grow_further():
    cost = {year: made([row()], year=year).tables["categories"]["esrd"] for year in (2021, 2022, 2023)}
    for_2023 = cost[2023]["base_year_pbpm"][2]
    assert for_2023 == round(90_000 * 1.069 * 1.07 * 1.05 / 12, 2)
    assert cost[2022]["base_year_pbpm"][2] == round(90_000 * 1.074 * 1.069 * 1.07 * 1.05 / 12, 2)
    assert cost[2021]["base_year_pbpm"][2] == round(90_000 * 1.026 * 1.074 * 1.069 * 1.07 * 1.05 / 12, 2)
    assert {one["national_pbpm"] for one in cost.values()} == {round(90_392 * 1.074 * 1.069 * 1.07 * 1.05 / 12, 2)}


@pytest.mark.parametrize(("year", "level"), [(2021, -1.0), (2022, 0.13), (2023, 0.0), (2024, 0.04)])
def test_quality_is_against_the_mean_of_its_year(year, level):
    assert made([row()], year=year).tables["quality"]["relative_level"] == level


def test_quality_of_a_year_not_yet_known_is_against_the_file():
    rows = [row(QualScore="84.30%"), row(ACO_ID="A2", QualScore="82.30%"), row(ACO_ID="A3", QualScore="80.30%")]
    assert made(rows, year=2025).tables["quality"]["relative_level"] == 1.0


def test_quality_that_is_not_published_is_the_average():
    scenario = made([row(QualScore="*")])
    assert scenario.tables["quality"]["relative_level"] == 0.0
    assert "not published" in scenario.notes["quality.relative_level"]


def test_two_hidden_types_do_not_share_equally():
    # 9,800 - 980 - 8,183 = 637 left over: 5 for ESRD, 632 for aged dual, not 318.5 each
    shares = type_shares(row(N_AB_Year_ESRD_PY="*", N_AB_Year_AGED_Dual_PY="*"))
    assert shares["ESRD"] == pytest.approx(5 / 9800)
    assert shares["AGDU"] == pytest.approx(632 / 9800)


@pytest.mark.parametrize(
    ("start", "period", "times"),
    [
        ("01/01/2018", "2", 1),
        ("07/01/2019", "1", 1),
        ("07/01/2019", "2", 1),
        ("07/01/2019", "3", 1),
        ("01/01/2020", "2", 1),
        ("01/01/2020", "3", 2),
        ("01/01/2022", "2", 1),
        ("01/01/2022", "3", 2),
        ("01/01/2022", "4", 2),
        ("01/01/2023", "1", 1),
        ("01/01/2023", "2", 2),
        ("01/01/2023", "3", 2),
        ("01/01/2024", "2", 2),
        ("01/01/2025", "2", 2),
        ("01/01/2025", "4", 3),
    ],
)
def test_agreements_with_an_adjustment_are_counted(start, period, times):
    assert times_adjusted(row(Current_Start_Date=start, Agreement_Period_Num=period)) == times


def test_region_from_the_sign_alone_follows_the_benchmark():
    # base years of (49 x 90,000 + 980 x 12,000 + 588 x 18,000 + 8,183 x 11,000) / 9,800 = 11,914.59
    own = 116_767_000 / 9_800
    of = row(PosRegAdj="1", HistBnchmk=f"{own * 1.04:.6f}")
    region = region_of(of, means_of(of), regional_dollars=False)
    adjustment = own * 1.04 * (EXCESS_INTERCEPT + EXCESS_SLOPE * 0.04)
    assert region.basis == "sign"
    assert region.over_aco == pytest.approx(adjustment / 0.35 / (own * 1.04 - adjustment), rel=1e-6)


def test_region_never_contradicts_the_sign():
    of = row(PosRegAdj="0", HistBnchmk="13000")
    assert region_of(of, means_of(of), regional_dollars=False).over_aco == 0.0


@pytest.mark.parametrize("regional_dollars", [True, False])
def test_region_without_an_adjustment_is_the_mean(regional_dollars):
    scenario = made([row(PosRegAdj="")], regional_dollars=regional_dollars)
    esrd = scenario.tables["categories"]["esrd"]
    baseline = sum(esrd["base_year_pbpm"]) / 3
    assert esrd["region_pbpm"] == pytest.approx(baseline * (1 + REGION_WHERE_UNKNOWN), abs=0.01)
    assert "No regional adjustment is published" in scenario.notes["region_pbpm"]


def test_agreement_of_three_years_is_followed_by_two():
    of = row(Agreement_Period_Num="1", Current_Start_Date="1/1/2018")
    assert agreement_period(of, first_year=2027) == 3


def test_text_is_a_scenario(tmp_path):
    file = tmp_path / "a.toml"
    rows = (row(N_AB="4,200", ACO_Name='Dr. "Q" of Peñasco \\ Sons'),)
    file.write_text(puf.scenario_text(PublicUseFile(2022, rows), "A1", entrant="newly_entering"), encoding="utf-8")
    scenario = load_scenario(file)
    assert scenario.name == 'Dr. "Q" of Peñasco \\ Sons'
    assert scenario.contract.entrant == "newly_entering"
    text = file.read_text(encoding="utf-8")
    assert "MSSP asks for 5,000" in " ".join(text.split())
    assert "None: new to ACO contracts." in text


def test_every_line_of_figures_has_a_note():
    text = puf.scenario_text(PublicUseFile(2021, (row(),), regional_dollars=False), "A1")
    lines = text.splitlines()
    bare = [
        line.split(" = ")[0]
        for before, line in pairwise(lines)
        if " = " in line and not line.startswith(("name", "description", "#")) and not before.startswith("#")
    ]
    # the note of a key stands where the key first appears, that of a table above its heading
    once = {"region_pbpm", "national_pbpm", "prior_savings_pbpm", "aged_dual_share", "disabled_cost", "aged_dual_cost"}
    assert set(bare) == {"base_year_pbpm", "entrant", *once}
