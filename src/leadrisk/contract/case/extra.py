"""What an optional table of a case (stop-loss, episodes, elections) adds to its settlement."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from leadrisk.contract.case.lines import Line


class CaseExtra(NamedTuple):
    """Dollars and lines of an optional table.

    Parameters
    ----------
    added_to_expenditure
        Signed dollars by line name; they count in performance-year expenditure.
    beside
        Signed dollars by line name that stand outside gross savings and belong to the settlement balance.
    lines
        How they came about, for printing.
    """

    added_to_expenditure: dict[str, float]
    beside: dict[str, float]
    lines: list[Line]
