"""One large run of persons in a process of its own: its wall time and the most memory it ever held."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, cast

import leadrisk as lr
from leadrisk.bench.benchmark_aco import benchmark_aco


def whole_run(*, populations: int, lives: int = 10_000, threads: int | None = None) -> dict[str, float]:
    """Simulate the benchmark's ACO in a new process.

    Returns
    -------
    dict
        ``beneficiary_years``; ``wall_s``, without starting Python and loading compiled kernels;
        ``beneficiary_years_per_s``; ``peak_memory_mb``, the most resident memory of the whole process, in 10**6 bytes.

    Examples
    --------
    >>> found = whole_run(populations=4, lives=500)
    >>> 0.0 < found["peak_memory_mb"] < 2_000.0
    True
    """
    sizes = json.dumps({"populations": populations, "lives": lives, "threads": threads})
    done = subprocess.run(
        [sys.executable, "-m", "leadrisk.bench.whole_run", sizes], capture_output=True, text=True, check=True
    )
    return cast("dict[str, float]", json.loads(done.stdout))


def _measure(*, populations: int, lives: int, threads: int | None) -> dict[str, Any]:
    scenario = benchmark_aco(lives=lives)
    lr.simulate(scenario, populations=4, threads=threads)
    start = time.perf_counter()
    experience = lr.simulate(scenario, populations=populations, threads=threads)
    elapsed = time.perf_counter() - start
    aligned = float(experience["panel"].sum()) * lives
    return {
        "populations": populations,
        "lives": lives,
        "years": experience.sizes["year"],
        "beneficiary_years": round(aligned),
        "wall_s": round(elapsed, 3),
        "beneficiary_years_per_s": round(aligned / elapsed),
        "peak_memory_mb": round(peak_memory() / 1e6, 1),
    }


def peak_memory() -> int:
    """Most resident memory of this process so far, in bytes; not what it inherited when it was started."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(kilobytes) * 1024


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measure(**json.loads(sys.argv[1]))))
