"""The page: well formed, self-contained, escaped, the same bytes every time."""

from __future__ import annotations

import functools
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from leadrisk.files import write_atomically
from leadrisk.report.figures import draw_figures
from leadrisk.report.html import render_report, write_report
from leadrisk.scenario.model import Scenario
from unit.report_fixture import MANIFEST, SIX, UNVERIFIED, YEARS, example

VOID = {"meta", "br", "wbr", "link", "img", "hr", "input"}
CATEGORY = {"base_year_pbpm": (1000.0, 1020.0, 1060.0), "region_pbpm": 1120.0, "national_pbpm": 1100.0}


class Checker(HTMLParser):
    """Collect what must be looked at, and complain about tags that do not nest."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.tags: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        self._attributes(attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._attributes(attrs)

    def _attributes(self, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in {"src", "href", "xlink:href"}:
                self.references.append(value or "")
            if name == "aria-labelledby":
                self.references.extend(f"#{part}" for part in (value or "").split())
            self.references.extend(re.findall(r"url\(([^)]*)\)", value or ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"closed </{tag}> without opening it"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@functools.cache
def usual(kind: str = "gain") -> str:
    """The page of one case, drawn once for all tests that only look at it."""
    return render(kind)


def render(kind: str = "gain", **changes: Any) -> str:
    summary, settlement = example(kind, populations=16, futures=8)
    records = [
        {
            "key": "name",
            "default": None,
            "value": "x",
            "unit": "text",
            "meaning": "m",
            "source": "s",
            "grade": "user",
        },
        {
            "key": "level.true_level_sd",
            "default": 0.015,
            "value": 0.02,
            "unit": "log points",
            "meaning": "error of the level",
            "source": "fit",
            "grade": "C",
        },
        {
            "key": "level.credibility_tau",
            "default": 0.07,
            "value": 0.07,
            "unit": "share",
            "meaning": "m",
            "source": "s",
            "grade": "A",
        },
    ]
    arguments: dict[str, Any] = {
        "summary": summary,
        "drawings": draw_figures(summary, settlement),
        "title": "Hill Country ACO",
        "description": "",
        "assumptions": records,
        "manifest": MANIFEST,
        "unverified_terms": UNVERIFIED,
    }
    return render_report(**(arguments | changes))


def check(text: str) -> Checker:
    checker = Checker()
    checker.feed(text)
    checker.close()
    assert checker.open == []
    return checker


@pytest.mark.parametrize("kind", ["gain", "loss", "tie", "single"])
def test_page_is_well_formed_and_self_contained(kind: str) -> None:
    text = usual(kind)
    found = check(text)
    assert len(set(found.ids)) == len(found.ids)
    assert found.references
    for reference in found.references:
        assert reference.startswith("#")
        assert reference[1:] in found.ids
    assert not {"script", "link", "img", "iframe", "object"} & set(found.tags)
    assert "@import" not in text
    assert "url(http" not in text
    assert len(text.encode()) < 2_000_000
    words = " ".join(found.text)
    assert not re.search(r"\b(nan|None|inf)\b", words)
    assert (" against LEAD " in words) == (kind != "single")


@pytest.mark.parametrize("count", [1, 2, 4, 6])
def test_page_of_any_count_of_contracts(count: int) -> None:
    summary, settlement = example(populations=16, futures=8, contracts=SIX[:count])
    text = render(summary=summary, drawings=draw_figures(summary, settlement))
    found = check(text)
    assert len(set(found.ids)) == len(found.ids)
    words = " ".join(" ".join(found.text).split())
    assert not re.search(r"\b(nan|None|inf)\b", words)
    assert "Which one comes out best?" in words
    assert "Month-end cash over the term" in words
    assert ("What the ratchet costs" in words) == (count > 2)
    assert ("MSSP: same persons and futures, costs truncated at the 99th percentile" in words) == (count > 2)
    assert ("ACO REACH ends with 2026" in words) == (count > 4)
    assert ("LEAD Professional against each other contract" in words) == (count > 2)
    assert words.count("One real simulated path: the one whose net settlement of 2031 is the median under LEAD") == min(
        count, 2
    )
    assert ("the same under all contracts" in words) == (count > 1)
    assert "Do not compare these columns" not in words
    assert "Elected: CMS stop-loss; episode arrangements (Global)." in words
    assert "The 10 largest of 12." in words
    assert text.count(">Add-on,<br>") == min(count, 2)
    assert len(text.encode()) < 2_000_000


def test_two_programmes_without_what_they_may_know() -> None:
    summary, settlement = example(populations=16, futures=8, contracts=SIX[:3])
    for part in ("choice", "ratchet", "differences_after_costs"):
        del summary[part]
    for contract in summary["contracts"].values():
        for part in ("net_of_costs_total", "prob_below_minimum", "prob_below_minimum_se", "liquidity", "program"):
            contract.pop(part, None)
    words = " ".join(check(render(summary=summary, drawings=draw_figures(summary, settlement))).text)
    assert "Which one comes out best?" not in words
    assert "Month-end cash over the term" not in words
    assert "LEAD Professional minus MSSP ENHANCED" in words


def test_old_paths_of_their_own_are_not_compared() -> None:
    summary, settlement = example(populations=16, futures=8)
    summary["contracts"]["lead_global"]["waterfall"]["population"] += 1
    words = " ".join(" ".join(check(render(summary=summary, drawings=draw_figures(summary, settlement))).text).split())
    assert "Do not compare these columns" in words
    assert "is the median under this contract" in words
    assert "the same under all contracts" not in words
    assert "Which open reading matters most?" not in words


def test_a_tie_has_no_bold_row_and_no_winner_in_the_title() -> None:
    tie, gain = usual("tie"), usual("gain")
    assert "<h2>Head to head</h2>" in tie
    assert '<table class="figures level-pegging">' in tie
    assert "<h2>Head to head</h2>" not in gain
    assert 'level-pegging">' not in gain


def test_stresses_that_are_false_or_zero_are_shown() -> None:
    term = {"name": "a", "value": True, "grade": "C", "source": "s"}
    for stress, shown in ((False, "no"), (0.0, "0"), (None, "—")):
        text = render(unverified_terms=[{**term, "stress": stress}])
        assert f"<td>s</td><td>{shown}</td>" in text


def test_years_after_an_exit_are_noted_only_with_an_exit_rule() -> None:
    summary, settlement = example(populations=16, futures=8, contracts=SIX[:3])
    drawings = draw_figures(summary, settlement)
    assert "has left the model count as zero" not in render(summary=summary, drawings=drawings)
    summary["contracts"]["lead_global"]["prob_left"] = {"value": 0.125, "se": 0.01}
    summary["contracts"]["lead_global"]["care_cost_total_mean"] = 7.7e6
    words = " ".join(" ".join(check(render(summary=summary, drawings=drawings)).text).split())
    assert "has left the model count as zero" in words
    assert "Chance to have left the model before its end by the exit rule elected 12.5% ± 1.0 — —" in words
    assert "not part of the settlement 7.7 9.8 9.8" in words


def test_every_figure_has_a_title_and_a_description() -> None:
    found = check(usual())
    assert found.tags.count("svg") == 7
    assert found.tags.count("desc") == 7
    assert found.tags.count("title") == 8
    assert found.tags.count("figcaption") == 7


def test_what_the_user_gives_is_escaped() -> None:
    nasty = "<script>alert('x')</script> & \"ACO\""
    summary, settlement = example(populations=16, futures=8)
    summary["scenario"] = nasty
    for contract in summary["contracts"].values():
        for record in (*contract["waterfall"]["lines"], *contract["drivers"]):
            record["label"] = f"{record['label']} {nasty}"
    term = {"name": nasty, "value": nasty, "grade": nasty, "source": nasty, "stress": nasty}
    record = dict.fromkeys(("default", "value", "unit", "meaning", "source", "grade"), nasty)
    text = render(
        summary=summary,
        drawings=draw_figures(summary, settlement),
        title=nasty,
        description=nasty,
        assumptions=[{**record, "key": f"{nasty}.a"}],
        manifest={**MANIFEST, nasty: nasty},
        unverified_terms=[term],
    )
    found = check(text)
    assert "script" not in found.tags
    assert nasty in " ".join(found.text)


def test_same_input_same_bytes() -> None:
    assert render() == usual()


def test_changed_values_and_judgements_are_marked() -> None:
    text = usual()
    assert '<span class="changed">0.02 log points</span><small>default 0.015 log points</small>' in text
    assert '<span class="grade grade-c">C</span>' in text
    assert text.count('class="changed"') == 2
    assert "corridor.<wbr>professional.<wbr>losses" in text
    assert "(0.1, 0.5), (0.15, 0.35), (0.2, 0.15), (none, 0.05)" in text


def test_without_unverified_terms_nothing_is_cautioned() -> None:
    text = render(unverified_terms=[])
    assert "Before acting on this" not in text
    assert "None was used in this run." in text


def test_report_of_a_scenario(tmp_path: Path) -> None:
    summary, settlement = example(populations=16, futures=8)
    scenario = Scenario.model_validate(
        {
            "name": "Prairie ACO",
            "cohort": {"lives": 10214, "high_needs_share": 0.12, "esrd_share": 0.0},
            "categories": {"aged_disabled": CATEGORY, "high_needs": CATEGORY},
            "contract": {"entrant": "renewing_mssp"},
        }
    )
    arguments = {
        "summary": summary,
        "drawings": draw_figures(summary, settlement),
        "scenario": scenario,
        "manifest": MANIFEST,
    }
    written = write_report(tmp_path / "report.html", unverified_terms=UNVERIFIED, **arguments)
    text = written.read_text(encoding="utf-8")
    check(text)
    assert "<h1>Prairie ACO</h1>" in text
    assert "0.12 share" in text
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_one_performance_year() -> None:
    summary, settlement = example(populations=16, futures=8)
    for contract in summary["contracts"].values():
        contract["years"] = {"2027": contract["years"]["2027"]}
        contract["waterfall"]["year"] = 2027
    text = render(summary=summary, drawings=draw_figures(summary, settlement.sel(year=list(YEARS[:1]))))
    assert "The one-year total" in text


def test_a_failed_write_leaves_the_old_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "report.html"
    write_atomically(target, b"old")

    def fail(self: Path, other: Path) -> None:
        raise OSError

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match=r"^$"):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
