"""Reading of rosters: the three forms, what is not kept, and what is refused as a whole file."""

from __future__ import annotations

import csv
import gzip
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from leadrisk.calibration import roster_file
from leadrisk.calibration.roster import Roster, read_roster
from leadrisk.calibration.roster_columns import BLANK, COLUMNS, SYNTHETIC_COLUMNS
from leadrisk.calibration.roster_shape import LONG_NEEDS
from leadrisk.errors import InputError
from leadrisk.scenario.category_tables import CATEGORY_NAMES

SYNPUF = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "synpuf"

LONG = """\
beneficiary,year,cost,months,category,risk_score,died,age,dual,disabled,zip,name
1EG4TE5MK72,2024,900.5,12,aged_disabled,0.9,0,80,yes,no,20001,Miller
1EG4TE5MK72,2025,1200,12,high_needs,1.4,0,81,no,no,20001,Miller
2EG4TE5MK73,2024,0,12,aged_disabled,,no,70,N,N,20002,Smith
2EG4TE5MK73,2025,80000,5,aged_disabled,2.5,YES,71,N,N,20002,Smith
3EG4TE5MK74,2025,70000,12,esrd,1.1,false,50,TRUE,true,20003,Jones
4EG4TE5MK75,2024,0,0,,,,,n,n,20004,Brown
"""
WIDE = """\
cost_2024,months_2024,risk_score_2024,died_2024,category_2024,\
cost_2025,months_2025,risk_score_2025,died_2025,category_2025,age,dual,disabled
900.5,12,0.9,0,aged_disabled,1200,12,1.4,0,high_needs,81,no,no
0,12,,0,aged_disabled,80000,5,2.5,1,aged_disabled,71,no,no
,,,,,70000,12,1.1,,esrd,50,yes,yes
0,0,,,,,,,,,,no,no
"""


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def same(one: Roster, other: Roster) -> bool:
    """Whether two rosters hold the same persons in the same order."""
    arrays = ("months", "cost", "score", "category", "died", "dual", "disabled", "age")
    pairs = [(getattr(one, name), getattr(other, name)) for name in arrays]
    alike = all(
        (a is None and b is None)
        or (a is not None and b is not None and np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))
        for a, b in pairs
    )
    return alike and one.years == other.years


def test_long_form(tmp_path):
    roster = read_roster([write(tmp_path, "members.csv", LONG)])
    assert roster.years == (2024, 2025)
    assert roster.persons == 3
    assert roster.rows == 6
    assert roster.months.tolist() == [[12, 12], [12, 5], [0, 12]]
    assert roster.cost.tolist() == [[900.5, 1200.0], [0.0, 80000.0], [0.0, 70000.0]]
    assert roster.category.tolist() == [[0, 1], [0, 0], [-1, 2]]
    assert roster.score.ravel().tolist() == pytest.approx([0.9, 1.4, np.nan, 2.5, np.nan, 1.1], nan_ok=True)
    assert roster.died.tolist() == [[False, False], [False, True], [False, False]]
    assert roster.dual.tolist() == [False, False, True]
    assert roster.disabled.tolist() == [False, False, True]
    assert roster.age.tolist() == [81, 71, 50]
    assert roster.files[0].ignored == ("zip", "name")
    assert (roster.label, roster.synthetic) == ("members.csv", False)
    assert roster.notes == ("beneficiaries left out, who have no month in any year: 1",)


def test_dtypes_are_those_promised(tmp_path):
    roster = read_roster([write(tmp_path, "members.csv", LONG)])
    found = {f.name: getattr(roster, f.name).dtype.name for f in fields(roster) if f.name in NAMES_OF_ARRAYS}
    assert found == NAMES_OF_ARRAYS


NAMES_OF_ARRAYS = {
    "months": "float32",
    "cost": "float64",
    "score": "float32",
    "category": "int8",
    "died": "bool",
    "dual": "bool",
    "disabled": "bool",
    "age": "int16",
}


def test_wide_form_gives_the_same_persons(tmp_path):
    long = read_roster([write(tmp_path, "long.csv", LONG)])
    wide = read_roster([write(tmp_path, "wide.csv", WIDE)])
    assert same(long, wide)


def test_wide_form_with_one_score_and_category_for_all_years(tmp_path):
    text = (
        "cost_2024,months_2024,cost_2025,months_2025,risk_score,category\n1,12,2,12,1.5,esrd\n0,0,3,12,0.5,high_needs\n"
    )
    roster = read_roster([write(tmp_path, "wide.csv", text)])
    assert roster.score.ravel().tolist() == pytest.approx([1.5, 1.5, np.nan, 0.5], nan_ok=True)
    assert roster.category.tolist() == [[2, 2], [-1, 1]]
    assert roster.dual is roster.disabled is roster.age is None
    assert roster.one_score
    assert "one risk score for all years" in roster.notes


