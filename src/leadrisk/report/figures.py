"""The figures of the report, drawn without any global state and named as they are saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadrisk.report import figure_style as look
from leadrisk.report.figure_counts import figure_data
from leadrisk.report.figure_drawers import figure_drawers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import xarray as xr

    from leadrisk.report.figure_style import Drawing


def draw_figures(
    summary: Mapping[str, Any], settlement: xr.Dataset, *, unverified_terms: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Drawing]:
    """Draw every figure of the report.

    Parameters
    ----------
    summary
        Risk summary.
    settlement
        Settled paths, dims ``contract, population, future, year``, dollars.
    unverified_terms
        Records of the unverified terms of the run; the year of the regional rate book is marked where it is one.

    Returns
    -------
    dict of str to Drawing
        ``distribution``, ``difference`` (the two best contracts), ``choice``, ``ratchet`` and ``cash`` (where the
        summary holds them), ``fan``, ``waterfall_<contract>``, ``drivers`` and ``owing``.
    """
    drawers = figure_drawers(summary, figure_data(summary, settlement), unverified_terms)
    with look.style():
        return {name: draw() for name, draw in drawers.items()}
