"""Branch-free float32 exponential, logarithm and normal deviate for the person kernel.

They use only + - * / sqrt, integer shifts and selects, so that LLVM vectorises the loops that call them and every
CPU returns the same bits. Polynomials: Cephes ``expf`` and ``logf`` (Moshier), and the single-precision inverse
error function of Giles (2010), "Approximating the erfinv function".

Logarithm and normal deviate take three numbers at a time, step by step side by side. Each step of a polynomial waits
six cycles for the one before it, and a core sees too few instructions ahead to find other work in the next person;
three independent chains in one stretch of code keep it busy. The bits are those of one number at a time.
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
def _steps32(p, x, c):
    """One step of three polynomials with the same coefficient."""
    return (float32(p[0] * x[0] + c), float32(p[1] * x[1] + c), float32(p[2] * x[2] + c))


@inlined
def _chosen_steps32(p, x, far, c_far, c_near):
    """One step of three polynomials, each with the coefficient of its own branch."""
    return (
        float32(p[0] * x[0] + (c_far if far[0] else c_near)),
        float32(p[1] * x[1] + (c_far if far[1] else c_near)),
        float32(p[2] * x[2] + (c_far if far[2] else c_near)),
    )


@inlined
def logarithms32(x):
    """Natural logarithms of three positive normal float32."""
    bits = (float32(x[0]).view(int32), float32(x[1]).view(int32), float32(x[2]).view(int32))
    # sqrt(1/2): the mantissa lands in [sqrt(1/2), sqrt(2))
    shifted = (
        int32(bits[0] - int32(0x3F3504F3)),
        int32(bits[1] - int32(0x3F3504F3)),
        int32(bits[2] - int32(0x3F3504F3)),
    )
    exponent = (int32(shifted[0] >> int32(23)), int32(shifted[1] >> int32(23)), int32(shifted[2] >> int32(23)))
    mantissa = (
        int32(bits[0] - int32(exponent[0] << int32(23))),
        int32(bits[1] - int32(exponent[1] << int32(23))),
        int32(bits[2] - int32(exponent[2] << int32(23))),
    )
    e = (float32(exponent[0]), float32(exponent[1]), float32(exponent[2]))
    r = (
        float32(int32(mantissa[0]).view(float32) - _ONE),
        float32(int32(mantissa[1]).view(float32) - _ONE),
        float32(int32(mantissa[2]).view(float32) - _ONE),
    )
    z = (float32(r[0] * r[0]), float32(r[1] * r[1]), float32(r[2] * r[2]))
    p = (float32(7.0376836292e-2), float32(7.0376836292e-2), float32(7.0376836292e-2))
    p = _steps32(p, r, float32(-1.1514610310e-1))
    p = _steps32(p, r, float32(1.1676998740e-1))
    p = _steps32(p, r, float32(-1.2420140846e-1))
    p = _steps32(p, r, float32(1.4249322787e-1))
    p = _steps32(p, r, float32(-1.6668057665e-1))
    p = _steps32(p, r, float32(2.0000714765e-1))
    p = _steps32(p, r, float32(-2.4999993993e-1))
    p = _steps32(p, r, float32(3.3333331174e-1))
    y = (
        float32(float32(p[0] * r[0]) * z[0]),
        float32(float32(p[1] * r[1]) * z[1]),
        float32(float32(p[2] * r[2]) * z[2]),
    )
    y = (float32(y[0] + e[0] * _LN2_LOW), float32(y[1] + e[1] * _LN2_LOW), float32(y[2] + e[2] * _LN2_LOW))
    y = (float32(y[0] - _HALF * z[0]), float32(y[1] - _HALF * z[1]), float32(y[2] - _HALF * z[2]))
    return (
        float32(float32(r[0] + y[0]) + e[0] * _LN2_HIGH),
        float32(float32(r[1] + y[1]) + e[1] * _LN2_HIGH),
        float32(float32(r[2] + y[2]) + e[2] * _LN2_HIGH),
    )


@inlined
def normals32(words):
    """Three standard normal deviates by inversion of three 32-bit words.

    The lowest bit is the sign and the other 31 the two-sided tail probability, so that the tail keeps full relative
    precision down to 2**-32 (|x| up to 6.3).
    """
    tail = (
        float32((float32(int32(uint32(words[0]) >> uint32(1))) + _HALF) * float32(4.656612873e-10)),
        float32((float32(int32(uint32(words[1]) >> uint32(1))) + _HALF) * float32(4.656612873e-10)),
        float32((float32(int32(uint32(words[2]) >> uint32(1))) + _HALF) * float32(4.656612873e-10)),
    )
    log = logarithms32(
        (
            float32(tail[0] * float32(_TWO - tail[0])),
            float32(tail[1] * float32(_TWO - tail[1])),
            float32(tail[2] * float32(_TWO - tail[2])),
        )
    )
    w = (float32(-log[0]), float32(-log[1]), float32(-log[2]))
    far = (w[0] >= float32(5.0), w[1] >= float32(5.0), w[2] >= float32(5.0))
    root = (
        float32(sqrt(max(w[0], float32(0.0))) - float32(3.0)),
        float32(sqrt(max(w[1], float32(0.0))) - float32(3.0)),
        float32(sqrt(max(w[2], float32(0.0))) - float32(3.0)),
    )
    x = (
        root[0] if far[0] else float32(w[0] - float32(2.5)),
        root[1] if far[1] else float32(w[1] - float32(2.5)),
        root[2] if far[2] else float32(w[2] - float32(2.5)),
    )
    p = (
        float32(-0.000200214257) if far[0] else float32(2.81022636e-08),
        float32(-0.000200214257) if far[1] else float32(2.81022636e-08),
        float32(-0.000200214257) if far[2] else float32(2.81022636e-08),
    )
    p = _chosen_steps32(p, x, far, float32(0.000100950558), float32(3.43273939e-07))
    p = _chosen_steps32(p, x, far, float32(0.00134934322), float32(-3.5233877e-06))
    p = _chosen_steps32(p, x, far, float32(-0.00367342844), float32(-4.39150654e-06))
    p = _chosen_steps32(p, x, far, float32(0.00573950773), float32(0.00021858087))
    p = _chosen_steps32(p, x, far, float32(-0.0076224613), float32(-0.00125372503))
    p = _chosen_steps32(p, x, far, float32(0.00943887047), float32(-0.00417768164))
    p = _chosen_steps32(p, x, far, float32(1.00167406), float32(0.246640727))
    p = _chosen_steps32(p, x, far, float32(2.83297682), float32(1.50140941))
    size = (
        float32(p[0] * float32(float32(_ONE - tail[0]) * _SQRT2)),
        float32(p[1] * float32(float32(_ONE - tail[1]) * _SQRT2)),
        float32(p[2] * float32(float32(_ONE - tail[2]) * _SQRT2)),
    )
    return (
        size[0] if (uint32(words[0]) & uint32(1)) == uint32(0) else float32(-size[0]),
        size[1] if (uint32(words[1]) & uint32(1)) == uint32(0) else float32(-size[1]),
        size[2] if (uint32(words[2]) & uint32(1)) == uint32(0) else float32(-size[2]),
    )


@inlined
def log32(x):
    """Natural logarithm of a positive normal float32; LLVM merges the three equal chains."""
    return logarithms32((x, x, x))[0]


@inlined
def normal32(word):
    """One standard normal deviate, as :func:`normals32`."""
    return normals32((word, word, word))[0]
