"""Tables of the page on estimators, written from ``docs/model/results/estimators.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markdown_tables import list_table

if TYPE_CHECKING:
    from collections.abc import Mapping


def estimators_tables(found: Mapping[str, Any]) -> str:
    """Effective speed-up, coverage and error of each figure by case, then the speed-up by futures in the first case."""
    futures = str(found["futures"])
    parts = [_case(name, case, futures, found["populations"]) for name, case in found["cases"].items()]
    return "\n".join([*parts, *(_by_futures(name, case) for name, case in found["cases"].items())])


def _case(name: str, case: Mapping[str, Any], futures: str, populations: int) -> str:
    rows = []
    for label, by_futures in case["figures"].items():
        one = by_futures[futures]
        rows.append(
            (
                label,
                f"{100.0 * one['value']:.2f} %" if label.startswith("ruin") else f"{one['value']:,.2f}",
                f"{one['speed_up']:.1f} ± {one['speed_up_se']:.1f}",
                f"{100.0 * one['coverage']:.1f} ± {100.0 * one['coverage_se']:.1f}",
                f"{one['standard_error_claimed'] / one['standard_error']:.2f}",
            )
        )
    shares = ", ".join(
        f"{100.0 * share['share']:.2f} ± {100.0 * share['se']:.2f} % of the variance of the {figure}"
        for figure, share in case["shares"].items()
    )
    header = ("figure", "value, $ million", "effective speed-up", "coverage, %", "error claimed / found")
    return (
        f"**{name}**: {case['experiments']} runs of {populations} x {futures}. A population takes "
        f"{1e3 * case['person_ms'] / case['pair_us']:,.0f} settlements' work. Its main effect, apart from the size of "
        f"its panel, is {shares}.\n\n{list_table(header, rows, (26, 18, 22, 16, 18))}"
    )


def _by_futures(name: str, case: Mapping[str, Any]) -> str:
    sizes = list(next(iter(case["figures"].values())))
    rows = [
        (label, *(f"{by_futures[size]['speed_up']:.1f}" for size in sizes))
        for label, by_futures in case["figures"].items()
    ]
    table = list_table(("figure", *(f"K = {size}" for size in sizes)), rows, (30, *(10 for _ in sizes)))
    return f"**{name}**, effective speed-up by futures:\n\n{table}"
