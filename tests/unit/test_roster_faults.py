"""Values that a roster may not hold: each is told by file, line and column, with totals, and no key is disclosed."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from leadrisk.calibration.roster import read_roster
from leadrisk.calibration.roster_columns import SYNTHETIC_COLUMNS
from leadrisk.calibration.roster_faults import LISTED, RosterError

DOCS = Path(__file__).resolve().parents[2] / "docs"
HEADER = "beneficiary,year,cost,months,category,risk_score,died,age,dual,disabled"
GOOD = "K{},2024,100,12,aged_disabled,1.0,no,70,no,no"
COLUMNS = HEADER.split(",")


def refused(folder, text, name="m.csv"):
    """Report of a roster that must be refused, without the folder."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RosterError) as caught:
        read_roster([file])
    return caught.value


def with_value(column, value, row=5):
    """Six good rows, one of which has another value; the first row stands on line 2."""
    rows = [GOOD.format(number).split(",") for number in range(6)]
    rows[row - 2][COLUMNS.index(column)] = value
    return "\n".join([HEADER, *map(",".join, rows)]) + "\n"


ONE_FAULT = [
    ("beneficiary", "", "is missing"),
    ("year", "", "is missing"),
    ("year", "1989", "must be a calendar year of 1990 to 2100, got 1989"),
    ("year", "2024.5", "must be a calendar year of 1990 to 2100, got 2024.5"),
    ("year", "19430101", "must be a calendar year of 1990 to 2100, got about 19,400,000"),
    ("cost", "", "is missing (write 0 where nothing was paid)"),
    ("cost", "-12.5", "must not be below 0, got -12.5 (cost counts dollars"),
    ("cost", "5000000.01", "must not be above 5,000,000, got 5000000.01"),
    ("cost", "123456789", "must not be above 5,000,000, got about 123,000,000"),
    ("cost", "inf", 'must be a number, got text like "aaa"'),
    ("cost", "$1200.00", 'must be a number, got text like "$9999.99" (write numbers plainly'),
    ("cost", '"1,234.50"', 'must be a number, got "1,234.50"'),
    ("cost", "1EG4TE5MK72", 'must be a number, got text like "9AA9AA9AA99"'),
    ("months", "", "is missing"),
    ("months", "13", "must not be above 12, got 13"),
    ("months", "-1", "must not be below 0, got -1"),
    ("months", "11.5", "must be a whole number, got 11.5"),
    ("months", "0", "must be 0 where months are 0, got 100"),
    ("category", "ESRD patients", 'must be one of aged_disabled, high_needs, esrd, got text like "AAAA aaaaaaaa"'),
    ("category", "", "is missing"),
    ("risk_score", "30.5", "must not be above 30, got 30.5"),
    ("risk_score", "0", "must be above 0, got 0 (a risk score is about 1"),
    ("risk_score", "high", 'must be a number, got text like "aaaa"'),
    ("died", "2024-05-01", 'must be yes or no (or 1 and 0, true and false), got text like "9999-99-99"'),
    ("age", "121", "must not be above 120, got 121"),
    ("age", "-1", "must not be below 0, got -1"),
    ("dual", "", "is missing"),
    ("disabled", "maybe", "must be yes or no"),
]


@pytest.mark.parametrize(("column", "value", "told"), ONE_FAULT)
def test_one_value_of_a_text_file(tmp_path, column, value, told):
    error = refused(tmp_path, with_value(column, value))
    blamed = "cost" if (column, value) == ("months", "0") else column
    assert str(error).startswith(f"{tmp_path}/m.csv:5: {blamed}: {told}")
    assert [(fault.row, fault.column) for fault in error.faults] == [(5, blamed)]
    assert sum(error.totals.values()) == 1
    assert (error.line, error.key) == (5, blamed)


@pytest.mark.parametrize(("column", "value", "told"), ONE_FAULT)
def test_one_value_of_a_parquet_file(tmp_path, column, value, told):
    rows = [line.split(",") for line in with_value(column, "CELL").splitlines()[1:]]
    text = {name: [row[at] for row in rows] for at, name in enumerate(COLUMNS)}
    text[column] = [value.strip('"') if cell == "CELL" else cell for cell in text[column]]
    pq.write_table(pa.table(text), tmp_path / "m.parquet")
    with pytest.raises(RosterError) as caught:
        read_roster([tmp_path / "m.parquet"])
    blamed = "cost" if (column, value) == ("months", "0") else column
    assert str(caught.value).startswith(f"{tmp_path}/m.parquet: row 4: {blamed}: {told}")


