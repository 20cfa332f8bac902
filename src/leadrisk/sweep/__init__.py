"""Many scenarios in one go, on the same populations and futures: grids, designs of experiments, lists of ACOs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadrisk.sweep.api import run_sweep
    from leadrisk.sweep.dataset import as_grid, load_sweep, load_totals
    from leadrisk.sweep.spec import read_sweep

__all__ = ["as_grid", "load_sweep", "load_totals", "read_sweep", "run_sweep"]

_HOMES = {
    "run_sweep": "leadrisk.sweep.api",
    "read_sweep": "leadrisk.sweep.spec",
    "load_sweep": "leadrisk.sweep.dataset",
    "load_totals": "leadrisk.sweep.dataset",
    "as_grid": "leadrisk.sweep.dataset",
}


def __getattr__(name: str) -> object:
    """Load the public functions on first use."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
