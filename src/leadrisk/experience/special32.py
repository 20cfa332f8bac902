"""Branch-free float32 exponential, logarithm and normal deviate for the person kernel.

They use only + - * / sqrt, integer shifts and selects, so that LLVM vectorises the loops that call them and every
CPU returns the same bits. Polynomials: Cephes ``expf`` and ``logf`` (Moshier), and the single-precision inverse
error function of Giles (2010), "Approximating the erfinv function".
"""

from __future__ import annotations

from numpy import float32, int32, sqrt, uint32

from leadrisk.experience._jit import inlined

_ONE, _HALF, _TWO = float32(1.0), float32(0.5), float32(2.0)
_LOG2E, _LN2_HIGH, _LN2_LOW = float32(1.44269504), float32(0.693359375), float32(-2.12194440e-4)
_ROUND = float32(12582912.0)  # 1.5 * 2**23: adding and subtracting it rounds to the nearest integer
_SQRT2 = float32(1.41421356)


@inlined
def exp32(x):
    """Exponential of a float32 in [-87, 88]; arguments beyond are clipped."""
    x = min(max(x, float32(-87.0)), float32(88.0))
    n = float32(float32(x * _LOG2E + _ROUND) - _ROUND)
    r = float32(float32(x - n * _LN2_HIGH) - n * _LN2_LOW)
    p = float32(1.9875691500e-4)
    p = float32(p * r + float32(1.3981999507e-3))
    p = float32(p * r + float32(8.3334519073e-3))
    p = float32(p * r + float32(4.1665795894e-2))
    p = float32(p * r + float32(1.6666665459e-1))
    p = float32(p * r + float32(5.0000001201e-1))
    p = float32(float32(p * float32(r * r) + r) + _ONE)
    scale = int32(int32(int32(n) + int32(127)) << int32(23))
    return float32(p * scale.view(float32))


@inlined
def log32(x):
    """Natural logarithm of a positive normal float32."""
    bits = float32(x).view(int32)
    shifted = int32(bits - int32(0x3F3504F3))  # sqrt(1/2): the mantissa lands in [sqrt(1/2), sqrt(2))
    exponent = int32(shifted >> int32(23))
    mantissa = int32(bits - int32(exponent << int32(23))).view(float32)
    e = float32(exponent)
    r = float32(mantissa - _ONE)
    z = float32(r * r)
    p = float32(7.0376836292e-2)
    p = float32(p * r + float32(-1.1514610310e-1))
    p = float32(p * r + float32(1.1676998740e-1))
    p = float32(p * r + float32(-1.2420140846e-1))
    p = float32(p * r + float32(1.4249322787e-1))
    p = float32(p * r + float32(-1.6668057665e-1))
    p = float32(p * r + float32(2.0000714765e-1))
    p = float32(p * r + float32(-2.4999993993e-1))
    p = float32(p * r + float32(3.3333331174e-1))
    y = float32(float32(p * r) * z)
    y = float32(y + e * _LN2_LOW)
    y = float32(y - _HALF * z)
    return float32(float32(r + y) + e * _LN2_HIGH)


@inlined
def normal32(word):
    """Standard normal deviate by inversion of one 32-bit word.

    The lowest bit is the sign and the other 31 the two-sided tail probability, so that the tail keeps full relative
    precision down to 2**-32 (|x| up to 6.3).
    """
    tail = float32((float32(int32(uint32(word) >> uint32(1))) + _HALF) * float32(4.656612873e-10))
    w = float32(-log32(float32(tail * float32(_TWO - tail))))
    a = float32(w - float32(2.5))
    p = float32(2.81022636e-08)
    p = float32(p * a + float32(3.43273939e-07))
    p = float32(p * a + float32(-3.5233877e-06))
    p = float32(p * a + float32(-4.39150654e-06))
    p = float32(p * a + float32(0.00021858087))
    p = float32(p * a + float32(-0.00125372503))
    p = float32(p * a + float32(-0.00417768164))
    p = float32(p * a + float32(0.246640727))
    p = float32(p * a + float32(1.50140941))
    b = float32(sqrt(max(w, float32(0.0))) - float32(3.0))
    q = float32(-0.000200214257)
    q = float32(q * b + float32(0.000100950558))
    q = float32(q * b + float32(0.00134934322))
    q = float32(q * b + float32(-0.00367342844))
    q = float32(q * b + float32(0.00573950773))
    q = float32(q * b + float32(-0.0076224613))
    q = float32(q * b + float32(0.00943887047))
    q = float32(q * b + float32(1.00167406))
    q = float32(q * b + float32(2.83297682))
    magnitude = float32(float32(p if w < float32(5.0) else q) * float32(float32(_ONE - tail) * _SQRT2))
    return magnitude if (uint32(word) & uint32(1)) == uint32(0) else float32(-magnitude)
