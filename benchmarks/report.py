"""Measure everything that the documentation's page on performance shows, in one process, for ``docs/model/results``.

``python benchmarks/report.py`` on a quiet machine; with JAX among the rivals where it is installed. ``--quick``
measures small sizes once, to see that it works, and prints them.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

import leadrisk as lr
from leadrisk.bench.benchmark import benchmark
from leadrisk.bench.benchmark_aco import benchmark_aco
from leadrisk.bench.numpy_reference import draw_numpy
from leadrisk.bench.rivals import numpy_processes
from leadrisk.bench.timing import in_turn
from leadrisk.run.progress import progress_bar
from plain_numba import simulate_plain

if TYPE_CHECKING:
    from leadrisk.bench.timing import Progress

RESULTS = Path(__file__).resolve().parents[1] / "docs" / "model" / "results" / "performance.json"
FULL = {"populations": 512, "settled": 2_048, "repeats": 5}
QUICK = {"populations": 8, "settled": 8, "repeats": 1, "lives": 1_000}


def rivals(
    *, populations: int, repeats: int, threads: int, lives: int = 10_000, progress: Progress | None = None
) -> dict[str, dict[str, float]]:
    """Nanoseconds a beneficiary-year of the engine and its rivals, and the ratio of each to the engine."""
    scenario = benchmark_aco(lives=lives)
    fewer = max(4, populations // 16 * 2)
    aligned, few = (
        float(lr.simulate(scenario, populations=count, threads=threads)["panel"].sum()) * lives
        for count in (populations, fewer)
    )
    works: dict[str, Any] = {
        "engine": partial(lr.simulate, scenario, populations=populations, threads=threads),
        "plain_numba": partial(simulate_plain, scenario, count=fewer, threads=threads),
    }
    if find_spec("jax") is not None:
        from jax_twin import GENERATORS, simulate_jax  # noqa: PLC0415  # nothing else needs it

        for generator in GENERATORS:
            works[f"jax_{generator}"] = partial(
                simulate_jax, scenario, count=fewer, generator=generator, threads=threads
            )
    years = 130
    works["numpy_reference"] = partial(draw_numpy, lives=10_000, years=years)
    with numpy_processes(scenario, populations=fewer, processes=threads) as twin:
        times = in_turn(works | {"numpy_twin": twin}, repeats=repeats, label="timing rivals", progress=progress)
    work = dict.fromkeys(times, few) | {"engine": aligned, "numpy_reference": 10_000.0 * years}
    each = {name: times[name] / work[name] * 1e9 for name in times}
    return {name: {"nanoseconds": took, "over_engine": took / each["engine"]} for name, took in each.items()}


def scaling(
    *, populations: int, repeats: int, threads: int, lives: int = 10_000, progress: Progress | None = None
) -> list[dict[str, float]]:
    """Nanoseconds a beneficiary-year as lives, years and populations are halved and doubled, one at a time."""
    usual = {"lives": lives, "years": 10, "populations": populations}
    sizes = [usual] + [usual | {name: value} for name in usual for value in (usual[name] // 2, usual[name] * 2)]
    sizes = [size for size in sizes if size["years"] <= 10]
    works, aligned = {}, {}
    for size in sizes:
        scenario = benchmark_aco(lives=size["lives"], years=size["years"])
        work = partial(lr.simulate, scenario, populations=size["populations"], threads=threads)
        works[json.dumps(size)] = work
        aligned[json.dumps(size)] = float(work()["panel"].sum()) * size["lives"]
    times = in_turn(works, repeats=repeats, label="timing sizes", progress=progress)
    return [{**size, "nanoseconds": times[json.dumps(size)] / aligned[json.dumps(size)] * 1e9} for size in sizes]


def report(*, quick: bool = False, progress: Progress | None = None) -> dict[str, Any]:
    """Return everything that is measured."""
    found = benchmark(**(QUICK if quick else FULL), full=not quick, progress=progress)
    sizes = {name: found["sizes"][name] for name in ("populations", "repeats", "threads", "lives")}
    return {
        "measured": datetime.now(UTC).date().isoformat(),
        **found,
        "rivals": rivals(**sizes, progress=progress),
        "scaling": scaling(**sizes, progress=progress),
        "jax": _version("jax"),
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def main() -> None:
    quick = "--quick" in sys.argv[1:]
    with progress_bar(Console(stderr=True)) as progress:
        found = json.dumps(report(quick=quick, progress=progress), indent=2, allow_nan=False) + "\n"
    if quick:
        sys.stdout.write(found)
        return
    partial_file = RESULTS.with_suffix(".partial")
    partial_file.write_text(found, encoding="utf-8")
    partial_file.replace(RESULTS)


if __name__ == "__main__":
    main()
