"""The engine against its plain-Python twin: every line of the settlement on single paths."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from leadrisk.cohort.panel import segment_lives
from leadrisk.experience.base_years import PILOT_LIVES, base_years
from leadrisk.experience.factors import layout
from leadrisk.experience.simulate import simulate_block
from leadrisk.futures.parameters import dominating_direction
from leadrisk.futures.sobol import future_normals
from leadrisk.run.setting import prepare
from leadrisk.run.settle import settle_block
from leadrisk.scenario.load import load_scenario
from reference import path_twin
from reference.path_twin import read_terms

SCENARIOS = Path(__file__).parents[2] / "scenarios"
POPULATIONS, FUTURES, SEED, LIVES = 3, 4, 20, 2_000

SHIPPED = ("baseline", "higher_spending", "high_needs", "newly_entering")
STRESSES = ("coding_clampdown", "pandemic", "prolonged_trend_miss")
SWITCHES = {
    "professional_positive_rea": {"professional_positive_rea": True},
    "professional_at_half": {"professional_savings": "rfa_2026", "professional_losses": "flat"},
    "guardrail_on_the_blend": {"guardrail_applies_to": "blend"},
    "sequestration_of_gross": {"sequestration_base": "gross"},
    "no_sequestration_of_losses": {"sequestration_on_losses": False},
    "slow_rate_book": {"rate_book_weight": {"2032": 0.2, "2033": 0.4, "2034": 0.6, "2035": 0.8, "2036": 1.0}},
    "tight_adjustments": {"rea.cap_renewing_mssp": 0.01, "psa.cap": 0.005, "payments.epcc_floor": 0.05},
    "narrow_corridors": {
        "corridor.global.savings": {"edges": [0.01, 0.03], "shares": [1.0, 0.5, 0.1]},
        "corridor.professional.losses.banded": {"edges": [0.02], "shares": [0.5, 0.1]},
    },
    "no_prior_savings_above_the_region": {"psa_for_higher_spending": False},
}


def scenario_of(name, *, stress=None, **tables):
    overlays = () if stress is None else (SCENARIOS / "stress" / f"{stress}.toml",)
    values = {"cohort.lives": LIVES, "contract.names": ["lead_global", "lead_professional"], **tables}
    return load_scenario(SCENARIOS / f"{name}.toml", overlays=overlays, set=values)


@cache
def experience_of(name, stress=None):
    scenario = scenario_of(name, stress=stress)
    run = simulate_block(scenario, first=0, count=POPULATIONS, populations=POPULATIONS, seed=SEED)
    return run.assign_attrs(seed=SEED)


def known_of_base_years(scenario, weights):
    """Expected baseline by category, and how far luck moves that of an ACO of these lives, relatively.

    Luck is the difference quotient of the baseline along each pilot population's deviation from the mean one.
    """
    pilot = base_years(scenario)

    def baseline(cost, score, person_years):
        return sum(w * cost[b] / score[b] * score[2] / person_years[2] for b, w in enumerate(weights)) / sum(weights)

    main, esrd = segment_lives(scenario)
    expected, noise = {}, {}
    for name in pilot["category"].values.tolist():
        sums = [
            pilot[quantity].sel(category=name).values.T.astype(np.longdouble)
            for quantity in ("expenditure", "score", "person_years")
        ]
        means = [values.mean(axis=1) for values in sums]
        mean, step = baseline(*means), 1e-6
        there, back = (
            baseline(*(m[:, None] + way * (values - m[:, None]) for m, values in zip(means, sums, strict=True)))
            for way in (step, -step)
        )
        small = ((there - back) / (2 * step * mean)).std(ddof=1)
        expected[name] = float(mean)
        noise[name] = float(small * np.sqrt(PILOT_LIVES / (esrd if name == "esrd" else main)))
    return expected, noise


def compare(scenario, experience):
    """Settle with the engine, draw the numbers it used once more, and settle each path again with the twin."""
    drawn = future_normals(
        first=0, count=POPULATIONS, futures=FUTURES, seed=SEED, direction=dominating_direction(scenario)
    )
    setting = prepare(experience, scenario, futures=FUTURES)
    found = settle_block(experience, setting)
    assert setting.entry_class == path_twin.spending_class(scenario, read_terms(scenario.contract.terms))

    expected, noise = known_of_base_years(
        scenario, path_twin.base_weights(scenario, read_terms(scenario.contract.terms))
    )
    at = layout(scenario.horizon.performance_years, touches_persons=False)
    for population in range(POPULATIONS):
        one = experience.isel(population=population)
        totals = {
            quantity: {str(name): one[quantity].sel(category=name).values.tolist() for name in one["category"].values}
            for quantity in ("person_years", "expenditure", "score")
        }
        for future in range(FUTURES):
            normals = {name: drawn[population, part, future].tolist() for name, part in at.items()}
            twin = path_twin.settled_path(
                scenario,
                **totals,
                panel=one["panel"].values.tolist(),
                pandemic=one["pandemic"].values.tolist(),
                normals=normals,
                base_expected=expected,
                base_noise=noise,
            )
            assert twin.keys() == found.keys()
            for contract, lines in twin.items():
                assert lines.keys() <= found[contract].keys()  # the engine adds what stands outside the settlement
                scale = max(lines["benchmark_final"])
                for line, values in lines.items():
                    small = 1e-14 * scale if line != "gross_savings_rate" else 1e-14
                    np.testing.assert_allclose(
                        found[contract][line][population, future], values, rtol=1e-9, atol=small,
                        err_msg=f"{contract} {line} population {population} future {future}",
                    )  # fmt: skip


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_scenarios_settle_like_the_twin(name):
    compare(scenario_of(name), experience_of(name))


@pytest.mark.parametrize("stress", STRESSES)
def test_stresses_settle_like_the_twin(stress):
    experience = experience_of("baseline", stress)
    if stress == "pandemic":
        assert experience["pandemic"].sel(year=2029).values.all()
    compare(scenario_of("baseline", stress=stress), experience)


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("name", ["baseline", "higher_spending"])
def test_other_readings_of_the_terms_settle_like_the_twin(name, switch):
    scenario = scenario_of(name, **{"categories.aged_disabled.prior_savings_pbpm": 30.0})
    contract = scenario.contract.model_copy(update={"terms": SWITCHES[switch]})
    compare(scenario.model_copy(update={"contract": contract}), experience_of(name))


def test_strong_drift_and_score_shifts_settle_like_the_twin():
    """Assumptions that are zero or small by default, large enough here for every cap and floor to bite."""
    tables = {
        "drift.ai_shift_mean": 0.02, "drift.ai_shift_sd": 0.02, "drift.walk_variance": 0.002,
        "drift.coding_share": 0.7, "trend.market_share": 0.4, "trend.regional_sd": 0.04,
        "efficiency.care_management_ramp_years": 3, "efficiency.care_management_effect_sd": 2.0,
        "quality.relative_level": 0.4, "quality.prevention_quality_plan": False,
        "quality.continuous_improvement_pass": 0.5, "contract.base_pcc_share": 0.06,
        "trend.growth_high_needs": 0.07, "trend.category_sd": 0.03, "churn.level_sd": 0.5, "churn.mismatch_sd": 0.2,
        "drift.high_needs_concurrent_response": 0.9, "contract.spending_class": "higher",
    }  # fmt: skip
    compare(scenario_of("baseline", **tables), experience_of("baseline"))
