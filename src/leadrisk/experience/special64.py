"""Float64 exponential, logarithm and normal quantile with the same bits on every CPU.

NumPy's and the C library's versions pick an implementation by CPU; these use only + - * / sqrt and shifts.
Exponential and logarithm: argument reduction with the fdlibm polynomials; quantile: Wichura's AS 241 (1988). Largest
errors found against mpmath are given in units in the last place (ulp); benchmarks/accuracy.py finds them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy import float64, int64, sqrt

from leadrisk.experience._jit import inlined, kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_ROUND = 6755399441055744.0  # 1.5 * 2**52
CENTRE = 0.425  # half-width of the probabilities that count as the centre


@inlined
def exp64(x):
    """Exponential of a float64, clipped to [-700, 700]; within 0.90 ulp."""
    x = min(max(x, -700.0), 700.0)
    n = (x * 1.4426950408889634 + _ROUND) - _ROUND
    high, low = x - n * _LN2_HIGH, n * _LN2_LOW
    r = high - low
    t = r * r
    c = r - t * (
        1.66666666666666019037e-01
        + t
        * (
            -2.77777777770155933842e-03
            + t * (6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))
        )
    )
    y = 1.0 - ((low - (r * c) / (2.0 - c)) - high)
    return y * int64((int64(n) + int64(1023)) << int64(52)).view(float64)


@inlined
def log64(x):
    """Natural logarithm of a positive normal float64, within 0.83 ulp."""
    bits = float64(x).view(int64)
    exponent = int64((bits - int64(0x3FE6A09E667F3BCD)) >> int64(52))
    f = int64(bits - int64(exponent << int64(52))).view(float64) - 1.0
    k = float64(exponent)
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    t1 = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    t2 = z * (
        6.666666666666735130e-01
        + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01))
    )
    half = 0.5 * f * f
    return k * _LN2_HIGH - ((half - (s * (half + (t1 + t2)) + k * _LN2_LOW)) - f)


@inlined
def central_quantile(q):
    """Quantile of the standard normal at 0.5 + q, abs(q) at most 0.425."""
    r = 0.180625 - q * q
    return q * (
        (((((((2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r + 6.7265770927008700853e4) * r
        + 4.5921953931549871457e4) * r + 1.3731693765509461125e4) * r + 1.9715909503065514427e3) * r
        + 1.3314166789178437745e2) * r + 3.3871328727963666080e0)
        / (((((((5.2264952788528545610e3 * r + 2.8729085735721942674e4) * r + 3.9307895800092710610e4) * r
        + 2.1213794301586595867e4) * r + 5.3941960214247511077e3) * r + 6.8718700749205790830e2) * r
        + 4.2313330701600911252e1) * r + 1.0)
    )  # fmt: skip


@inlined
def near_tail_quantile(tail):
    """Absolute quantile where ``tail``, the root of minus the log of the tail's probability, is at most 5."""
    a = tail - 1.6
    return (
        (((((((7.74545014278341407640e-4 * a + 2.27238449892691845833e-2) * a + 2.41780725177450611770e-1) * a
        + 1.27045825245236838258e0) * a + 3.64784832476320460504e0) * a + 5.76949722146069140550e0) * a
        + 4.63033784615654529590e0) * a + 1.42343711074968357734e0)
        / (((((((1.05075007164441684324e-9 * a + 5.47593808499534494600e-4) * a + 1.51986665636164571966e-2) * a
        + 1.48103976427480074590e-1) * a + 6.89767334985100004550e-1) * a + 1.67638483018380384940e0) * a
        + 2.05319162663775882187e0) * a + 1.0)
    )  # fmt: skip


@inlined
def far_tail_quantile(tail):
    """Absolute quantile where ``tail`` is above 5."""
    b = tail - 5.0
    return (
        (((((((2.01033439929228813265e-7 * b + 2.71155556874348757815e-5) * b + 1.24266094738807843860e-3) * b
        + 2.65321895265761230930e-2) * b + 2.96560571828504891230e-1) * b + 1.78482653991729133580e0) * b
        + 5.46378491116411436990e0) * b + 6.65790464350110377720e0)
        / (((((((2.04426310338993978564e-15 * b + 1.42151175831644588870e-7) * b + 1.84631831751005468180e-5) * b
        + 7.86869131145613259100e-4) * b + 1.48753612908506148525e-2) * b + 1.36929880922735805310e-1) * b
        + 5.99832206555887937690e-1) * b + 1.0)
    )  # fmt: skip


@inlined
def normal_quantile64(u):
    """Quantile of the standard normal at 0 < u < 1, within 6.8 ulp."""
    q = u - 0.5
    central = central_quantile(q)
    tail = sqrt(-log64(min(u, 1.0 - u)))
    near, far = near_tail_quantile(tail), far_tail_quantile(tail)
    outer = near if tail <= 5.0 else far
    signed = -outer if q < 0.0 else outer
    return central if abs(q) <= CENTRE else signed


@kernel
def exp_array(x):
    """Elementwise :func:`exp64` of a flat array."""
    out = np.empty_like(x)
    for i in range(x.size):
        out[i] = exp64(x[i])
    return out


@kernel
def log_array(x):
    """Elementwise :func:`log64` of a flat array."""
    out = np.empty_like(x)
    for i in range(x.size):
        out[i] = log64(x[i])
    return out


@kernel
def normal_quantile_array(u):
    """Elementwise :func:`normal_quantile64` of a flat array."""
    out = np.empty_like(u)
    for i in range(u.size):
        out[i] = normal_quantile64(u[i])
    return out


def exponential(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Elementwise exponential with the same bits on every CPU."""
    values: NDArray[np.float64] = exp_array(np.ascontiguousarray(x).ravel()).reshape(x.shape)
    return values


def logarithm(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Elementwise natural logarithm with the same bits on every CPU."""
    values: NDArray[np.float64] = log_array(np.ascontiguousarray(x).ravel()).reshape(x.shape)
    return values
