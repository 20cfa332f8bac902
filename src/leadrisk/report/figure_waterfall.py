"""From the benchmark to the settlement of one real path, drawn on the two scales it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadrisk.report.figure_style import GRID, INK, MUTED, NEUTRAL, Drawing, new_figure, zero_line
from leadrisk.report.formatting import MINUS, contract_label, money_scale, signed
from leadrisk.report.waterfall import waterfall_steps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from leadrisk.report.waterfall import Step


def waterfall_figure(name: str, path: Mapping[str, Any], *, colour: str) -> Drawing:
    """Draw one real path from its benchmark to its settlement, on the two scales it needs.

    Parameters
    ----------
    name
        Contract.
    path
        ``waterfall`` of the risk summary: ``year`` and ``lines``.
    colour
        Colour of the amounts reached.
    """
    benchmark, savings = waterfall_steps(path["lines"])
    groups = [steps for steps in (benchmark, savings) if steps]
    figure = new_figure(height=0.55 + sum(0.24 * len(steps) + 0.34 for steps in groups))
    heights = [len(steps) + 0.6 for steps in groups]
    axes = figure.subplots(len(groups), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axis, steps in zip(axes, groups, strict=True):
        _draw(axis, steps, colour=colour, from_zero=steps is savings)
    described = "; ".join(f"{line['label']} ${line['dollars']:,.0f}" for line in path["lines"])
    title = f"From benchmark to settlement under {contract_label(name)}, one path of {path['year']}"
    return Drawing(figure, title, f"{described}.")


def _draw(axes: Axes, steps: Sequence[Step], *, colour: str, from_zero: bool) -> None:
    ends = [edge for step in steps for edge in ((step.end,) if step.is_level else (step.start, step.end))]
    scale = money_scale(ends)
    low, high = min(ends), max(ends)
    cut = not from_zero and low > 0 and high - low < 0.5 * high
    origin = low - 0.35 * (high - low) if cut else min(low, 0.0)
    top = high if cut else max(high, 0.0)
    room = 0.16 * (top - origin) or 1.0
    for row, step in enumerate(steps):
        left = max(min(step.start, step.end), origin) if not step.is_level or not cut else origin
        width = max(step.start, step.end) - left
        # The ACO's spending is neither a change nor an amount of the settlement: the one plain grey bar.
        face = GRID if not step.is_level else NEUTRAL if step.is_spending else colour
        axes.barh(
            row,
            width / scale.divisor,
            left=left / scale.divisor,
            height=0.62,
            facecolor=face,
            edgecolor=face if step.is_level else NEUTRAL,
            hatch="" if step.is_level else "////",
        )
        change = step.end if step.is_level else step.end - step.start
        text = signed(change / scale.divisor, digits=2 if scale.divisor == 1e6 else 1)
        if change and not text.strip("0."):  # too small for the axis's unit
            text = f"${change:,.0f}".replace("$-", f"{MINUS}$")
        elif change > 0 and not step.is_level:
            text = f"+{text}"
        edge = max(step.start, step.end, origin)
        if not cut and -0.12 * (top - origin) < edge < 0:
            edge = 0.0  # beside the zero line, not across it
        axes.annotate(
            text,
            (edge / scale.divisor, row),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=INK,
            fontweight="bold" if step.is_level else "normal",
        )
        if row and not (step.is_spending and step.is_level):
            before = steps[row - 1].end / scale.divisor
            axes.plot([before, before], [row - 0.69, row - 0.31], color=MUTED, linewidth=0.6)
    axes.set_xlim((origin - (0 if cut else 0.02 * (top - origin))) / scale.divisor, (top + room) / scale.divisor)
    axes.set_ylim(len(steps) - 0.5, -0.5)
    axes.set_yticks(range(len(steps)), [step.label for step in steps], color=INK)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    axes.locator_params(axis="x", nbins=6, steps=[1, 2, 5, 10])
    axes.set_xlabel(f"{scale.unit}{' (axis does not start at zero)' if cut else ''}")
    if not cut:
        zero_line(axes, vertical=True)
