"""How far the program's own functions and draws are from exact ones: the tables of docs/explanation/accuracy.md.

    python benchmarks/accuracy.py [--stride 1]

Float32 functions are compared at every float32 of their range, and the normal deviate at every one of its 2**32 words,
with the float64 functions; these are compared with mpmath at 30 digits. ``--stride 1009`` takes one number in so many,
in a second. Errors are in units in the last place (ulp) of the exact value.
"""

from __future__ import annotations

import argparse
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy import float32, float64, int32, int64, uint32

from leadrisk.experience._jit import inlined, kernel
from leadrisk.experience.special32 import exp32, log32, normal32
from leadrisk.experience.special64 import (
    CENTRE,
    central_quantile,
    exp64,
    exp_array,
    log64,
    log_array,
    normal_quantile64,
    normal_quantile_array,
)
from leadrisk.futures.sobol import outer_quantiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

_CHUNK = 4096
_WORDS = 1 << 31  # magnitudes of the normal deviate; the sign is the lowest bit
BANDS = (0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 5.5, 6.5)  # of the normal deviate
RATES = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1)


class Worst(NamedTuple):
    """Largest error found, where, and how many numbers were tried."""

    error: float
    at: float
    tried: int


@inlined
def ulp32(x):
    """Distance of neighbouring float32 at a float64 magnitude, at least that of normal numbers."""
    exponent = max(int64((float64(abs(x)).view(int64) >> int64(52)) - int64(1023)), int64(-126))
    return int64((exponent - int64(23) + int64(1023)) << int64(52)).view(float64)


