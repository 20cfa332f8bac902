"""The change of an assumption is what two runs differ by, and nothing that a run reads is left out."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import leadrisk as lr
from leadrisk.cli import main
from leadrisk.errors import InputError
from leadrisk.report.figure_sensitivity import tornado_figure
from leadrisk.run.check import persons_sha256
from leadrisk.run.sensitivity import plan, sensitivity
from leadrisk.scenario.load import scenario_sha256
from scenario_fixture import small_scenario

if TYPE_CHECKING:
    from leadrisk.scenario.model import Scenario

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
SIZE = {"populations": 16, "futures": 8}
KEYS = ["trend.growth_aged_disabled", "persons.cost_slope", "alignment.demographic_growth"]


@pytest.fixture(scope="module")
def found():
    return sensitivity(small_scenario(), **SIZE, only=KEYS, threads=2)


def figures_of_a_run(scenario: Scenario) -> dict[str, dict[str, float]]:
    settlement = lr.settle(lr.simulate(scenario, threads=1), scenario, threads=1)
    return {
        name: {
            "reserve_99": one["reserve_99"]["value"],
            "mean": one["net_settlement_total"]["mean"],
            "tvar_99_loss": one["net_settlement_total"]["tvar_99_loss"],
        }
        for name, one in lr.summarize(settlement)["contracts"].items()
    }


def test_a_change_is_the_difference_of_two_whole_runs(found):
    base = figures_of_a_run(small_scenario())
    for name, figures in base.items():
        assert {key: one["value"] for key, one in found["base"][name].items()} == pytest.approx(figures)
    for record in found["assumptions"]:
        table, name = record["key"].split(".")
        for end in ("low", "high"):
            varied = figures_of_a_run(small_scenario(**{table: {name: record[end]}}))
            for contract, figures in varied.items():
                expected = {key: value - base[contract][key] for key, value in figures.items()}
                given = {key: one["value"] for key, one in record["change"][contract][end].items()}
                assert given == pytest.approx(expected, abs=1e-6)


def test_what_moves_nothing_is_named_apart(found):
    assert found["no_change"] == ["alignment.demographic_growth"]
    assert {record["key"]: record["persons"] for record in found["assumptions"]} == {
        "trend.growth_aged_disabled": False,
        "persons.cost_slope": True,
    }


def test_the_largest_change_of_a_reserve_comes_first(found):
    largest = [
        max(abs(one["reserve_99"]["value"]) for ends in record["change"].values() for one in ends.values())
        for record in found["assumptions"]
    ]
    assert largest == sorted(largest, reverse=True)


def test_threads_change_nothing(found):
    assert sensitivity(small_scenario(), **SIZE, only=KEYS, threads=1) == found


def test_what_is_said_not_to_be_read_changes_nothing():
    scenario = small_scenario(shocks={"pandemic_year": 2028})
    not_read = plan(scenario).not_read
    assert len(not_read) > 30
    experience = {persons_sha256(scenario): lr.simulate(scenario, threads=1)}
    base = lr.settle(experience[persons_sha256(scenario)], scenario, threads=1)["net_settlement"].values
    records = plan(scenario).records
    for key in not_read:
        table, name = key.split(".")
        for end in ("low", "high"):
            own = getattr(scenario, table).model_copy(update={name: records[key][end]})
            varied = scenario.model_copy(update={table: own})  # unchecked: some may not be set unless elected
            persons = persons_sha256(varied)
            if persons not in experience:
                experience[persons] = lr.simulate(varied, threads=1)
            net = lr.settle(experience[persons], varied, threads=1)["net_settlement"].values
            np.testing.assert_array_equal(net, base, err_msg=key)


def test_persons_are_simulated_anew_where_they_must_be():
    found = plan(small_scenario())
    same = persons_sha256(small_scenario())
    anew = {variant.key.partition(".")[0] for variant in found.variants if persons_sha256(variant.scenario) != same}
    assert anew == {"cohort", "persons", "exposure", "shocks"}
    assert not [v.key for v in found.variants if v.key.startswith("persons") and persons_sha256(v.scenario) == same]


@pytest.mark.parametrize("name", ["baseline", "higher_spending", "high_needs", "newly_entering"])
def test_no_end_of_a_range_contradicts_a_shipped_scenario(name):
    assert plan(lr.load_scenario(SCENARIOS / f"{name}.toml")).refused == []


def test_an_end_that_the_scenario_rules_out_is_left_out_and_said():
    scenario = small_scenario(stop_loss={"elected": True, "first_attachment": 10.0})
    (refused,) = plan(scenario, only=["stop_loss.second_attachment"]).refused
    assert (refused["key"], refused["end"]) == ("stop_loss.second_attachment", "low")
    assert "must lie above" in refused["reason"]


@pytest.mark.parametrize(
    ("key", "message"),
    [("trend.calm_s", 'did you mean "trend.calm_sd"'), ("cohort.lives", "has no plausible range")],
)
def test_a_key_that_cannot_be_varied_is_refused(key, message):
    with pytest.raises(InputError, match=message):
        plan(small_scenario(), only=[key])


def test_the_plot_names_what_moves_the_reserve_most(found):
    drawing = tornado_figure(found)
    assert "trend.growth_aged_disabled moves it most" in drawing.description
    assert drawing.svg.startswith(b"<?xml")


def test_the_command_writes_a_whole_directory_or_nothing(capsys, tmp_path):
    out = tmp_path / "made" / "sensitivity"
    small = ["--populations", "8", "--futures", "4", "--set", "cohort.lives=800", "--out", str(out)]
    command = ["sensitivity", str(SCENARIOS / "baseline.toml"), *small]
    with pytest.raises(SystemExit) as ended:
        main([*command, "--only", "trend.calm_s"])
    assert ended.value.code == 2
    assert list(tmp_path.iterdir()) == []
    main([*command, "--only", "trend.calm_sd", "--only", "level.true_level_sd", "--json"])
    printed = json.loads(capsys.readouterr().out)
    assert sorted(path.name for path in out.iterdir()) == [
        "figures",
        "manifest.json",
        "sensitivity.csv",
        "sensitivity.json",
    ]
    assert json.loads((out / "sensitivity.json").read_text()) == printed
    scenario = lr.load_scenario(SCENARIOS / "baseline.toml", set={"cohort.lives": 800})
    assert json.loads((out / "manifest.json").read_text())["scenario_sha256"] == scenario_sha256(scenario)
    with (out / "sensitivity.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(printed["assumptions"]) * 2 * 4 * 3
    main([*command, "--only", "trend.calm_sd"])
    assert "trend.calm_sd, C" in capsys.readouterr().out
