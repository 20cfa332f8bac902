"""Tables of the model document, written from the code and from the results in ``docs/model/results``."""

from __future__ import annotations

import json
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from estimator_tables import estimators_tables
from markdown_tables import cell, list_table, write_pages
from performance_tables import performance_tables
from validation_tables import backtest_tables, recovery_table, verify_tables

from leadrisk.contract.terms import PROGRAMS, load_terms
from leadrisk.futures.joint import joint_distribution
from leadrisk.report.figure_sensitivity import range_end, tornado_figure
from leadrisk.report.formatting import contract_label, dollars, join_words, percent, with_error
from leadrisk.scenario.assumption import assumptions
from leadrisk.scenario.load import load_scenario
from leadrisk.scenario.model import Scenario
from leadrisk.scenario.plausible_correlations import INDEPENDENT, PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from leadrisk.futures.joint import JointDistribution

BASELINE = Path(__file__).parents[1] / "scenarios" / "baseline.toml"
GRADES = ("A", "B", "B*", "C", "user")
PROGRAMME_LABELS = {"lead": "LEAD", "reach": "ACO REACH", "mssp": "Shared Savings Program"}
_ENDS = ("low", "high")
_SHARED = ("categories.high_needs.", "categories.esrd.")
_LARGE = 12
#: Letters of the formulas on the page of the structure, each with its key.
SYMBOLS = {
    "a": "persons.health_persistence",
    "b": "persons.coding_persistence",
    "g": "persons.health_weight",
    "d": "persons.decedent_shift",
    "s": "persons.zero_cost_share",
    "A": "persons.cost_slope",
    "B": "persons.cost_curvature",
    "q": "persons.score_health_weight",
    "A'": "persons.score_slope",
    "B'": "persons.score_curvature",
    "m": "exposure.death_slope",
    "m0": "exposure.death_offset",
    "f": "drift.mean_growth",
    "v": "drift.walk_variance",
    "v'": "drift.walk_variance_size",
    "k": "drift.coding_share",
    "e": "efficiency.walk_variance",
    "e'": "efficiency.walk_variance_size",
    "l": "level.true_level_sd",
    "r": "trend.autocorrelation",
    "z, calm": "trend.calm_sd",
    "z, stressed": "trend.stressed_sd",
    "y": "trend.regional_sd",
}


def write(folder: Path) -> None:
    """Write every generated page of the model document.

    Parameters
    ----------
    folder
        ``docs/model``; results are read from ``results``, pages go to ``generated``.
    """
    found = committed(folder, "sensitivity")
    joint = joint_distribution(load_scenario(BASELINE))
    write_pages(
        folder / "generated",
        {
            "symbols.md": symbol_table(),
            "grades.md": grade_table(),
            "assumptions.md": range_tables(),
            "terms.md": term_counts(),
            "correlations.md": correlation_tables(joint),
            "independent.md": independent_table(found),
            "joint.md": factor_table(joint),
            "recovery.md": _of_result(folder, "recovery", recovery_table),
            "verify.md": _of_result(folder, "verify", verify_tables),
            "backtest.md": _of_result(folder, "backtest", backtest_tables),
            "estimators.md": _of_result(folder, "estimators", estimators_tables),
            "performance.md": _of_result(folder, "performance", performance_tables),
            "sensitivity.md": _of_result(folder, "sensitivity", sensitivity_tables),
            "sensitivity_words.md": _of_result(folder, "sensitivity", sensitivity_words),
            **({} if found is None else {"tornado.svg": tornado_figure(found).svg.decode()}),
        },
    )


def _of_result(folder: Path, name: str, written: Callable[[Mapping[str, Any]], str]) -> str:
    found = committed(folder, name)
    return f"No result `{name}.json` is committed for this version.\n" if found is None else written(found)


def committed(folder: Path, name: str) -> dict[str, Any] | None:
    """Read a committed result, None where there is none."""
    file = folder / "results" / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def symbol_table() -> str:
    """Letters of the formulas with key, default and meaning."""
    records = {record["key"]: record for record in assumptions(Scenario)}
    rows = [
        (cell(letter), f"`{key}`", range_end(records[key]["default"]), records[key]["meaning"], records[key]["grade"])
        for letter, key in SYMBOLS.items()
    ]
    return list_table(("symbol", "key", "default", "meaning", "grade"), rows, (12, 30, 10, 40, 8))


