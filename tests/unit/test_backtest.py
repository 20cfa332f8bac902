"""``leadrisk backtest``: files read whatever their columns, forecasts by the engine, outputs and errors."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from leadrisk.cli import main
from leadrisk.cohort.public_use_layout import needed_columns
from leadrisk.contract.mssp_benchmark import historical_benchmarks
from leadrisk.contract.terms import load_terms
from leadrisk.errors import InputError
from leadrisk.experience.simulate import simulate_block
from leadrisk.run.peer_lines import enrollment_types
from leadrisk.run.setting import prepare
from leadrisk.run.settle import carried_block
from leadrisk.validation.aco_scenario import aco_scenario, can_be_simulated
from leadrisk.validation.backtest import backtest
from leadrisk.validation.panel import Pair, pairs, read_year
from leadrisk.validation.simulated_savings import simulate_savings

if TYPE_CHECKING:
    from pathlib import Path

TYPES = {"ESRD": "ESRD", "DIS": "DIS", "AGDU": "AGED_Dual", "AGND": "AGED_NonDual"}
COSTS = {"ESRD": 90_000, "DIS": 12_000, "AGDU": 18_000, "AGND": 11_000}
LIVES = (5_200, 6_100, 8_000, 9_500, 12_000, 16_500, 31_000)


def public_use_file(
    folder: Path, year: int, *, rate: str = "Sav_rate", starts: dict[str, str] | None = None, extra: int = 0
) -> Path:
    """A file of made-up ACOs in CMS's layout: byte order mark, percent, dollar, commas, a suppressed type."""
    path = folder / f"PY_Financial_and_Quality_Results_{year}.csv"
    rows = []
    newcomer = {f"A{year}": f"01/01/{year}"}  # one year only: tells the file's year
    dates = newcomer | (starts or {})
    for at, lives in enumerate((*LIVES, 7_000)):
        name = f"A{at:04d}" if at < len(LIVES) else f"A{year}"
        shares = {"ESRD": 0.004, "DIS": 0.07, "AGDU": 0.05, "AGND": 0.876}
        row = dict.fromkeys(needed_columns(), "1") | {
            "ACO_ID": name,
            "ACO_Name": f"Made-up, {at}",
            "Agreement_Period_Num": "1",
            "Current_Start_Date": dates.get(name, "01/01/2020" if at % 2 else "7/1/2019"),
            "N_AB": f"{lives:,}",
            "Sav_rate": f"{3.0 + 2.0 * np.sin(at + 0.5 * (year - 2021)) + 0.3 * (year - 2021):.2f}%",
            "HistBnchmk": "$11,900",
            "PosRegAdj": "120",
            "QualScore": "80.00%",
            "N_AB_Year_PY": f"{lives * 0.979:,.0f}",
            **{f"N_AB_Year_{TYPES[one]}_PY": f"{lives * 0.979 * shares[one]:,.0f}" for one in TYPES},
            **{f"Per_Capita_Exp_ALL_{one}_PY": f"{COSTS[one]:,}" for one in TYPES},
            **{f"New_Column_{number}": "-" for number in range(extra)},
        }
        if at == 0:
            row |= {"N_AB_Year_ESRD_PY": "*", "Per_Capita_Exp_ALL_ESRD_PY": "*"}
        rows.append({rate if column == "Sav_rate" else column: value for column, value in row.items()})
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    folder = tmp_path_factory.mktemp("files")
    renewed = {"A0005": "01/01/2023", "A0006": "01/01/2023"}
    first = public_use_file(folder, 2021, rate="Sav_Rate")
    second = public_use_file(folder, 2022)
    return first, second, public_use_file(folder, 2023, starts=renewed, extra=3)


@pytest.fixture(scope="module")
def found(files: tuple[Path, Path, Path]) -> dict:
    return backtest(files[:2], files[2], populations=8, futures=8, seed=5, threads=2)


def test_a_file_is_read_whatever_the_case_of_its_columns_and_with_columns_of_later_years(files):
    first, _, last = (read_year(path) for path in files)
    assert [one.aco_id for one in first][:-1] == [one.aco_id for one in last][:-1]
    assert (first[-1].years_from_base, first[-1].year, last[-1].year) == (1, 2021, 2023)
    assert (first[1].lives, first[1].historical_benchmark, first[1].regional_adjustment) == (6_100, 11_900.0, 120.0)
    assert (first[0].years_from_base, first[1].years_from_base) == (3, 2)
    assert first[0].shares["ESRD"] == pytest.approx(0.004, abs=1e-3)  # what the three published types leave over


def test_a_yes_or_no_column_is_no_adjustment_in_dollars(files, tmp_path: Path):
    flags = tmp_path / files[0].name
    flags.write_text(files[0].read_text(encoding="utf-8-sig").replace(",120,", ",1,"), encoding="utf-8")
    assert {one.regional_adjustment for one in read_year(flags)} == {None}


def test_what_is_reported_has_every_key_and_both_kinds_of_agreement_period(found):
    assert (found["n"], found["two_year"]["n"], found["rebased"]["n"]) == (5, 5, 2)
    assert list(found["coverage"]) == ["50", "80", "90", "95"]
    assert set(found["crps_gain"]) == {"difference", "se"}
    assert sum(found["pit"]) == 5
    assert found["crps_gain"]["difference"] == pytest.approx(found["crps_naive"] - found["crps"], abs=2e-4)
    assert sum(band["n"] for band in found["by_size"]) == 5
    assert found["crps_gaussian"] is None  # five pairs fit no panel
    assert found["training"]["naive"]["fitted"]
    json.dumps(found, allow_nan=False)


