"""What the settlements mean: quantiles, tails, ruin, reserves, each with its standard error."""

from __future__ import annotations
