"""Episodes take part of the ACO's luck with them: what the noise within a known total does, against real episodes."""

from __future__ import annotations

import numpy as np
import pytest

from leadrisk.contract.cara import cara_amounts, provider_payment
from leadrisk.contract.terms import load_terms
from leadrisk.scenario.cara_table import Cara

YEARS = 20_000
BENCHMARK, PERSON_YEARS = 120e6, 10_000.0
SHARE = 0.05


def arrangement(**changes: float) -> Cara:
    values = {
        "elected": True, "episode_share": SHARE, "episodes_per_1000": 20.0, "target_discount": 0.03,
        "performance_adjustment": 1.0, "quality_score": 1.0,
    }  # fmt: skip
    return Cara.model_validate(values | changes)


def settled(expenditure: np.ndarray, noise: np.ndarray, **changes: float) -> np.ndarray:
    lines = cara_amounts(
        expenditure, noise, benchmark=BENCHMARK, person_years=PERSON_YEARS, years=[2030],
        arrangement=arrangement(**changes), terms=load_terms("lead"),
    )  # fmt: skip
    return expenditure + lines["cara_provider_payment"] + lines["cara_savings"]


@pytest.fixture(scope="module")
def draws():
    """Episodes and everything else, independent and equally noisy per dollar; then a normal of its own."""
    generator = np.random.default_rng(3)
    noise = 0.022 * BENCHMARK
    episodes = SHARE * BENCHMARK + np.sqrt(SHARE) * noise * generator.standard_normal(YEARS)
    rest = (1.0 - SHARE) * BENCHMARK + np.sqrt(1.0 - SHARE) * noise * generator.standard_normal(YEARS)
    return episodes, rest, generator.standard_normal(YEARS)


def test_full_pass_through_of_a_discount_takes_the_episodes_luck_off_the_aco(draws):
    episodes, rest, noise = draws
    before = episodes + rest
    # One episode's variation for which 200 of them are as noisy, within the total, as the episodes drawn above.
    variation = 0.022 * np.sqrt(SHARE * (1.0 - SHARE)) / SHARE * np.sqrt(0.020 * PERSON_YEARS)
    after = settled(before, noise, episode_variation=variation)
    real = before + provider_payment(0.97 * SHARE * BENCHMARK, actual=episodes, performance_adjustment=1.0, quality=1.0)
    assert after.std() < before.std() * np.sqrt(1.0 - 0.6 * SHARE)
    assert after.std() == pytest.approx(real.std(), rel=0.01)
    assert after.mean() == pytest.approx(real.mean(), rel=1e-3)
    assert before.mean() - after.mean() == pytest.approx(0.03 * SHARE * BENCHMARK, rel=0.03)


def test_what_hangs_on_quality_keeps_luck_with_the_aco(draws):
    episodes, rest, noise = draws
    full, half = (settled(episodes + rest, noise, quality_score=score) for score in (1.0, 0.5))
    assert full.std() < half.std() < (episodes + rest).std()


def test_more_episodes_are_steadier():
    terms, noise = load_terms("lead"), np.random.default_rng(4).standard_normal(YEARS)
    spread = []
    for per_1000 in (5.0, 20.0, 80.0):
        lines = cara_amounts(
            BENCHMARK, noise, benchmark=BENCHMARK, person_years=PERSON_YEARS, years=[2030],
            arrangement=arrangement(episodes_per_1000=per_1000, episode_variation=0.5), terms=terms,
        )  # fmt: skip
        spread.append(lines["cara_provider_payment"].std())
    assert spread[0] / spread[1] == pytest.approx(2.0, rel=1e-9)
    assert spread[1] / spread[2] == pytest.approx(2.0, rel=1e-9)