def grade_table() -> str:
    """How many assumptions of each table have which grade."""
    rows = []
    total = Counter[str]()
    tables = (record for record in _distinct() if "." in record["key"])
    for table, group in groupby(tables, key=lambda record: record["key"].partition(".")[0]):
        counts = Counter(record["grade"] for record in group)
        total += counts
        rows.append((f"`{table}`", *(str(counts[grade] or "") for grade in GRADES)))
    rows.append(("all", *(str(total[grade]) for grade in GRADES)))
    return list_table(("table", *GRADES), rows, (40, 12, 12, 12, 12, 12))


def range_tables() -> str:
    """Every assumption with a plausible range, and every number of grade C, table by table."""
    parts = []
    for table, group in groupby(_argued(), key=lambda record: record["key"].rpartition(".")[0]):
        rows = [
            (
                f"`{record['key'].rpartition('.')[2]}`",
                range_end(record["default"]),
                _range(record),
                record["source"],
                record["grade"],
            )
            for record in group
        ]
        columns = ("key", "default", "plausible range", "source", "grade")
        parts.append(f"### `{table}`\n\n{list_table(columns, rows, (27, 11, 18, 36, 8))}")
    return "\n".join(parts)


def _argued() -> Iterable[Mapping[str, Any]]:
    return (
        record
        for record in _distinct()
        if record["low"] is not None or (record["grade"] == "C" and isinstance(record["default"], int | float))
    )


def _distinct() -> list[dict[str, Any]]:
    """Assumptions, with the three categories, which have the same keys, once."""
    return [record for record in assumptions(Scenario) if not record["key"].startswith(_SHARED)]


def _range(record: Mapping[str, Any]) -> str:
    if record["low"] is None:
        return "none"
    return f"{range_end(record['low'])} to {range_end(record['high'])}"


def term_counts() -> str:
    """How many terms of each programme have which grade, and how many have an alternative to try."""
    rows = []
    for programme in PROGRAMS:
        table = load_terms(programme).table
        counts = Counter(term.grade for term in table.values())
        to_try = sum(1 for term in table.values() if term.alternatives)
        rows.append((PROGRAMME_LABELS[programme], *(str(counts[grade]) for grade in GRADES[:-1]), str(to_try)))
    columns = ("programme", *GRADES[:-1], "with another reading to try")
    return list_table(columns, rows, (30, 12, 12, 12, 12, 22))


def factor_table(joint: JointDistribution) -> str:
    """Every systemic factor with its distribution and spread in real units."""
    rows = [
        (
            f"`{one.name}`",
            one.distribution,
            f"{one.standard_deviation:.3g} {one.unit}",
            f"a {one.drawn}; {one.span.replace('_', ' ')}",
        )
        for one in joint.factors
    ]
    columns = ("factor", "distribution", "spread for this ACO", "drawn for; numbers")
    return list_table(columns, rows, (22, 36, 24, 18))


def correlation_tables(joint: JointDistribution) -> str:
    """Correlated pairs of systemic factors with source and grade, and the matrix they make."""
    rows = [
        (f"`{one.first}`", f"`{one.second}`", range_end(one.correlation), one.source, one.grade) for one in joint.pairs
    ]
    pairs = list_table(("factor", "with", "correlation", "source", "grade"), rows, (21, 21, 13, 37, 8))
    short = [name.removeprefix("quality_").replace("_", " ") for name in joint.names]
    matrix = [
        (name, *(range_end(value) if value else "" for value in row[: at + 1]), *[""] * (len(short) - at - 1))
        for at, (name, row) in enumerate(zip(short, joint.matrix, strict=True))
    ]
    widths = (100 - 9 * len(short), *[9] * len(short))
    css = "wide-table matrix-table"
    return f"{pairs}\n{list_table(('', *short), matrix, widths, css=css)}"


def independent_table(found: Mapping[str, Any] | None) -> str:
    """Pairs of factors that are taken as independent, why they might not be, and what that would do to the reserve."""
    varied = {} if found is None else {record["key"]: record for record in found["assumptions"]}
    contracts = [] if found is None else found["contracts"][:2]
    rows = []
    for one in INDEPENDENT:
        record = varied.get(f"{PREFIX}{one.first}.{one.second}")
        moves = ["" if record is None else [_cell_of(record, name, end) for end in _ENDS] for name in contracts]
        tried = "" if record is None else [range_end(record[end]) for end in _ENDS]
        rows.append(([f"`{one.first}`", f"`{one.second}`"], one.why, tried, *moves))
    columns = ("pair", "why it might not be", "tried", *(f"{contract_label(name)}, $ million" for name in contracts))
    return list_table(columns, rows, (20, 100 - 30 - 17 * len(contracts), 10, *[17] * len(contracts)))


