"""Monte Carlo risk and scenario engine for accountable care organizations in Medicare's LEAD model."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadrisk.contract.case import settle_case
    from leadrisk.report.whole_run import run_scenario
    from leadrisk.risk.summary import summarize
    from leadrisk.run.api import settle, simulate
    from leadrisk.run.grid import settle_grid
    from leadrisk.run.opened import open_run
    from leadrisk.scenario.load import load_scenario

__version__ = "0.1.0"
__all__ = [
    "__version__",
    "load_scenario",
    "open_run",
    "run_scenario",
    "settle",
    "settle_case",
    "settle_grid",
    "simulate",
    "summarize",
]

_HOMES = {
    "load_scenario": "leadrisk.scenario.load",
    "simulate": "leadrisk.run.api",
    "settle": "leadrisk.run.api",
    "summarize": "leadrisk.risk.summary",
    "settle_case": "leadrisk.contract.case",
    "settle_grid": "leadrisk.run.grid",
    "open_run": "leadrisk.run.opened",
    "run_scenario": "leadrisk.report.whole_run",
}


def __getattr__(name: str) -> object:
    """Load the public functions on first use, so that importing the package stays fast."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