def test_only_what_is_required(tmp_path):
    roster = read_roster([write(tmp_path, "m.csv", "beneficiary,year,cost,months\n7,2024,1,12\n")])
    assert roster.category.tolist() == [[CATEGORY_NAMES.index("aged_disabled")]]
    assert np.isnan(roster.score).all()
    assert roster.notes == (
        "no category, all are taken as aged_disabled",
        "no risk scores",
        "no deaths are known",
    )


def test_years_are_linked_over_files_of_any_kind(tmp_path):
    lines = LONG.splitlines(keepends=True)
    whole = read_roster([write(tmp_path, "whole.csv", LONG)])
    first = write(tmp_path, "2024.csv", "".join([lines[0], lines[1], lines[3], lines[6]]))
    second = tmp_path / "2025.csv.gz"
    second.write_bytes(gzip.compress("".join([lines[0], lines[2], lines[4], lines[5]]).encode()))
    both = read_roster([first, second])
    assert same(whole, both)
    assert both.label == "2024.csv, 2025.csv.gz"

    third = tmp_path / "2025.parquet"
    text = "\n".join(",".join(line.split(",")[:10]) for line in [lines[0], lines[2], lines[4], lines[5]])
    pq.write_table(pa.csv.read_csv(pa.BufferReader(text.encode())), third)
    assert same(whole, read_roster([first, third]))


def test_columns_that_one_file_lacks_are_named(tmp_path):
    one = write(
        tmp_path, "a.csv", "beneficiary,year,cost,months,risk_score,age\n7,2024,1,12,1.0,70\n8,2024,1,12,1.0,70\n"
    )
    two = write(tmp_path, "b.csv", "beneficiary,year,cost,months\n7,2025,1,12\n")
    roster = read_roster([one, two])
    assert "b.csv: no risk scores" in roster.notes
    assert roster.age.tolist() == [-1, 71]


def test_numeric_keys_of_parquet_that_became_floating(tmp_path):
    table = {"year": [2024, 2025], "cost": [1.0, 2.0], "months": [12, 12]}
    pq.write_table(pa.table({"beneficiary": [7.0, 7.0], **table}), tmp_path / "a.parquet")
    pq.write_table(
        pa.table({"beneficiary": [7], "year": [2026], "cost": [3.0], "months": [12]}), tmp_path / "b.parquet"
    )
    roster = read_roster([tmp_path / "a.parquet", tmp_path / "b.parquet"])
    assert roster.cost.tolist() == [[1.0, 2.0, 3.0]]


@pytest.mark.parametrize("kind", [pa.int16(), pa.float32(), pa.decimal128(12, 2), pa.string(), pa.large_string()])
def test_numbers_of_parquet_of_any_type(tmp_path, kind):
    cost = pa.array([100, 250], pa.float64()).cast(kind)
    pq.write_table(
        pa.table({"beneficiary": ["a", "b"], "year": [2024, 2024], "cost": cost, "months": [12, 12]}),
        tmp_path / "a.parquet",
    )
    assert read_roster([tmp_path / "a.parquet"]).cost.tolist() == [[100.0], [250.0]]


@pytest.mark.parametrize("blank", BLANK)
def test_blank_score_is_unknown(tmp_path, blank):
    text = f"beneficiary,year,cost,months,risk_score\n7,2024,1,12,{blank}\n8,2024,1,12,1\n"
    roster = read_roster([write(tmp_path, "m.csv", text)])
    assert np.isnan(roster.score[:, 0]).tolist() == [True, False]


def test_no_key_name_or_other_column_is_kept(tmp_path):
    file = write(tmp_path, "members.csv", LONG)
    roster = read_roster([file])
    told = repr([getattr(roster, f.name) for f in fields(roster)])
    for row in csv.DictReader(LONG.splitlines()):
        assert row["beneficiary"] not in told
        assert row["name"] not in told
        assert row["zip"] not in told
    assert {getattr(roster, f.name).dtype.kind for f in fields(roster) if f.name in NAMES_OF_ARRAYS} <= set("fibu")


def test_a_column_that_looks_misnamed_is_named(tmp_path):
    text = "beneficiary,year,cost,months,Risk Score\n7,2024,1,12,1.0\n"
    roster = read_roster([write(tmp_path, "m.csv", text)])
    assert "m.csv: the column 'Risk Score' was not read; it would be as risk_score" in roster.notes


