"""Slow, plain twins of the kernels."""

from __future__ import annotations
