"""What a scenario may not hold together with the Shared Savings Program or ACO REACH, whose lines would not know it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrisk.scenario.table import reject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leadrisk.scenario.alignment_table import Alignment
    from leadrisk.scenario.exclusions_table import Exclusions


def reject_what_peers_do_not_know(names: Iterable[str], *, alignment: Alignment, exclusions: Exclusions) -> None:
    """Refuse a comparison in which LEAD and its peers would settle other persons or other dollars."""
    peer = next((name for name in names if not name.startswith("lead_")), None)
    if peer is None:
        return
    cure = f"is known to LEAD alone, and {peer} would settle other"
    if alignment.voluntary_share > 0.0 and alignment.voluntary_cost_ratio != 1.0:
        reject("alignment.voluntary_cost_ratio", f"{cure} persons; leave {peer} out of contract.names")
    for years in ("base", "performance"):
        for kind in getattr(exclusions, years):
            reject(
                f"exclusions.{years}_{kind}", f"{cure} dollars; give dollars net, or leave {peer} out of contract.names"
            )
