"""Tables of the page on performance, written from ``docs/model/results/performance.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markdown_tables import list_table

from leadrisk.report.benchmark_table import layer_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

_RIVALS = {
    "numpy_twin": "the same model in NumPy, float32, as many processes as cores",
    "jax_threefry2x32": "the same model in JAX on the CPU, compiled, its default generator",
    "jax_rbg": "the same, generator rbg",
    "jax_unsafe_rbg": "the same, generator unsafe_rbg",
    "plain_numba": "a plain Numba loop over persons with `Generator`, as many threads as cores",
    "engine": "the engine, all threads",
    "numpy_reference": "NumPy, random numbers alone (two normals, two exponentials, two uniforms), one core",
}


def performance_tables(found: Mapping[str, Any]) -> str:
    """Speed and ratios, layers, how the time grows with each size, and the run of a billion."""
    parts = [_machine(found), _threads(found), _rivals(found), _layers(found), _scaling(found)]
    if "full" in found:
        parts.append(_full(found["full"]))
    return "\n\n".join(parts) + "\n"


def _machine(found: Mapping[str, Any]) -> str:
    machine, sizes = found["machine"], found["sizes"]
    jax = f", jax {found['jax']}" if found["jax"] else "; JAX was not installed"
    return (
        f"Measured {found['measured']} on {machine['cpus']} CPUs of an {machine['processor']}, leadrisk "
        f"{machine['leadrisk']}, Python {machine['python']}, numpy {machine['numpy']}, numba {machine['numba']}{jax}. "
        f"{sizes['lives']:,} lives, {sizes['years']} years, {sizes['populations']:,} populations at a time; each "
        f"figure is the shortest wall time of {sizes['repeats']} rounds (layers: {sizes['repeats'] // 2}) in which "
        f"every work ran once in turn. Layers: {sizes['settled_populations']:,} populations of 1,000 lives with 64 "
        "futures each; what a pair costs does not depend on the lives."
    )


def _threads(found: Mapping[str, Any]) -> str:
    rows = [(threads, f"{rate / 1e6:.1f}") for threads, rate in found["threads"].items()]
    return list_table(("threads", "million beneficiary-years per second"), rows, (30, 70))


def _rivals(found: Mapping[str, Any]) -> str:
    kept = [(_RIVALS[name], found["rivals"][name]) for name in _RIVALS if name in found["rivals"]]
    rows = [(said, f"{one['nanoseconds']:.1f}", f"{one['over_engine']:.2f}") for said, one in kept]
    columns = ("what", "ns per beneficiary-year", "times the engine")
    return list_table(columns, rows, (60, 20, 20))


def _layers(found: Mapping[str, Any]) -> str:
    return list_table(("layer", "cost", "unit"), list(layer_rows(found["layers"])), (45, 15, 40))


def _scaling(found: Mapping[str, Any]) -> str:
    rows = [
        (f"{size['lives']:,}", str(size["years"]), f"{size['populations']:,}", f"{size['nanoseconds']:.2f}")
        for size in found["scaling"]
    ]
    columns = ("lives", "performance years", "populations", "ns per beneficiary-year")
    return list_table(columns, rows, (25, 25, 25, 25))


def _full(run: Mapping[str, float]) -> str:
    return (
        f"In one go: {run['populations']:,} populations of {run['lives']:,} lives over {run['years']} years, "
        f"{run['beneficiary_years'] / 1e9:.2f} billion beneficiary-years, took {run['wall_s']:.1f} s "
        f"({run['beneficiary_years_per_s'] / 1e6:.0f} million a second) and at most {run['peak_memory_mb']:.0f} MB of "
        "resident memory, Python and its libraries included."
    )
