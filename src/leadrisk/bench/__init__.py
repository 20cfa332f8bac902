"""Speed: the benchmark's ACO, what the engine is measured against, and how."""

from __future__ import annotations
