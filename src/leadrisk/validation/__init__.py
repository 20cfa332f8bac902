"""Whether the engine is true to what happened: the targets of ``verify`` and the ``backtest`` on real ACOs."""

from __future__ import annotations
