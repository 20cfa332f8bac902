"""Standard errors of the nested design: the reported intervals must cover what they claim."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtri, stdtrit

from leadrisk.futures.sobol import future_normals
from leadrisk.risk import estimate
from leadrisk.risk.reserve import deepest_shortfall

POPULATIONS, FUTURES, EXPERIMENTS = 128, 32, 400
SD = np.sqrt(0.2**2 + 0.3**2 + 1.0)


def experiment(generator: np.random.Generator) -> np.ndarray:
    """Stratified population effect, person noise and futures: normal in all, so the truth is known."""
    stratum = ndtri((np.arange(POPULATIONS) + generator.random(POPULATIONS)) / POPULATIONS)
    population = 0.2 * stratum + 0.3 * generator.normal(size=POPULATIONS)
    return population[:, None] + generator.normal(size=(POPULATIONS, FUTURES))


@pytest.fixture(scope="module")
def samples():
    generator = np.random.default_rng(20261121)
    return [experiment(generator) for _ in range(EXPERIMENTS)]


def coverage(samples, estimator, truth):
    t = stdtrit(POPULATIONS // 2 - 1, 0.975)
    hits = [abs(found.value - truth) <= t * found.se for found in map(estimator, samples)]
    return float(np.mean(hits))


TAIL = stats.norm.pdf(ndtri(0.01)) / 0.01 * SD


@pytest.mark.parametrize(
    ("estimator", "truth"),
    [
        (estimate.mean, 0.0),
        (lambda y: estimate.quantiles(y, [0.05])[0], ndtri(0.05) * SD),
        (lambda y: estimate.quantiles(y, [0.99])[0], ndtri(0.99) * SD),
        (lambda y: estimate.probability(y > SD), stats.norm.sf(1.0)),
        (lambda y: estimate.tail_mean(y, 0.01), -TAIL),
    ],
    ids=["mean", "5 % quantile", "99 % quantile", "probability", "TVaR 99"],
)
def test_intervals_cover_as_often_as_they_claim(samples, estimator, truth):
    assert coverage(samples, estimator, truth) == pytest.approx(0.95, abs=0.035)


def test_counting_paths_as_the_sample_would_not_cover(samples):
    def naive(y):
        return estimate.Estimate(float(y.mean()), float(y.std() / np.sqrt(y.size)))

    assert coverage(samples, naive, 0.0) < 0.80


@pytest.mark.parametrize("futures", [8, 64])
def test_population_share_is_right_for_any_size_of_net(futures):
    """Two scrambled nets of the same populations: the share of the main effect must not depend on the net's size."""
    n, dimensions = 1_024, 6
    direction = np.eye(dimensions)[0]
    luck = np.random.default_rng(3).normal(size=n) * 0.5
    panel = ndtri((np.arange(n) + 0.5) / n)

    def results(net):
        w = future_normals(first=0, count=n, futures=futures, seed=1, direction=direction, net=net)
        return (luck + 0.3 * panel)[:, None] + w.sum(axis=1) / np.sqrt(dimensions)

    first, second = results(0), results(1)
    found = estimate.population_share(
        first.mean(axis=1), second.mean(axis=1), variance=first.var(), apart_from=panel[:, None]
    )
    assert found.value == pytest.approx(0.25 / (0.25 + 0.09 + 1.0), abs=4 * found.se)
    assert 0.002 < found.se < 0.03


def test_quantiles_are_exact_order_statistics():
    y = np.random.default_rng(1).normal(size=(50, 7))
    found = [q.value for q in estimate.quantiles(y, [0.01, 0.5, 0.99])]
    np.testing.assert_array_equal(found, np.quantile(y, [0.01, 0.5, 0.99], method="inverted_cdf"))


def test_tail_mean_is_the_mean_below_the_quantile():
    y = np.arange(1.0, 201.0).reshape(20, 10)
    assert estimate.tail_mean(y, 0.05).value == pytest.approx(np.arange(1, 11).mean())


def test_shortfall_of_a_gainer_is_zero():
    assert deepest_shortfall(np.array([[1.0, 2.0], [-1.0, 5.0]])).tolist() == [0.0, 1.0]
