"""The schemas beside the scenarios are those of the code, and the scenarios name them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from leadrisk.scenario.schema import json_schema

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"


@pytest.mark.parametrize(("name", "partial"), [("scenario", False), ("overlay", True)])
def test_committed_schema_is_current(name, partial):
    """Rewrite with ``leadrisk schema [--overlay] > scenarios/NAME.schema.json``."""
    assert json.loads((SCENARIOS / f"{name}.schema.json").read_text()) == json_schema(partial=partial)


@pytest.mark.parametrize("file", [*SCENARIOS.glob("*.toml"), *SCENARIOS.glob("stress/*.toml")], ids=lambda f: f.stem)
def test_scenarios_name_their_schema(file):
    first = file.read_text(encoding="utf-8").splitlines()[0]
    assert (file.parent / first.removeprefix("#:schema ")).is_file()
