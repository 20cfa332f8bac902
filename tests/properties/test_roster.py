"""The form of a roster does not matter: long, wide, CSV and Parquet give the same arrays."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrisk.calibration.roster import Roster, read_roster
from leadrisk.calibration.roster_faults import RosterError
from leadrisk.scenario.category_tables import CATEGORY_NAMES

FIRST_YEAR = 2023
ARRAYS = ("months", "cost", "score", "category", "died", "dual", "disabled", "age")


@st.composite
def histories(draw):
    """Persons with what happened in each year: a dict a year, or None where the person has no row."""
    years = draw(st.integers(1, 4))
    persons = []
    for _ in range(draw(st.integers(1, 6))):
        last = draw(st.integers(0, years - 1))
        dies = draw(st.booleans())
        rows = []
        for year in range(years):
            months = draw(st.integers(0, 12)) if year < last else draw(st.integers(1, 12)) if year == last else 0
            row = {
                "months": months,
                "cost": draw(st.integers(0, 500_000_000)) / 100 if months else 0.0,
                "risk_score": draw(st.one_of(st.none(), st.integers(1, 3000))),
                "category": draw(st.sampled_from(CATEGORY_NAMES)),
                "died": int(dies and year == last),
            }
            row["risk_score"] = None if row["risk_score"] is None else row["risk_score"] / 100
            rows.append(row)
        age = draw(st.one_of(st.none(), st.integers(20, 100)))
        persons.append({"rows": rows, "age": age, "dual": draw(st.booleans()), "disabled": draw(st.booleans())})
    for year in range(years):  # every year has somebody in it
        persons[0]["rows"][year]["months"] = max(1, persons[0]["rows"][year]["months"])
        persons[0]["rows"][year]["died"] = 0
    return persons


def long_table(persons) -> pa.Table:
    years = len(persons[0]["rows"])
    rows = [
        {
            "beneficiary": f"K{number}",
            "year": FIRST_YEAR + year,
            **person["rows"][year],
            "age": None if person["age"] is None else person["age"] - (years - 1 - year),
            "dual": person["dual"],
            "disabled": person["disabled"],
        }
        for number, person in enumerate(persons)
        for year in range(years)
    ]
    return pa.Table.from_pylist(rows)


def wide_table(persons) -> pa.Table:
    rows = [
        {f"{name}_{FIRST_YEAR + year}": value for year, row in enumerate(person["rows"]) for name, value in row.items()}
        | {name: person[name] for name in ("age", "dual", "disabled")}
        for person in persons
    ]
    return pa.Table.from_pylist(rows)


def from_files(*tables: pa.Table, ending: str) -> Roster:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number}{ending}" for number in range(len(tables))]
        for file, table in zip(files, tables, strict=True):
            if ending == ".parquet":
                pq.write_table(table, file)
            else:
                pa.csv.write_csv(table, file)
        return read_roster(files)


def assert_same(one: Roster, other: Roster) -> None:
    assert one.years == other.years
    for name in ARRAYS:
        a, b = getattr(one, name), getattr(other, name)
        assert (a is None) == (b is None), name
        if a is not None:
            np.testing.assert_array_equal(a, b, err_msg=name)


@settings(max_examples=40, deadline=None)
@given(persons=histories())
def test_every_form_gives_the_same_roster(persons):
    long, wide = long_table(persons), wide_table(persons)
    expected = from_files(long, ending=".csv")
    present = np.array([[row["months"] for row in person["rows"]] for person in persons], np.float32)
    np.testing.assert_array_equal(expected.months, present[present.any(axis=1)])
    for roster in (
        from_files(long, ending=".parquet"),
        from_files(wide, ending=".csv"),
        from_files(wide, ending=".parquet"),
    ):
        assert_same(expected, roster)


@settings(max_examples=20, deadline=None)
@given(persons=histories(), cut=st.integers(0, 24))
def test_rows_may_be_split_over_files(persons, cut):
    long = long_table(persons)
    cut = min(cut, long.num_rows)
    parts = [long.slice(0, cut), long.slice(cut)]
    assert_same(from_files(long, ending=".parquet"), from_files(*parts, ending=".parquet"))


@settings(max_examples=20, deadline=None)
@given(persons=histories(), seed=st.integers(0, 1000))
def test_order_of_rows_keeps_every_total(persons, seed):
    long = long_table(persons)
    mixed = long.take(np.random.default_rng(seed).permutation(long.num_rows))
    one, other = from_files(long, ending=".parquet"), from_files(mixed, ending=".parquet")
    assert sorted(one.cost.tolist()) == sorted(other.cost.tolist())
    assert one.person_years.tolist() == pytest.approx(other.person_years.tolist())
    assert one.died.sum(axis=0).tolist() == other.died.sum(axis=0).tolist()


@settings(max_examples=30, deadline=None)
@given(persons=histories(), at=st.integers(0, 1000), ending=st.sampled_from([".csv", ".parquet"]))
def test_a_wrong_value_is_found_where_it_stands(persons, at, ending):
    long = long_table(persons)
    at %= long.num_rows
    months = long.column("months").to_pylist()
    months[at] = 13
    wrong = long.set_column(long.column_names.index("months"), "months", pa.array(months))
    with pytest.raises(RosterError) as caught:
        from_files(wrong, ending=ending)
    first = 2 if ending == ".csv" else 1
    assert (caught.value.faults[0].row, caught.value.faults[0].column) == (at + first, "months")
    assert caught.value.totals["months", "must not be above 12"] == 1