def test_byte_order_mark_quotes_and_empty_lines(tmp_path):
    header = '\ufeff"beneficiary","year","cost","months","note"'
    text = header + '\r\n"7","2024","1","12","two\r\nlines"\r\n\r\n8,2024, 2 ,12,\r\n'
    roster = read_roster([write(tmp_path, "m.csv", text)])
    assert roster.cost.tolist() == [[1.0], [2.0]]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("beneficiary,year,costs,months\n", "m.csv:1: cost: is missing (rename the column costs)"),
        ("id,name\n", "m.csv:1: beneficiary: is missing; so are year, months, cost (the forms of a roster:"),
        ("beneficiary,year,cost_2024,months_2024\n", "m.csv:1: has both year and cost_2024, so it is neither"),
        ("cost_2024,months_2024,cost_2025\n", "m.csv:1: months_2025: is missing (rename"),
        ("cost_1824,months_1824\n", "m.csv:1: a column is of the year 1824; years are 1990 to 2100"),
        ("cost_2024,months_2024,risk_score,risk_score_2024\n", "m.csv:1: risk_score: stands beside risk_score_2024"),
        ("cost_2024,months_2024,cost_2025,months_2025,category_2024\n", "category_2025: is missing, but category_2024"),
        ("beneficiary,year,cost,months,cost\n", "m.csv:1: column 5 has the name of column 3"),
        ("beneficiary;year;cost;months\n", "m.csv:1: values are not separated by commas"),
        ("", "m.csv: is empty"),
        ("beneficiary,year,cost,months\n", "the roster has no rows"),
        ("beneficiary,year,cost,months\n7,2022,1,12\n7,2024,1,12\n", "has the years 2022, 2024: 2023 is missing"),
        ("beneficiary,year,cost,months\n7,2022,0,0\n", "nobody in the roster has a month"),
        ("DESYNPUF_ID,BENE_BIRTH_DT\n", "m.csv:1: BENE_DEATH_DT: is missing; so are BENE_ESRD_IND"),
    ],
)
def test_tables_that_are_no_roster(tmp_path, text, told):
    with pytest.raises(InputError) as caught:
        read_roster([write(tmp_path, "m.csv", text)])
    assert told in str(caught.value).replace(f"{tmp_path}/", "")
    assert caught.value.cure


def test_synpuf_needs_its_year_in_the_name(tmp_path):
    with pytest.raises(InputError, match="holds its year in the file name only"):
        read_roster([write(tmp_path, "beneficiaries.csv", ",".join(SYNTHETIC_COLUMNS) + "\n")])


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("members.xlsx", "is not a .csv, .csv.gz or .parquet file"),
        ("members.csv", "there is no such file"),
        ("folder.csv", "is a directory"),
        ("broken.parquet", "is not a Parquet file"),
        ("broken.csv.gz", "is not a comma-separated file"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, name, told):
    (tmp_path / "folder.csv").mkdir()
    write(tmp_path, "broken.parquet", "beneficiary,year")
    write(tmp_path, "broken.csv.gz", "beneficiary,year")
    with pytest.raises(InputError, match=told):
        read_roster([tmp_path / name])


def test_forms_are_not_mixed(tmp_path):
    long, wide = write(tmp_path, "long.csv", LONG), write(tmp_path, "wide.csv", WIDE)
    with pytest.raises(InputError, match=r"has the wide form, but .*long.csv has the long form"):
        read_roster([long, wide])
    later = write(tmp_path, "later.csv", "cost_2026,months_2026\n1,12\n")
    with pytest.raises(InputError, match=r"has the years 2026, but .*wide.csv has 2024, 2025"):
        read_roster([wide, later])
    with pytest.raises(InputError, match="is named twice"):
        read_roster([long, long])
    with pytest.raises(InputError, match="no file of a roster is named"):
        read_roster([])


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch):
    file = write(tmp_path, "members.csv", LONG)
    for module in [name for name in sys.modules if name.partition(".")[0] == "pyarrow"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"needs pyarrow, which is not installed \(pip install leadrisk\[roster\]\)"):
        read_roster([file])
    with pytest.raises(InputError, match="needs pyarrow"):
        roster_file.arrow()


def test_examples_of_the_reference_are_one_roster(tmp_path):
    page = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "roster.md").read_text(encoding="utf-8")
    long, wide = (part.split("```")[0] for part in page.split("```text\n")[1:3])
    one, other = (read_roster([write(tmp_path, f"{at}.csv", text)]) for at, text in enumerate((long, wide)))
    assert one.persons == 3
    assert same(one, other)


def test_reference_names_every_column_once():
    assert len({column.name for column in COLUMNS}) == len(COLUMNS)
    assert set(LONG_NEEDS) == {"beneficiary", "year", "cost", "months"}


