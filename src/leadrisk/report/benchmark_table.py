"""The results of ``leadrisk bench`` as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import Console

_LAYERS = {
    "persons": "persons",
    "paths": "systemic paths",
    "carry": "experience put on paths",
    "settle_two_options": "both LEAD options",
    "settle_two_options_with_stop_loss": "both LEAD options, stop-loss elected",
    "settle_six_contracts": "LEAD, MSSP and ACO REACH, six contracts",
    "frozen_layers": "variance drivers",
}
_THREADS = {"one_thread": "one thread", "all_threads": "all threads"}
_UNITS = {
    "nanoseconds per beneficiary-year": "ns per beneficiary-year",
    "microseconds per (population, future) pair of ten years": "\N{MICRO SIGN}s per pair",
    "time of the variance drivers over that of the settlement": "of the time of the settlement",
}


def print_benchmark(found: Mapping[str, Any], console: Console) -> None:
    """Print what was measured, line by line, and what each figure is; ``found`` comes from ``bench.benchmark``."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for row in benchmark_rows(found):
        table.add_row(*row)
    console.print(table)
    console.print(_said_of(found), highlight=False)


def benchmark_rows(found: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Rows of the table: what, figure, unit.

    Yields
    ------
    tuple
        What was measured, the figure, its unit or what it is compared with.
    """
    for threads, rate in found["threads"].items():
        yield (
            f"persons, {threads} thread{'s' if threads != '1' else ''}",
            f"{rate / 1e6:.1f}",
            "million beneficiary-years per second",
        )
    times = found["nanoseconds"]
    processes = found["sizes"]["threads"]
    twin = (
        f"same model, {processes} process{'es' if processes > 1 else ''} of NumPy ({times['numpy_twin']:.1f} ns per "
        f"beneficiary-year) beside as many threads of the engine ({times['engine']:.1f} ns)"
    )
    yield "NumPy twin over engine", f"{found['numpy_twin_ratio']:.1f}", twin
    reference = (
        "engine with all threads beside NumPy drawing two normals, two exponentials and two uniforms on one core "
        f"({times['numpy_reference']:.1f} ns)"
    )
    yield "engine over NumPy reference", f"{found['numpy_reference_ratio']:.2f}", reference
    yield from layer_rows(found["layers"])
    for name in ("memory", "full"):
        if name in found:
            run = found[name]
            yield (
                "peak memory of a run of persons",
                f"{run['peak_memory_mb']:.0f}",
                f"MB: {run['beneficiary_years'] / 1e6:,.0f} million beneficiary-years in {run['wall_s']:.2f} s",
            )


def layer_rows(layers: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """Rows of the layers, one for each number of threads.

    Examples
    --------
    >>> list(layer_rows({"persons": {"unit": "nanoseconds per beneficiary-year", "one_thread": 12.345}}))
    [('persons, one thread', '12.35', 'ns per beneficiary-year')]
    """
    for name, layer in layers.items():
        for key, said in _THREADS.items():
            if key in layer:
                yield f"{_LAYERS[name]}, {said}", f"{layer[key]:.2f}", _UNITS[layer["unit"]]


def _said_of(found: Mapping[str, Any]) -> str:
    sizes, machine = found["sizes"], found["machine"]
    return (
        f"\nPersons: {sizes['populations']:,} populations of {sizes['lives']:,} lives, {sizes['years']} years, three "
        f"categories, stop-loss layers. A pair is a population in one future over 10 years, of "
        f"{sizes['settled_populations']:,} populations with 64 futures each; paths and carrying are parts of each "
        "settlement. Shortest wall time of "
        f"{sizes['repeats']} round{'s' if sizes['repeats'] > 1 else ''} (layers half as many), all works taken in "
        f"turn. {machine['cpus']} CPUs ({machine['processor']}), leadrisk {machine['leadrisk']}, Python "
        f"{machine['python']}, numpy {machine['numpy']}, numba {machine['numba']}."
    )
