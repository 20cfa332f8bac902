"""The table of what a fit left uncertain: loading in any form, one clear message for what is wrong."""

from __future__ import annotations

import json
import math
import tomllib
from pathlib import Path

import numpy as np
import pytest

from leadrisk.errors import InputError
from leadrisk.experience.stationary import segments
from leadrisk.run.check import persons_sha256
from leadrisk.scenario.load import load_scenario
from leadrisk.scenario.person_tables import Exposure, Persons
from leadrisk.scenario.schema import json_schema
from leadrisk.scenario.uncertainty_table import DRAWN, NOT_DRAWN, Uncertainty
from leadrisk.scenario.write import scenario_toml
from scenario_fixture import small_scenario

BASELINE = Path(__file__).resolve().parents[2] / "scenarios" / "baseline.toml"
SLOPE, CURVATURE, WEIGHT = "persons.cost_slope", "persons.cost_curvature", "persons.health_weight"
QUOTED = """[uncertainty.standard_error]
"persons.cost_slope" = 0.02
"persons.cost_curvature" = 0.01
"persons.health_weight" = 0.01
"""
NESTED = """[uncertainty.standard_error.persons]
cost_slope = 0.02
cost_curvature = 0.01
health_weight = 0.01
[uncertainty.correlation]
persons.cost_slope.persons.cost_curvature = -0.6
"""


def loaded(tmp_path, text, **values):
    overlay = tmp_path / "fit.toml"
    overlay.write_text(text, encoding="utf-8")
    return load_scenario(BASELINE, overlays=[overlay], set=values).uncertainty


def test_names_may_be_quoted_or_nested(tmp_path):
    quoted = loaded(
        tmp_path, QUOTED + '[uncertainty.correlation."persons.cost_slope"]\n"persons.cost_curvature" = -0.6'
    )
    assert quoted == loaded(tmp_path, NESTED)
    assert quoted.names == (WEIGHT, SLOPE, CURVATURE)
    assert quoted.correlation == {SLOPE: {CURVATURE: -0.6}}


def test_later_values_win_whatever_their_form(tmp_path):
    values = {"uncertainty.standard_error.persons.cost_slope": "0.03", "uncertainty.drawn": "false"}
    changed = loaded(tmp_path, QUOTED, **values)
    assert changed.standard_error == {SLOPE: 0.03, CURVATURE: 0.01, WEIGHT: 0.01}
    assert changed.names == ()


def test_loadings_are_a_root_of_the_covariance(tmp_path):
    root = np.array(loaded(tmp_path, NESTED).loadings)
    sd, correlation = np.array([0.01, 0.02, 0.01]), np.eye(3)
    correlation[1, 2] = correlation[2, 1] = -0.6
    np.testing.assert_allclose(root @ root.T, correlation * np.outer(sd, sd), rtol=1e-12, atol=1e-18)


