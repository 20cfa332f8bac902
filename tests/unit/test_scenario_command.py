"""``leadrisk scenario``: a file of CMS becomes a scenario file, or one message says why not."""

from __future__ import annotations

import csv
from typing import get_args

import pytest

from leadrisk.cli import main
from leadrisk.cohort.public_use_layout import needed_columns
from leadrisk.cohort.public_use_row import FILE_YEARS, TYPES
from leadrisk.commands.scenario import Entrant
from leadrisk.scenario import contract_table
from leadrisk.scenario.load import load_scenario


@pytest.fixture
def puf(tmp_path):
    """Write a public use file of two ACOs."""
    row = dict.fromkeys(needed_columns(), "1.0")
    row |= {"ACO_ID": "A1001", "ACO_Name": "Palm Tree ACO", "Current_Start_Date": "01/01/2022", "Current_Track": "E"}
    row |= {"Agreement_Period_Num": "2", "N_AB": "10,000", "N_AB_Year_PY": "9800", "QualScore": "82.30%"}
    row |= {"Sav_rate": "2.00%", "PosRegAdj": "200", "HistBnchmk": "11000", "UpdatedBnchmk": "11500"}
    row["Per_Capita_Exp_TOTAL_PY"] = "11200"
    costs = dict(zip(TYPES, ("90000", "12000", "18000", "11000"), strict=True))
    row |= {f"Per_Capita_Exp_ALL_{name}_{year}": cost for name, cost in costs.items() for year in FILE_YEARS}
    years = {"ESRD": "49", "DIS": "980", "AGED_Dual": "588", "AGED_NonDual": "8183"}
    row |= {f"N_AB_Year_{name}_{year}": value for name, value in years.items() for year in ("BY3", "PY")}
    path = tmp_path / "PY_2022.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerows([row, row | {"ACO_ID": "A1080", "ACO_Name": "Other", "N_AB": "n/a"}])
    return path


def call(capsys, *arguments):
    try:
        main(["scenario", *map(str, arguments)])
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_scenario_is_written_under_the_identifier(capsys, puf, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(capsys, "--from-puf", puf, "--aco", "a1001")
    assert (code, err) == (0, "")
    assert "leadrisk run A1001.toml" in out
    scenario = load_scenario(tmp_path / "A1001.toml")
    assert (scenario.name, scenario.cohort.lives) == ("Palm Tree ACO", 10_000)
    assert names(tmp_path) == {"A1001.toml", "PY_2022.csv"}


def test_scenario_is_printed_and_nothing_written(capsys, puf, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, _ = call(capsys, "--from-puf", puf, "--aco", "A1001", "--print", "--entrant", "newly_entering")
    assert code == 0
    assert 'entrant = "newly_entering"' in out
    assert names(tmp_path) == {"PY_2022.csv"}


def test_file_that_exists_is_kept(capsys, puf, tmp_path):
    out = tmp_path / "mine.toml"
    out.write_text("work of hours")
    code, _, err = call(capsys, "--from-puf", puf, "--aco", "A1001", "--out", out)
    assert (code, err) == (2, f"leadrisk: {out}: --out: exists, refusing to replace it (name another file)\n")
    assert out.read_text() == "work of hours"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--aco", "A1010"],
            "PY_2022.csv: ACO_ID: no ACO of the file, which lists 2, has the identifier A1010 (nearest",
        ),
        (["--aco", "palm"], "by name: A1001 Palm Tree ACO"),
        (["--aco", "D0129"], "those with D are ACO REACH's"),
        (["--aco", "A1080"], 'PY_2022.csv: N_AB: must be a number, got the text "n/a" for A1080'),
        (["--aco", "A1001", "--year", "2021"], "cannot be of 2021: an agreement in it began in 2022"),
        (["--aco", "A1001", "--entrant", "new"], "Invalid value"),
        (["--aco", "A1001", "--out", "no/such/folder/a.toml"], "--out: cannot be written"),
        (["--aco", "A1001", "--out", "."], "--out: is a directory"),
        (["--aco", "A1001", "--out", "a.toml", "--print"], "--print writes no file"),
    ],
)
def test_mistakes_are_one_message_and_code_2(capsys, puf, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(capsys, "--from-puf", puf, *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert names(tmp_path) == {"PY_2022.csv"}


def test_entrants_are_those_of_a_scenario():
    assert set(get_args(Entrant)) == set(get_args(contract_table.Entrant))
