"""The commands, one a module; each imports what it needs when called, so that ``--help`` stays fast."""

from __future__ import annotations
