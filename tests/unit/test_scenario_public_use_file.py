"""One row of the MSSP public use file becomes a scenario, by arithmetic that can be followed by hand."""

from __future__ import annotations

import csv

import pytest

from leadrisk.cohort import public_use_file as puf
from leadrisk.cohort.public_use_row import FILE_YEARS, agreement_period, number, read_public_use_file
from leadrisk.errors import InputError


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


def test_total_cost_is_kept_by_the_split_into_categories():
    tables = puf.scenario_tables([row()], "A1", entrant="renewing_mssp")
    shares = {"aged_disabled": 0.9 - 0.005, "high_needs": 0.1, "esrd": 0.005}
    assert tables["cohort"] == {"lives": 10000, "high_needs_share": 0.1, "esrd_share": 0.005}
    total = sum(share * tables["categories"][name]["base_year_pbpm"][2] for name, share in shares.items())
    per_person_year = 0.005 * 90_000 + 0.1 * 12_000 + 0.06 * 18_000 + 0.835 * 11_000
    assert total == pytest.approx(per_person_year * puf.GROWTH_TO_BY3 / 12, abs=0.01)
    ratio = (
        tables["categories"]["high_needs"]["base_year_pbpm"][0]
        / tables["categories"]["aged_disabled"]["base_year_pbpm"][0]
    )
    assert ratio == pytest.approx(puf.HIGH_NEEDS_COST_RATIO, rel=1e-4)


def test_relative_costs_are_taken_at_the_scores_of_the_last_year():
    one = row(**{f"Per_Capita_Exp_ALL_AGND_{year}": "11000" for year in FILE_YEARS})
    one |= {"CMS_HCC_RiskScore_AGND_BY3": "0.5", "Per_Capita_Exp_ALL_AGND_PY": "22000"}
    other = row(ACO_ID="A2", N_AB_Year_AGED_NonDual_BY3="8183")
    means = puf.cohort_means([one, other], "01/01/2022")
    assert means["AGND", "PY"] == (16500.0, 1.0)
    assert means["AGND", "BY3"] == (11000.0, 0.75)
    first, second, third = puf.relative_costs(one, means, "AGND")
    assert first == pytest.approx(1.0)
    assert second == pytest.approx((11000 / 0.5) / (11000 / 0.75))
    assert third == pytest.approx(22000 / 16500)


def test_acos_with_another_start_are_no_yardstick():
    other = row(ACO_ID="A2", Current_Start_Date="01/01/2020", Per_Capita_Exp_ALL_AGND_PY="99999")
    assert puf.cohort_means([row(), other], "01/01/2022")["AGND", "PY"] == (11000.0, 1.0)


def test_suppressed_years_take_the_mean_of_the_known_ones():
    hidden = row(Per_Capita_Exp_ALL_ESRD_BY3="*", CMS_HCC_RiskScore_ESRD_BY3="*", N_AB_Year_ESRD_BY3="*")
    hidden |= {"Per_Capita_Exp_ALL_ESRD_PY": "180000"}
    means = puf.cohort_means([hidden, row(ACO_ID="A2")], "01/01/2022")
    relative = puf.relative_costs(hidden, means, "ESRD")
    assert relative == pytest.approx([1.0, (1.0 + 1.0 + 180 / 135) / 3, 180 / 135])


def test_wholly_suppressed_type_takes_the_cohort_mean():
    hidden = row(N_AB_Year_ESRD_PY="*")
    hidden |= {
        f"{stem}_ESRD_{year}": "*" for stem in ("Per_Capita_Exp_ALL", "CMS_HCC_RiskScore") for year in FILE_YEARS
    }
    rows = [hidden, row(ACO_ID="A2")]
    assert puf.relative_costs(hidden, puf.cohort_means(rows, "01/01/2022"), "ESRD") == [1.0, 1.0, 1.0]
    tables = puf.scenario_tables(rows, "A1", entrant="renewing_mssp")
    assert tables["cohort"]["esrd_share"] == round(49 / 9800, 5)


def test_type_hidden_in_the_whole_cohort_is_an_error():
    hidden = row(**{f"Per_Capita_Exp_ALL_ESRD_{year}": "*" for year in FILE_YEARS})
    with pytest.raises(InputError, match="no ACO that started on 01/01/2022 has a published figure for ESRD in BY1"):
        puf.scenario_tables([hidden], "A1", entrant="renewing_mssp")


@pytest.mark.parametrize(
    ("adjustment", "period", "expected"),
    [("350", "1", 1000 / 9650), ("-150", "1", -1000 / 10150), ("500", "3", 1000 / 9500), ("0", "2", 0.0)],
)
def test_region_follows_from_the_regional_adjustment(adjustment, period, expected):
    of = row(PosRegAdj=adjustment, Agreement_Period_Num=period)
    assert puf.region_over_aco(of) == pytest.approx(expected)
    category = puf.scenario_tables([of], "A1", entrant="newly_entering")["categories"]["esrd"]
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
    category = puf.scenario_tables([row(Sav_rate=rate)], "A1", entrant=entrant)["categories"]["esrd"]
    assert category["prior_savings_pbpm"] == pytest.approx(category["base_year_pbpm"][2] * expected, abs=0.006)


def test_quality_is_in_standard_deviations():
    tables = puf.scenario_tables([row(QualScore="89.20%")], "A1", entrant="renewing_mssp")
    assert tables["quality"]["relative_level"] == 1.0


def test_shared_savings_table_by_hand():
    # 980 + 588 + 8,183 = 9,751 person-years; 12,000, 18,000 and 11,000 dollars, together 112,357,000.
    table = puf.scenario_tables([row()], "A1", entrant="renewing_mssp")["mssp"]
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
    assert puf.scenario_tables(rows, "A1", entrant="renewing_mssp")["mssp"]["aged_dual_cost"] == 2.019


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
    with pytest.raises(InputError, match="PosRegAdj: is suppressed for A1"):
        puf.scenario_tables([row(PosRegAdj="-")], "A1", entrant="renewing_mssp")


def test_unknown_aco_is_an_error():
    with pytest.raises(InputError, match="no ACO of the file has the identifier A9"):
        puf.scenario_tables([row()], "A9", entrant="renewing_mssp")


def test_text_that_is_no_number_is_an_error():
    with pytest.raises(InputError, match='must be a number, got the text "n/a"'):
        number("n/a")


def write(path, rows):
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_file_is_read_as_published(tmp_path):
    assert read_public_use_file(write(tmp_path / "puf.csv", [row()])) == [row()]


def test_file_without_a_column_names_it(tmp_path):
    lacking = row()
    del lacking["PosRegAdj"]
    with pytest.raises(InputError, match=r"puf.csv:1: lacks 1 columns, the first one PosRegAdj"):
        read_public_use_file(write(tmp_path / "puf.csv", [lacking]))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a,b\n1,2\n"])
def test_other_files_are_refused(tmp_path, content):
    file = tmp_path / "other.csv"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"other\.csv"):
        read_public_use_file(file)


def test_directory_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_public_use_file(tmp_path)
