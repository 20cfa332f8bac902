"""Benchmarks of the engine for airspeed velocity; rivals stand beside this folder, and are run by ``report.py``."""

from __future__ import annotations
