"""How many futures a run takes where the scenario does not say."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import leadrisk as lr
from leadrisk.cli import main
from leadrisk.run.futures_choice import LEAST, MOST, futures_choice, futures_of
from scenario_fixture import small_scenario

BASELINE = Path(__file__).resolve().parents[2] / "scenarios" / "baseline.toml"


def chosen(lives, **changes):
    return futures_of(small_scenario(lives=lives, run={"futures": None}, **changes))


@given(st.integers(200, 5_000_000))
def test_choice_is_a_power_of_two_within_limits(lives):
    futures = chosen(lives)
    assert LEAST <= futures <= MOST
    assert futures & (futures - 1) == 0


@given(st.integers(200, 100_000), st.integers(200, 100_000))
def test_more_lives_never_carry_fewer_futures(one, other):
    fewer, more = sorted((one, other))
    assert chosen(fewer) <= chosen(more)


def test_choice_by_hand():
    """10,000 lives, three base and three performance years: 500 settlements a population, odds 1/30, root of 15,000."""
    assert chosen(10_000) == 64
    assert (chosen(200), chosen(1_000), chosen(1_000_000)) == (4, 16, 256)


def test_naming_a_contract_more_moves_nothing():
    assert chosen(3_000, contract={"names": ["lead_global"]}) == chosen(
        3_000, contract={"names": ["lead_global", "lead_professional", "mssp_enhanced", "reach_global"]}
    )


def test_stated_futures_are_taken():
    scenario = small_scenario(lives=50_000)
    assert futures_of(scenario) == 8
    assert futures_of(scenario, 32) == 32
    assert futures_choice(scenario).why == "8 futures, as the scenario states"


def test_settlement_has_the_chosen_futures():
    scenario = small_scenario(lives=200, run={"futures": None, "populations": 4})
    settlement = lr.settle(lr.simulate(scenario), scenario)
    assert settlement.sizes["future"] == futures_of(scenario) == 4


def test_run_says_how_many_and_why(tmp_path, capsys):
    small = ["--set", "cohort.lives=200", "--set", "horizon.performance_years=2", "--populations", "4"]
    main(["run", str(BASELINE), *small, "--out", str(tmp_path / "chosen")])
    assert "4 futures, chosen for 200 lives: a population takes the work of 12 settlements" in capsys.readouterr().out
    main(["run", str(BASELINE), *small, "--futures", "4", "--out", str(tmp_path / "stated")])
    assert "chosen for" not in capsys.readouterr().out
    digests = {json.loads((tmp_path / run / "manifest.json").read_text())["digest"] for run in ("chosen", "stated")}
    assert len(digests) == 1