def test_months_within_a_hundredth_are_whole(tmp_path):
    file = tmp_path / "m.csv"
    file.write_text(with_value("months", "11.995"), encoding="utf-8")
    assert read_roster([file]).months.ravel().tolist() == [12.0] * 6


def test_repeated_beneficiary_and_year(tmp_path):
    rows = [GOOD.format(number) for number in (1, 2, 1, 3, 1)]
    error = refused(tmp_path, "\n".join([HEADER, *rows]) + "\n")
    assert [str(fault).removeprefix(f"{tmp_path}/") for fault in error.faults] == [
        "m.csv:4: beneficiary: repeats a beneficiary and year (see line 2)",
        "m.csv:6: beneficiary: repeats a beneficiary and year (see line 2)",
    ]
    assert error.totals == {("beneficiary", "repeats a beneficiary and year"): 2}


def test_repeated_over_two_files(tmp_path):
    one, two = tmp_path / "a.csv", tmp_path / "b.csv.gz"
    one.write_text(f"{HEADER}\n{GOOD.format(1)}\n{GOOD.format(2)}\n", encoding="utf-8")
    two.write_bytes(gzip.compress(f"{HEADER}\n{GOOD.format(3)}\n{GOOD.format(2)}\n".encode()))
    with pytest.raises(RosterError, match=rf"b.csv.gz:3: beneficiary: repeats .* \(see line 3 of {one}\)"):
        read_roster([one, two])


def test_repeated_row_of_the_wide_form(tmp_path):
    error = refused(tmp_path, "beneficiary,cost_2024,months_2024\nA,1,12\nB,1,12\nA,1,12\n,1,12\n")
    told = [str(fault).partition(": ")[2] for fault in error.faults]
    assert told == ["beneficiary: repeats a beneficiary (see line 2)", "beneficiary: is missing"]


def test_wide_columns_are_named_by_year(tmp_path):
    error = refused(tmp_path, "cost_2024,months_2024,cost_2025,months_2025\n1,12,,12\n1,12,-5,12\n,12,1,14\n")
    assert [(fault.row, fault.column) for fault in error.faults] == [
        (2, "cost_2025"),
        (3, "cost_2025"),
        (4, "cost_2024"),
        (4, "months_2025"),
    ]


def test_months_after_death(tmp_path):
    header = "beneficiary,year,cost,months,died\n"
    rows = "A,2024,1,5,1\nB,2024,1,12,0\nB,2025,1,12,0\nA,2025,1,12,0\nA,2026,0,0,0\n"
    error = refused(tmp_path, header + rows)
    assert [(fault.row, fault.column) for fault in error.faults] == [(5, "months")]
    assert "must be 0 after the year of death" in str(error)


def test_one_report_lists_the_first_and_counts_all(tmp_path):
    rows = [GOOD.format(number) for number in range(200)]
    rows[:60:2] = [row.replace(",100,12", ",-1,12") for row in rows[:60:2]]
    rows[1:60:2] = [row.replace(",12,", ",99,") for row in rows[1:60:2]]
    error = refused(tmp_path, "\n".join([HEADER, *rows]) + "\n")
    assert [fault.row for fault in error.faults] == list(range(2, 2 + LISTED))
    assert error.totals == {("months", "must not be above 12"): 30, ("cost", "must not be below 0"): 30}
    lines = str(error).splitlines()
    assert lines[LISTED] == "and 40 more; in all 60 values break a rule:"
    assert lines[LISTED + 1].startswith("  months must not be above 12: 30 (months count")
    assert lines[LISTED + 2].startswith("  cost must not be below 0: 30 (cost counts")


def test_lines_are_those_of_the_file(tmp_path):
    """Empty lines and line breaks within quotes count, as in any editor."""
    text = 'beneficiary,year,cost,months,note\n\nA,2024,1,12,"one\ntwo\nthree"\n\nB,2024,-1,12,\nC,2024,x,12,\n'
    assert [fault.row for fault in refused(tmp_path, text).faults] == [7, 8]


