"""What the rules pay: one rule a module, composed by programme."""

from __future__ import annotations
