"""From the benchmark to the settlement of one real path: the steps of a waterfall, and their drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from leadrisk.report.figure_style import GRID, INK, MUTED, NEUTRAL, Drawing, new_figure, zero_line
from leadrisk.report.formatting import MINUS, contract_label, money_scale, signed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

#: Lines that state an amount reached; every other line is a change, with its sign.
_LEVELS = {
    "benchmark_before_discount",
    "benchmark_after_discount",
    "benchmark_final",
    "gross_savings",
    "shared_savings",
    "net_shared_savings",
    "settlement_balance",
}


class Step(NamedTuple):
    """One bar: where it starts and ends, in dollars."""

    label: str
    start: float
    end: float
    is_level: bool
    is_spending: bool = False


def waterfall_steps(lines: Sequence[Mapping[str, Any]]) -> tuple[list[Step], list[Step]]:
    """Split the lines of a settlement into the benchmark's steps and the savings' steps.

    The second list starts at gross savings, because a benchmark is some fifty times larger than what is
    settled on it. Changes of nothing, and amounts that repeat the one before, are left out.

    Parameters
    ----------
    lines
        Records with ``name``, ``label`` and signed ``dollars`` that add up, in the order of the settlement.

    Returns
    -------
    tuple of list of Step
        Steps up to the spending, and steps from gross savings on.

    Examples
    --------
    >>> amounts = {"benchmark_final": 100.0, "expenditure": -90.0, "gross_savings": 10.0, "sharing": -4.0}
    >>> lines = [{"name": name, "label": name, "dollars": amount} for name, amount in amounts.items()]
    >>> benchmark, savings = waterfall_steps(lines)
    >>> [step.end for step in benchmark], [(step.start, step.end) for step in savings]
    ([100.0, 90.0], [(0.0, 10.0), (10.0, 6.0)])
    """
    benchmark: list[Step] = []
    savings: list[Step] = []
    steps, reached = benchmark, 0.0
    for line in lines:
        name, label, amount = line["name"], str(line["label"]), float(line["dollars"])
        if name == "gross_savings":
            steps = savings
        if name == "expenditure":
            steps.append(Step(label, 0.0, -amount, is_level=True, is_spending=True))
        elif name not in _LEVELS:
            if amount:
                steps.append(Step(label, reached, reached + amount, is_level=False))
            reached += amount
        else:
            if not steps or not steps[-1].is_level:
                steps.append(Step(label, 0.0, amount, is_level=True))
            reached = amount
    return benchmark, savings


def statement(paths: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, bool, list[float | None]]]:
    """Set the settlements of several contracts side by side, changes with their sign.

    Parameters
    ----------
    paths
        ``waterfall`` of the risk summary by contract.

    Returns
    -------
    list of tuple
        Label, whether the line states an amount reached, and dollars by contract (None: it has no such line).

    Examples
    --------
    >>> lines = [{"name": "discount", "label": "Discount", "dollars": -3.0}]
    >>> statement({"lead_global": {"lines": lines}, "lead_professional": {"lines": []}})
    [('Discount', False, [-3.0, None])]
    """
    labels = {line["name"]: str(line["label"]) for path in paths.values() for line in path["lines"]}
    amounts = [{line["name"]: float(line["dollars"]) for line in path["lines"]} for path in paths.values()]
    # Adding zero turns a negative zero into a plain one.
    return [
        (label, name in _LEVELS, [found[name] + 0.0 if name in found else None for found in amounts])
        for name, label in labels.items()
    ]


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
    groups = [steps for steps in waterfall_steps(path["lines"]) if steps]
    figure = new_figure(height=0.55 + sum(0.24 * len(steps) + 0.34 for steps in groups))
    heights = [len(steps) + 0.6 for steps in groups]
    axes = figure.subplots(len(groups), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axis, steps in zip(axes, groups, strict=True):
        _draw(axis, steps, colour=colour)
    described = "; ".join(f"{line['label']} ${line['dollars']:,.0f}" for line in path["lines"])
    title = f"From benchmark to settlement under {contract_label(name)}, a median path of {path['year']}"
    return Drawing(figure, title, f"{described}.")


def _draw(axes: Axes, steps: Sequence[Step], *, colour: str) -> None:
    ends = [edge for step in steps for edge in ((step.end,) if step.is_level else (step.start, step.end))]
    scale = money_scale(ends)
    low, high = min(ends), max(ends)
    cut = low > 0 and high - low < 0.5 * high
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
        if row and not step.is_spending:
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
