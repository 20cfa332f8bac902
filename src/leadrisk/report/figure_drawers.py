"""The figures of the report by the names of their files; loaded by processes that draw, so without the engine."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from leadrisk.report import figure_style as look
from leadrisk.report.figure_cash import cash_figure
from leadrisk.report.figure_choice import choice_figure
from leadrisk.report.figure_data import with_cash
from leadrisk.report.figure_drivers import drivers_figure, owing_figure
from leadrisk.report.figure_fan import fan_figure
from leadrisk.report.figure_files import Picture
from leadrisk.report.figure_ratchet import ratchet_figure, with_ratchet
from leadrisk.report.figure_totals import difference_figure, distribution_figure
from leadrisk.report.figure_waterfall import waterfall_figure
from leadrisk.report.ranking import compare, has_choice, ranked_after_costs
from leadrisk.report.readings import rate_book_year

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from leadrisk.report.figure_data import FigureData
    from leadrisk.report.figure_style import Drawing


def render_figures(
    summary: Mapping[str, Any],
    data: FigureData,
    *,
    unverified_terms: Sequence[Mapping[str, Any]] = (),
    part: int = 0,
    parts: int = 1,
) -> dict[str, Picture | None]:
    """Draw and render the figures of the report, or one part of them.

    Parameters
    ----------
    part, parts
        Which part, from 0, of how many; the figures are dealt out like cards.

    Returns
    -------
    dict of str to Picture or None
        Every figure by name, in the order of the report; None those of other parts.
    """
    drawers = figure_drawers(summary, data, unverified_terms)
    rendered: dict[str, Picture | None] = {}
    for number, (name, draw) in enumerate(drawers.items()):
        rendered[name] = None
        if number % parts == part:
            with look.style():
                drawing = draw()
            rendered[name] = Picture(drawing.svg, drawing.png)
    return rendered


def figure_drawers(
    summary: Mapping[str, Any], data: FigureData, unverified_terms: Sequence[Mapping[str, Any]]
) -> dict[str, Callable[[], Drawing]]:
    """The function that draws each figure."""
    drawers: dict[str, Callable[[], Drawing]] = {"distribution": partial(distribution_figure, summary, data.totals)}
    compared = compare(summary)
    if compared is not None:
        after_costs = ranked_after_costs(summary)
        drawers["difference"] = partial(difference_figure, summary, data, compared, after_costs=after_costs)
    if has_choice(summary):
        drawers["choice"] = partial(choice_figure, summary)
    if with_ratchet(summary):
        drawers["ratchet"] = partial(ratchet_figure, summary)
    if with_cash(summary):
        drawers["cash"] = partial(cash_figure, summary)
    rate_book = rate_book_year(summary, unverified_terms)
    drawers["fan"] = partial(fan_figure, summary, data.added_up, rate_book=rate_book)
    for index, (name, contract) in enumerate(summary["contracts"].items()):
        drawers[f"waterfall_{name}"] = partial(
            waterfall_figure, name, contract["waterfall"], colour=look.contract_colour(index)
        )
    drawers["drivers"] = partial(drivers_figure, summary)
    drawers["owing"] = partial(owing_figure, summary)
    return drawers
