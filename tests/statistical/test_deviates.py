"""The draws themselves: tails down to 2**-30, resolution of decisions, no tie between neighbouring addresses."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from leadrisk.experience._jit import kernel
from leadrisk.experience.philox import STREAM_START, STREAM_YEAR, philox
from leadrisk.experience.special32 import normal32
from leadrisk.experience.special64 import normal_quantile_array
from leadrisk.futures.sobol import future_normals
from reference.benchmark_module import benchmark_module

accuracy = benchmark_module("accuracy")
STRIDE = 10_007
SLOTS, YEARS, POPULATIONS = 1 << 13, 8, 8  # 2**19 addresses
STEP = 2.0**-20  # of the uniform that decides about deaths, exits and passages


@kernel
def _normals_of(words):
    out = np.empty(words.size, dtype=np.float32)
    for i in range(words.size):
        out[i] = normal32(words[i])
    return out


def normals(words):
    return _normals_of(np.ascontiguousarray(words).ravel()).reshape(words.shape)


@pytest.fixture(scope="module")
def tail():
    return accuracy.normal32_against_the_law(last=1 << 19)


@pytest.fixture(scope="module")
def everywhere():
    return accuracy.normal32_against_the_law(STRIDE)


@pytest.mark.parametrize("power", range(13, 31))
def test_tail_has_exactly_its_words(tail, power):
    """Of the 2**31 magnitudes of a word 2**(31 - k) exceed the deviate that has probability 2**-k; all are counted."""
    assert tail.above[power - 1] == 2 ** (31 - power)


def test_tail_falls_word_by_word(tail):
    assert tail.tried == 1 << 19
    assert tail.rises == 0
    assert tail.mirrored


@pytest.mark.parametrize("power", range(1, 13))
def test_share_beyond_each_level(everywhere, power):
    assert abs(everywhere.above[power - 1] - everywhere.tried / 2.0**power) <= 1.0


def test_deviates_are_near_the_exact_quantiles(everywhere, tail):
    most = [3e-7, 5e-7, 8e-7, 1.5e-6, 1.5e-6, 2e-6, 4e-6, 3e-3]
    assert np.all(np.maximum(everywhere.absolute, tail.absolute) < most)
    assert everywhere.mirrored


def test_last_words():
    found = normals(np.array([0, 1, 2, 3, 2**32 - 2, 2**32 - 1], dtype=np.uint32))
    exact = -normal_quantile_array(np.array([0.5, 1.5]) * 2.0**-32)
    np.testing.assert_allclose(found[:4], [exact[0], -exact[0], exact[1], -exact[1]], rtol=5e-4)
    assert found[4:].tolist() == [0.0, -0.0]


@pytest.mark.parametrize("rate", [2e-6, 1e-5, 1e-4, 3e-4, 1e-3, 0.0381, 0.1, 0.4999])
def test_chance_of_a_decision_is_within_half_a_step(rate):
    assert abs(accuracy.chance_of(rate) - rate) <= 0.5 * STEP + 2.0**-24 * rate


def test_below_half_a_step_nobody_dies():
    assert accuracy.chance_of(0.49 * STEP) == 0.0
    assert accuracy.chance_of(0.51 * STEP) == STEP


def test_steps_are_too_fine_for_the_mean_rates_of_a_population():
    found = accuracy.decisions()
    assert found.deaths_drawn == pytest.approx(found.deaths, rel=1e-6)
    assert found.passages_drawn == pytest.approx(found.passages, rel=1e-6)


def words(*, stream=STREAM_YEAR, seed=20_270_101):
    """Words of a rectangle of addresses, shape (population, year, slot, word)."""
    counters = np.zeros((POPULATIONS, YEARS, SLOTS, 4), dtype=np.uint32)
    counters[..., 0] = np.arange(SLOTS)
    counters[..., 1] = np.arange(2024, 2024 + YEARS)[:, None]
    counters[..., 2] = np.arange(POPULATIONS)[:, None, None]
    counters[..., 3] = 16 + stream
    return philox(counters.reshape(-1, 4), seed).reshape(counters.shape)


@pytest.fixture(scope="module")
def drawn():
    return words()


def neighbours(drawn):
    """Pairs of arrays whose addresses differ in one thing."""
    other = {
        "segment": words(stream=16 + STREAM_YEAR),
        "stream": words(stream=STREAM_START),
        "seed": words(seed=20_270_102),
        "high half of the seed": words(seed=20_270_101 + (1 << 32)),
    }
    return {
        "slot": (drawn[:, :, :-1], drawn[:, :, 1:]),
        "slot, 16 on": (drawn[:, :, :-16], drawn[:, :, 16:]),
        "year": (drawn[:, :-1], drawn[:, 1:]),
        "population": (drawn[:-1], drawn[1:]),
        "word": (drawn[..., :-1], drawn[..., 1:]),
        **{name: (drawn, array) for name, array in other.items()},
    }


@pytest.fixture(scope="module")
def pairs(drawn):
    return neighbours(drawn)


NEIGHBOURS = (
    "slot", "slot, 16 on", "year", "population", "word", "segment", "stream", "seed", "high half of the seed",
)  # fmt: skip


def correlation(x, y):
    """Correlation over its standard error where there is none."""
    return float(np.mean(x * y)) * np.sqrt(x.size)


def contingency(first, second):
    """p-value of the independence of the upper four bits of two words."""
    cells = np.bincount(((first >> 28) * 16 + (second >> 28)).ravel(), minlength=256)
    return stats.chisquare(cells).pvalue


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_neighbouring_addresses_are_independent(pairs, name):
    first, second = pairs[name]
    x, y = normals(first).astype(float), normals(second).astype(float)
    assert abs(correlation(x, y)) < 4.5  # nine pairs, three statistics each: by chance in one of 5,000 keys
    assert abs(correlation(x * x - 1.0, y * y - 1.0)) / 2.0 < 4.5
    assert contingency(first, second) > 1e-5
    both = np.count_nonzero((np.abs(x) > 2.5) & (np.abs(y) > 2.5))
    expected = x.size * (2.0 * stats.norm.sf(2.5)) ** 2
    assert 1e-5 < stats.poisson.cdf(both, expected) < 1.0 - 1e-5


def test_a_correlation_of_one_in_a_hundred_would_be_seen(pairs):
    first, second = pairs["slot"]
    x, y = normals(first).astype(float), normals(second).astype(float)
    assert abs(correlation(x, np.sqrt(1.0 - 1e-4) * y + 0.01 * x)) > 4.5


@pytest.mark.parametrize("word", range(4))
def test_words_are_uniform_in_every_bit(drawn, word):
    values = drawn[..., word].ravel()
    assert stats.chisquare(np.bincount(values >> 20, minlength=4096)).pvalue > 1e-5
    assert stats.chisquare(np.bincount(values & 4095, minlength=4096)).pvalue > 1e-5
    ones = [np.count_nonzero(values >> bit & 1) for bit in range(32)]
    assert np.max(np.abs(2.0 * np.array(ones) / values.size - 1.0)) * np.sqrt(values.size) < 4.5


def test_normals_follow_the_law_into_the_tail(drawn):
    x = normals(drawn[..., :3]).astype(float).ravel()
    assert stats.kstest(x[:200_000], "norm").pvalue > 1e-4
    for power in range(2, 21):
        level = -normal_quantile_array(np.array([0.5 ** (power + 1)]))[0]
        beyond = np.count_nonzero(np.abs(x) > level)
        assert stats.poisson.cdf(beyond, x.size / 2.0**power) > 1e-5, power
        assert stats.poisson.sf(beyond - 1, x.size / 2.0**power) > 1e-5, power


def test_deviates_of_futures_follow_the_law_into_the_tail():
    direction = np.zeros(32)
    direction[0] = 1.0
    x = future_normals(first=0, count=1024, futures=64, seed=7, direction=direction)
    for power in range(1, 20):
        level = -normal_quantile_array(np.array([0.5 ** (power + 1)]))[0]
        beyond, expected = np.count_nonzero(np.abs(x) > level), x.size / 2.0**power
        if (
            power <= 5
        ):  # the 64 futures of a net fill every 64th once: two of them beyond each of these levels are certain
            assert beyond == expected
        assert stats.poisson.cdf(beyond, expected) > 1e-5, power
        assert stats.poisson.sf(beyond - 1, expected) > 1e-5, power


def test_deviates_of_futures_end_where_32_bits_do():
    fractions = (np.array([0.0, 1.0, 2.0**31, 2.0**32 - 1.0]) + 0.5) / 2.0**32
    x = fractions - 0.5
    accuracy.futures_quantiles(x)
    assert x[0] == -x[-1]
    assert x[0] == pytest.approx(-6.338, abs=0.001)
    np.testing.assert_allclose(x, normal_quantile_array(fractions), rtol=1e-14)
