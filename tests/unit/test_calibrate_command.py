"""``leadrisk calibrate`` as a user meets it, on CMS's synthetic persons and on a table of one's own."""

from __future__ import annotations

import csv
import json
import re
import tomllib
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from leadrisk.calibration.fit_parameters import with_values
from leadrisk.calibration.simulated_roster import simulated_roster
from leadrisk.cli import main
from leadrisk.scenario.load import load_scenario
from scenario_fixture import small_scenario

REPOSITORY = Path(__file__).resolve().parents[2]
SYNTHETIC = REPOSITORY.parent / "shared" / "data" / "synpuf"
FILES = sorted(SYNTHETIC.glob("DE1_0_*_Beneficiary_Summary_*.csv"))
needs_synthetic = pytest.mark.skipif(not FILES, reason="the CMS DE-SynPUF files are not beside this repository")


def call(capsys, *arguments) -> tuple[int, str, str]:
    try:
        main([str(argument) for argument in arguments])
        code = 0
    except SystemExit as stop:
        code = stop.code
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.fixture(scope="module")
def members(tmp_path_factory) -> Path:
    """A table of 3,000 simulated beneficiaries over two years, with scores and High Needs."""
    roster = simulated_roster(with_values(small_scenario(), {"persons.cost_slope": 2.3}), lives=3_000, years=2, seed=8)
    path = tmp_path_factory.mktemp("roster") / "members.csv"
    names = ("aged_disabled", "high_needs", "esrd")
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["beneficiary", "year", "cost", "months", "risk_score", "category", "died"])
        for person, column in np.argwhere(roster.months > 0).tolist():
            writer.writerow(
                [
                    f"MBI{person:07d}X", 2025 + column, round(float(roster.cost[person, column]), 2),
                    int(roster.months[person, column]), round(float(roster.score[person, column]), 4),
                    names[roster.category[person, column]], int(roster.died[person, column]),
                ]
            )  # fmt: skip
    return path


@pytest.fixture(scope="module")
def calibrated(members, tmp_path_factory) -> tuple[Path, str]:
    """Output directory of a calibration over the baseline scenario."""
    out = tmp_path_factory.mktemp("calibrated") / "out"
    base = REPOSITORY / "scenarios" / "baseline.toml"
    main(["calibrate", str(members), "--base", str(base), "--out", str(out), "--bootstraps", "60"])
    return out, base


def test_the_scenario_is_the_base_with_what_the_roster_says(calibrated):
    out, base = calibrated
    scenario, before = load_scenario(out / "scenario.toml"), load_scenario(base)
    record = json.loads((out / "calibration.json").read_text())
    assert scenario.cohort.lives == record["categories"]["aged_disabled"]["2026"]["persons"] + sum(
        record["categories"][name]["2026"]["persons"] for name in ("high_needs", "esrd")
    )
    assert scenario.contract == before.contract
    assert scenario.quality == before.quality
    by_key = {one["key"]: one for one in record["estimates"]}
    for key, one in by_key.items():
        table, _, name = key.partition(".")
        value = getattr(getattr(scenario, table), name)
        assert value == pytest.approx(one["used"], rel=1e-3, abs=1e-9), key
        if one["fitted"] is not None:
            weighed = one["default"] + one["credibility"] * (one["fitted"] - one["default"])
            assert one["used"] == pytest.approx(weighed, rel=1e-3, abs=1e-5), key
    assert by_key["persons.health_persistence"]["fitted"] is None
    # the roster ends with the base scenario's BY3, so dollars of the region stand as they were
    assert scenario.categories.aged_disabled.region_pbpm == before.categories.aged_disabled.region_pbpm


def test_what_is_uncertain_is_drawn(calibrated):
    out, _ = calibrated
    tables = tomllib.loads((out / "scenario.toml").read_text())
    errors, correlation = tables["uncertainty"]["standard_error"], tables["uncertainty"]["correlation"]
    assert errors["persons.cost_slope"] > 0
    assert "persons.truncation_multiple" not in errors
    pairs = {
        frozenset((first, second)): value for first, others in correlation.items() for second, value in others.items()
    }
    assert pairs[frozenset(("persons.cost_slope", "persons.cost_curvature"))] < -0.5
    assert load_scenario(out / "scenario.toml").uncertainty.names


