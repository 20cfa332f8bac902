"""Everything a run leaves behind, in one directory."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from leadrisk.report.drawing_process import Figures, collect, hand_out
from leadrisk.report.figure_counts import figure_data
from leadrisk.report.figure_files import write_figures
from leadrisk.report.html import write_report
from leadrisk.report.rows import summary_rows
from leadrisk.run.directory import MANIFEST
from leadrisk.run.intact import note_outputs
from leadrisk.run.store import write_json
from leadrisk.scenario.write import scenario_toml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from leadrisk.report.drawing_process import Processes
    from leadrisk.run.job import Result


def write_outputs(
    directory: Path,
    result: Result,
    *,
    drawing: Processes = (),
    progress: Callable[[str, int, int], None] | None = None,
) -> None:
    """Write summary.json, summary.csv, figures/, report.html, scenario.toml, manifest.json, outputs.json.

    The run has left its results.zarr there before.

    Parameters
    ----------
    drawing
        Processes that draw the figures meanwhile; without any they are drawn here.
    progress
        Called with (label, done, total) after each step.
    """

    def step(done: int) -> None:
        if progress is not None:
            progress("writing", done, 4)

    step(0)
    figures = Figures(result.summary, figure_data(result.summary, result.settlement), result.unverified_terms)
    hand_out(figures, drawing)
    step(1)
    write_json(directory / "summary.json", result.summary)
    rows = summary_rows(result.summary)
    with (directory / "summary.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    step(2)
    drawings = collect(figures, drawing)
    write_figures(directory / "figures", drawings)
    step(3)
    write_report(
        directory / "report.html",
        summary=result.summary,
        drawings=drawings,
        scenario=result.scenario,
        manifest=result.manifest,
        unverified_terms=result.unverified_terms,
    )
    merged = scenario_toml(
        result.scenario.model_dump(mode="json", exclude_none=True),
        heading=["The scenario of this run, with its overlays, single values and all defaults."],
        notes={},
    )
    (directory / "scenario.toml").write_text(merged, encoding="utf-8")
    write_json(directory / MANIFEST, result.manifest)
    note_outputs(directory)
    step(4)
