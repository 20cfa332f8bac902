"""Systemic paths: trend, region, drift, efficiency, quality."""

from __future__ import annotations
