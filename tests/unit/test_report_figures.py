"""Figures: drawn for every case, the same bytes every time, without global state."""

from __future__ import annotations

import itertools
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pytest

from leadrisk.report.figure_style import inline_svg, to_svg
from leadrisk.report.figures import draw_figures, write_figures
from leadrisk.report.waterfall import waterfall_steps
from unit.report_fixture import example

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", ["gain", "loss", "single"])
def test_files_are_written_and_not_empty(tmp_path: Path, kind: str) -> None:
    summary, settlement = example(kind, populations=16, futures=8)
    before = dict(mpl.rcParams)
    written = write_figures(tmp_path / "figures", draw_figures(summary, settlement))
    assert dict(mpl.rcParams) == before
    names = {path.name for path in written}
    assert {
        "fan.svg",
        "fan.png",
        "distribution.svg",
        "drivers.png",
        "waterfall_lead_global.svg",
        "owing.svg",
    } <= names
    assert ("difference.svg" in names) == (kind != "single")
    assert {path.name for path in (tmp_path / "figures").iterdir()} == names
    for path in written:
        content = path.read_bytes()
        assert len(content) > 5_000
        if path.suffix == ".svg":
            root = ET.fromstring(content)
            assert root[0].text
            assert root[1].text
        else:
            assert content.startswith(b"\x89PNG")


def test_same_input_same_bytes(tmp_path: Path) -> None:
    summary, settlement = example(populations=16, futures=8)
    first = write_figures(tmp_path / "a", draw_figures(summary, settlement))
    second = write_figures(tmp_path / "b", draw_figures(summary, settlement))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_order_of_dimensions_does_not_matter() -> None:
    summary, settlement = example(populations=16, futures=8)
    turned = settlement.transpose("year", "future", "contract", "population")
    svgs = [
        {n: to_svg(d.figure, title=d.title, description="") for n, d in draw_figures(summary, found).items()}
        for found in (settlement, turned)
    ]
    assert svgs[0] == svgs[1]


def test_no_pyplot() -> None:
    code = "import sys, leadrisk.report.html; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_paths_without_any_spread_are_drawn() -> None:
    summary, settlement = example(populations=4, futures=2)
    flat = settlement.copy()
    flat["net_settlement"] = flat["net_settlement"] * 0.0
    assert all(np.isfinite(drawing.figure.get_size_inches()).all() for drawing in draw_figures(summary, flat).values())


def test_inline_svg_has_its_own_identifiers_and_the_colours_of_the_page() -> None:
    summary, settlement = example(populations=16, futures=8)
    drawing = draw_figures(summary, settlement)["fan"]
    markup = inline_svg(to_svg(drawing.figure, title="a < b", description="c"), name="fan")
    root = ET.fromstring(markup)
    ids = {element.get("id") for element in root.iter() if element.get("id")}
    assert ids
    assert all(name.startswith("fan-") for name in ids if name)
    assert "var(--ink)" in markup
    assert "DejaVu" not in markup
    assert "http" not in markup
    assert "a &lt; b" in markup


def test_waterfall_steps_meet() -> None:
    summary, _ = example(populations=16, futures=8)
    for contract in summary["contracts"].values():
        lines = {line["name"]: line["dollars"] for line in contract["waterfall"]["lines"]}
        benchmark, savings = waterfall_steps(contract["waterfall"]["lines"])
        assert benchmark[0].end == lines["benchmark_before_discount"]
        assert benchmark[-1].is_spending
        assert savings[0].end == lines["gross_savings"]
        assert savings[-1].end == lines["settlement_balance"]
        for before, after in itertools.pairwise(savings):
            assert before.end == pytest.approx(after.end if after.is_level else after.start)


def test_waterfall_of_a_loss_shows_what_cms_bears() -> None:
    amounts = {
        "benchmark_final": 100.0,
        "expenditure": -110.0,
        "gross_savings": -10.0,
        "beyond_corridor": 5.0,
        "shared_savings": -5.0,
    }
    _, savings = waterfall_steps([{"name": n, "label": n, "dollars": d} for n, d in amounts.items()])
    assert [(step.label, step.start, step.end) for step in savings] == [
        ("gross_savings", 0.0, -10.0),
        ("beyond_corridor", -10.0, -5.0),
        ("shared_savings", 0.0, -5.0),
    ]
