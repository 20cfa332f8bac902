"""The optional table ``[alignment]`` of a LEAD case: whether the ACO is large enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from leadrisk.contract.alignment import alignment_minimum, minimum_kind
from leadrisk.contract.case.lead_spending import three_numbers
from leadrisk.contract.case.lines import grade
from leadrisk.contract.case.values import number

if TYPE_CHECKING:
    from leadrisk.contract.case.lines import Line
    from leadrisk.contract.case.source import CaseSource
    from leadrisk.contract.inputs import Entrant
    from leadrisk.contract.terms import Terms

_MOST = 1e8


class AlignmentCase(NamedTuple):
    """What a case says about the number of its beneficiaries.

    Parameters
    ----------
    aligned
        In the performance year.
    claims_aligned
        The most in any base year; ``None`` where the case does not tell.
    high_needs_share
        Share of the aligned, whatever category pays for them.
    """

    aligned: float
    claims_aligned: float | None
    high_needs_share: float


def check_alignment(source: CaseSource) -> AlignmentCase | None:
    """Check ``[alignment]`` key by key; ``None`` where the case gives no beneficiaries."""
    source.only(("alignment",), ("mode", "aligned", "claims_aligned_base_years", "high_needs_share"))
    at = ("alignment", "claims_aligned_base_years")
    claims = None
    if source.get(at) is not None:
        claims = max(three_numbers(source, at, highest=_MOST, example="[4800, 4900, 5000]"))
    if source.get(("alignment", "aligned")) is None:
        for key in ("claims_aligned_base_years", "high_needs_share"):
            if source.get(("alignment", key)) is not None:
                raise source.missing(("alignment", "aligned"), "beneficiaries aligned in the performance year")
        return None
    return AlignmentCase(
        aligned=number(source, ("alignment", "aligned"), lowest=0.0, highest=_MOST),
        claims_aligned=claims,
        high_needs_share=source.number(("alignment", "high_needs_share"), lowest=0.0, highest=1.0) or 0.0,
    )


def alignment_result(
    case: AlignmentCase, *, entrant: Entrant, performance_year: int, first_performance_year: int, terms: Terms
) -> tuple[dict[str, float], Line]:
    """Return minimums and what is missing to them, in beneficiaries, and the line that says so."""
    kind = minimum_kind(
        entrant=entrant,
        high_needs_share=case.high_needs_share,
        high_needs_share_above=terms.number("alignment.high_needs_share_above"),
    )
    minimum = float(alignment_minimum(kind, years=[performance_year], terms=terms).aligned[0])
    result = {"alignment_minimum": minimum, "alignment_shortfall": max(minimum - case.aligned, 0.0)}
    how = f"{case.aligned:,.0f} aligned, {minimum:,.0f} needed ({kind.replace('_', ' ')})"
    if case.claims_aligned is not None:
        needed = float(alignment_minimum(kind, years=[first_performance_year], terms=terms).claims_aligned[0])
        result |= {
            "claims_aligned_minimum": needed,
            "claims_aligned_shortfall": max(needed - case.claims_aligned, 0.0),
        }
        how += f"; {case.claims_aligned:,.0f} claims-aligned in a base year, {needed:,.0f} needed"
    names = [f"alignment.minimum.{kind}.aligned"] + ["alignment.minimum_growth"] * (kind != "standard")
    if result["alignment_shortfall"] or result.get("claims_aligned_shortfall"):
        leaves = terms.choice("alignment.below_minimum") == "exit_at_year_end"
        how += "; below the minimum: " + ("the ACO leaves at the end of the year" if leaves else "the ACO continues")
        names.append("alignment.below_minimum")
    line: Line = {
        "name": "alignment_minimum",
        "label": "Minimum alignment",
        "dollars": 0.0,
        "how": how,
        "grade": grade(terms, *names),
    }
    return result, line
