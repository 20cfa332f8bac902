"""Benchmarks and rivals run once at small size, so that they cannot rot; rivals simulate the engine's model."""

from __future__ import annotations

import importlib
import io
import json
import subprocess
import sys
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import leadrisk as lr
from leadrisk.bench.benchmark_aco import benchmark_aco
from leadrisk.bench.numpy_twin import simulate_numpy
from leadrisk.bench.rivals import numpy_processes
from leadrisk.cli import main
from leadrisk.experience.person_kernel import QUANTITIES
from leadrisk.report.benchmark_table import print_benchmark

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
LIVES, POPULATIONS = 2_000, 256
COMPARED = ("exposure", "expenditure", "excess_mid", "residual_second", "score", "entries", "exits", "deaths")
SMALL = {"populations": 8, "lives": 500, "settled": 8, "repeats": 1}


@pytest.fixture(scope="module")
def measured():
    """What ``leadrisk bench --quick --json`` prints."""
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("leadrisk.commands.bench._QUICK", SMALL)
        patch.setattr(sys, "stdout", out)
        main(["bench", "--quick", "--json", "--threads", "2"])
    return json.loads(out.getvalue())


@pytest.fixture(scope="module")
def suite():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        modules = {name: importlib.import_module(f"suite.{name}") for name in ("persons", "futures", "ratios")}
        yield modules


@pytest.mark.parametrize(
    ("module", "benchmark", "parameters", "sizes"),
    [
        ("persons", "Persons", (500, 5, 8), {}),
        ("persons", "Threads", (2,), {"lives": 500, "populations": 8}),
        ("persons", "Memory", (8,), {"lives": 500}),
        ("futures", "Block", (), {"populations": 8}),
        ("futures", "SettledBlock", (2, True), {"populations": 8}),
        ("futures", "SettledBlock", (6, False), {"populations": 8}),
        ("futures", "WholeRun", (2,), {"populations": 8}),
        ("futures", "Grid", (), {"populations": 4}),
    ],
)
def test_benchmark_runs(suite, monkeypatch, module, benchmark, parameters, sizes):
    made = getattr(suite[module], benchmark)()
    for name, value in sizes.items():
        setattr(made, name, value)
    if hasattr(made, "setup"):
        made.setup(*parameters)
    works = [name for name in dir(made) if name.startswith(("time_", "peakmem_", "track_"))]
    assert works
    for name in works:
        getattr(made, name)(*parameters)


def test_ratios_are_tracked(suite, monkeypatch, measured):
    monkeypatch.setattr(suite["ratios"], "benchmark", lambda: measured)
    ratios = suite["ratios"].Ratios()
    found = ratios.setup_cache()
    tracked = {name: getattr(ratios, name)(found) for name in dir(ratios) if name.startswith("track_")}
    assert len(tracked) == 3
    assert all(value > 0 for value in tracked.values())


