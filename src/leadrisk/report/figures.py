"""The figures of the report, drawn without any global state and named as they are saved."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from leadrisk.report import figure_style as look
from leadrisk.report.files import write_atomically
from leadrisk.report.formatting import (
    MoneyScale,
    contract_label,
    dollars,
    gain_or_loss,
    money_scale,
    percent,
    signed,
    term_label,
)
from leadrisk.report.waterfall import waterfall_figure
from leadrisk.report.wording import compare, main_drivers, term, term_length

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

#: Quantiles, in percent, between which a histogram is drawn.
_SHOWN = (0.1, 99.9)
_WIDE_BAND, _NARROW_BAND = 0.2, 0.4


class Drawing(NamedTuple):
    """A figure with the words that stand for it where it cannot be seen."""

    figure: Figure
    title: str
    description: str


def draw_figures(summary: Mapping[str, Any], settlement: xr.Dataset) -> dict[str, Drawing]:
    """Draw every figure of the report.

    Parameters
    ----------
    summary
        Risk summary.
    settlement
        Settled paths, dims ``contract, population, future, year``, dollars.

    Returns
    -------
    dict of str to Drawing
        ``fan``, ``distribution``, ``difference`` (two contracts only), ``waterfall_<contract>``, ``drivers``, ``owing``.
    """
    net = settlement["net_settlement"].transpose("contract", "population", "future", "year")
    names = [str(name) for name in net["contract"].values]
    paths = {name: np.asarray(net.isel(contract=i), dtype=np.float64) for i, name in enumerate(names)}
    totals = {name: values.sum(axis=-1).ravel() for name, values in paths.items()}
    with look.style():
        drawings = {"fan": _fan(summary, paths), "distribution": _distribution(summary, totals)}
        if compare(summary) is not None:
            drawings["difference"] = _difference(summary, totals)
        for index, (name, contract) in enumerate(summary["contracts"].items()):
            drawings[f"waterfall_{name}"] = _waterfall(name, contract["waterfall"], colour=look.contract_colour(index))
        drawings["drivers"] = _drivers(summary)
        drawings["owing"] = _owing(summary)
    return drawings


def write_figures(
    directory: str | os.PathLike[str], *, summary: Mapping[str, Any], settlement: xr.Dataset
) -> list[Path]:
    """Write every figure of the report as an SVG and a PNG file.

    Parameters
    ----------
    directory
        Made if absent.
    summary, settlement
        As for `draw_figures`.

    Returns
    -------
    list of Path
        The files, in the order of the report.
    """
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, drawing in draw_figures(summary, settlement).items():
        svg = look.to_svg(drawing.figure, title=drawing.title, description=drawing.description)
        written.append(write_atomically(folder / f"{name}.svg", svg))
        written.append(write_atomically(folder / f"{name}.png", look.to_png(drawing.figure)))
    return written


def _fan(summary: Mapping[str, Any], paths: Mapping[str, NDArray[np.float64]]) -> Drawing:
    levels = (5, 25, 50, 75, 95)
    years = [int(year) for year in next(iter(summary["contracts"].values()))["years"]]
    yearly = {
        name: np.array([[y["net_settlement"][f"p{q:02d}"] for q in levels] for y in contract["years"].values()])
        for name, contract in summary["contracts"].items()
    }
    summed = {
        name: np.percentile(values.cumsum(axis=-1).reshape(-1, len(years)), levels, axis=0).T
        for name, values in paths.items()
    }
    figure = look.new_figure(height=4.9 if len(years) > 1 else 3.6)
    grid = figure.subplots(2, len(yearly), sharex=True, sharey="row", squeeze=False)
    for row, (kind, bands) in enumerate((("each year", yearly), ("added up since the start", summed))):
        scale = money_scale(np.concatenate([b.ravel() for b in bands.values()]))
        for column, (name, values) in enumerate(bands.items()):
            axes = grid[row, column]
            _fan_panel(axes, years, values / scale.divisor, colour=look.contract_colour(column))
            axes.set_title(f"{contract_label(name)}, {kind}", pad=8)
        grid[row, 0].set_ylabel(scale.unit)
    for axes in grid[0]:
        axes.tick_params(axis="x", length=0)
    keys = [
        Patch(color=look.NEUTRAL, alpha=_WIDE_BAND, linewidth=0, label="nine paths in ten (5–95%)"),
        Patch(color=look.NEUTRAL, alpha=_NARROW_BAND, linewidth=0, label="half of the paths (25–75%)"),
        Line2D([], [], color=look.NEUTRAL, linewidth=1.8, marker="o", markersize=3, label="median"),
    ]
    figure.legend(handles=keys, loc="outside lower center", ncols=3)
    last = {name: values[-1] for name, values in summed.items()}
    description = "; ".join(
        f"{contract_label(n)}: by {years[-1]} the added-up median is {gain_or_loss(v[2])}, nine paths in ten end "
        f"between {gain_or_loss(v[0])} and {gain_or_loss(v[4])}"
        for n, v in last.items()
    )
    return Drawing(figure, "Net settlement by year and added up, with bands", f"{description}.")


def _fan_panel(axes: Axes, years: list[int], values: NDArray[np.float64], *, colour: str) -> None:
    single = len(years) == 1
    x = np.array([years[0] - 0.3, years[0] + 0.3]) if single else np.array(years)
    values = np.repeat(values, 2, axis=0) if single else values
    axes.fill_between(x, values[:, 0], values[:, 4], color=colour, alpha=_WIDE_BAND, linewidth=0)
    axes.fill_between(x, values[:, 1], values[:, 3], color=colour, alpha=_NARROW_BAND, linewidth=0)
    axes.plot(x, values[:, 2], color=colour, linewidth=1.8, marker="" if single else "o", markersize=3)
    axes.set_xticks(years[:: 1 if len(years) <= 5 else 3])
    axes.set_xlim(x[0] - 0.3, x[-1] + 0.6)
    axes.grid(axis="y")
    look.zero_line(axes)
    axes.spines[["left", "bottom"]].set_visible(False)


def _bins(values: list[NDArray[np.float64]], count: int = 60) -> NDArray[np.float64]:
    low = min(np.percentile(v, _SHOWN[0]) for v in values)
    high = max(np.percentile(v, _SHOWN[1]) for v in values)
    return np.linspace(low, high if high > low else low + 1, count + 1)


def _distribution(summary: Mapping[str, Any], totals: Mapping[str, NDArray[np.float64]]) -> Drawing:
    scale = money_scale(np.concatenate([np.percentile(v, _SHOWN) for v in totals.values()]))
    values = {name: v / scale.divisor for name, v in totals.items()}
    edges = _bins(list(values.values()))
    figure = look.new_figure(height=3.5)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3.2, 0.35 + 0.35 * len(values)])
    for index, (name, value) in enumerate(values.items()):
        colour, dash = look.contract_colour(index), look.contract_dash(index)
        heights = np.histogram(value, edges)[0] / value.size
        upper.stairs(heights, edges, fill=True, color=colour, alpha=0.16)
        upper.stairs(heights, edges, color=colour, linewidth=1.6, linestyle=dash, label=contract_label(name))
        total = summary["contracts"][name]["net_settlement_total"]
        for low, high, width in (("p05", "p95", 2.0), ("p25", "p75", 6.0)):
            span = [total[low] / scale.divisor, total[high] / scale.divisor]
            lower.plot(span, [index, index], color=colour, linewidth=width, solid_capstyle="butt")
        middle = total["p50"] / scale.divisor
        lower.plot(middle, index, look.contract_marker(index), color=look.PAPER, markeredgecolor=colour, markersize=6)
        lower.annotate(
            f"median {signed(middle)}",
            (middle, index),
            xytext=(0, 7),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            bbox={"facecolor": look.PAPER, "edgecolor": "none", "pad": 0.6},
        )
    look.zero_line(upper, vertical=True)
    look.zero_line(lower, vertical=True)
    upper.set_yticks([])
    upper.set_ylabel("share of paths")
    upper.spines["left"].set_visible(False)
    figure.legend(loc="outside upper right", ncols=len(values))
    lower.set_yticks(range(len(values)), [contract_label(name) for name in values], color=look.INK)
    lower.set_ylim(len(values) - 0.5, -0.9)
    lower.spines["left"].set_visible(False)
    lower.grid(axis="x")
    lower.set_xlabel(f"{term_label(term_length(summary))} net settlement, {scale.unit}; thin line 5–95%, thick line 25–75%")
    description = "; ".join(
        f"{contract_label(n)}: median {gain_or_loss(c['net_settlement_total']['p50'])}, nine paths in ten between "
        f"{gain_or_loss(c['net_settlement_total']['p05'])} and {gain_or_loss(c['net_settlement_total']['p95'])}"
        for n, c in summary["contracts"].items()
    )
    return Drawing(figure, f"Distribution of the {term_label(term_length(summary))} total", f"{description}.")


def _difference(summary: Mapping[str, Any], totals: Mapping[str, NDArray[np.float64]]) -> Drawing:
    compared = compare(summary)
    assert compared is not None
    first, second = compared.first, next(n for n in (compared.better, compared.other) if n != compared.first)
    names = list(summary["contracts"])
    gap = totals[first] - totals[second]
    scale = money_scale(np.percentile(gap, _SHOWN))
    gap = gap / scale.divisor
    edges = _bins([gap])
    # Zero is made an edge of the bins, so that no bar belongs to both sides.
    edges = np.unique(np.append(edges, 0.0)) if edges[0] < 0 < edges[-1] else edges
    heights, _ = np.histogram(gap, edges)
    density = heights / np.diff(edges)
    middles = (edges[:-1] + edges[1:]) / 2
    figure = look.new_figure(height=2.6)
    axes = figure.subplots()
    for name, side, where, place in (
        (second, middles < 0, "left", (0.01, 0.93)),
        (first, middles >= 0, "right", (0.99, 0.93)),
    ):
        index = names.index(name)
        share = compared.prob_first_better if name == first else 1 - compared.prob_first_better
        axes.bar(
            edges[:-1][side],
            density[side],
            np.diff(edges)[side],
            align="edge",
            facecolor=look.contract_colour(index),
            alpha=0.75,
            edgecolor=look.PAPER,
            linewidth=0.2,
            hatch=look.contract_hatch(index),
        )
        axes.text(
            *place,
            f"{contract_label(name)} better\non {percent(share)} of paths",
            transform=axes.transAxes,
            ha=where,
            va="top",
            color=look.contract_colour(index),
            fontweight="bold",
        )
    look.zero_line(axes, vertical=True)
    axes.set_yticks([])
    axes.set_ylim(0, density.max() * 1.18)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(
        f"{contract_label(first)} minus {contract_label(second)} on the same path, {term_label(term_length(summary))} total, {scale.unit}"
    )
    description = (
        f"{contract_label(first)} comes out ahead on {percent(compared.prob_first_better)} of the paths; on average "
        f"{contract_label(compared.better)} is ahead by {dollars(compared.difference)}."
    )
    return Drawing(figure, f"{contract_label(first)} against {contract_label(second)} on the same paths", description)


def _waterfall(name: str, path: Mapping[str, Any], *, colour: str) -> Drawing:
    lines = path["lines"]
    described = "; ".join(f"{line['label']} ${line['dollars']:,.0f}" for line in lines)
    title = f"From benchmark to settlement under {contract_label(name)}, a median path of {path['year']}"
    return Drawing(waterfall_figure(lines, colour=colour), title, f"{described}.")


def _drivers(summary: Mapping[str, Any]) -> Drawing:
    contracts = summary["contracts"]
    layers = {driver["layer"]: str(driver["label"]) for c in contracts.values() for driver in c["drivers"]}
    lead = {d["layer"]: d["variance_share"] for d in next(iter(contracts.values()))["drivers"]}
    order = sorted(layers, key=lambda layer: -lead.get(layer, 0.0))
    thickness = 0.76 / len(contracts)
    figure = look.new_figure(height=0.8 + 0.24 * len(order) * (1 + 0.45 * len(contracts)))
    axes = figure.subplots()
    for index, (name, contract) in enumerate(contracts.items()):
        found = {driver["layer"]: driver for driver in contract["drivers"]}
        rows = [row for row, layer in enumerate(order) if layer in found]
        shares = np.array([found[order[row]]["variance_share"] for row in rows]) * 100
        errors = np.array([found[order[row]]["variance_share_se"] or np.nan for row in rows]) * 100
        places = np.array(rows) + (index - (len(contracts) - 1) / 2) * thickness
        axes.barh(
            places,
            shares,
            height=thickness * 0.9,
            facecolor=look.contract_colour(index),
            alpha=0.85,
            edgecolor=look.PAPER,
            linewidth=0.3,
            hatch=look.contract_hatch(index),
            xerr=np.nan_to_num(errors),
            error_kw={"ecolor": look.INK, "elinewidth": 0.9, "capsize": 2},
            label=contract_label(name),
        )
        for place, share, error in zip(places, shares, np.nan_to_num(errors), strict=True):
            axes.annotate(
                f"{signed(share, digits=0 if abs(share) >= 10 else 1)}%",
                (max(share, 0) + error, place),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )
    axes.set_yticks(range(len(order)), [layers[layer] for layer in order], color=look.INK)
    axes.set_ylim(len(order) - 0.5, -0.5)
    axes.margins(x=0.1)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    look.zero_line(axes, vertical=True)
    axes.set_xlabel("variance of the total that disappears when the layer is frozen, %; whiskers: one standard error")
    if len(contracts) > 1:
        figure.legend(loc="outside upper right", ncols=len(contracts))
    described = "; ".join(
        f"{contract_label(n)}: largest {' and '.join(str(d['label']) for d in main_drivers(c['drivers']))}"
        for n, c in contracts.items()
    )
    return Drawing(figure, "What drives the variance", f"{described}.")


def _owing(summary: Mapping[str, Any]) -> Drawing:
    figure = look.new_figure(height=2.3)
    axes = figure.subplots()
    ends = []
    for index, (name, contract) in enumerate(summary["contracts"].items()):
        years = [int(year) for year in contract["years"]]
        chances = np.array([year["prob_loss"] for year in contract["years"].values()]) * 100
        errors = np.nan_to_num(np.array([y["prob_loss_se"] for y in contract["years"].values()], dtype=float)) * 100
        axes.errorbar(
            years,
            chances,
            yerr=errors,
            color=look.contract_colour(index),
            linestyle=look.contract_dash(index),
            marker=look.contract_marker(index),
            markersize=4,
            capsize=2,
            label=contract_label(name),
        )
        ends.append(f"{contract_label(name)}: {percent(chances[0] / 100)} in {years[0]}, {percent(chances[-1] / 100)} in {years[-1]}")
    axes.set_ylim(0, 1.1 * max(axes.get_ylim()[1], 1.0))
    axes.set_xticks(years)
    axes.grid(axis="y")
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.set_ylabel("chance, %")
    figure.legend(loc="outside upper right", ncols=2)
    return Drawing(figure, f"Chance of owing CMS by year, {term(summary)}", f"{'; '.join(ends)}.")
