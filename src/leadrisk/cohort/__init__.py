"""Who is aligned: the stationary population and public rows turned into cohorts."""

from __future__ import annotations