@pytest.fixture
def synpuf_files() -> list[Path]:
    if not SYNPUF.is_dir():
        pytest.skip("CMS's DE-SynPUF is not here")
    return sorted(SYNPUF.glob("DE1_0_*_Beneficiary_Summary*.csv"))


def test_synpuf_as_published(synpuf_files):
    roster = read_roster(synpuf_files)
    assert (roster.label, roster.synthetic, roster.years) == ("CMS DE-SynPUF, synthetic", True, (2008, 2009, 2010))
    assert [file.rows for file in roster.files] == [10_000, 9_856, 9_710]
    assert (roster.months > 0).sum(axis=0).tolist() == [7198, 6659, 6282]
    assert np.isnan(roster.score).all()
    assert roster.dual is None
    assert "no risk scores" in roster.notes
    assert "2010: beneficiaries with negative dollars, taken as 0: 4" in roster.notes
    assert not (roster.died[:, :-1] & (roster.months[:, 1:] > 0)).any()
    assert roster.age.min() > 0


PUBLISHED = {2008: (6_891, 4_236, 2.29, 0.185), 2009: (6_397, 4_889, 1.90, 0.133), 2010: (5_834, 2_753, 2.10, 0.146)}


def test_synpuf_without_medicare_advantage_gives_the_known_figures(synpuf_files, tmp_path):
    """Mean, coefficient of variation and share of zeros by year, computed independently (calibration notes 4.3)."""
    for file in synpuf_files:
        rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
        kept = [row for row in rows if int(row["BENE_HMO_CVRAGE_TOT_MONS"]) == 0]
        with (tmp_path / file.name).open("w", newline="", encoding="utf-8") as target:
            writer = csv.DictWriter(target, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(kept)
    roster = read_roster(sorted(tmp_path.iterdir()))
    for year, (count, mean, variation, zeros) in PUBLISHED.items():
        at = roster.years.index(year)
        cost = roster.cost[roster.months[:, at] > 0, at]
        assert len(cost) == count
        assert cost.mean() == pytest.approx(mean, abs=0.5)
        assert cost.std() / cost.mean() == pytest.approx(variation, abs=0.005)
        taken_as_zero = 4 if year == 2010 else 0  # negative dollars
        assert (np.sum(cost == 0.0) - taken_as_zero) / count == pytest.approx(zeros, abs=0.0006)
    present = roster.months[:, 0] > 0
    esrd = roster.category[present, 0] == CATEGORY_NAMES.index("esrd")
    disabled = roster.disabled[present] & ~esrd
    assert (esrd.sum(), roster.cost[present, 0][esrd].mean()) == (527, pytest.approx(15_133, abs=0.5))
    assert np.sum(~esrd) == 948 + 5_416
    assert disabled.sum() <= 948  # by the age in the person's last year, when some have turned 65


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("cost", [[1.0], [2.0]], "cost: is stored as list<element: double>, but must be numbers"),
        ("beneficiary", [b"\xff", b"a"], "beneficiary: is stored as binary"),
        ("died", pa.array([0, None], pa.timestamp("s")), "died: is stored as timestamp"),
    ],
)
def test_types_of_parquet_that_are_no_numbers_or_words(tmp_path, column, values, told):
    table = {"beneficiary": ["a", "b"], "year": [2024, 2024], "cost": [1.0, 2.0], "months": [12, 12], column: values}
    pq.write_table(pa.table(table), tmp_path / "a.parquet")
    with pytest.raises(InputError, match=told):
        read_roster([tmp_path / "a.parquet"])


@pytest.mark.parametrize("kind", [pa.bool_(), pa.int8(), pa.float32()])
def test_flags_of_parquet_of_any_type(tmp_path, kind):
    died = pa.array([1, 0], pa.int8()).cast(kind)
    table = {"beneficiary": ["a", "b"], "year": [2024, 2024], "cost": [1.0, 2.0], "months": [12, 12], "died": died}
    pq.write_table(pa.table(table), tmp_path / "a.parquet")
    assert read_roster([tmp_path / "a.parquet"]).died.tolist() == [[True], [False]]


def test_a_file_that_is_not_utf_8(tmp_path):
    file = tmp_path / "m.csv"
    file.write_bytes(b"beneficiary,year,cost,months,name\n1,2024,1,12,M\xfcller\n")
    assert read_roster([file]).persons == 1  # a column that is passed over may be anything
    file.write_bytes(b"beneficiary,year,cost,months\nM\xfcller,2024,1,12\n")
    with pytest.raises(InputError, match="cannot be read as comma-separated text in UTF-8"):
        read_roster([file])