@kernel
def exp32_worst(first, last, step):
    """Largest error of exp32 at the float32 numbers with bits first, first + step ... below last."""
    errors = np.empty(_CHUNK)
    worst, at = -1.0, first
    for begin in range(first, last, step * _CHUNK):
        count = min(_CHUNK, (last - begin + step - 1) // step)
        for i in range(count):
            x = int32(begin + i * step).view(float32)
            exact = exp64(float64(x))
            errors[i] = abs(float64(exp32(x)) - exact) / ulp32(exact)
        for i in range(count):
            if errors[i] > worst:
                worst, at = errors[i], begin + i * step
    return worst, at


@kernel
def log32_worst(first, last, step):
    """Largest error of log32 at the float32 numbers with bits first, first + step ... below last."""
    errors = np.empty(_CHUNK)
    worst, at = -1.0, first
    for begin in range(first, last, step * _CHUNK):
        count = min(_CHUNK, (last - begin + step - 1) // step)
        for i in range(count):
            x = int32(begin + i * step).view(float32)
            exact = log64(float64(x))
            errors[i] = abs(float64(log32(x)) - exact) / ulp32(exact)
        for i in range(count):
            if errors[i] > worst:
                worst, at = errors[i], begin + i * step
    return worst, at


@kernel
def normal32_scan(first, last, step, bands, levels):
    """Compare the deviates of magnitudes first, first + step ... below last with exact quantiles.

    Returns
    -------
    absolute, ulps
        Largest error by band of the exact deviate.
    above
        Deviates above each of the falling ``levels``.
    rises
        Magnitudes whose deviate is larger than that of the magnitude before; none if the deviate falls throughout.
    sums
        Sums of the second and the fourth power.
    mirrored
        Whether the deviate of the same magnitude with the other sign was the negative one throughout.
    """
    count_bands = bands.size - 1
    absolute, ulps = np.zeros(count_bands), np.zeros(count_bands)
    above = np.zeros(levels.size, dtype=np.int64)
    got, exact = np.empty(_CHUNK), np.empty(_CHUNK)
    other = np.empty(_CHUNK)
    rises, squares, fourths, mirrored = 0, 0.0, 0.0, True
    before = float64(normal32(uint32((first - step) * 2))) if first >= step else 1e300
    band, level = count_bands - 1, 0
    for begin in range(first, last, step * _CHUNK):
        count = min(_CHUNK, (last - begin + step - 1) // step)
        for i in range(count):
            magnitude = begin + i * step
            got[i] = float64(normal32(uint32(magnitude * 2)))
            other[i] = float64(normal32(uint32(magnitude * 2 + 1)))
            exact[i] = -normal_quantile64((float64(magnitude) + 0.5) * 2.3283064365386963e-10)
        for i in range(count):
            while exact[i] < bands[band]:
                band -= 1
            error = abs(got[i] - exact[i])
            absolute[band] = max(absolute[band], error)
            ulps[band] = max(ulps[band], error / ulp32(exact[i]))
            rises += got[i] > before
            before = got[i]
            mirrored = mirrored and other[i] == -got[i]
            square = got[i] * got[i]
            squares += square
            fourths += square * square
            while level < levels.size and got[i] <= levels[level]:
                level += 1
            while level > 0 and got[i] > levels[level - 1]:
                level -= 1
            for k in range(level, levels.size):
                above[k] += 1
    return absolute, ulps, above, rises, squares, fourths, mirrored


@kernel
def futures_quantiles(x):
    """Replace 32-bit fractions less one half by deviates, with the functions of ``sobol.draw_population``."""
    at, tails = np.empty(x.size + 1, dtype=np.int64), np.empty(x.size)
    count = 0
    for i in range(x.size):
        at[count] = i
        count += abs(x[i]) > CENTRE
    outer_quantiles(x, at, tails, count)
    for i in range(x.size):
        x[i] = central_quantile(x[i])
    for i in range(count):
        x[at[i]] = tails[i]


@kernel
def sobol_falls(first, last, step):
    """Count 32-bit fractions of a future whose deviate is not above that of the fraction before."""
    x = np.empty(_CHUNK)
    falls, before = 0, -1e300
    for begin in range(first, last, step * _CHUNK):
        count = min(_CHUNK, (last - begin + step - 1) // step)
        for i in range(count):
            x[i] = (float64(begin + i * step) + 0.5) * 2.3283064365386963e-10 - 0.5
        futures_quantiles(x[:count])
        for i in range(count):
            falls += x[i] <= before
            before = x[i]
    return falls


def _parts(last: int, step: int, *, first: int = 0) -> Iterator[tuple[int, int, int]]:
    """Cut a range into parts for the threads, each a whole number of steps."""
    size = max((1 << 26) // step, 1) * step
    for begin in range(first, last, size):
        yield begin, min(begin + size, last), step


def _mapped(function: Callable[..., object], parts: list[tuple[int, ...]]) -> list[object]:
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return list(threads.map(lambda part: function(*part), parts))


def _bits(x: float) -> int:
    """Bits of a float32 as a number that grows with its magnitude; those of a negative one from int32's lowest."""
    return int(np.float32(x).view(np.int32))


def _worst(function: Callable[..., object], ranges: list[tuple[int, int]], step: int) -> Worst:
    parts = [part for first, last in ranges for part in _parts(last, step, first=first)]
    parts += [(last - 1, last, 1) for _, last in ranges]
    error, at = max(_mapped(function, parts))
    return Worst(error, float(np.int32(at).view(np.float32)), sum((b - a + s - 1) // s for a, b, s in parts))


def exp32_error(step: int = 1) -> Worst:
    """Largest error of exp32 between -87 and 88."""
    return _worst(exp32_worst, [(0, _bits(88.0) + 1), (_bits(-0.0), _bits(-87.0) + 1)], step)


def log32_error(step: int = 1) -> Worst:
    """Largest error of log32 over all positive normal numbers."""
    return _worst(log32_worst, [(_bits(np.finfo(np.float32).tiny), _bits(np.finfo(np.float32).max) + 1)], step)


class Normals(NamedTuple):
    """Every deviate that normal32 can return, or one in ``step``, against the normal law."""

    absolute: NDArray[np.float64]
    ulps: NDArray[np.float64]
    above: NDArray[np.int64]
    rises: int
    variance: float
    kurtosis: float
    mirrored: bool
    tried: int


def tail_levels() -> NDArray[np.float64]:
    """Deviates exceeded in magnitude with probability 2**-1 to 2**-30."""
    return -normal_quantile_array(0.5 ** np.arange(2.0, 32.0))


def normal32_against_the_law(step: int = 1, *, first: int = 0, last: int = _WORDS) -> Normals:
    """Compare normal32 with exact quantiles, word by word."""
    bands, levels = np.array(BANDS), tail_levels()[::-1].copy()
    found = _mapped(normal32_scan, [(*part, bands, levels) for part in _parts(last, step, first=first)])
    absolute, ulps, above, rises, squares, fourths, mirrored = zip(*found, strict=True)
    tried = (last - first + step - 1) // step
    variance = sum(squares) / tried
    return Normals(
        absolute=np.max(absolute, axis=0),
        ulps=np.max(ulps, axis=0),
        above=np.sum(above, axis=0)[::-1],
        rises=sum(rises),
        variance=variance,
        kurtosis=sum(fourths) / tried / variance**2,
        mirrored=all(mirrored),
        tried=tried,
    )


def float64_errors(points: int = 200_000) -> dict[str, Worst]:
    """Largest errors of the float64 functions against mpmath: even grids, numbers at random, and where pieces meet."""
    rng = np.random.default_rng(1)
    halves = (np.arange(-1009, 1010) + 0.5) * np.log(2.0)  # where exp64 changes its power of two
    x = np.concatenate(
        [
            np.linspace(-700.0, 700.0, points), rng.uniform(-1.0, 1.0, points), *_around(halves[np.abs(halves) < 700]),
            [-700.0, 700.0, 0.0],
        ]
    )  # fmt: skip
    powers = np.sqrt(0.5) * 2.0 ** np.arange(-1021.0, 1024.0)  # where log64 changes its power of two
    positive = np.concatenate(
        [
            2.0 ** rng.uniform(-1022.0, 1024.0, points), 1.0 + rng.uniform(-0.3, 0.42, points),
            1.0 + 2.0 ** -rng.uniform(1.0, 52.0, points), *_around(powers), np.array([np.finfo(float).tiny]),
        ]
    )  # fmt: skip
    edges = np.array([0.075, 0.925, 0.5, 2.0**-33, 1.0 - 2.0**-33, np.exp(-25.0)])
    chances = np.concatenate(
        [
            rng.uniform(0.0, 1.0, points), 10.0 ** -rng.uniform(0.3, 300.0, points),
            1.0 - 2.0 ** -rng.uniform(1.0, 53.0, points), *_around(edges),
        ]
    )  # fmt: skip
    chances = chances[(chances > 0.0) & (chances < 1.0)]
    words = np.concatenate([np.arange(2048), 2**32 - 1 - np.arange(2048), rng.integers(0, 2**32, points)])
    fractions = (words.astype(np.float64) + 0.5) / 2.0**32
    drawn = fractions - 0.5
    futures_quantiles(drawn)
    return {
        "exp64": _against("exp", exp_array, x),
        "log64": _against("log", log_array, positive),
        "normal_quantile64": _quantile_worst(normal_quantile_array(chances), chances),
        "normal_quantile64, from 1e-9 to 1 - 1e-9": _quantile_worst(
            *(part[(chances > 1e-9) & (chances < 1.0 - 1e-9)] for part in (normal_quantile_array(chances), chances))
        ),
        "deviates of the futures (`sobol.draw_population`)": _quantile_worst(drawn, fractions),
    }


def _around(x: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    return [np.nextafter(x, -np.inf), x, np.nextafter(x, np.inf)]


def _against(name: str, ours: Callable[..., NDArray[np.float64]], x: NDArray[np.float64]) -> Worst:
    import mpmath  # noqa: PLC0415 - only this part needs it

    exact_function = getattr(mpmath, name)
    with mpmath.workdps(30):
        errors = [_in_ulp(got - exact_function(mpmath.mpf(at)), got) for got, at in zip(ours(x), x, strict=True)]
    worst = int(np.argmax(errors))
    return Worst(errors[worst], float(x[worst]), x.size)


def _quantile_worst(got: NDArray[np.float64], chances: NDArray[np.float64]) -> Worst:
    """Largest error of quantiles; one step of Newton's method from a quantile that is nearly right gives the exact."""
    import mpmath  # noqa: PLC0415

    errors = []
    with mpmath.workdps(40):
        for x, chance in zip(got.tolist(), chances.tolist(), strict=True):
            at = -abs(mpmath.mpf(x))  # from the nearer tail, so that no digit cancels
            tail = mpmath.mpf(chance) if x < 0 else 1 - mpmath.mpf(chance)
            errors.append(_in_ulp((mpmath.ncdf(at) - tail) / mpmath.npdf(at), x) if x else 0.0)
    worst = int(np.argmax(errors))
    return Worst(errors[worst], float(chances[worst]), got.size)


def _in_ulp(error: object, value: float) -> float:
    return float(abs(error)) / float(np.spacing(abs(value)))


def chance_of(rate: float) -> float:
    """Probability with which a person of the kernel dies at a yearly rate, read from 20 bits."""
    u = (np.arange(1 << 20, dtype=np.float32) + np.float32(0.5)) * np.float32(2.0**-20)
    return float(np.count_nonzero(u < np.float32(rate))) / 2.0**20


class Decisions(NamedTuple):
    """Mean yearly rates of the persons a run starts with: as meant, and as drawn from 20 bits."""

    deaths: float
    deaths_drawn: float
    passages: float
    passages_drawn: float
    entrant_share: float
    entrant_share_drawn: float


def decisions() -> Decisions:
    """Rates of the baseline's Aged & Disabled persons."""
    from leadrisk.experience.person_kernel import PARAMETERS  # noqa: PLC0415
    from leadrisk.experience.stationary import MAIN, segments  # noqa: PLC0415
    from leadrisk.scenario.load import load_scenario  # noqa: PLC0415

    baseline = Path(__file__).resolve().parents[1] / "scenarios" / "baseline.toml"
    segment = segments(load_scenario(baseline))[MAIN]
    given = dict(zip(PARAMETERS, segment.parameters.tolist(), strict=True))
    hazard = exp_array(given["death_slope"] * segment.pool[: segment.n_plain].astype(float) + given["death_log_level"])
    death = np.minimum(hazard, 0.5)
    passage = np.minimum(given["high_needs_rate"] * hazard * hazard, 0.2)
    share = np.float32(given["entrant_high_needs_share"])
    drawn = np.count_nonzero(np.arange(4096, dtype=np.float32) / np.float32(4096.0) < share) / 4096.0
    return Decisions(
        *(float(part.mean()) for rate in (death, passage) for part in (rate, _steps_below(rate))), float(share), drawn
    )


def _steps_below(rate: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the 2**20 values of the uniform, (k + 1/2) / 2**20, below a rate."""
    return np.asarray(np.ceil(rate * 2.0**20 - 0.5) / 2.0**20)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--stride", type=int, default=1, help="take one number in so many")
    step = parser.parse_args().stride
    print("| function | numbers tried | largest error, ulp | at |\n|---|---|---|---|")
    rows = {"exp32": exp32_error(step), "log32": log32_error(step)}
    for name, worst in (*rows.items(), *float64_errors().items()):
        print(f"| {name} | {worst.tried:,} | {worst.error:.2f} | {worst.at:.9g} |", flush=True)
    normals = normal32_against_the_law(step)
    print("\n| deviate from | to | largest error | ulp |\n|---|---|---|---|")
    for low, high, absolute, ulps in zip(BANDS, BANDS[1:], normals.absolute, normals.ulps, strict=False):
        print(f"| {low:g} | {high:g} | {absolute:.1e} | {ulps:.3g} |")
    print("\n| exceeded with probability | deviate | words expected | words | more |\n|---|---|---|---|---|")
    for power, (level, above) in enumerate(zip(tail_levels(), normals.above, strict=True), start=1):
        expected, found = 2.0 ** (32 - power) / step, 2 * int(above)
        print(f"| 2^-{power} | {level:.3f} | {expected:,.0f} | {found:,} | {found / expected - 1.0:+.2%} |")
    print(
        f"\nVariance {normals.variance:.9f}, kurtosis {normals.kurtosis:.7f}, words whose deviate exceeds that of a "
        f"smaller magnitude: {normals.rises:,}, mirrored: {normals.mirrored}."
    )
    falls = sum(_mapped(sobol_falls, list(_parts(1 << 32, step))))
    print(f"32-bit fractions of the futures whose deviate does not rise: {falls:,}.")
    print("\n| rate | as drawn | off by |\n|---|---|---|")
    for rate in RATES:
        print(f"| {rate:g} | {chance_of(rate):.6g} | {chance_of(rate) / rate - 1.0:+.3%} |")
    found = decisions()
    print("\n| rate of the baseline | meant | as drawn | off by |\n|---|---|---|---|")
    for name, meant, drawn in (
        ("deaths a year", found.deaths, found.deaths_drawn),
        ("passages to High Needs a year", found.passages, found.passages_drawn),
        ("High Needs among entrants", found.entrant_share, found.entrant_share_drawn),
    ):
        print(f"| {name} | {meant:.6%} | {drawn:.6%} | {drawn / meant - 1.0 if meant else 0.0:+.4%} |")


if __name__ == "__main__":
    main()
