from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SOURCES = HERE.parents[1] / "src"


@pytest.fixture
def import_path(monkeypatch):
    """Let workers that are started as programs import the package and the tasks."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, (SOURCES, HERE.parent))))


@pytest.fixture(scope="session")
def slurm_node(tmp_path_factory):
    base = tmp_path_factory.mktemp("slurm")
    environment = {**os.environ, "LEADRISK_SLURM_DIR": str(base / "node")}
    script = str(HERE / "slurm_node.sh")
    started = subprocess.run([script, "start"], env=environment, capture_output=True, text=True, check=False)
    if started.returncode:
        subprocess.run([script, "stop"], env=environment, check=False)
        pytest.skip(f"no SLURM: {started.stderr.strip()}")
    yield subprocess.run([script, "conf"], env=environment, capture_output=True, text=True, check=True).stdout.strip()
    subprocess.run([script, "stop"], env=environment, check=True)


@pytest.fixture
def slurm(slurm_node, monkeypatch, import_path):
    monkeypatch.setenv("SLURM_CONF", slurm_node)
