"""From the benchmark to the settlement of one real path: the steps of a waterfall, and the statement beside it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Lines that state an amount reached, told by name where the amount is zero; any other line that repeats the sum of
#: the lines before is one too, and the rest are changes, with their sign.
_LEVELS = {
    "benchmark_before_discount",
    "benchmark_after_discount",
    "benchmark_final",
    "expenditure_net",
    "gross_savings",
    "shared_savings",
    "net_shared_savings",
    "settlement_balance",
}
_SPENDING = {"expenditure", "expenditure_net"}


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
    settled on it. Between the spending and gross savings, changes are changes of the spending. Changes of nothing,
    and amounts that repeat the one before, are left out; a benchmark that nothing changes is the final one.

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
    steps, reached, spent = benchmark, 0.0, 0.0
    spending = False
    for line, is_level in zip(lines, _levels(lines), strict=True):
        name, label, amount = line["name"], str(line["label"]), float(line["dollars"])
        if name == "gross_savings":
            steps, spending = savings, False
        if name in _SPENDING:
            spending, spent = True, -amount
            steps.append(Step(label, 0.0, spent, is_level=True, is_spending=True))
        elif spending and not is_level:
            if amount:
                steps.append(Step(label, spent, spent - amount, is_level=False, is_spending=True))
            spent -= amount
        elif not is_level:
            if amount:
                steps.append(Step(label, reached, reached + amount, is_level=False))
            reached += amount
        else:
            if not steps or not steps[-1].is_level:
                steps.append(Step(label, 0.0, amount, is_level=True))
            elif name == "benchmark_final":
                steps[-1] = steps[-1]._replace(label=label)
            reached = amount
    return benchmark, savings


def _levels(lines: Sequence[Mapping[str, Any]]) -> list[bool]:
    """Whether each line states an amount reached rather than a change."""
    found, reached = [], 0.0
    for line in lines:
        name, amount = line["name"], float(line["dollars"])
        repeats = bool(amount) and math.isclose(amount, reached, rel_tol=1e-9)
        found.append(name in _LEVELS or repeats)
        if name != "expenditure_net":  # repeats the spending, which the lines before it have taken off
            reached = amount if found[-1] else reached + amount
    return found


def statement(paths: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, bool, list[float | None]]]:
    """Set the settlements of several contracts side by side, changes with their sign.

    A line that only some contracts have stands after the line that comes before it there.

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
    labels: dict[str, str] = {}
    order: list[str] = []
    levels: set[str] = set()
    for path in paths.values():
        place = 0
        for line, is_level in zip(path["lines"], _levels(path["lines"]), strict=True):
            name = line["name"]
            if name not in labels:
                labels[name] = str(line["label"])
                order.insert(place, name)
            place = order.index(name) + 1
            if is_level:
                levels.add(name)
    amounts = [{line["name"]: float(line["dollars"]) for line in path["lines"]} for path in paths.values()]
    # Adding zero turns a negative zero into a plain one.
    return [
        (labels[name], name in levels, [found[name] + 0.0 if name in found else None for found in amounts])
        for name in order
    ]
