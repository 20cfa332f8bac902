from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from drill_fixture import RUN, Program, python
from drill_list import DRILLS

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


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """Directory of the run of all drills that nothing disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    out = folder / "run"
    Program(folder / "said", *python("-m", "leadrisk", *RUN, "--threads", 1, "--out", out)).ends(0, seconds=400)
    return out


@pytest.fixture
def program(tmp_path):
    """Start a program; whatever is left of it in the end is killed."""
    started = []
    said = tmp_path / "said"
    said.mkdir()

    def start(*command, **environment):
        started.append(Program(said / str(len(started)), *python(*command), **environment))
        return started[-1]

    yield start
    for one in started:
        one.clear()


@pytest.fixture
def leadrisk(program):
    def start(*arguments, **environment):
        return program("-m", "leadrisk", *arguments, **environment)

    return start


@pytest.fixture
def out(tmp_path):
    """Where the run goes, alone in its folder."""
    (tmp_path / "place").mkdir()
    return tmp_path / "place" / "run"


@pytest.fixture
def drill(request):
    return DRILLS[request.node.originalname.removeprefix("test_")]
