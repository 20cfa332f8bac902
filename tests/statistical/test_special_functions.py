"""The kernels' own functions against exact ones; benchmarks/accuracy.py compares them everywhere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from leadrisk.experience._jit import kernel
from leadrisk.experience.special32 import exp32, log32
from leadrisk.experience.special64 import exp_array, exponential, log_array, logarithm, normal_quantile_array
from reference.benchmark_module import benchmark_module

STRIDE = 10_007  # of all float32 numbers; prime, so that every last digit comes up
accuracy = benchmark_module("accuracy")


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


@pytest.fixture(scope="module")
def float64_errors():
    return accuracy.float64_errors(3_000)


def test_exp32_within_one_ulp():
    worst = accuracy.exp32_error(STRIDE)
    assert worst.tried > 200_000
    assert worst.error < 1.0


def test_log32_within_one_ulp():
    worst = accuracy.log32_error(STRIDE)
    assert worst.tried > 200_000
    assert worst.error < 1.0


@pytest.mark.parametrize("x", [4.53687763, 70.4030991, 87.9999, -86.9999, 1e-38, -1e-10])
def test_exp32_at_its_worst(x):
    x = np.float32(x)
    exact = np.exp(float(x))
    assert abs(_exp32_array(np.array([x]))[0] - exact) <= np.spacing(np.float32(exact))


def test_exp32_beyond_its_range_is_that_at_the_limit():
    x = np.array([-np.inf, -1e30, -87.5, 88.5, 1e30], dtype=np.float32)[1:]
    low, high = _exp32_array(np.array([-87.0, 88.0], dtype=np.float32))
    assert _exp32_array(x).tolist() == [low, low, high, high]


def test_exact_where_the_result_is_exact():
    assert _exp32_array(np.array([0.0, -0.0], dtype=np.float32)).tolist() == [1.0, 1.0]
    assert exp_array(np.array([0.0, -0.0])).tolist() == [1.0, 1.0]
    assert _log32_array(np.array([1.0], dtype=np.float32)).tolist() == [0.0]
    assert log_array(np.array([1.0])).tolist() == [0.0]
    assert normal_quantile_array(np.array([0.5])).tolist() == [0.0]


def test_log32_next_to_one_keeps_its_relative_precision():
    x = np.nextafter(np.float32(1.0), np.array([0.0, 2.0], dtype=np.float32))
    exact = np.log(x.astype(float))
    np.testing.assert_allclose(_log32_array(x), exact, rtol=1e-7)


@pytest.mark.parametrize(
    ("function", "most"),
    [
        ("exp64", 1.0),
        ("log64", 1.0),
        ("normal_quantile64", 8.0),
        ("normal_quantile64, from 1e-9 to 1 - 1e-9", 6.0),
        ("deviates of the futures (`sobol.draw_population`)", 6.0),
    ],
)
def test_float64_functions_against_mpmath(float64_errors, function, most):
    assert float64_errors[function].tried > 4_000
    assert 0.3 < float64_errors[function].error < most  # an error of nothing would be one of the comparison


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
def test_float64_functions_agree_with_scipy(ours, theirs, x):
    exact = theirs(x)
    assert np.max(np.abs(ours(x) - exact) / np.maximum(np.abs(exact), 1e-2)) < 2e-15


@given(st.floats(-700.0, 700.0))
def test_logarithm_undoes_exponential(x):
    back = logarithm(exponential(np.array([x])))[0]
    assert abs(back - x) <= 2.0 * np.spacing(max(abs(x), 1.0))
