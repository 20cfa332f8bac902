"""How a run is executed: plan, execution, store, manifest."""

from __future__ import annotations
