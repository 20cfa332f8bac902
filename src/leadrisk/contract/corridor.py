"""Risk corridors: the ACO's share of gross savings or losses, band by band."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount


class Corridor(NamedTuple):
    """Bands of a risk corridor.

    Parameters
    ----------
    edges
        Upper edges of all bands but the last, as shares of the benchmark, rising.
    shares
        The ACO's share within each band; one more than there are edges.
    """

    edges: tuple[float, ...]
    shares: tuple[float, ...]


def shared_amount(gross: Amount, *, benchmark: Amount, savings: Corridor, losses: Corridor) -> Amount:
    """Return the ACO's shared savings (positive) or shared losses (negative), in dollars.

    Sharing starts at the first dollar: LEAD has no minimum savings or loss rate (rule book section 1,
    grade B). The Global bands are 0-15 % at 100 %, 15-35 % at 50 %, 35-50 % at 25 % and 10 % beyond
    (grade B*). ACO REACH uses the same function with its own bands (exact on CMS's public results, grade A).

    Parameters
    ----------
    gross
        Benchmark minus expenditure, in dollars; negative for a loss.
    benchmark
        The dollars on which the band edges are taken.
    savings, losses
        The corridor for each side.

    Examples
    --------
    A saving of $22.0 M on $100.0 M: the first $15.0 M in full, half of the next $7.0 M.

    >>> bands = Corridor(edges=(0.15, 0.35, 0.50), shares=(1.00, 0.50, 0.25, 0.10))
    >>> float(shared_amount(22_000_000.0, benchmark=100_000_000.0, savings=bands, losses=bands))
    18500000.0

    A loss of $40.0 M: $15.0 M + half of $20.0 M + a quarter of $5.0 M.

    >>> float(shared_amount(-40_000_000.0, benchmark=100_000_000.0, savings=bands, losses=bands))
    -26250000.0
    """
    if savings == losses:
        shared: Amount = np.copysign(_shared(np.abs(gross), benchmark, savings), gross)
        return shared
    gain = _shared(np.maximum(gross, 0.0), benchmark, savings)
    return gain - _shared(np.maximum(np.negative(gross), 0.0), benchmark, losses)


def _shared(size: Amount, benchmark: Amount, corridor: Corridor) -> Amount:
    # Each edge at which the share falls from a to b adds (a - b) x what lies below the edge.
    total: Amount = corridor.shares[-1] * size
    for edge, share, next_share in zip(corridor.edges, corridor.shares[:-1], corridor.shares[1:], strict=True):
        total = total + (share - next_share) * np.minimum(size, edge * benchmark)
    return total
