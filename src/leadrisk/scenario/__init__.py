"""What is assumed: the scenario, its file format and its defaults."""

from __future__ import annotations
