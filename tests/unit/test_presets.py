"""Presets are overlays: they lie over every scenario that is shipped, and change what they write."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from leadrisk.errors import InputError
from leadrisk.run.check import check_terms
from leadrisk.scenario.load import load_scenario, scenario_sha256
from leadrisk.scenario.overlay import flatten_terms

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
PRESETS = sorted((SCENARIOS / "presets").glob("*.toml"))
BASES = sorted(SCENARIOS.glob("*.toml"))


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)
@pytest.mark.parametrize("base", BASES, ids=lambda path: path.stem)
def test_a_preset_lies_over_every_scenario(base, preset):
    scenario = load_scenario(base, overlays=[preset])
    check_terms(scenario, files=[base, preset])
    assert scenario_sha256(scenario) != scenario_sha256(load_scenario(base))
    held = scenario.model_dump(mode="json")
    for table, values in tomllib.loads(preset.read_text(encoding="utf-8")).items():
        for name, value in values.items():
            expected = flatten_terms(value) if table == "contract" and name.endswith("terms") else value
            assert held[table][name] == expected, f"{table}.{name}"


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)
def test_a_preset_says_what_it_is(preset):
    first, second, *_ = preset.read_text(encoding="utf-8").splitlines()
    assert first == "#:schema ../overlay.schema.json"
    assert second.startswith("# Preset: ")


def test_a_preset_alone_is_no_scenario():
    with pytest.raises(InputError, match="cohort"):
        load_scenario(PRESETS[0])
