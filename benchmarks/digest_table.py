"""The digest of one run under everything that may not change it, printed as a table.

    python benchmarks/digest_table.py [--populations 16] [--futures 64] [--python OTHER/bin/python ...]

Each line is a process of its own. Line by line the settings, the digest of experience and settlement, and a hash of
``summary.json`` are told; the exit code is 1 where one differs from the first line.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).resolve().parent
BASELINE, EVERYTHING = HERE.parent / "scenarios" / "baseline.toml", HERE / "everything.toml"
BEFORE = HERE.parent / "scenarios" / "high_needs.toml"


class Change(NamedTuple):
    """One line of the table: environment variables and options of a run that may not matter."""

    name: str
    environment: Mapping[str, str] = MappingProxyType({})
    options: Mapping[str, Any] = MappingProxyType({})


def numpy_features() -> str:
    """Names of the CPU features that NumPy dispatches on here, in the form of NPY_DISABLE_CPU_FEATURES."""
    return " ".join(np.show_config(mode="dicts")["SIMD Extensions"].get("found", []))


def _narrow(processor: str) -> dict[str, str]:
    return {"NUMBA_CPU_NAME": processor, "NUMBA_CPU_FEATURES": ""}


def _held_back() -> dict[str, dict[str, str]]:
    """Libraries kept from what the processor can do."""
    return {
        "NumPy without SIMD beyond its baseline": {"NPY_DISABLE_CPU_FEATURES": numpy_features()},
        "C library without AVX and FMA": {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX2,-AVX,-FMA,-FMA4"},
        "OpenBLAS for Nehalem": {"OPENBLAS_CORETYPE": "Nehalem"},
    }


def _threads(count: int) -> dict[str, str]:
    return {"OPENBLAS_NUM_THREADS": str(count), "OMP_NUM_THREADS": str(count)}


def changes() -> list[Change]:
    """One thing changed at a time."""
    return [
        Change("one thread", options={"threads": 1}),
        Change("five threads", options={"threads": 5}),
        Change("blocks of 1 population", options={"block": 1}),
        Change("blocks of 3", options={"block": 3}),
        Change("one block", options={"block": 1_000_000}),
        Change("another scenario before it in the process", options={"before": str(BEFORE)}),
        Change("`PYTHONHASHSEED=1`", {"PYTHONHASHSEED": "1"}),
        Change("one thread of OpenBLAS and OpenMP", _threads(1)),
        Change("two threads of OpenBLAS and OpenMP", _threads(2)),
        Change("kernels for `haswell` (AVX2)", _narrow("haswell")),
        Change("kernels for `generic` (SSE2)", _narrow("generic")),
        Change(
            "kernels not vectorised", {"NUMBA_LOOP_VECTORIZE": "0", "NUMBA_SLP_VECTORIZE": "0"}, {"own_cache": True}
        ),
        *(Change(name, environment) for name, environment in _held_back().items()),
        Change("OpenBLAS for Haswell", {"OPENBLAS_CORETYPE": "Haswell"}),
    ]


def all_at_once() -> list[Change]:
    """All of it in two runs, as the slow tests check it."""
    held = {key: value for environment in _held_back().values() for key, value in environment.items()}
    return [
        Change(
            "`haswell`, hash seed, two threads of OpenBLAS, another scenario first, five threads",
            {**_narrow("haswell"), **_threads(2), "PYTHONHASHSEED": "1"},
            {"before": str(BEFORE), "threads": 5},
        ),
        Change(
            "`generic`, the three libraries held back, one thread, blocks of 3",
            {**_narrow("generic"), **held},
            {"threads": 1, "block": 3},
        ),
    ]


def told(options: dict[str, Any]) -> dict[str, str]:
    """Run everything at once in this process; return digest and hash of the summary."""
    from leadrisk.run.job import run  # noqa: PLC0415 - only the process of a line pays for it
    from leadrisk.scenario.load import load_scenario  # noqa: PLC0415

    size = {"run.populations": options["populations"], "run.futures": options["futures"]}
    if "before" in options:
        run(load_scenario(options["before"], set={**size, "cohort.lives": 1000}))
    scenario = load_scenario(BASELINE, overlays=EVERYTHING, set=size)
    result = run(scenario, threads=options.get("threads"), block=options.get("block"))
    summary = json.dumps(result.summary, sort_keys=True, allow_nan=False).encode()
    return {
        "digest": result.manifest["digest"],
        "summary": hashlib.sha256(summary).hexdigest(),
        "text": summary.decode() if options.get("text") else "",
    }


def measured(change: Change, *, cache: Path, python: str = sys.executable, **size: int) -> dict[str, str]:
    """Run one line in a process of its own."""
    if change.options.get("own_cache"):
        cache = cache / "own"
    settings = {**os.environ, "LEADRISK_CACHE_DIR": str(cache), **change.environment}
    command = [python, __file__, "--line", json.dumps({**size, **change.options})]
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{change.name}: {done.stderr}")
    found: dict[str, str] = json.loads(done.stdout)
    return found


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--populations", type=int, default=16)
    parser.add_argument("--futures", type=int, default=64)
    parser.add_argument("--python", action="append", default=[], help="another interpreter with leadrisk installed")
    parser.add_argument("--line", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.line:
        print(json.dumps(told(json.loads(given.line))))
        return 0
    size = {"populations": given.populations, "futures": given.futures}
    print("| what is changed | digest | summary | same |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as cache:
        lines = [(Change(f"nothing: Python {platform.python_version()}"), sys.executable)]
        lines += [(change, sys.executable) for change in (*changes(), *all_at_once())]
        for other in given.python:
            asked = [other, "-c", "import platform; print(platform.python_version())"]
            version = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
            lines.append((Change(f"Python {version}"), other))
        first: dict[str, str] = {}
        differ = 0
        for change, python in lines:
            found = measured(change, cache=Path(cache), python=python, **size)
            first = first or found
            same = found == first
            differ += not same
            print(
                f"| {change.name} | `{found['digest'][:16]}` | `{found['summary'][:16]}` | {'yes' if same else 'NO'} |",
                flush=True,
            )
    return min(differ, 1)


if __name__ == "__main__":
    sys.exit(main())
