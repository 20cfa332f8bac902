"""Steps with heavy tails: variance 1 and the kurtosis asked for, whatever it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrisk.futures.heavy_tail import MOST_EXCESS_KURTOSIS, cubic_shape


def expected(values: np.ndarray, weights: np.ndarray) -> float:
    return float((weights * values).sum())


@given(st.floats(0.0, MOST_EXCESS_KURTOSIS))
def test_moments_by_quadrature(excess: float):
    z, weights = np.polynomial.hermite_e.hermegauss(20)
    weights = weights / weights.sum()
    a, b = cubic_shape(excess)
    x = a * z + b * z**3
    assert expected(x**2, weights) == pytest.approx(1.0, abs=1e-10)
    assert expected(x**4, weights) == pytest.approx(3.0 + excess, abs=1e-8)
    assert a >= 0.0 <= b


def test_no_excess_is_the_normal_itself():
    assert cubic_shape(0.0) == (1.0, 0.0)
