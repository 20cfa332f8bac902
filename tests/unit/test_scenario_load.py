"""Overlays, single values, fingerprint, schema and the table of assumptions."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pydantic
import pytest

from leadrisk.scenario.assumption import assumptions
from leadrisk.scenario.load import load_scenario, scenario_sha256
from leadrisk.scenario.model import Horizon, Scenario
from leadrisk.scenario.overlay import merge
from leadrisk.scenario.schema import json_schema
from leadrisk.scenario.write import scenario_toml

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
COMPLETE = sorted(SCENARIOS.glob("*.toml"))
OVERLAYS = sorted((SCENARIOS / "stress").glob("*.toml"))
BASELINE = SCENARIOS / "baseline.toml"


@pytest.mark.parametrize("file", COMPLETE, ids=lambda file: file.stem)
def test_committed_scenarios_are_valid_and_say_what_they_are(file):
    scenario = load_scenario(file)
    assert scenario.name
    assert scenario.description


@pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda file: file.stem)
@pytest.mark.parametrize("file", COMPLETE, ids=lambda file: file.stem)
def test_every_stress_fits_every_scenario_and_changes_only_what_it_names(file, overlay):
    plain, stressed = load_scenario(file).model_dump(), load_scenario(file, overlays=[overlay]).model_dump()
    named = tomllib.loads(overlay.read_text(encoding="utf-8"))
    assert {table for table in plain if plain[table] != stressed[table]} == set(named)


def test_the_later_overlay_wins_and_set_wins_over_both(tmp_path):
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    first.write_text("cohort.lives = 6000\nrun.seed = 3\n", encoding="utf-8")
    second.write_text("[cohort]\nlives = 7000\n", encoding="utf-8")
    scenario = load_scenario(BASELINE, overlays=[first, second])
    assert (scenario.cohort.lives, scenario.run.seed) == (7000, 3)
    assert load_scenario(BASELINE, overlays=[first, second], set={"cohort.lives": 8000}).cohort.lives == 8000


@pytest.mark.parametrize("as_given", [str, Path, lambda path: iter([path])], ids=["str", "Path", "iterator"])
def test_one_overlay_needs_no_list(tmp_path, as_given):
    overlay = tmp_path / "x.toml"
    overlay.write_text("cohort.lives = 6000\n", encoding="utf-8")
    assert load_scenario(BASELINE, overlays=as_given(overlay)).cohort.lives == 6000


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("name", "just text", "just text"),
        ("contract.spending_class", "higher", "higher"),
        ("contract.names", '["lead_professional"]', ("lead_professional",)),
        ("contract.names", ("lead_global",), ("lead_global",)),
        ("trend.projection_miss", "[0.04, 0.04]", (0.04, 0.04)),
        ("quality.prevention_quality_plan", "false", False),
        ("categories.aged_disabled.base_year_pbpm", [900, 910, 920], (900.0, 910.0, 920.0)),
        ("shocks.pandemic_year", "2030", 2030),
    ],
)
def test_set(key, value, expected):
    held = load_scenario(BASELINE, set={key: value})
    for name in key.split("."):
        held = getattr(held, name)
    assert held == expected


def test_terms_are_flat_however_they_are_written(tmp_path):
    overlay = tmp_path / "terms.toml"
    overlay.write_text(
        '[contract.terms]\nprofessional_positive_rea = true\n"quality.at_risk" = 0.05\n'
        "corridor.global.width = 0.1\n"
        "discount.lower = {2027 = 0.02, 2028 = 0.03}\n",
        encoding="utf-8",
    )
    scenario = load_scenario(BASELINE, overlays=[overlay], set={"contract.terms.quality.at_risk": "0.04"})
    assert scenario.contract.terms == {
        "professional_positive_rea": True,
        "quality.at_risk": 0.04,
        "corridor.global.width": 0.1,
        "discount.lower": {"2027": 0.02, "2028": 0.03},
    }


def test_merge_leaves_its_arguments_alone():
    base, overlay = {"a": {"b": 1}}, {"a": {"c": 2}}
    assert merge(base, overlay) == {"a": {"b": 1, "c": 2}}
    assert (base, overlay) == ({"a": {"b": 1}}, {"a": {"c": 2}})


def test_scenario_is_frozen_and_refuses_nan():
    scenario = load_scenario(BASELINE)
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        scenario.cohort.lives = 3
    with pytest.raises(pydantic.ValidationError, match="finite"):
        scenario.model_validate({**scenario.model_dump(), "level": {"true_level_sd": float("nan")}})


def test_years():
    horizon = Horizon(first_performance_year=2028, performance_years=3)
    assert horizon.base_years == (2025, 2026, 2027)
    assert horizon.performance_year_list == (2028, 2029, 2030)
    assert horizon.years == (2025, 2026, 2027, 2028, 2029, 2030)


def test_category_shares_sum_to_one():
    cohort = load_scenario(BASELINE).cohort
    assert cohort.aged_disabled_share + cohort.high_needs_share + cohort.esrd_share == pytest.approx(1.0)


def test_fingerprint_sees_values_and_nothing_else(tmp_path):
    fingerprint = scenario_sha256(load_scenario(BASELINE))
    assert fingerprint == scenario_sha256(load_scenario(BASELINE, set={"cohort.lives": 9608}))
    assert fingerprint != scenario_sha256(load_scenario(BASELINE, set={"cohort.lives": 9609}))
    rewritten = tmp_path / "rewritten.toml"
    plain = load_scenario(BASELINE).model_dump(mode="json", exclude_none=True)
    rewritten.write_text(scenario_toml(plain, heading=["All values."], notes={}), encoding="utf-8")
    assert scenario_sha256(load_scenario(rewritten)) == fingerprint


def test_every_assumption_says_what_it_is():
    records = assumptions(Scenario)
    keys = [record["key"] for record in records]
    assert len(keys) == len(set(keys)) > 100
    for record in records:
        assert all(record[name] for name in ("meaning", "unit", "source")), record["key"]
        assert record["grade"] in {"A", "B", "B*", "C", "user"}


def test_assumptions_of_a_scenario_hold_its_values():
    records = {record["key"]: record for record in assumptions(load_scenario(BASELINE))}
    assert records["cohort.lives"]["value"] == 9608
    assert records["cohort.lives"]["default"] is None
    assert records["exposure.exit_rate"]["value"] == records["exposure.exit_rate"]["default"] == 0.13


def test_assumptions_leave_out_categories_that_are_not_there():
    without = {"cohort": {"lives": 900, "high_needs_share": 0.0, "esrd_share": 0.0}, "name": "x"}
    money = {"base_year_pbpm": [1, 2, 3], "region_pbpm": 1, "national_pbpm": 1}
    scenario = Scenario.model_validate(
        {**without, "categories": {"aged_disabled": money}, "contract": {"entrant": "newly_entering"}}
    )
    assert not [record for record in assumptions(scenario) if record["key"].startswith("categories.esrd")]


def test_schema_is_json_and_knows_every_key():
    schema = json_schema()
    assert json.loads(json.dumps(schema)) == schema
    cohort = schema["$defs"]["Cohort"]
    assert cohort["required"] == ["lives"]
    assert cohort["additionalProperties"] is False
    assert cohort["properties"]["lives"]["description"].endswith("Grade: user.")
    assert schema["$defs"]["Contract"]["properties"]["entrant"]["enum"][0] == "renewing_reach"


def test_schema_of_overlays_requires_nothing():
    schema = json_schema(partial=True)
    assert "required" not in schema
    assert not [name for name, table in schema["$defs"].items() if "required" in table]