def test_nothing_depends_on_threads_or_on_who_else_is_in_the_files(files, found):
    assert backtest(files[:2][::-1], files[2], populations=8, futures=8, seed=5, threads=1) == found
    (pair,) = (pair for pair in pairs(read_year(files[1]), read_year(files[2])) if pair.known.aco_id == "A0001")
    alone = [simulate_savings(pair, populations=8, futures=8, seed=5) for _ in range(2)]
    assert np.array_equal(*alone)
    assert not np.array_equal(alone[0], simulate_savings(pair, populations=8, futures=8, seed=6))


def test_one_training_file_falls_back_and_says_so(files):
    found = backtest([files[1]], files[2], populations=4, futures=2)
    assert not found["training"]["naive"]["fitted"]
    assert found["two_year"]["n"] == 0
    assert any("One training file" in note for note in found["notes"])
    assert found["shift"] == 0.0


@pytest.mark.parametrize("rebased", [False, True])
def test_the_simulated_historical_benchmark_is_the_published_one(files, rebased: bool):
    known, later = ({one.aco_id: one for one in read_year(path)} for path in files[1:])
    pair = Pair(known["A0005"], later["A0005"])
    if not rebased:
        pair = Pair(pair.known, replace(pair.later, start_year=pair.known.start_year))
    assert (pair.rebased, can_be_simulated(pair)) == (rebased, True)
    experience = simulate_block(aco_scenario(pair), first=0, count=8, populations=8, seed=3).assign_attrs(seed="3")
    levels = prepare(experience, aco_scenario(pair), futures=4).levels
    scenario = aco_scenario(pair, kept={name: 1.0 - level.truncation for name, level in levels.items()})
    setting = prepare(experience, scenario, futures=4)
    types = enrollment_types(carried_block(experience, setting)[0], setting)
    shares = dict(zip(types, pair.known.shares.values(), strict=True))
    first_year = [replace(one, person_years=shares[name], list_level=1.0) for name, one in types.items()]
    start = historical_benchmarks(
        first_year,
        agreement_period=1,
        start_year=2027,
        terms=load_terms("mssp", overrides=scenario.contract.mssp_terms),
    )
    total = 12.0 * sum(share * one.pbpm for share, one in zip(shares.values(), start, strict=True))
    assert float(total) == pytest.approx(11_900.0, rel=1e-4)
    assert sum(share * one.adjustment for share, one in zip(shares.values(), start, strict=True)) * 12.0 == (
        pytest.approx(120.0 if rebased else 0.0, rel=1e-3)
    )


def test_the_command_writes_table_json_and_picture_and_takes_files_either_way(files, tmp_path: Path, capsys):
    first, second, last = map(str, files)
    size = ["--populations", "4", "--futures", "2", "--threads", "2"]
    out = tmp_path / "out"
    main(["backtest", "--train", first, second, "--test", last, *size, "--out", str(out)])
    assert "two years on" in capsys.readouterr().out
    assert sorted(path.name for path in out.iterdir()) == [
        "backtest.json", "backtest.png", "backtest.svg", "forecasts.csv", "manifest.json",
    ]  # fmt: skip
    with (out / "forecasts.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    assert "Made-up" not in (out / "forecasts.csv").read_text(encoding="utf-8")
    main(["backtest", "--train", first, "--train", second, "--test", last, *size, "--json"])
    assert json.loads(capsys.readouterr().out) == json.loads((out / "backtest.json").read_text(encoding="utf-8"))


def test_a_file_of_another_shape_is_named_and_nothing_is_left_behind(files, tmp_path: Path, capsys):
    other = tmp_path / "another_2023.csv"
    other.write_text("ACO_ID,Savings\nA0001,3.0\n", encoding="utf-8")
    out = tmp_path / "out"
    with pytest.raises(SystemExit) as stopped:
        main(["backtest", "--train", str(files[0]), str(files[1]), "--test", str(other), "--out", str(out)])
    assert stopped.value.code == 2
    message = capsys.readouterr().err
    assert str(other) in message
    assert "lacks" in message
    assert not out.exists()


def test_a_test_year_in_which_nobody_goes_on_is_told(files, tmp_path: Path):
    names = [f"A{at:04d}" for at in range(len(LIVES))]
    renewed = public_use_file(tmp_path, 2023, starts=dict.fromkeys(names, "01/01/2023"))
    with pytest.raises(InputError, match="no ACO that goes on"):
        backtest(files[:2], renewed, populations=4, futures=2)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda first, _second, last: ([first], last), "is of 2023, but the file before it is of 2021"),
        (lambda first, _second, last: ([first, last], last), "is of 2023, but the file before it is of 2021"),
        (lambda _first, second, _last: ([second], second), "is of 2022, but the file before it is of 2022"),
        (lambda _first, _second, last: ([], last), "at least one file"),
    ],
)
def test_years_must_follow_one_another(files, change, problem: str):
    train, test = change(*files)
    with pytest.raises(InputError, match=problem):
        backtest(train, test, populations=4, futures=2)
