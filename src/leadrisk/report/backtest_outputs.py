"""What a backtest leaves behind: a table on the terminal; forecasts by ACO, JSON and a picture in a directory."""

from __future__ import annotations

import csv
import hashlib
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

import leadrisk
from leadrisk.report.figure_backtest import draw_backtest
from leadrisk.run.directory import MANIFEST
from leadrisk.run.manifest import environment
from leadrisk.run.store import write_json
from leadrisk.scenario.load import scenario_sha256
from leadrisk.validation.aco_scenario import aco_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import Console

    from leadrisk.validation.backtest import Backtest

_PROBABILITIES = (0.025, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.975)


def write_backtest(directory: Path, found: Backtest) -> None:
    """Write forecasts.csv, backtest.json, backtest.svg, backtest.png and, last, manifest.json.

    ACOs are named by their identifier alone. The manifest holds what the numbers depend on.
    """
    rows = list(forecast_rows(found))
    with (directory / "forecasts.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    write_json(directory / "backtest.json", found.summary)
    drawing = draw_backtest(found)
    (directory / "backtest.svg").write_bytes(drawing.svg)
    (directory / "backtest.png").write_bytes(drawing.png)
    keys = ("train_years", "test_year", "populations", "futures", "seed")
    write_json(
        directory / MANIFEST,
        {
            "command": "backtest",
            **{key: found.summary[key] for key in keys},
            "version": leadrisk.__version__,
            "environment": environment(),
            "scenario_sha256": _scenarios_sha256(found),
        },
    )


def _scenarios_sha256(found: Backtest) -> str:
    """Fingerprint of all ACOs' scenarios together."""
    together = hashlib.sha256()
    for group in found.groups.values():
        for one in group.forecasts:
            together.update(scenario_sha256(aco_scenario(one.pair)).encode())
    return together.hexdigest()


def forecast_rows(found: Backtest) -> Iterator[dict[str, Any]]:
    """One row for each ACO and group: what was known, the forecast's quantiles, what came and the scores."""
    for name, group in found.groups.items():
        for at, one in enumerate(group.forecasts):
            known, later = one.pair.known, one.pair.later
            yield {
                "group": name,
                "ACO_ID": known.aco_id,
                "known_year": known.year,
                "test_year": later.year,
                "years_from_base": known.years_from_base,
                "lives": known.lives,
                "savings_known": known.savings,
                "mean": round(float(one.draws.mean()), 4),
                "sd": round(float(one.draws.std()), 4),
                **{f"p{100 * p:g}": round(one.quantile(p), 4) for p in _PROBABILITIES},
                "savings_actual": later.savings,
                "rank": round(float(group.ranks[at]), 6),
                "crps": round(float(group.crps[at]), 4),
            }


def print_backtest(summary: dict[str, Any], console: Console) -> None:
    """Print coverage and scores of all ACOs and by size."""
    years = " and ".join(str(year) for year in summary["train_years"])
    title = f"Savings of {summary['test_year']}, foretold from {years}"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, collapse_padding=True, pad_edge=False)
    for heading in ("ACOs", "n", "50 %", "80 %", "90 %", "95 %", "CRPS", "naive", "gain"):
        table.add_column(heading, justify="left" if heading == "ACOs" else "right", no_wrap=True)
    for label, part in _parts(summary):
        if part["n"]:
            table.add_row(label, *_cells(part))
    console.print(table)
    if not summary["n"]:
        return
    bounds = ", ".join(f"{level} ± {2 * error:.1f}" for level, error in summary["coverage_error"].items())
    others = ", ".join(
        f"{label} {summary[key]:.3f}"
        for key, label in (("crps_gaussian", "Gaussian panel"), ("crps_closed_rule", "closed rule"))
        if summary[key] is not None
    )
    for line in (
        f"Coverage of a forecaster that is right, two standard errors: {bounds}.",
        f"Kolmogorov-Smirnov p without the year's mean: {summary['ks_p']:.2f}. CRPS in percentage points: {others}.",
        "Gain: CRPS of the naive line less the engine's, with the standard error of the paired difference.",
    ):
        console.print(line, soft_wrap=True, highlight=False)


def _parts(summary: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "same period", summary
    for band in summary.get("by_size", ()):
        yield band["lives"], band
    yield "two years on", summary["two_year"]
    yield "rebased", summary["rebased"]


def _cells(part: dict[str, Any]) -> list[str]:
    gain = part.get("crps_gain")
    return [
        str(part["n"]),
        *(f"{part['coverage'][level]:.1f}" for level in ("50", "80", "90", "95")),
        *("" if part.get(name) is None else f"{part[name]:.3f}" for name in ("crps", "crps_naive")),
        "" if gain is None else f"{gain['difference']:+.3f} ± {gain['se']:.3f}",
    ]
