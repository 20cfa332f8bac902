"""Scores, conditioning and simple forecasters against closed forms and plain definitions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from leadrisk.validation.conditional import given_known, interval_error
from leadrisk.validation.forecasters import (
    CLOSED_RULE,
    PanelVariances,
    fit_naive,
    fit_panel,
    naive_forecast,
    next_year_moments,
    panel_forecast,
)
from leadrisk.validation.panel import AcoYear, Pair
from leadrisk.validation.scores import (
    coverage,
    crps_of_normal,
    crps_of_sample,
    crps_of_student,
    histogram,
    paired_difference,
    rank_of,
    uniformity,
)

SHARES = {"ESRD": 0.005, "DIS": 0.06, "AGDU": 0.05, "AGND": 0.885}


def aco(name: str, *, savings: float, person_years: float = 10_000.0, year: int = 2022, start: int = 2020) -> AcoYear:
    lives = round(person_years / 0.979)
    return AcoYear(
        name, year, start, 1, lives, person_years, savings, 12_000.0, None, SHARES, dict.fromkeys(SHARES, 1.0)
    )


def by_definition(cdf, actual: float) -> float:
    """CRPS is the squared distance of the distribution function from the step at what came, summed up."""
    below, _ = integrate.quad(lambda x: cdf(x) ** 2, -60.0, actual, limit=400)
    above, _ = integrate.quad(lambda x: (1.0 - cdf(x)) ** 2, actual, 60.0, limit=400)
    return below + above


@pytest.mark.parametrize(("mean", "sd", "actual"), [(0.0, 1.0, 0.0), (2.0, 3.0, -4.0), (-1.0, 0.4, 1.5)])
def test_crps_of_a_normal_is_its_definition(mean: float, sd: float, actual: float):
    found = float(crps_of_normal(mean, sd, actual))
    assert found == pytest.approx(by_definition(stats.norm(mean, sd).cdf, actual), rel=1e-7)


def test_crps_of_a_standard_normal_at_its_mean():
    assert float(crps_of_normal(0.0, 1.0, 0.0)) == pytest.approx((np.sqrt(2.0) - 1.0) / np.sqrt(np.pi), rel=1e-12)


@pytest.mark.parametrize(("scale", "actual"), [(1.0, 0.3), (2.0, -5.0)])
def test_crps_of_a_student_t_is_its_definition(scale: float, actual: float):
    found = float(crps_of_student(0.5, scale, actual, degrees=7.0))
    assert found == pytest.approx(by_definition(stats.t(7.0, 0.5, scale).cdf, actual), rel=1e-5)


def test_crps_of_many_draws_nears_that_of_their_distribution():
    n = 20_000
    draws = stats.norm.ppf((np.arange(n) + 0.5) / n)
    assert crps_of_sample(draws, 0.8) == pytest.approx(float(crps_of_normal(0.0, 1.0, 0.8)), abs=2e-4)


def test_crps_of_a_sample_is_distance_less_half_the_spread():
    draws = np.array([1.0, 4.0, 4.5, 9.0])
    spread = np.abs(draws[:, None] - draws).mean()
    assert crps_of_sample(draws.reshape(2, 2), 3.0) == pytest.approx(np.abs(draws - 3.0).mean() - 0.5 * spread)


def test_ranks_of_right_forecasts_are_uniform_and_of_narrow_ones_are_not():
    came = stats.norm.ppf((np.arange(400) + 0.5) / 400)
    right, narrow = stats.norm.cdf(came), stats.norm.cdf(came, scale=0.5)
    assert uniformity(right) > 0.05 > uniformity(narrow)
    assert coverage(narrow)["90"] < coverage(right)["90"] == pytest.approx(90.0, abs=4.0)
    assert sum(histogram(right)) == 400
    assert rank_of([1.0, 2.0, 2.0, 3.0], 2.0) == 0.5


def test_a_paired_difference_takes_out_what_both_share():
    luck = np.random.default_rng(2).normal(5.0, 3.0, 300)
    found = paired_difference(luck + 0.1, luck)
    assert found == {"difference": pytest.approx(0.1), "se": pytest.approx(0.0, abs=1e-6)}


def test_conditioning_a_joint_normal_gives_its_conditional_distribution():
    rng = np.random.default_rng(3)
    known = rng.normal(1.0, 3.0, (500, 64))
    later = -2.0 + 0.8 * known + rng.normal(0.0, 1.5, known.shape)
    found = given_known(known, later, deviation=4.0)
    assert found.slope == pytest.approx(0.8, abs=0.01)
    assert found.draws.mean() == pytest.approx(0.8 * 4.0, abs=0.05)
    assert found.draws.std() == pytest.approx(1.5, abs=0.02)


def test_the_error_of_an_interval_counts_populations_not_futures():
    per_population = np.random.default_rng(4).standard_normal((256, 1))
    alike = np.repeat(per_population, 64, axis=1)
    assert interval_error(alike, 0.9) == pytest.approx(interval_error(per_population, 0.9), rel=0.1)
    assert interval_error(alike, 0.9) == pytest.approx(1.3 / 256**0.5, rel=0.6)


def test_the_panel_finds_the_variances_it_was_drawn_from():
    rng = np.random.default_rng(5)
    truth = PanelVariances(spread=5.0, walk=1.0, walk_size=3.0, luck_size=4.0)
    sizes, years = rng.uniform(5_000.0, 60_000.0, 3_000), rng.integers(1, 5, 3_000)
    slope, before, left = next_year_moments(truth, sizes, years)
    known = rng.normal(0.0, np.sqrt(before))
    later = slope * known + rng.normal(0.0, np.sqrt(left))
    drawn = [
        Pair(
            aco(f"A{at}", savings=3.0 + known[at], person_years=sizes[at], start=int(2023 - years[at])),
            aco(f"A{at}", savings=4.0 + later[at], person_years=sizes[at], year=2023),
        )
        for at in range(3_000)
    ]
    found = fit_panel(drawn)
    assert found is not None
    refitted = next_year_moments(found, [6_000.0, 40_000.0], [3, 3])
    for mine, true in zip(refitted, next_year_moments(truth, [6_000.0, 40_000.0], [3, 3]), strict=True):
        np.testing.assert_allclose(mine, true, rtol=0.12)
    forecast = panel_forecast(found, [pair.known for pair in drawn], shift=1.0)
    assert uniformity(forecast.ranks([pair.later.savings for pair in drawn])) > 0.01


def test_the_closed_rule_gives_the_printed_slopes_and_spreads():
    slope, _, variance = next_year_moments(CLOSED_RULE, [5_000.0, 10_000.0, 20_000.0, 60_000.0], [3] * 4)
    np.testing.assert_allclose(slope, [0.86, 0.89, 0.92, 0.96], atol=0.006)
    np.testing.assert_allclose(np.sqrt(variance), [3.9, 2.85, 2.13, 1.47], atol=0.06)


def test_the_naive_line_is_least_squares_and_falls_back_to_published_figures():
    drawn = [
        Pair(aco(f"A{at}", savings=before), aco(f"A{at}", savings=1.0 + 0.5 * before + gap))
        for at, (before, gap) in enumerate([(0.0, 0.1), (2.0, -0.1), (4.0, -0.1), (6.0, 0.1)])
    ]
    line = fit_naive(drawn)
    assert line.fitted
    assert (line.slope, line.level) == (pytest.approx(0.5), pytest.approx(1.0))
    assert line.sd == pytest.approx(np.sqrt(0.04 / 2.0))
    rows = [aco("A1", savings=2.0), aco("A2", savings=6.0)]
    assert naive_forecast(fit_naive([]), rows).mean.mean() == pytest.approx(4.0)
