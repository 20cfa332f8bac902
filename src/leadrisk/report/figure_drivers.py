"""What drives the variance, and the chance of owing CMS by year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.report import figure_style as look
from leadrisk.report.formatting import contract_label, percent, signed, term
from leadrisk.report.wording import main_drivers

if TYPE_CHECKING:
    from collections.abc import Mapping


def drivers_figure(summary: Mapping[str, Any]) -> look.Drawing:
    """Draw the variance that goes when each layer is frozen, with its standard error, one panel a contract."""
    contracts = summary["contracts"]
    layers = {driver["layer"]: str(driver["label"]) for c in contracts.values() for driver in c["drivers"]}
    lead = {d["layer"]: d["variance_share"] for d in next(iter(contracts.values()))["drivers"]}
    order = sorted(layers, key=lambda layer: -lead.get(layer, 0.0))
    figure, grid = look.panels(len(contracts), height=0.4 + 0.26 * len(order), extra=0.35)
    for index, (axes, (name, contract)) in enumerate(zip(grid, contracts.items(), strict=True)):
        found = {driver["layer"]: driver for driver in contract["drivers"]}
        rows = [row for row, layer in enumerate(order) if layer in found]
        shares = np.array([found[order[row]]["variance_share"] for row in rows]) * 100
        errors = np.nan_to_num(
            np.array([found[order[row]]["variance_share_se"] for row in rows], dtype=np.float64) * 100
        )
        axes.barh(
            rows,
            shares,
            height=0.62,
            facecolor=look.contract_colour(index),
            alpha=0.85,
            xerr=errors,
            error_kw={"ecolor": look.INK, "elinewidth": 0.9, "capsize": 2},
        )
        for row, share, error in zip(rows, shares, errors, strict=True):
            axes.annotate(
                f"{signed(share, digits=0 if abs(share) >= 10 else 1)}%",
                (max(share, 0) + error, row),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )
        axes.set_title(contract_label(name))
        axes.set_yticks(range(len(order)), [layers[layer] for layer in order], color=look.INK)
        axes.set_ylim(len(order) - 0.5, -0.5)
        axes.margins(x=0.18)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x")
        look.zero_line(axes, vertical=True)
    figure.supxlabel(
        "% of the variance that goes when the layer is frozen; whiskers: one standard error",
        color=look.MUTED,
        fontsize=8.5,
    )
    described = "; ".join(
        f"{contract_label(n)}: largest {' and '.join(str(d['label']) for d in main_drivers(c['drivers']))}"
        for n, c in contracts.items()
    )
    return look.Drawing(figure, "What drives the variance", f"{described}.")


def owing_figure(summary: Mapping[str, Any]) -> look.Drawing:
    """Draw the chance of a shared loss in each year, with its standard error."""
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
        first, last = (percent(chance / 100) for chance in (chances[0], chances[-1]))
        ends.append(f"{contract_label(name)}: {first} in {years[0]}, {last} in {years[-1]}")
    axes.set_ylim(0, 1.1 * max(axes.get_ylim()[1], 1.0))
    axes.set_xticks(years)
    axes.grid(axis="y")
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.set_ylabel("chance, %")
    figure.legend(loc="outside upper left" if len(ends) > 3 else "outside upper right", ncols=min(len(ends), 3))
    return look.Drawing(figure, f"Chance of owing CMS by year, {term(summary)}", f"{'; '.join(ends)}.")
