"""The printed case can be followed line by line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from rich.console import Console

from leadrisk.contract.case import explain_case, settle_case
from leadrisk.contract.case.explain import bottom_line
from leadrisk.contract.case.table import case_console, render_case

CASES = Path(__file__).resolve().parents[2] / "scenarios" / "cases"


def _printed(name: str, width: int = 160) -> str:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        render_case(settle_case(CASES / f"{name}.toml"), console)
    return capture.get()


def _explained(case: object, width: int = 160) -> str:
    result = settle_case(case)
    result |= {"explained_line": bottom_line(result), "explain": explain_case(case)}
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        render_case(result, console)
    return capture.get().partition("Open readings: ")[2]


def test_each_line_has_dollars_and_how_they_came() -> None:
    text = _printed("global_higher_spending")
    rows = [re.split(r" {2,}", line.strip()) for line in text.splitlines()]
    amounts = {row[0]: row[1:] for row in rows if len(row) > 2}
    assert amounts["Discount"][:2] == ["-5,214,257.80", "1.75 % of $297.96 M"]
    assert amounts["Quality points not earned"][:2] == ["-1,317,344.99", "3.00 % x (1 - 0.85) of $292.74 M"]
    assert amounts["Administrative add-on"][:2] == [
        "4,469,363.83",
        "1.50 % of $297.96 M, higher-spending; outside the settlement",
    ]
    assert amounts["Settlement balance"][0] == "-8,648,427.08"


def test_bands_of_a_loss_are_spelled_out() -> None:
    text = _printed("corridor_only_global_loss")
    assert "100 % of $15.00 M + 50 % of $20.00 M + 25 % of $5.00 M" in text
    assert "Shared losses" in text
    assert "-26,775,000.00" in text


def test_the_adjustment_that_counts_is_named() -> None:
    text = _printed("renewing_mssp_prior_savings", width=250)
    assert "baseline $1,000.00 + prior savings adjustment $42.00" in text
    assert "baseline $2,970.00 + regional adjustment $88.50" in text
    assert "after rate book, from baseline $1,180.00" in _printed("rate_book_2032", width=250)


@pytest.mark.parametrize("path", sorted(CASES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_unverified_term_is_printed_in_full(path: Path) -> None:
    text = _printed(path.stem)
    for name in settle_case(path)["unverified_terms"]:
        assert name in text


@pytest.mark.parametrize("path", sorted(CASES.glob("*.toml")), ids=lambda path: path.stem)
def test_nothing_is_cut_at_80_columns(path: Path) -> None:
    result = settle_case(path)
    text = _printed(path.stem, width=80) + _explained(path, width=80)
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80
    words = re.sub(r"\s+", "", text)
    for term in result["unverified_term_details"]:
        assert term["name"] in text
        assert re.sub(r"\s+", "", term["source"]) in words


def _terms_printed(case: object) -> dict[str, list[str]]:
    console = Console(width=200, color_system=None)
    with console.capture() as capture:
        render_case(settle_case(case), console)
    lines = capture.get().partition("Unverified terms used")[2].splitlines()[2:]
    rows = [re.split(r" {2,}", line.strip()) for line in lines if not line.startswith("  ")]
    return {row[0]: row[2:] for row in rows if len(row) > 1}


def test_terms_by_year_are_printed_at_the_year_settled() -> None:
    printed = _terms_printed(CASES / "global_higher_spending.toml")
    assert printed["discount.global_higher"] == ["0.0175"]
    assert printed["guardrail.up"] == ["0.003", "the same this year"]
    assert printed["rate_book_weight"] == ["0", "the same this year"]
    assert _terms_printed(CASES / "rate_book_2032.toml")["rate_book_weight"] == ["1", "0.2 or 0"]


def test_the_guardrail_of_a_later_entrant_is_that_of_its_own_year() -> None:
    # In 2028: 0.3 points since entry, 0.6 by the calendar.
    assert _terms_printed(CASES / "guardrail_later_entrant.toml")["guardrail.up"][0] == "0.003"
    assert _terms_printed(CASES / "guardrail_by_calendar.toml")["guardrail.up"][0] == "0.006"


def test_the_default_is_to_try_where_the_case_overrides_a_term() -> None:
    assert _terms_printed(CASES / "rate_book_never.toml")["rate_book_weight"] == ["0", "1"]
    case = {
        "program": "lead", "option": "professional", "benchmark_final": 1e8, "gross_savings": 1.2e7,
        "terms": {"professional_savings": "rfa_2026"},
    }  # fmt: skip
    assert _terms_printed(case)["professional_savings"] == ["rfa_2026", "py2027_paper"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (
            "guardrail_later_entrant",
            "update 1.063000 (66.667 % x two-way 1.062000 + 33.333 % x ACPT 1.070000 held at 1.065000)",
        ),
        (
            "guardrail_on_blend",
            "update 1.065000 (66.667 % x two-way 1.062000 + 33.333 % x ACPT 1.080000 = 1.068000, held at 1.065000)",
        ),
    ],
)
def test_the_update_can_be_done_again_from_its_line(name: str, says: str) -> None:
    assert says in _printed(name, width=300)


def test_a_negative_adjustment_is_taken_off() -> None:
    case = tomllib.loads((CASES / "mssp_enhanced_second_period.toml").read_text(encoding="utf-8"))
    case.pop("expected")
    dear = {name: one | {"region_per_capita": 11_000.0} for name, one in case["types"].items()}
    settled = settle_case(case | {"types": dear, "agreement_start": 2022, "performance_year": 2022})
    said = next(line["how"] for line in settled["lines"] if " adjustment " in line["how"])
    assert re.search(r" - regional adjustment \$\d", said)
    assert "$-" not in said


def test_a_loss_under_the_enhanced_track_shows_its_rate() -> None:
    assert "47.50 % (1 - 0.75 x 0.7) of $9.00 M, less $500,000.00" in _printed("mssp_enhanced_loss")
    case = {
        "program": "mssp", "track": "ENHANCED", "minimum_savings_rate": 0.01, "benchmark_final": 1e8,
        "gross_savings": -4e6,
    }  # fmt: skip
    for score, said in (
        (0.9, "40.00 %, the least (1 - 0.75 x 0.9 = 32.50 %), of $4.00 M"),
        (0.2, "75.00 %, the most (1 - 0.75 x 0.2 = 85.00 %), of $4.00 M"),
    ):
        lines = settle_case(case | {"quality_score": score})["lines"]
        assert next(line["how"] for line in lines if line["name"] == "shared_savings") == said


def test_piped_output_is_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert case_console().width == 160
    monkeypatch.setenv("COLUMNS", "90")
    assert case_console().width == 90


def test_nothing_unverified_is_said_so() -> None:
    assert "Every term used is confirmed" in _printed("reach_global_gain_2022")


def test_readings_are_printed_dearest_first_then_those_without_effect() -> None:
    text = _explained(CASES / "corridor_only_professional_gain.toml")
    assert text.startswith("change of the net shared savings if one term is read otherwise")
    rows = [re.split(r" {2,}", line.strip()) for line in text.splitlines()[2:]]
    assert rows[0] == ["-980,000.00", "professional_savings", "B*", "py2027_paper", "rfa_2026_banded"]
    assert "No change: professional_losses, sequestration_on_losses." in text
    assert "No other reading on record: " in text
    assert "corridor.professional.savings.py2027_paper" in text.partition("No other reading on record: ")[2]


def test_a_term_by_year_is_printed_at_its_value_of_the_year() -> None:
    row = next(line for line in _explained(CASES / "rate_book_2032.toml").splitlines() if "rate_book_weight" in line)
    assert row.split()[-2:] == ["1", "0.2"]


def test_a_reading_that_refuses_the_case_is_named() -> None:
    result = settle_case(CASES / "corridor_only_professional_gain.toml")
    reading = {
        "term": "sequestration_base", "value": "shared_amount", "alternative": "gross", "grade": "C",
        "source": "test", "dollars": None,
    }  # fmt: skip
    console = Console(width=160, color_system=None)
    with console.capture() as capture:
        render_case(result | {"explained_line": bottom_line(result), "explain": [reading]}, console)
    assert "Refused under another reading: sequestration_base." in capture.get()


def test_a_confirmed_case_has_no_readings_to_print() -> None:
    assert _explained(CASES / "reach_global_gain_2022.toml") == ""
