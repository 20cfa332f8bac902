"""The engine's own 95 % intervals, over 200 repeated runs: they must hold the truth as often as they claim.

``benchmarks/estimators_study.py`` repeats the runs and says what they cost; the truth is the pool of all of them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

import leadrisk as lr
from reference.benchmark_module import benchmark_module

ROOT = Path(__file__).resolve().parents[2]
STUDY = ROOT / "benchmarks" / "estimators_study.py"
RESULT = ROOT / "docs" / "model" / "results" / "estimators.json"
CASE = "10,000 lives"


@pytest.fixture(scope="module")
def study():
    return benchmark_module("estimators_study")


def test_influence_of_one_trial_is_that_of_plain_monte_carlo(study):
    """A normal sample, whose variances of mean, quantile and tail mean are known."""
    sample = np.random.default_rng(1).normal(size=(1, 1_000, 1_000))
    influences = (study._itself, study._of_quantile(0.05), study._of_quantile(0.01), study._of_tail(0.01))
    found = [influence(sample).std() for influence in influences]
    assert found == pytest.approx([1.0, 2.113, 3.733, 4.597], rel=0.03)


def test_plain_monte_carlo_is_no_faster_than_itself(study):
    """Independent pairs, one a population: the speed-up is one, and the interval covers."""
    sample = np.random.default_rng(2).normal(size=(400, 256, 1))
    figure = study.Figure(lambda pool: pool.total["lead_global"], study.mean, study._itself)
    pool = study.Pool({"lead_global": sample}, {})
    found = study.compared(figure, pool, futures=1, cost=study.Work(1e-3, 1e-5))
    assert found["speed_up"] == pytest.approx(1.0, abs=4 * found["speed_up_se"])
    assert found["speed_up_se"] < 0.1
    assert found["coverage"] == pytest.approx(0.95, abs=0.035)


def test_committed_result_is_of_this_version_and_whole(study):
    committed = json.loads(RESULT.read_text(encoding="utf-8"))
    assert committed["version"] == lr.__version__
    assert {name: case["experiments"] for name, case in committed["cases"].items()} == {
        name: case.experiments for name, case in study.CASES.items()
    }


@pytest.mark.slow
def test_intervals_cover(study):
    """Every figure within three points of 95 %, twice the error of 200 runs; they are the committed ones."""
    pool = study.repeat(study.scenario_of(CASE), experiments=200, futures=64)
    committed = json.loads(RESULT.read_text(encoding="utf-8"))["cases"][CASE]["figures"]
    (reserve,) = (float(match[1]) for name in committed if (match := re.fullmatch(r"ruin with \$(.+) M", name)))
    found = {
        name: study.compared(figure, pool, futures=64, cost=study.Work(1e-3, 1e-5))
        for name, figure in study.figures(pool, reserve=reserve).items()
    }
    assert found.keys() == committed.keys()
    missed = {name: one["coverage"] for name, one in found.items() if abs(one["coverage"] - 0.95) > 0.03}
    assert not missed
    for name, one in found.items():
        again = committed[name]["64"]["standard_error_claimed"]
        assert one["standard_error_claimed"] == pytest.approx(again, rel=1e-6), f"python {STUDY.relative_to(ROOT)}"
    claimed = {name: one["standard_error_claimed"] / one["standard_error"] for name, one in found.items()}
    assert all(0.85 < ratio < 1.15 for ratio in claimed.values()), claimed
