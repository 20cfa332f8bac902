"""Branch-free functions of the kernels against SciPy over their range."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from leadrisk.experience._jit import kernel
from leadrisk.experience.special32 import exp32, log32, normal32
from leadrisk.experience.special64 import exp_array, log_array, normal_quantile_array


@kernel
def _exp32_array(x):
    out = np.empty_like(x)
    for i in range(x.size):
        out[i] = exp32(x[i])
    return out


@kernel
def _log32_array(x):
    out = np.empty_like(x)
    for i in range(x.size):
        out[i] = log32(x[i])
    return out


@kernel
def _normal32_array(words):
    out = np.empty(words.size, dtype=np.float32)
    for i in range(words.size):
        out[i] = normal32(words[i])
    return out


def test_exp32_within_two_ulp():
    x = np.linspace(-87, 88, 2_000_001).astype(np.float32)
    exact = np.exp(x.astype(float))
    assert np.max(np.abs(_exp32_array(x) - exact) / np.spacing(exact.astype(np.float32))) < 2.0


def test_log32_within_two_ulp():
    x = np.exp(np.linspace(-80, 80, 2_000_001)).astype(np.float32)
    exact = np.log(x.astype(float))
    near_one = np.abs(exact) < 1e-3
    error = np.abs(_log32_array(x) - exact) / np.spacing(np.abs(exact).astype(np.float32))
    assert np.max(error[~near_one]) < 2.0
    assert np.max(np.abs(_log32_array(x) - exact)[near_one]) < 1e-7


def test_normal32_is_the_quantile_of_its_word_down_to_the_last_tail():
    words = np.concatenate([np.arange(4096), np.random.default_rng(1).integers(0, 2**32, 1_000_000)]).astype(np.uint32)
    tail = ((words >> np.uint32(1)).astype(float) + 0.5) / 2.0**31
    exact = np.where(words & 1, 1.0, -1.0) * special.ndtri(tail / 2)
    got = _normal32_array(words)
    error = np.abs(got - exact) / np.maximum(np.abs(exact), 0.1)
    central = np.abs(exact) < 5.0
    assert np.max(error[central]) < 2e-6
    assert np.max(error[~central]) < 5e-4
    assert abs(got[0]) > 6.2
    assert stats.kstest(got[4096:], "norm").pvalue > 1e-4


@pytest.mark.parametrize(
    ("ours", "theirs", "x"),
    [
        (exp_array, np.exp, np.linspace(-600, 600, 200_001)),
        (log_array, np.log, np.exp(np.linspace(-600, 600, 200_001))),
        (normal_quantile_array, special.ndtri, np.linspace(1e-6, 1 - 1e-6, 200_001)),
        (normal_quantile_array, special.ndtri, 10.0 ** -np.arange(1, 300)),
    ],
    ids=["exp", "log", "normal quantile", "normal quantile, tail"],
)
def test_float64_functions_within_two_in_the_last_digits(ours, theirs, x):
    exact = theirs(x)
    assert np.max(np.abs(ours(x) - exact) / np.maximum(np.abs(exact), 1e-2)) < 2e-15
