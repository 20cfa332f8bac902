"""The standard error of a difference of quantiles or tail means covers it as often as it should."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, t

from leadrisk.risk.estimate import quantile_difference, quantiles, tail_mean, tail_mean_difference

POPULATIONS, FUTURES, RUNS = 512, 16, 300
SCALE, SHIFT = 1.15, 0.2


@pytest.fixture(scope="module")
def runs():
    """Many nested samples of the sum of two standard normals, and the same made wider and moved."""
    generator = np.random.default_rng(7)
    person = generator.normal(size=(RUNS, POPULATIONS, 1))
    base = person + generator.normal(size=(RUNS, POPULATIONS, FUTURES))
    return [(one, SCALE * one + SHIFT) for one in base]


def covered(estimates, truth):
    limit = t.ppf(0.975, POPULATIONS // 2 - 1)
    return np.mean([abs(one.value - truth) <= limit * one.se for one in estimates])


@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
def test_a_difference_of_quantiles_is_covered(runs, level):
    truth = (SCALE - 1.0) * np.sqrt(2.0) * norm.ppf(level) + SHIFT
    assert 0.90 <= covered([quantile_difference(wide, base, level) for base, wide in runs], truth) <= 0.99


def test_a_difference_of_tail_means_is_covered(runs):
    truth = SHIFT - (SCALE - 1.0) * np.sqrt(2.0) * norm.pdf(norm.ppf(0.05)) / 0.05
    assert 0.90 <= covered([tail_mean_difference(wide, base, 0.05) for base, wide in runs], truth) <= 0.99


def test_pairing_tells_small_changes_apart(runs):
    base, wide = runs[0]
    apart = np.hypot(quantiles(base, [0.9])[0].se, quantiles(wide, [0.9])[0].se)
    assert quantile_difference(wide, base, 0.9).se < apart / 4.0
    assert tail_mean_difference(wide, base, 0.05).se < tail_mean(base, 0.05).se / 2.0
    assert quantile_difference(base, base, 0.9) == (0.0, 0.0)
