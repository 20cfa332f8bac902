"""V17: quality measures and scores, as :mod:`leadrisk.validation.check_quality` measures them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrisk.validation.check_quality import quality_targets
from leadrisk.validation.targets import Estimates, Measured, part_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from leadrisk.validation.standard_aco import Sizes

_POPULATIONS = 512  # at most: futures, not persons, move ranks


def check_measures(_: Collection[str], sizes: Sizes) -> dict[str, Estimates]:
    """Measure V17."""
    few = sizes.at_most(_POPULATIONS)
    found: Estimates = {}
    for record in quality_targets(populations=few.populations, seed=few.seed, threads=few.threads):
        name = f"{record['measure']}, {record['quantity']}".replace("_", " ")
        part = part_of(
            {"name": name, "target": record["target"], "absolute": record["tolerance"], "gap": record["cause"]}, {}
        )
        found[name] = Measured(record["result"], record["se"], part=part)
    return {"V17": found}
