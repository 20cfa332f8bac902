"""The manifest of a run: what was run, on what, and the digest of every number."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import leadrisk

if TYPE_CHECKING:
    import xarray as xr

    from leadrisk.scenario.model import Scenario

_LIBRARIES = ("numpy", "numba", "llvmlite", "scipy", "xarray", "zarr", "dask", "pydantic", "matplotlib")


def manifest(
    scenario: Scenario,
    *,
    experience: xr.Dataset,
    settlement: xr.Dataset,
    digest: str,
    scenario_sha256: str,
    unverified_terms: list[str],
    elapsed_s: float,
) -> dict[str, Any]:
    """Manifest of a finished run.

    ``beneficiary_years`` counts persons aligned at the start of each simulated year, base years included;
    ``beneficiary_years_per_s`` divides them by the time of the whole run.
    """
    beneficiary_years = round(float(experience["panel"].sum()) * scenario.cohort.lives)
    return {
        "digest": digest,
        "scenario": scenario.name,
        "scenario_sha256": scenario_sha256,
        "seed": int(experience.attrs["seed"]),
        "populations": experience.sizes["population"],
        "futures": settlement.sizes["future"],
        "lives": scenario.cohort.lives,
        "years": settlement["year"].values.tolist(),
        "beneficiary_years": beneficiary_years,
        "elapsed_s": round(elapsed_s, 3),
        "beneficiary_years_per_s": round(beneficiary_years / max(elapsed_s, 1e-9)),
        "version": leadrisk.__version__,
        "environment": environment(),
        "spending_class": settlement.attrs["spending_class"],
        "unverified_terms": unverified_terms,
    }


def environment() -> dict[str, Any]:
    """Python, platform, number of CPUs and versions of the libraries that compute."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpus": len(os.sched_getaffinity(0)),
        **{name: version(name) for name in _LIBRARIES},
    }
