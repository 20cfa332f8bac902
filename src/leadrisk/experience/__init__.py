"""What happens to persons: counter-based draws and the beneficiary kernel."""

from __future__ import annotations
