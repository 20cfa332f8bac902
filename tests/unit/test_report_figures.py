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

from leadrisk.report.figure_files import write_figures
from leadrisk.report.figure_style import to_svg
from leadrisk.report.figures import draw_figures
from leadrisk.report.inline_svg import inline_svg
from leadrisk.report.waterfall import statement, waterfall_steps
from unit.report_fixture import SIX, UNVERIFIED, example

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure


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


@pytest.mark.parametrize("count", [1, 3, 6])
def test_figures_of_several_programmes(count: int) -> None:
    summary, settlement = example(populations=16, futures=8, contracts=SIX[:count])
    drawings = draw_figures(summary, settlement)
    always = {"distribution", "choice", "cash", "fan", "drivers", "owing"}
    pairs = {"difference", "ratchet"} if count > 2 else set()
    assert set(drawings) == always | pairs | {f"waterfall_{name}" for name in SIX[:count]}
    for drawing in drawings.values():
        root = ET.fromstring(drawing.svg)
        assert root[1].text == drawing.description
        assert "nan" not in drawing.description


def test_a_figure_is_rendered_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rendered: list[str] = []

    def count(figure: Figure, *, title: str, description: str) -> bytes:
        rendered.append(title)
        return to_svg(figure, title=title, description=description)

    monkeypatch.setattr("leadrisk.report.figure_style.to_svg", count)
    summary, settlement = example(populations=16, futures=8)
    drawings = draw_figures(summary, settlement)
    write_figures(tmp_path, drawings)
    for drawing in drawings.values():
        assert drawing.svg.startswith(b"<?xml")
    assert sorted(rendered) == sorted(drawing.title for drawing in drawings.values())


def test_the_difference_is_drawn_after_costs_where_it_is_compared_after_costs() -> None:
    summary, settlement = example(populations=16, futures=8, contracts=SIX[:2])
    after = draw_figures(summary, settlement)["difference"].figure.axes[0]
    del summary["differences_after_costs"]
    before = draw_figures(summary, settlement)["difference"].figure.axes[0]
    assert "total after costs" in after.get_xlabel()
    assert "after costs" not in before.get_xlabel()


def test_the_rate_book_is_marked_in_the_yearly_panels_of_lead_only() -> None:
    summary, settlement = example(populations=16, futures=8, contracts=SIX[:4])
    marked = draw_figures(summary, settlement)["fan"].figure.axes
    assert [[text.get_text() for text in axes.texts] for axes in marked] == [["rate book"]] * 2 + [[]] * 6
    del summary["open_readings"]
    assert not any(axes.texts for axes in draw_figures(summary, settlement)["fan"].figure.axes)
    known = draw_figures(summary, settlement, unverified_terms=UNVERIFIED)["fan"].figure.axes
    assert [len(axes.texts) for axes in known] == [1, 1, 0, 0, 0, 0, 0, 0]


def test_programmes_have_a_scale_of_their_own() -> None:
    summary, settlement = example(populations=16, futures=8, contracts=SIX[:4])
    axes = draw_figures(summary, settlement)["fan"].figure.axes
    limits = [panel.get_ylim() for panel in axes[:4]]
    assert limits[0] == limits[1]
    assert limits[2] == limits[3]
    assert limits[0] != limits[2]


def test_the_ratchet_is_drawn_with_its_sign() -> None:
    summary, settlement = example(populations=16, futures=8, contracts=SIX[:3])
    change = np.array(summary["ratchet"]["mssp_enhanced"]["cumulative_mean"])
    drawn = draw_figures(summary, settlement)["ratchet"].figure.axes[0].lines[0].get_ydata()
    assert np.asarray(drawn) * 1e6 == pytest.approx(change)


def test_lines_between_spending_and_savings_change_the_spending() -> None:
    amounts = {
        "benchmark_final": 100.0,
        "expenditure": -90.0,
        "stop_loss_charge": -2.0,
        "stop_loss_payout": 5.0,
        "expenditure_net": -87.0,
        "gross_savings": 13.0,
    }
    lines = [{"name": n, "label": n, "dollars": d} for n, d in amounts.items()]
    benchmark, savings = waterfall_steps(lines)
    assert [(step.label, step.start, step.end, step.is_level) for step in benchmark] == [
        ("benchmark_final", 0.0, 100.0, True),
        ("expenditure", 0.0, 90.0, True),
        ("stop_loss_charge", 90.0, 92.0, False),
        ("stop_loss_payout", 92.0, 87.0, False),
        ("expenditure_net", 0.0, 87.0, True),
    ]
    assert [step.end for step in savings] == [13.0]


def test_a_line_that_repeats_the_sum_before_it_is_an_amount_reached() -> None:
    amounts = {"gross_savings": 10.0, "a_charge": -4.0, "an_amount_nobody_knows": 6.0, "a_payment": 1.0}
    lines = [{"name": n, "label": n, "dollars": d} for n, d in amounts.items()]
    assert [level for _, level, _ in statement({"mssp_enhanced": {"lines": lines}})] == [True, False, True, False]


def test_statements_of_different_programmes_keep_their_order() -> None:
    first = [{"name": n, "label": n, "dollars": 0.0} for n in ("benchmark_final", "discount", "settlement_balance")]
    second = [{"name": n, "label": n, "dollars": 0.0} for n in ("prior_savings", "benchmark_final", "cap", "discount")]
    merged = statement({"lead_global": {"lines": first}, "mssp_enhanced": {"lines": second}})
    assert [label for label, _, _ in merged] == [
        "prior_savings", "benchmark_final", "cap", "discount", "settlement_balance",
    ]  # fmt: skip
    assert merged[0][2] == [None, 0.0]
    assert merged[-1][2] == [0.0, None]