def test_rows_of_another_length(tmp_path):
    text = "beneficiary,year,cost,months\nA,2024,1,12\nB,2024,1\nC,2024,1,12,9\nD,2024,-1,12\n"
    error = refused(tmp_path, text)
    assert [(fault.row, fault.column) for fault in error.faults] == [(3, "row"), (4, "row"), (5, "cost")]
    assert error.totals["row", "must have as many values as the header, 4"] == 2


def test_a_value_that_is_no_number_hides_no_other_fault(tmp_path):
    rows = [GOOD.format(1).replace(",100,", ",abc,"), GOOD.format(2).replace(",12,", ",13,"), GOOD.format(2)]
    error = refused(tmp_path, "\n".join([HEADER, *rows]) + "\n")
    assert [(fault.row, fault.column) for fault in error.faults] == [(2, "cost"), (3, "months"), (4, "beneficiary")]


def test_faults_come_before_a_gap_between_years(tmp_path):
    text = "beneficiary,year,cost,months\nA,2022,1,12\nA,2024,-1,12\n"
    assert [(fault.row, fault.column) for fault in refused(tmp_path, text).faults] == [(3, "cost")]


def test_no_report_discloses_a_key(tmp_path):
    keys = ["1EG4TE5MK72", "SMITH,JOHN", "123-45-6789", "987654321"]
    columns = [name for name in COLUMNS if name != "beneficiary"]
    rows = []
    for key in keys:
        for column in columns:
            row = dict(zip(COLUMNS, GOOD.format(1).split(","), strict=True)) | {column: key, "beneficiary": key}
            rows.append(",".join(f'"{row[name]}"' for name in COLUMNS))
    for first in range(0, len(rows), LISTED):
        error = refused(tmp_path, "\n".join([HEADER, *rows[first : first + LISTED]]) + "\n")
        assert error.faults
        for key in keys:
            assert key not in str(error)


def test_synthetic_files_are_checked_too(tmp_path):
    row = dict(zip(SYNTHETIC_COLUMNS, ("A1", "19300501", "", "0", "12", "12", "0", "100", "20", "3"), strict=True))
    wrong = [
        row,
        row | {"DESYNPUF_ID": "B2", "BENE_BIRTH_DT": "19301"},
        row | {"DESYNPUF_ID": "C3", "BENE_DEATH_DT": "20090301"},
        row | {"DESYNPUF_ID": "D4", "BENE_ESRD_IND": "9"},
        row | {"DESYNPUF_ID": "E5", "BENE_SMI_CVRAGE_TOT_MONS": "13"},
        row | {"DESYNPUF_ID": "F6", "MEDREIMB_OP": "none"},
        row,
    ]
    text = "\n".join([",".join(SYNTHETIC_COLUMNS), *(",".join(values.values()) for values in wrong)]) + "\n"
    error = refused(tmp_path, text, name="DE1_0_2008_Beneficiary_Summary_File_Sample_1.csv")
    assert [(fault.row, fault.column) for fault in error.faults] == [
        (3, "BENE_BIRTH_DT"),
        (4, "BENE_DEATH_DT"),
        (5, "BENE_ESRD_IND"),
        (6, "BENE_SMI_CVRAGE_TOT_MONS"),
        (7, "MEDREIMB_OP"),
        (8, "DESYNPUF_ID"),
    ]


def test_a_short_key_among_months_is_rounded(tmp_path):
    assert "must not be above 12, got about 48,200" in str(refused(tmp_path, with_value("months", "48213")))


def test_report_is_as_the_reference_shows(tmp_path, monkeypatch):
    page = (DOCS / "reference" / "roster.md").read_text(encoding="utf-8")
    shown = page.split("```text\nleadrisk: ")[1].split("\n```")[0]
    rows = [GOOD.format(number) for number in range(9)]
    rows[1] = rows[1].replace(",100,", ",-12.5,")
    rows[5] = rows[5].replace(",12,", ",13,")
    rows[7] = rows[0]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "members.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    with pytest.raises(RosterError) as caught:
        read_roster(["members.csv"])
    assert str(caught.value) == shown
