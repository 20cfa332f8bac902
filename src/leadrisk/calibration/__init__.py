"""A beneficiary table fitted: reading and checking it, estimates with their uncertainty, the scenario they make."""

from __future__ import annotations
