"""The figures of the report, drawn without any global state and named as they are saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.report import figure_style as look
from leadrisk.report.figure_cash import cash_figure, with_cash
from leadrisk.report.figure_choice import choice_figure
from leadrisk.report.figure_drivers import drivers_figure, owing_figure
from leadrisk.report.figure_fan import fan_figure
from leadrisk.report.figure_ratchet import ratchet_figure, with_ratchet
from leadrisk.report.figure_totals import difference_figure, distribution_figure
from leadrisk.report.files import write_atomically
from leadrisk.report.ranking import compare, has_choice, ranked_after_costs
from leadrisk.report.readings import rate_book_year
from leadrisk.report.waterfall import waterfall_figure
from leadrisk.risk.choice import total_after_costs

if TYPE_CHECKING:
    import os
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
    net = settlement["net_settlement"].transpose("contract", "population", "future", "year")
    names = [str(name) for name in net["contract"].values]
    paths = {name: np.asarray(net.isel(contract=i), dtype=np.float64) for i, name in enumerate(names)}
    totals = {name: values.sum(axis=-1).ravel() for name, values in paths.items()}
    with look.style():
        drawings = {"distribution": distribution_figure(summary, totals)}
        compared = compare(summary)
        if compared is not None:
            settled = {name: settlement.sel(contract=name) for name in (compared.first, compared.second)}
            after_costs = ranked_after_costs(summary)
            drawings["difference"] = difference_figure(
                summary,
                {name: total_after_costs(found).ravel() for name, found in settled.items()} if after_costs else totals,
                compared,
                after_costs=after_costs,
            )
        if has_choice(summary):
            drawings["choice"] = choice_figure(summary)
        if with_ratchet(summary):
            drawings["ratchet"] = ratchet_figure(summary)
        if with_cash(summary):
            drawings["cash"] = cash_figure(summary)
        drawings["fan"] = fan_figure(summary, paths, rate_book=rate_book_year(summary, unverified_terms))
        for index, (name, contract) in enumerate(summary["contracts"].items()):
            drawings[f"waterfall_{name}"] = waterfall_figure(
                name, contract["waterfall"], colour=look.contract_colour(index)
            )
        drawings["drivers"] = drivers_figure(summary)
        drawings["owing"] = owing_figure(summary)
    return drawings


def write_figures(directory: str | os.PathLike[str], drawings: Mapping[str, Drawing]) -> list[Path]:
    """Write every figure of the report as an SVG and a PNG file.

    Parameters
    ----------
    directory
        Made if absent.
    drawings
        From `draw_figures`.

    Returns
    -------
    list of Path
        The files, in the order of the report.
    """
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, drawing in drawings.items():
        written.append(write_atomically(folder / f"{name}.svg", drawing.svg))
        written.append(write_atomically(folder / f"{name}.png", look.to_png(drawing.figure)))
    return written