def sensitivity_words(found: Mapping[str, Any]) -> str:
    """Say in words what was varied, how far the largest changes go, and what was not varied."""
    base, contracts = found["base"], found["contracts"]
    reserves = join_words(
        f"{dollars(base[name]['reserve_99']['value'])} under {contract_label(name)}" for name in contracts[:2]
    )
    shares = []
    for name in contracts[:2]:
        largest = max(found["assumptions"], key=lambda record: _largest(record, name))
        share = _largest(largest, name) / base[name]["reserve_99"]["value"]
        shares.append(f"{percent(share)} under {contract_label(name)} (`{largest['key']}`)")
    together = join_words(
        f"{dollars(sum(_largest(record, name) ** 2 for record in found['assumptions']) ** 0.5)} under "
        f"{contract_label(name)}"
        for name in contracts[:2]
    )
    decided = sum(1 for record in found["assumptions"] if any(_is_decided(record, name) for name in contracts))
    return (
        f"`{found['scenario']}`, {found['populations']:,} populations of {found['futures']} futures, seed "
        f"{found['seed']}, version {found['version']}. The 99 % reserve as it is: {reserves}. "
        f"{len(found['assumptions'])} assumptions of grade C move it, {decided} of them by more than two standard "
        f"errors under at least one contract. The largest single change is {join_words(shares)}. Were the "
        f"assumptions wrong independently of one another and their effects additive, the root of the summed squares of "
        f"the larger changes would be {together}: that is the order of what the percentiles leave out.\n\n"
        f"{len(found['not_read'])} more assumptions are not read by a run of this scenario, mostly because it does not "
        f"elect what they describe.{_nothing(found)}\n"
    )


def _nothing(found: Mapping[str, Any]) -> str:
    if not found["no_change"]:
        return ""
    keys = join_words(f"`{key}`" for key in found["no_change"])
    return f" {keys} {'move' if len(found['no_change']) > 1 else 'moves'} no settlement."


def sensitivity_tables(found: Mapping[str, Any]) -> str:
    """Change of the 99 % reserve at both ends of each range, the largest apart from the rest."""
    records = found["assumptions"]
    return (
        f"{_sensitivity_table(found, records[:_LARGE])}\n### The others\n\n"
        f"{_sensitivity_table(found, records[_LARGE:])}"
    )


def _sensitivity_table(found: Mapping[str, Any], records: Sequence[Mapping[str, Any]]) -> str:
    contracts = found["contracts"]
    rows = [
        (
            [f"`{record['key']}`", cell(f"{record['meaning']} ({record['unit']})")],
            [range_end(record["low"]), range_end(record["high"])],
            *([_cell_of(record, name, end) for end in _ENDS] for name in contracts),
        )
        for record in records
    ]
    as_it_is = (
        "99 % reserve as it is",
        "",
        *(_millions(found["base"][name]["reserve_99"]) for name in contracts),
    )
    columns = ("assumption, grade C", "tried", *(f"{contract_label(name)}, $ million" for name in contracts))
    widths = (100 - 10 - 14 * len(contracts), 10, *[14] * len(contracts))
    return list_table(columns, [as_it_is, *rows], widths)


def _cell_of(record: Mapping[str, Any], contract: str, end: str) -> str:
    one = record["change"][contract].get(end)
    return "as it is" if one is None else _millions(one["reserve_99"])


def _millions(estimate: Mapping[str, float]) -> str:
    return with_error(estimate["value"] / 1e6, estimate["se"] / 1e6)


def _largest(record: Mapping[str, Any], contract: str) -> float:
    return max((abs(one["reserve_99"]["value"]) for one in record["change"][contract].values()), default=0.0)


def _is_decided(record: Mapping[str, Any], contract: str) -> bool:
    return any(
        abs(one["reserve_99"]["value"]) > 2.0 * one["reserve_99"]["se"] for one in record["change"][contract].values()
    )
