"""The public use file of any year is read under one set of names; any other file is refused by what it is."""

from __future__ import annotations

import csv

import pytest

from leadrisk.cohort.public_use_file import scenario_text
from leadrisk.cohort.public_use_layout import needed_columns, read_public_use_file
from leadrisk.errors import InputError


def row(**changes):
    """Return a row with every column that is needed."""
    plain = dict.fromkeys(needed_columns(), "1.0")
    plain |= {"ACO_ID": "A1001", "ACO_Name": "One", "Current_Start_Date": "01/01/2022", "Current_Track": "E"}
    return plain | {"QualScore": "82.30%", "PosRegAdj": "-49"} | changes


def row_of_2021(**changes):
    """Return a row as the file of 2021 has it."""
    plain = row(Current_Start_Date="1/1/2020", QualScore="82.3", PosRegAdj="1")
    del plain["Current_Track"]
    plain["Sav_Rate"] = plain.pop("Sav_rate")
    tracks = dict.fromkeys(("Current_Track_1", "Current_BASIC_B", "Current_BASIC_E", "Current_ENHANCED"), "0")
    return plain | tracks | changes


def write(path, rows, encoding="utf-8-sig"):
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_file_is_read_as_published(tmp_path):
    file = read_public_use_file(write(tmp_path / "puf.csv", [row()]))
    assert file.rows == (row(),)
    assert (file.year, file.regional_dollars) == (2022, True)


def test_file_of_2021_comes_under_the_names_of_2023(tmp_path):
    rows = [row_of_2021(Current_BASIC_B="1"), row_of_2021(ACO_ID="A1002", Current_Track_1="1", PosRegAdj="")]
    file = read_public_use_file(write(tmp_path / "puf.csv", rows))
    assert (file.year, file.regional_dollars) == (2021, False)
    assert [one["Current_Track"] for one in file.rows] == ["B", "Track 1"]
    assert {one["Current_Start_Date"] for one in file.rows} == {"01/01/2020"}
    assert {one["QualScore"] for one in file.rows} == {"82.3%"}
    assert {one["Sav_rate"] for one in file.rows} == {"1.0"}


def test_file_of_2024_calls_the_adjustment_otherwise(tmp_path):
    of = row(Current_Start_Date="01/01/2024", RegAdj="120")
    del of["PosRegAdj"]
    file = read_public_use_file(write(tmp_path / "PY_2024.csv", [of]))
    assert (file.year, file.regional_dollars, file.rows[0]["PosRegAdj"]) == (2024, True, "120")


def test_further_columns_and_blank_lines_do_not_matter(tmp_path):
    path = write(tmp_path / "puf.csv", [row(Guardrail="0")])
    path.write_bytes(path.read_bytes() + b"\r\n,,\r\n")
    assert len(read_public_use_file(path).rows) == 1


@pytest.mark.parametrize(
    ("name", "year", "expected"),
    [("a.csv", None, 2022), ("PY2022.csv", None, 2022), ("a.csv", 2023, 2023), ("2019 to 2022.csv", None, 2022)],
)
def test_year_is_that_of_the_newest_agreement(tmp_path, name, year, expected):
    assert read_public_use_file(write(tmp_path / name, [row()]), year=year).year == expected


@pytest.mark.parametrize(
    ("name", "year", "start", "problem"),
    [
        ("PY_2023.csv", None, "01/01/2022", "its name says 2023, but its newest agreement began in 2022"),
        ("a.csv", 2021, "01/01/2022", "cannot be of 2021: an agreement in it began in 2022"),
        ("a.csv", None, "2022-01-01", 'Current_Start_Date: must be a day as month/day/year, got "2022-01-01"'),
    ],
)
def test_another_year_is_refused(tmp_path, name, year, start, problem):
    path = write(tmp_path / name, [row(Current_Start_Date=start)])
    with pytest.raises(InputError, match=problem):
        read_public_use_file(path, year=year)


@pytest.mark.parametrize(("year", "start"), [(2019, "01/01/2019"), (None, "01/01/2027")])
def test_a_year_that_nothing_brings_to_2026_can_be_read_but_makes_no_scenario(tmp_path, year, start):
    file = read_public_use_file(write(tmp_path / "a.csv", [row(Current_Start_Date=start)]), year=year)
    with pytest.raises(InputError, match=r"what brings costs to 2026 is known from 2021 to 2025"):
        scenario_text(file, file.rows[0]["ACO_ID"])


def test_file_without_a_column_names_it(tmp_path):
    lacking = row()
    del lacking["PosRegAdj"]
    with pytest.raises(InputError, match=r"puf.csv:1: is an MSSP file of another layout; lacks 1 of 53 .*: PosRegAdj"):
        read_public_use_file(write(tmp_path / "puf.csv", [lacking]))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (b"PK\x03\x04...", "is an Excel workbook or another ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1", "is an Excel workbook of the old format"),
        (b"%PDF-1.7", "is a PDF"),
        (b"\x1f\x8b\x08", "is compressed with gzip"),
        (b"\r\n<!DOCTYPE html><html>", "is a web page"),
        (b'{"ACO_ID": 1}', "is JSON"),
        (b"ACO_ID\n\xe9\n", "is not a UTF-8 table"),
        (
            b"a,b\n1,2\n",
            "lacks 53 of 53 columns: ACO_ID, ACO_Name, Agreement_Period_Num, Current_Start_Date and 49 more",
        ),
        (b"ACO_ID;ACO_Name\n", "is separated by semicolons"),
        (b"ACO_ID\tACO_Name\n", "is separated by tabs"),
        (b"aco_id,perf_year,final_benchmark\n", "is a file of ACO REACH results"),
        (b"ACO_ID,CAHPS_1,QualScore\n", "holds results of quality but no costs"),
        (b"ACO_ID,Par_LBN\n", "is a list of participants"),
    ],
)
def test_other_files_are_named(tmp_path, content, problem):
    file = tmp_path / "other.csv"
    file.write_bytes(content)
    with pytest.raises(InputError, match=problem) as caught:
        read_public_use_file(file)
    assert caught.value.path == file
    assert caught.value.cure


def test_names_of_columns_alone_are_refused(tmp_path):
    path = tmp_path / "puf.csv"
    path.write_text(",".join(needed_columns()) + "\n")
    with pytest.raises(InputError, match="holds no ACO"):
        read_public_use_file(path)


def test_line_that_is_cut_off_is_told(tmp_path):
    path = write(tmp_path / "puf.csv", [row(), row(ACO_ID="A1002")])
    path.write_text(path.read_text()[:-30])
    with pytest.raises(InputError, match=r"puf.csv:3: has \d+ values for 53 columns"):
        read_public_use_file(path)


def test_shares_for_percentages_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"QualScore: must be in percent, the highest one is 0\.823"):
        read_public_use_file(write(tmp_path / "puf.csv", [row(QualScore="0.823")]))


def test_directory_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_public_use_file(tmp_path)