@pytest.mark.slow
def test_asv_finds_the_suite():
    pytest.importorskip("asv", reason="asv is not installed (pip install leadrisk[bench])")
    command = [sys.executable, "-m", "asv", "check", "--environment", f"existing:{sys.executable}"]
    done = subprocess.run(command, cwd=BENCHMARKS, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "No problems found" in done.stdout


def rival(name, monkeypatch):
    """Function of a rival's module beside the suite."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    module, function = {"numba": ("plain_numba", "simulate_plain"), "jax": ("jax_twin", "simulate_jax")}[name]
    return getattr(importlib.import_module(module), function)


def engine_totals(experience):
    """Totals of the engine in the form of its rivals': shape (population, year, category, quantity)."""
    excess = experience["excess"].values
    residual = experience["residual_excess"].values
    apart = {f"excess_{name}": excess[..., at] for at, name in enumerate(("low", "mid", "high"))}
    apart |= {f"residual_{name}": residual[..., at] for at, name in enumerate(("first", "second", "third"))}
    apart["exposure"] = experience["person_years"].values
    return np.stack([apart[name] if name in apart else experience[name].values for name in QUANTITIES], axis=-1)


@pytest.fixture(scope="module")
def engine():
    return engine_totals(lr.simulate(benchmark_aco(lives=LIVES), populations=POPULATIONS, seed=1))


def misses(engine, rival):
    """Differences of the means in standard errors, shape (year, category, quantity), for what is not all zero.

    Both draw their own persons, and the same panels; taken as independent, so that misses are smaller than normal.
    """
    kept = [QUANTITIES.index(name) for name in COMPARED]
    engine, rival = engine[..., kept], rival[..., kept]
    error = np.sqrt((engine.var(axis=0, ddof=1) + rival.var(axis=0, ddof=1)) / len(engine))
    seen = np.minimum((engine > 0).sum(axis=0), (rival > 0).sum(axis=0)) > 30
    return np.where(seen, (engine.mean(axis=0) - rival.mean(axis=0)) / np.where(seen, error, 1.0), 0.0), seen


@pytest.mark.parametrize("name", ["numpy", "numba", "jax"])
def test_rival_simulates_the_same_model(engine, monkeypatch, name):
    """Means of every year and category agree; 4.5 errors in some 270 figures is one chance in 500."""
    if name == "jax":
        pytest.importorskip("jax", reason="JAX is not installed (pip install jax)")
    simulate = simulate_numpy if name == "numpy" else rival(name, monkeypatch)
    found = simulate(benchmark_aco(lives=LIVES), count=POPULATIONS, seed=2)
    missed, seen = misses(engine, found)
    assert seen[:, :2].mean() > 0.9
    assert np.abs(missed).max() < 4.5, missed
    totals = [each[..., QUANTITIES.index("expenditure")].sum() for each in (engine, found)]
    assert totals[1] == pytest.approx(totals[0], rel=0.02)


def test_rivals_do_not_agree_with_another_model(engine):
    """The comparison above sees a death rate that is a tenth higher."""
    scenario = benchmark_aco(lives=LIVES)
    exposure = scenario.exposure.model_copy(update={"death_offset": scenario.exposure.death_offset + 0.1})
    found = simulate_numpy(scenario.model_copy(update={"exposure": exposure}), count=POPULATIONS, seed=2)
    assert np.abs(misses(engine, found)[0]).max() > 6.0


def test_numpy_blocks_hold_any_part_of_the_persons():
    """Large populations in parts and small ones together are the same persons in number."""
    scenario = benchmark_aco(lives=2_000)
    parts, together = (simulate_numpy(scenario, count=4, seed=3, block=block) for block in (600, 50_000))
    left, right = (each.sum(axis=2)[..., QUANTITIES.index("exposure")] for each in (parts, together))
    np.testing.assert_allclose(left.sum(axis=1), right.sum(axis=1), rtol=0.01)


def test_numpy_twin_in_two_processes():
    scenario = benchmark_aco(lives=500)
    with numpy_processes(scenario, populations=8, processes=2) as simulate:
        found = simulate()
    assert found == pytest.approx(simulate_numpy(scenario, count=8)[..., 0].sum(), rel=0.01)


def test_bench_prints_what_was_asked_for(measured):
    assert list(measured)[:5] == [
        "beneficiary_years_per_s", "layers", "numpy_twin_ratio", "numpy_reference_ratio", "threads",
    ]  # fmt: skip
    assert measured["beneficiary_years_per_s"] == measured["threads"]["2"]
    assert set(measured["layers"]) >= {"persons", "paths", "carry", "settle_two_options", "settle_six_contracts"}
    assert measured["memory"]["beneficiary_years"] == pytest.approx(8 * 500 * 13, rel=0.2)


def test_table_shows_every_figure(measured):
    console = Console(width=200)
    with console.capture() as capture:
        print_benchmark(measured | {"full": measured["memory"]}, console)
    shown = capture.get()
    assert f"{measured['numpy_twin_ratio']:.1f}" in shown
    assert shown.count("\u00b5s per pair") == 7
    assert "0 million beneficiary-years in" in shown


def test_bench_refuses_what_contradicts_itself(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["bench", "--quick", "--full"])
    assert stop.value.code == 2
    assert "leave out one" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stop:
        main(["bench", "--populations", "7"])
    assert stop.value.code == 2


def test_report_measures_every_rival(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    report = importlib.import_module("report")
    twin = partial(simulate_numpy, benchmark_aco(lives=500), count=4)
    monkeypatch.setattr(report, "numpy_processes", lambda *_, **__: nullcontext(twin))
    found = report.rivals(populations=8, lives=500, repeats=1, threads=1)
    assert {"engine", "plain_numba", "numpy_twin", "numpy_reference"} <= set(found)
    assert found["engine"]["over_engine"] == 1.0
    sizes = report.scaling(populations=8, lives=500, repeats=1, threads=1)
    assert [size["lives"] for size in sizes[:3]] == [500, 250, 1000]


def test_page_on_performance_shows_every_figure(measured, monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS.parent / "docs"))
    tables = importlib.import_module("performance_tables")
    rivals = {name: {"nanoseconds": 12.34, "over_engine": 1.5} for name in ("engine", "numpy_twin", "numpy_reference")}
    sizes = [{"lives": 500, "years": 10, "populations": 8, "nanoseconds": 9.87}]
    found = {"measured": "2026-01-02", "rivals": rivals, "scaling": sizes, "jax": None, "full": measured["memory"]}
    page = tables.performance_tables(measured | found)
    assert page.count("12.3") == 3
    assert "9.87" in page
    assert "JAX was not installed" in page
    assert f"{measured['layers']['settle_two_options']['all_threads']:.2f}" in page
