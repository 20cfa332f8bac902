"""The digest of a run is the same on any kind of CPU: narrow vectors, wide vectors, NumPy with and without SIMD."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

BASELINE = Path(__file__).resolve().parents[2] / "scenarios" / "baseline.toml"
EVERYTHING = {
    "cohort.lives": "2000",
    "contract.names": '["lead_global", "lead_professional", "mssp_enhanced", "reach_global"]',
    "stop_loss.elected": "true",
    "trend.stop_loss_neutrality_sd": "0.1",
    "cara.elected": "true",
    "aggregate_cover.bought": "true",
    "alignment.mode": '"hybrid"',
    "alignment.midyear_additions": "0.02",
    "alignment.voluntary_share": "0.1",
    "elections.npcc": "true",
    "elections.npcc_providers": '["a hospital"]',
    "elections.cara_providers": '["a home care agency"]',
    "elections.part_d_buydown": "true",
    "elections.provisional_settlement": "true",
    "participation.exit_rule": '"after_cumulative_loss"',
}


def digest(tmp_path: Path, name: str, **environment: str) -> str:
    given = [part for key, value in EVERYTHING.items() for part in ("--set", f"{key}={value}")]
    command = [
        sys.executable, "-m", "leadrisk", "run", str(BASELINE), *given, "--populations", "16",
        "--out", str(tmp_path / name), "--json",
    ]  # fmt: skip
    settings = {**os.environ, "LEADRISK_CACHE_DIR": str(tmp_path / f"{name}-cache"), **environment}
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=True)
    return str(json.loads(done.stdout)["digest"])


def simd_features() -> str:
    """Names of the CPU features that NumPy dispatches on here, in the form of NPY_DISABLE_CPU_FEATURES."""
    return " ".join(np.show_config(mode="dicts")["SIMD Extensions"].get("found", []))


@pytest.fixture(scope="module")
def native(tmp_path_factory):
    return digest(tmp_path_factory.mktemp("native"), "native")


@pytest.mark.slow
@pytest.mark.parametrize("cpu", ["generic", "haswell"])
def test_digest_does_not_depend_on_the_cpu(native, tmp_path, cpu):
    other = digest(tmp_path, cpu, NUMBA_CPU_NAME=cpu, NUMBA_CPU_FEATURES="", NPY_DISABLE_CPU_FEATURES=simd_features())
    assert other == native
