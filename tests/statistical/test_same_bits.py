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


def digest(tmp_path: Path, name: str, **environment: str) -> str:
    command = [
        sys.executable, "-m", "leadrisk", "run", str(BASELINE), "--set", "cohort.lives=2000", "--populations", "16",
        "--out", str(tmp_path / name), "--json",
    ]  # fmt: skip
    settings = {**os.environ, "LEADRISK_CACHE_DIR": str(tmp_path / f"{name}-cache"), **environment}
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=True)
    return str(json.loads(done.stdout)["digest"])


def simd_features() -> str:
    """Names of the CPU features that NumPy dispatches on here, in the form of NPY_DISABLE_CPU_FEATURES."""
    return " ".join(np.show_config(mode="dicts")["SIMD Extensions"].get("found", []))


@pytest.mark.slow
@pytest.mark.parametrize("cpu", ["generic", "haswell"])
def test_digest_does_not_depend_on_the_cpu(tmp_path, cpu):
    native = digest(tmp_path, "native")
    other = digest(tmp_path, cpu, NUMBA_CPU_NAME=cpu, NUMBA_CPU_FEATURES="", NPY_DISABLE_CPU_FEATURES=simd_features())
    assert other == native
