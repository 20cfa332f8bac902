"""How results are shown."""

from __future__ import annotations