@pytest.mark.parametrize(
    ("line", "where", "says"),
    [
        (
            '"persons.cost_slop" = 1',
            ":6: {}.persons.cost_slop",
            'did you mean "uncertainty.standard_error.persons.cost',
        ),
        (
            "exposure.deathrate = 0.1",
            ":6: {}.exposure.deathrate",
            'did you mean "uncertainty.standard_error.exposure.d',
        ),
        ('"exposure.death_rate" = 0', ":6: {}.exposure.death_rate", "must be above 0, got 0 (leave out what is known"),
        ('"exposure.death_rate" = "a"', ":6: {}.exposure.death_rate", 'must be a number, got the text "a"'),
        ('"exposure.death_rate" = inf', ":6: {}.exposure.death_rate", "must be a finite number"),
        ('"persons.truncation_multiple" = 1', ":6: {}.persons.truncation_multiple", "is CMS's published figure"),
        ("exposure.panel_growth_sd = 0.1", ":6: {}.exposure.panel_growth_sd", "may not be drawn"),
        (
            '"exposure.death_rate" = 0.03',
            ":6: {}.exposure.death_rate",
            "0.044 give death_rate = -0.016, input should be",
        ),
        ('"persons.esrd_cost_slope" = 0.4', ":6: {}.persons.esrd_cost_slope", "cost must rise with illness"),
    ],
)
def test_a_wrong_standard_error_is_told_with_line_and_cure(tmp_path, line, where, says):
    with pytest.raises(InputError) as caught:
        loaded(tmp_path, f"\n{QUOTED}{line}")
    assert f"fit.toml{where.format('uncertainty.standard_error')}: " in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "where", "says"),
    [
        (["slope.persons.death_rate = 0.5"], ":6: {}.cost_slope.persons.death_rate", "unknown key"),
        (["slope.exposure.death_rate = 0.5"], ":6: {}.cost_slope.exposure.death_rate", "has no standard error (add"),
        (["slope.persons.cost_curvature = -1"], ":6: {}.cost_slope.persons.cost_curvature", "between -1 and 1, got -1"),
        (["slope.persons.cost_slope = 0.5"], ":6: {}.cost_slope.persons.cost_slope", "of a parameter with itself"),
        (
            ["slope.persons.cost_curvature = 0.5", "curvature.persons.cost_slope = 0.5"],
            ":7: {}.cost_curvature.persons.cost_slope",
            "is given twice, once either way (leave it out)",
        ),
        (
            [f"slope.{CURVATURE} = -0.9", f"slope.{WEIGHT} = 0.9", f"curvature.{WEIGHT} = 0.9"],
            ":8: {}.cost_curvature",
            "the matrix is not positive definite (pivot -15.2) (bring them closer to 0",
        ),
        (["slope = 1"], ":6: {}.cost_slope", "must be a table, got the number 1"),
    ],
)
def test_a_wrong_correlation_is_told_with_line_and_cure(tmp_path, lines, where, says):
    given = "\n".join(f"persons.cost_{line}" for line in lines)
    with pytest.raises(InputError) as caught:
        loaded(tmp_path, f"{QUOTED}[uncertainty.correlation]\n{given}")
    assert f"fit.toml{where.format('uncertainty.correlation.persons')}: " in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("uncertainty.standard_error = 1", ":1: uncertainty.standard_error: must be a table, got the number 1"),
        ("uncertainty.standard_eror = 1", 'unknown key (did you mean "uncertainty.standard_error"?)'),
    ],
)
def test_a_table_of_another_form_is_refused(tmp_path, text, says):
    with pytest.raises(InputError) as caught:
        loaded(tmp_path, text)
    assert says in str(caught.value)


def test_every_parameter_of_persons_is_drawn_or_says_why_not():
    keys = {f"persons.{name}" for name in Persons.model_fields} | {f"exposure.{name}" for name in Exposure.model_fields}
    assert set(DRAWN) | set(NOT_DRAWN) == keys
    assert not set(DRAWN) & set(NOT_DRAWN)


@pytest.mark.parametrize("key", DRAWN)
def test_what_may_be_drawn_acts_inside_the_person_kernel(key):
    table, _, name = key.partition(".")
    plain = small_scenario()
    factor = 0.5 if name == "high_needs_incidence" else 0.98  # it acts where it is below what the prevalence asks for
    changed = small_scenario(**{table: {name: factor * getattr(getattr(plain, table), name)}})
    before, after = segments(plain), segments(changed)
    assert any(
        getattr(before[number], part).tobytes() != getattr(after[number], part).tobytes()
        for number in before
        for part in ("pool", "parameters", "curve")
    )


def test_schema_names_the_parameters_and_a_written_scenario_reads_back(tmp_path):
    table = json_schema()["$defs"]["Uncertainty"]["properties"]
    assert table["standard_error"]["propertyNames"]["enum"] == list(DRAWN)
    scenario = load_scenario(BASELINE, set={f"uncertainty.standard_error.{SLOPE}": 0.02})
    text = scenario_toml(json.loads(scenario.model_dump_json(exclude_none=True)), heading=["x"], notes={})
    file = tmp_path / "written.toml"
    file.write_text(text, encoding="utf-8")
    assert load_scenario(file) == scenario
    assert tomllib.loads(text)["uncertainty"]["drawn"] is True


def test_a_stored_experience_knows_what_was_drawn():
    plain, drawn = small_scenario(), small_scenario(uncertainty={"standard_error": {SLOPE: 0.02}})
    assert persons_sha256(plain) != persons_sha256(drawn)


def test_a_correlation_near_one_still_has_a_root():
    close = Uncertainty(standard_error={SLOPE: 1.0, CURVATURE: 1.0}, correlation={SLOPE: {CURVATURE: 0.999999}})
    assert close.loadings[1][1] == pytest.approx(math.sqrt(1 - 0.999999**2), rel=1e-6)
