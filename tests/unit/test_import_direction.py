"""Data flows one way: a package imports only from those left of it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "leadrisk"
ORDER = (
    "errors",
    "files",
    "scenario",
    "cohort",
    "experience",
    "calibration",
    "futures",
    "contract",
    "risk",
    "run",
    "bench",
    "validation",
    "sweep",
    "report",
    "commands",
    "cli",
)


def modules() -> list[Path]:
    return sorted(path for path in SOURCE.rglob("*.py") if path.parent != SOURCE or path.stem in ORDER)


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("leadrisk."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found.update(alias.name.split(".")[1] for alias in node.names if alias.name.startswith("leadrisk."))
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_import_runs_back(path: Path):
    own = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    backwards = {name for name in imported(path) if ORDER.index(name) > ORDER.index(own)}
    assert not backwards, f"{own} may not import {backwards}"


def test_every_package_has_its_place():
    packages = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()}
    assert packages < set(ORDER)


def test_importing_the_package_loads_nothing_heavy():
    heavy = ("numpy", "numba", "xarray", "matplotlib", "pydantic")
    code = f"import sys, leadrisk; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_module_outgrows_its_shape():
    long = {path.name: n for path in SOURCE.rglob("*.py") if (n := len(path.read_text().splitlines())) > 400}
    assert not long
