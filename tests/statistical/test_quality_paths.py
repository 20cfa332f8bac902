"""Ranks of quality as simulated: persistence, noise by size, ties to cost, rates in their own units."""

from __future__ import annotations

import numpy as np
import pytest

from leadrisk.errors import InputError
from leadrisk.experience.factors import MEASURES
from leadrisk.experience.simulate import simulate_block
from leadrisk.futures.paths import systemic_paths
from leadrisk.futures.quality_parameters import cost_luck, rank_correlation, rank_parameters, rank_parts
from leadrisk.futures.quality_units import percentile_ladder
from leadrisk.scenario.load import load_scenario
from leadrisk.validation.check_quality import quality_targets
from leadrisk.validation.check_trend import misses_outside, trend_band
from leadrisk.validation.standard_aco import standard_aco
from scenario_fixture import small_scenario

UNKNOWN = {"composite_correlation": 0.0}
NO_LUCK = dict.fromkeys((f"luck_correlation_{m}" for m in ("acr", "uamcc", "dah")), 0.0)


def ranks_of(lives, *, populations=512, futures=16, years=4, **quality):
    """Ranks of ACOs of a size, shape (measure, population, future, year); persons are few, their luck is left out."""
    scenario = small_scenario(
        lives=lives, horizon={"performance_years": years}, quality={**UNKNOWN, **NO_LUCK, **quality}
    )
    persons = simulate_block(small_scenario(lives=200, horizon={"performance_years": years}), first=0,
                             count=populations, populations=populations, seed=4)  # fmt: skip
    paths = systemic_paths(scenario, persons, futures=futures, seed=4)
    return scenario, paths


def successive(path):
    return np.corrcoef(path[..., -2].ravel(), path[..., -1].ravel())[0, 1]


def test_persistence_and_spread_at_the_reference_size_are_the_published_ones():
    scenario, paths = ranks_of(10_000)
    for measure, rank in zip(MEASURES, paths.quality, strict=True):
        assert successive(rank) == pytest.approx(getattr(scenario.quality, f"persistence_{measure}"), abs=0.03)
        assert rank[..., -1].std() == pytest.approx(1.0, abs=0.03)
        assert abs(rank.mean()) < 0.05


@pytest.mark.parametrize("lives", [4_000, 40_000])
def test_small_acos_are_noisier_and_the_survey_is_not(lives):
    scenario, paths = ranks_of(lives)
    for measure, rank in zip(MEASURES, paths.quality, strict=True):
        parts = rank_parts(scenario, measure, lives=lives)
        steady = parts.fading + parts.level**2
        total = steady + parts.noise
        expected = (parts.persistence * parts.fading + parts.level**2) / total
        assert rank[..., -1].var() == pytest.approx(total, rel=0.06)
        assert successive(rank) == pytest.approx(expected, abs=0.03)
        larger = rank_parts(scenario, measure, lives=10 * lives)
        assert (larger.noise < parts.noise) is (measure != "cahps")


def test_ranks_correlate_across_acos_as_the_parameters_say():
    scenario, paths = ranks_of(10_000, populations=1024)
    everything = np.concatenate([paths.quality, paths.improvement[None]])[..., -1].reshape(8, -1)
    np.testing.assert_allclose(np.corrcoef(everything), rank_correlation(scenario), atol=0.04)


@pytest.mark.parametrize("high_needs", [0.0, 0.1, 0.3, 0.9])
def test_luck_of_the_persons_is_a_standard_normal_whatever_their_mix(high_needs):
    scenario = small_scenario(cohort={"lives": 4_000, "high_needs_share": high_needs})
    luck = cost_luck(simulate_block(scenario, first=0, count=128, populations=128, seed=3), scenario)
    assert luck.std() == pytest.approx(1.0, abs=0.15)
    assert abs(luck.mean()) < 0.25


def test_dear_persons_lower_the_rank_of_admissions():
    scenario = small_scenario(lives=4_000)
    block = simulate_block(scenario, first=0, count=16, populations=16, seed=3)
    dear = systemic_paths(scenario, block, futures=2, seed=1).quality[MEASURES.index("uamcc")]
    cheap = systemic_paths(scenario, block.assign(expenditure=0.9 * block["expenditure"]), futures=2, seed=1).quality[
        MEASURES.index("uamcc")
    ]
    assert np.all(cheap > dear)


def test_frozen_quality_knows_neither_luck_nor_level():
    scenario = small_scenario(quality={"relative_level": 0.5})
    block = simulate_block(scenario, first=0, count=4, populations=4, seed=3)
    ranks = systemic_paths(scenario, block, futures=4, seed=1, frozen=("quality",)).quality
    assert np.ptp(ranks, axis=(1, 2)).max() == 0.0
    assert rank_parameters(scenario).start[0] == pytest.approx(0.62 * 0.6 * 0.5)


def test_rates_of_the_ladder_stand_near_the_published_percentiles():
    """ACO REACH PY2023, 105 Standard ACOs, 5th and 95th percentile; readmissions are skewed, rates here are not."""
    published = {"acr": (15.89, 14.41), "uamcc": (38.4, 26.3), "tfu": (62.1, 79.9)}
    ladder = {one["measure"]: one["rates"] for one in percentile_ladder(standard_aco(10_000).quality)}
    for measure, (worst, best) in published.items():
        spread = abs(ladder[measure][0.95] - ladder[measure][0.05])
        assert ladder[measure][0.05] == pytest.approx(worst, abs=0.13 * spread)
        assert ladder[measure][0.95] == pytest.approx(best, abs=0.13 * spread)


@pytest.mark.parametrize(("persistence", "told"), [(0.9, "what quality.noise_acr leaves"), (0.1, "level_correlation")])
def test_a_persistence_that_does_not_fit_is_refused(persistence, told):
    with pytest.raises(InputError, match=told):
        load_scenario(
            "scenarios/baseline.toml",
            set={"quality.persistence_acr": persistence, "quality.level_correlation_acr": 0.4},
        )


def test_quality_meets_what_is_published():
    """A small run: tolerances of the targets stand, so a target on its edge would show here first."""
    found = quality_targets(populations=32, futures=16, seed=2)
    assert len(found) >= 30
    for record in found:
        wide = record["tolerance"] + 3.0 * record["se"]
        assert abs(record["result"] - record["target"]) <= wide, record
        assert (record["verdict"] == "pass") is (not record["cause"])


def test_the_real_misses_of_the_trend_lie_in_the_band_and_not_in_that_of_calm_years():
    assert misses_outside(trend_band(populations=256, futures=16)) == []
    calm = standard_aco(200, performance_years=2, trend={"stressed_sd": 0.02})
    band = trend_band(populations=256, futures=16, scenario=calm)
    assert misses_outside(band) == [9.1]


def test_the_band_without_regimes_is_that_of_the_closed_form():
    """Two successive misses of an AR(1): variance sd^2 (2 + 2 r)."""
    trend = {"calm_sd": 0.03, "stressed_sd": 0.03, "autocorrelation": 0.4}
    band = trend_band(populations=1024, futures=16, scenario=standard_aco(200, performance_years=2, trend=trend))
    edge = 2.3263 * 0.03 * np.sqrt(2.8)
    for found, expected in ((band.low, np.expm1(-edge)), (band.high, np.expm1(edge))):
        assert found.value == pytest.approx(100.0 * expected, abs=4.0 * found.se)
