"""The model document says what the code and the committed results say, and the results are those of this version."""

from __future__ import annotations

import json
import re
import sys
from importlib import import_module
from pathlib import Path

import pytest

import leadrisk as lr
from leadrisk.report.formatting import dollars
from leadrisk.run.sensitivity import plan, sensitivity
from leadrisk.scenario.assumption import assumptions
from leadrisk.scenario.load import scenario_sha256
from leadrisk.scenario.model import Scenario
from leadrisk.validation.targets import all_targets

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "docs" / "model"
BASELINE = ROOT / "scenarios" / "baseline.toml"
REFRESH = "leadrisk sensitivity scenarios/baseline.toml --json > docs/model/results/sensitivity.json"


@pytest.fixture(scope="module")
def committed():
    return json.loads((MODEL / "results" / "sensitivity.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tables():
    sys.path.insert(0, str(ROOT / "docs"))
    yield import_module("model_tables")
    sys.path.remove(str(ROOT / "docs"))


def test_the_committed_sensitivity_is_of_this_version_and_scenario(committed):
    scenario = lr.load_scenario(BASELINE)
    assert committed["version"] == lr.__version__, REFRESH
    assert committed["scenario_sha256"] == scenario_sha256(scenario), REFRESH


def test_the_committed_sensitivity_has_every_assumption_with_its_range(committed):
    found = plan(lr.load_scenario(BASELINE))
    varied = {record["key"]: record for record in committed["assumptions"]}
    assert {*varied, *committed["no_change"]} == {variant.key for variant in found.variants}, REFRESH
    assert committed["not_read"] == found.not_read, REFRESH
    for key, record in varied.items():
        now = found.records[key]
        assert {name: record[name] for name in ("low", "high", "value")} == {
            name: now[name] for name in ("low", "high", "value")
        }, REFRESH


@pytest.mark.slow
def test_the_committed_sensitivity_is_what_the_engine_finds(committed):
    first, *_ = committed["assumptions"]
    of_persons = next(record for record in committed["assumptions"] if record["persons"])
    last = committed["assumptions"][-1]
    size = {name: committed[name] for name in ("populations", "futures", "seed")}
    keys = [record["key"] for record in (first, of_persons, last)]
    found = sensitivity(lr.load_scenario(BASELINE), **size, only=keys)
    for contract, figures in committed["base"].items():
        for name, one in figures.items():
            assert found["base"][contract][name] == pytest.approx(one), REFRESH
    again = {record["key"]: record for record in found["assumptions"]}
    for record in (first, of_persons, last):
        for contract, ends in record["change"].items():
            for end, figures in ends.items():
                for name, one in figures.items():
                    now = again[record["key"]]["change"][contract][end][name]
                    assert now == pytest.approx(one, rel=1e-6, abs=1.0), REFRESH


def test_pages_that_are_included_are_written_and_the_other_way_round(tables, tmp_path):
    (tmp_path / "results").symlink_to(MODEL / "results")
    tables.write(tmp_path)
    written = {path.name for path in (tmp_path / "generated").iterdir()}
    inside = "".join(page.read_text(encoding="utf-8") for page in MODEL.glob("*.md"))
    beside = "".join(page.read_text(encoding="utf-8") for page in (MODEL.parent / "explanation").glob("*.md"))
    included = re.findall(r"generated/([a-z_]+\.(?:md|svg))", inside)
    included += re.findall(r"model/generated/([a-z_]+\.(?:md|svg))", beside)
    assert set(included) == written


def test_every_range_stands_in_the_document(tables):
    text = tables.range_tables()
    ranged = [record["key"] for record in assumptions(Scenario) if record["low"] is not None]
    assert [key for key in ranged if f"`{key.rpartition('.')[2]}`" not in text] == []


def test_the_words_say_the_reserve_of_the_committed_result(tables, committed):
    reserve = committed["base"]["lead_global"]["reserve_99"]["value"]
    assert f"{dollars(reserve)} under LEAD Global" in tables.sensitivity_words(committed)


def test_symbols_are_keys(tables):
    keys = {record["key"] for record in assumptions(Scenario)}
    assert [key for key in tables.SYMBOLS.values() if key not in keys] == []


def test_committed_results_of_the_validation_are_of_this_version():
    verified, recovered = (
        json.loads((MODEL / "results" / f"{name}.json").read_text(encoding="utf-8")) for name in ("verify", "recovery")
    )
    assert verified["leadrisk"] == recovered["version"] == lr.__version__
    assert [one["id"] for one in verified["targets"]] == list(all_targets())
    keys = {record["key"]: record["default"] for record in assumptions(Scenario)}
    assert {one["key"]: one["default"] for one in recovered["parameters"]}.items() <= keys.items()


def test_a_failed_target_is_shown_with_its_cause(tables):
    part = {"name": "5,000", "target": 2.8, "tolerance": "±12 %", "result": 3.4, "se": 0.1, "near_limit": False}
    failed = {**part, "verdict": "fail", "cause": "3.4 lies above 3.136"}
    left_out = {**part, "name": "file", "result": None, "se": None, "verdict": "not run", "cause": "needs mssp/"}
    one = {"what": "noise", "unit": "%", "source": "CMS", "grade": "A"}
    targets = [{**one, "id": "V1", "verdict": "fail", "parts": [failed, left_out]}]
    text = tables.verify_tables({"targets": targets, "populations": 8, "seed": 1, "leadrisk": "0.1.0"})
    assert "Of 1 targets 0 pass, 1 fail." in text
    assert "5,000: 3.4 ± 0.1; 2.8 (±12 %) **fail**" in text
    assert "3.4 lies above 3.136" in text
    assert "needs mssp/" in text
