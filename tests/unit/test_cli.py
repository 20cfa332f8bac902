"""The command line as a user meets it: outputs, exit codes, one clear message, nothing half-written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from leadrisk.cli import main

REPOSITORY = Path(__file__).resolve().parents[2]
BASELINE = REPOSITORY / "scenarios" / "baseline.toml"
SMALL = [
    "--set",
    "cohort.lives=500",
    "--populations",
    "8",
    "--futures",
    "4",
    "--set",
    "horizon.performance_years=2",
]


def call(capsys, *arguments: str) -> tuple[int, str, str]:
    try:
        main([str(argument) for argument in arguments])
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def test_run_writes_everything_and_prints_the_summary(capsys, tmp_path):
    code, out, err = call(capsys, "run", BASELINE, *SMALL, "--out", tmp_path / "r", "--json")
    assert (code, err) == (0, "")
    printed = json.loads(out)
    assert printed == json.loads((tmp_path / "r" / "summary.json").read_text())
    assert printed["digest"] == json.loads((tmp_path / "r" / "manifest.json").read_text())["digest"]
    assert (tmp_path / "r" / "report.html").stat().st_size > 10_000


def test_run_prints_a_table(capsys, tmp_path):
    code, out, _ = call(capsys, "run", BASELINE, *SMALL, "--out", tmp_path / "r")
    assert code == 0
    assert "Global" in out
    assert "Digest" in out


def test_overlays_and_values_are_laid_over(capsys, tmp_path):
    overlay = REPOSITORY / "scenarios" / "stress" / "pandemic.toml"
    code, out, _ = call(
        capsys, "run", BASELINE, "--overlay", overlay, *SMALL, "--set", "horizon.performance_years=3", "--out",
        tmp_path / "r", "--json",
    )  # fmt: skip
    assert code == 0
    assert list(json.loads(out)["contracts"]["lead_global"]["years"]) == ["2027", "2028", "2029"]


def test_settle_prints_the_same_numbers_as_json(capsys):
    case = REPOSITORY / "scenarios" / "cases" / "global_lower_renewing_reach.toml"
    code, out, _ = call(capsys, "settle", case, "--json")
    assert code == 0
    balance = json.loads(out)["settlement_balance"]
    code, out, _ = call(capsys, "settle", case)
    assert code == 0
    assert f"{balance:,.2f}" in out


def test_schema_is_json_schema(capsys):
    code, out, _ = call(capsys, "schema")
    assert code == 0
    assert "cohort" in json.loads(out)["properties"]


@pytest.mark.parametrize("name", ["baseline", "higher_spending", "high_needs", "newly_entering"])
@pytest.mark.parametrize("stress", [None, "pandemic", "prolonged_trend_miss", "coding_clampdown"])
def test_shipped_scenarios_are_valid(capsys, name, stress):
    overlay = [] if stress is None else ["--overlay", REPOSITORY / "scenarios" / "stress" / f"{stress}.toml"]
    code, out, err = call(capsys, "validate", REPOSITORY / "scenarios" / f"{name}.toml", *overlay)
    assert (code, err) == (0, "")
    assert "valid" in out


BAD_FILES = {
    "misspelt key": ("[cohort]\nlives = 500\nhigh_need_share = 0.1\n", "high_needs_share"),
    "wrong type": ('[cohort]\nlives = "many"\n', "lives"),
    "shares above one": ("[cohort]\nlives = 500\nhigh_needs_share = 0.8\nesrd_share = 0.4\n", "share"),
    "negative cost": ("[categories.esrd]\nbase_year_pbpm = [-1, 2, 3]\n", "base_year_pbpm"),
    "unreadable": ("[cohort\n", "TOML"),
    "unknown term": ("[contract.terms]\nrea_capp = 0.1\n", "rea_cap"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_bad_overlays_give_one_clear_message_and_write_nothing(capsys, tmp_path, kind):
    text, hint = BAD_FILES[kind]
    bad = tmp_path / "bad.toml"
    bad.write_text(text)
    code, out, err = call(capsys, "run", BASELINE, "--overlay", bad, "--out", tmp_path / "r")
    assert code == 2
    assert out == ""
    assert err.startswith("leadrisk: ")
    assert hint in err.replace(".", "_") or hint in err
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["bad.toml"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "absent.toml"),
        ("run", REPOSITORY / "scenarios"),
        ("run", BASELINE, "--no-such-option", "1"),
        ("run", BASELINE, "--set", "cohort.lives"),
        ("run", BASELINE, "--set", "cohort.lives=-5"),
        ("run", BASELINE, "--populations", "7"),
        ("run", BASELINE, "--futures", "60"),
        ("run", BASELINE, "--workers", "0"),
        ("run", BASELINE, "--out", BASELINE),
        ("run", BASELINE, "--out", REPOSITORY / "src"),
        ("run", BASELINE, "--out", "/proc/leadrisk"),
        ("settle", "absent.toml"),
        ("nonsense",),
    ],
    ids=lambda arguments: " ".join(str(a).rpartition("/")[2] for a in arguments),
)
def test_bad_arguments_exit_with_two(capsys, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(capsys, *arguments)
    assert code == 2
    assert err.startswith("leadrisk: ")
    assert "Traceback" not in err
    assert out == ""
    assert list(tmp_path.iterdir()) == []


def test_killed_half_way_leaves_nothing_under_the_final_name(tmp_path):
    out = tmp_path / "r"
    command = [
        sys.executable,
        "-m",
        "leadrisk",
        "run",
        str(BASELINE),
        "--populations",
        "100000",
        "--out",
        str(out),
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not out.exists()
