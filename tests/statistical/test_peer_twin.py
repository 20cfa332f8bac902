"""MSSP and ACO REACH on the engine's paths against their plain-Python twin."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from leadrisk.contract.quality_score import REACH_MEASURES, quality_score
from leadrisk.experience.simulate import simulate_block
from leadrisk.run.peer_lines import mssp_lines, reach_lines
from leadrisk.run.setting import prepare
from leadrisk.run.settle import carried_block
from leadrisk.scenario.load import load_scenario
from reference.peer_twin import Readings, Seen, mssp_path, reach_path, read_terms

SCENARIOS = Path(__file__).parents[2] / "scenarios"
POPULATIONS, FUTURES, SEED = 4, 4, 20
NAMES = ["mssp_enhanced", "mssp_basic_e", "reach_global", "reach_professional"]
TRACKS = {"mssp_enhanced": "ENHANCED", "mssp_basic_e": "E"}

ENGINE = Readings()
"""What the engine does where the twin would read a rule in another way."""

SHIPPED = ("baseline", "higher_spending", "newly_entering", "high_needs")
OTHERWISE = {
    "rates_by_size": {"mssp.minimum_savings_rate": "by_size", "cohort.lives": 3_000},
    "first_agreement_period": {"mssp.agreement_period": 1},
    "fourth_agreement_period": {"mssp.agreement_period": 4, "mssp.revenue_share": 0.5},
    "low_revenue": {"mssp.revenue_share": 0.1},
    "no_rebasing": {"mssp.rebasing": False},
    "large_share_of_the_region": {"trend.market_share": 0.6, "trend.regional_sd": 0.04, "trend.category_sd": 0.03},
    "coding": {"drift.walk_variance": 0.004, "drift.mean_growth": 0.02, "drift.high_needs_concurrent_response": 0.9},
    "changing_lists": {"churn.level_sd": 0.5},
    "rules_of_2023": {"reach.rules_year": 2023, "reach.projection_years": 3, "reach.heba_down_share": 0.1},
    "rules_of_2024": {"reach.rules_year": 2024, "reach.projection_years": 1, "reach.heba_up_share": 0.3},
    "proposal_for_2027": {
        "contract.mssp_terms": {
            "share_rate.E": 0.60, "prior_savings.weight.from_2024": 0.75, "regional.cap_negative.from_2024": 0.05,
            "update.guardrail_up": 0.015, "update.guardrail_down": 0.010,
        },
    },
    "stressed_mssp": {
        "contract.mssp_terms": {
            "risk_cap.method.from_2024": "by_type", "update.two_way_protection": False, "quality.standard_met": False,
            "sequestration_on_losses": True,
        },
    },
    "stressed_reach": {
        "contract.reach_terms": {
            "retrospective_trend.corridor.from_2024": {"edges": [], "shares": [1.0]}, "regional_blend.floor": 0.05,
            "corridor.professional": {"edges": [0.02], "shares": [0.5, 0.1]},
            "coding_intensity.factor.aged_disabled": 1.02,
        },
    },
}  # fmt: skip


def scenario_of(name, **tables):
    return load_scenario(SCENARIOS / f"{name}.toml", set={"contract.names": NAMES, **tables})


@cache
def experience_of(name, lives=None):
    scenario = scenario_of(name, **({} if lives is None else {"cohort.lives": lives}))
    block = simulate_block(scenario, first=0, count=POPULATIONS, populations=POPULATIONS, seed=SEED)
    return block.assign_attrs(seed=SEED)


def seen_of(one, population, future):
    """What CMS sees of a category in one path, as plain numbers."""

    def path(values):
        block = np.broadcast_to(values, (POPULATIONS, FUTURES, values.shape[-1]))
        return block[population, future].tolist()

    return Seen(
        person_years=path(one.person_years),
        expenditure_pbpm=path(one.expenditure_pbpm),
        truncated_pbpm=path(one.truncated_pbpm),
        base_truncation=one.base_truncation,
        national_trend=path(one.national_trend),
        regional_trend=path(one.regional_trend),
        acpt=path(one.acpt),
        score_ratio=path(one.score_ratio),
        unexpected_cost=path(one.unexpected_cost),
        shift=path(one.baseline_shift),
    )


def twin_lines(scenario, seen, quality, readings):
    """Lines of the four contracts on one path."""
    overrides = scenario.contract.overrides
    found = {}
    for contract, track in TRACKS.items():
        rules = {"track": track, "terms": read_terms("mssp", overrides["mssp"]), "readings": readings}
        found[contract] = mssp_path(scenario, seen, rebasing=scenario.mssp.rebasing, **rules)
        if scenario.mssp.rebasing:
            kept = mssp_path(scenario, seen, rebasing=False, **rules)
            found[contract]["net_without_rebasing"] = kept["net_shared_savings"]
    for option in ("global", "professional"):
        found[f"reach_{option}"] = reach_path(
            scenario, seen, option=option, quality=quality, terms=read_terms("reach", overrides["reach"]),
            readings=readings,
        )  # fmt: skip
    return found


def mismatch(engine, twin, at):
    """Largest difference as a share of the dollars compared, lines near zero against a year's benchmark."""
    worst = 0.0
    for contract, lines in twin.items():
        scale = max(lines["benchmark_final"])
        for name, values in lines.items():
            expected = np.array(values)
            found = np.broadcast_to(engine[contract][name], (POPULATIONS, FUTURES, expected.size))[at]
            worst = max(worst, float(np.max(np.abs(found - expected) / np.maximum(np.abs(expected), 1e-3 * scale))))
    return worst


