"""The benchmarks run once, so that they cannot rot."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "benchmarks" / "bench_engine.py"


@pytest.fixture(scope="module")
def engine():
    specification = importlib.util.spec_from_file_location("bench_engine", SOURCE)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    engine = module.Engine()
    engine.setup()
    return engine


@pytest.mark.parametrize(
    "name",
    [
        "time_persons",
        "time_paths",
        "time_carry",
        "time_futures",
        "time_settlement",
        "time_settle_two_options",
        "time_settle_six_contracts",
        "time_grid_of_100_corridors",
    ],
)
def test_benchmark_runs(engine, name):
    getattr(engine, name)()
    assert engine.experience.sizes["population"] == 32