def inflated(content):
    """Whatever is compressed with zlib in a file, as in the text and the pixels of a picture."""
    found = b""
    for at in [match.start() for match in re.finditer(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08", content)]:
        with suppress(zlib.error):
            found += zlib.decompressobj(wbits=47).decompress(content[at:])
    return found


def test_no_identifier_reaches_an_output(calibrated, members):
    out, _ = calibrated
    with members.open(newline="") as file:
        one = max(csv.DictReader(file), key=lambda row: len(row["cost"]))
    assert one["beneficiary"].startswith("MBI0")
    paths = [path for path in out.rglob("*") if path.is_file()]
    assert {".toml", ".json", ".svg", ".png"} <= {path.suffix for path in paths}
    for path in paths:
        for content in (path.read_bytes(), inflated(path.read_bytes())):
            assert b"MBI0" not in content, path
            assert one["cost"].encode() not in content, path
    assert str(members.parent) not in (out / "calibration.json").read_text()


def test_figures_and_manifest_are_there(calibrated):
    out, _ = calibrated
    names = {path.name for path in (out / "figures").iterdir()}
    assert names == {
        f"{name}.{end}" for name in ("quantiles", "concentration", "lags", "deciles") for end in ("svg", "png")
    }
    assert len(json.loads((out / "manifest.json").read_text())["scenario_sha256"]) == 64
    assert "every" not in (out / "scenario.toml").read_text().splitlines()[0]


def test_notes_say_how_each_value_was_found(calibrated):
    out, _ = calibrated
    text = (out / "scenario.toml").read_text()
    assert "default 2.45 within 0.11: Z = " in " ".join(line.lstrip("# ") for line in text.splitlines())
    assert "standard error" in text


def test_bad_base_scenario(members, tmp_path, capsys):
    base = tmp_path / "base.toml"
    base.write_text('name = "x"\n[cohort]\nlifes = 5\n')
    code, _, error = call(capsys, "calibrate", members, "--base", base, "--out", tmp_path / "out")
    assert code == 2
    assert "base.toml:3" in error
    assert not (tmp_path / "out").exists()


def test_bad_roster_leaves_nothing(tmp_path, capsys):
    table = tmp_path / "members.csv"
    table.write_text("beneficiary,year,cost,months\nA,2024,900,13\n")
    code, _, error = call(capsys, "calibrate", table, "--out", tmp_path / "out")
    assert code == 2
    assert "members.csv" in error
    assert not (tmp_path / "out").exists()


def test_a_roster_must_be_named(capsys):
    code, _, error = call(capsys, "calibrate")
    assert code == 2
    assert "no file of a roster is named" in error


@needs_synthetic
def test_synthetic_persons_end_to_end(tmp_path, capsys):
    """Two years of CMS's synthetic persons make a scenario that runs as it is, and are called synthetic everywhere."""
    out = tmp_path / "out"
    code, said, error = call(capsys, "calibrate", *FILES[:2], "--out", out, "--bootstraps", "60", "--json")
    assert code == 0, error
    record = json.loads(said)
    assert record == json.loads((out / "calibration.json").read_text())
    assert record["synthetic"] is True
    assert "SYNTHETIC" in record["warning"]
    text = (out / "scenario.toml").read_text()
    assert "SYNTHETIC" in text
    for figure in (out / "figures").glob("*.svg"):
        assert "synthetic" in figure.read_text().lower()
    limits = {one["key"] for one in record["estimates"] if one["at_limit"]}
    assert "persons.decedent_shift" in limits  # decedents cheaper than survivors: an artefact of disclosure control
    identifiers = [line.split(",")[0].strip('"') for line in FILES[0].read_text().splitlines()[1:200]]
    written = text + said + "".join(path.read_text() for path in (out / "figures").glob("*.svg"))
    assert not any(identifier in written for identifier in identifiers)
    code, _, error = call(
        capsys, "run", out / "scenario.toml", "--populations", "4", "--futures", "2", "--out", tmp_path / "run",
        "--set", "horizon.performance_years=2",
    )  # fmt: skip
    assert code == 0, error


@needs_synthetic
@pytest.mark.slow
def test_all_years_of_the_synthetic_persons(tmp_path, capsys):
    """2010 and deaths are disclosure artefacts: the fit says where the engine cannot follow, and follows the rest."""
    code, said, error = call(capsys, "calibrate", *FILES, "--out", tmp_path / "out", "--json")
    assert code == 0, error
    record = json.loads(said)
    by_key = {one["key"]: one for one in record["estimates"]}
    assert by_key["persons.health_persistence"]["fitted"] is not None
    assert by_key["exposure.death_rate"]["fitted"] == pytest.approx(0.015, abs=0.003)
    assert by_key["persons.decedent_shift"]["at_limit"]
    for name, one in record["fits"][0]["statistics"].items():
        if name not in {"decedent_shift", "death_slope"}:
            assert abs(one["roster"] - one["engine"]) < 3 * one["standard_error"], name