def compare(scenario, experience):
    setting = prepare(experience, scenario, futures=FUTURES)
    carried, paths = carried_block(experience, setting)
    engine = {**mssp_lines(carried, setting, ratchet=True), **reach_lines(carried, paths, setting)}
    quality = quality_score(
        paths.quality,
        gateway=paths.improvement,
        pass_probability=scenario.quality.continuous_improvement_pass,
        prevention_plan=False,
        performance_years=setting.years,
        terms=setting.terms["reach"],
        measures=REACH_MEASURES,
    )
    for at in np.ndindex(POPULATIONS, FUTURES):
        seen = {name: seen_of(one, *at) for name, one in carried.items()}
        score = quality[at].tolist()
        readings = (replace(ENGINE, tie_to_prior_savings=tie) for tie in (False, True))
        assert any(mismatch(engine, twin_lines(scenario, seen, score, one), at) < 1e-9 for one in readings), at


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_scenarios_settle_like_the_twin(name):
    compare(scenario_of(name), experience_of(name))


@pytest.mark.parametrize("case", OTHERWISE)
@pytest.mark.parametrize("name", ["baseline", "high_needs"])
def test_other_scenarios_settle_like_the_twin(name, case):
    scenario = scenario_of(name, **OTHERWISE[case])
    compare(scenario, experience_of(name, OTHERWISE[case].get("cohort.lives")))


def test_every_reading_of_the_twin_moves_dollars():
    """Otherwise agreement with the engine would say nothing about that reading."""
    scenario = scenario_of("baseline")
    setting = prepare(experience_of("baseline"), scenario, futures=FUTURES)
    carried, _ = carried_block(experience_of("baseline"), setting)
    seen = {name: seen_of(one, 0, 1) for name, one in carried.items()}
    quality = [0.8] * setting.years.size
    before = twin_lines(scenario, seen, quality, ENGINE)
    for change, contract in (
        ({"mssp_region_follows_list": True}, "mssp_enhanced"),
        ({"reach_base_follows_list": False}, "reach_global"),
        ({"reach_small_are_not_capped": False}, "reach_global"),
        ({"reach_high_needs_trend": "own"}, "reach_global"),
    ):
        after = twin_lines(scenario, seen, quality, replace(ENGINE, **change))
        assert after[contract]["benchmark_final"] != before[contract]["benchmark_final"], change
