"""Amounts that look like a slip are noted, printed and never refused."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from leadrisk.contract.case import settle_case
from leadrisk.contract.case.table import render_case

CASES = Path(__file__).resolve().parents[2] / "scenarios" / "cases"


def case_of(name: str) -> dict[str, Any]:
    case = tomllib.loads((CASES / f"{name}.toml").read_text(encoding="utf-8"))
    case.pop("expected")
    return case


def notes(case: dict[str, Any]) -> list[str]:
    found = settle_case(case)["notes"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("path", sorted(CASES.glob("*.toml")), ids=lambda path: path.stem)
def test_a_worked_case_has_nothing_to_note(path: Path) -> None:
    assert settle_case(path)["notes"] == []


@pytest.mark.parametrize(
    ("change", "starts"),
    [
        (
            {"base_year_pbpm": [1000, 10_200, 1060]},
            "base_year_pbpm: base year 1 is $1,000.00 and base year 2 is $10,20",
        ),
        ({"region_pbpm": 13_440}, "region_pbpm: the nation is $1,100.00 and the region is $13,440.00, 12.2 times"),
        ({"expenditure_pbpm": 110}, "expenditure_pbpm: expenditure is $110.00 and the updated benchmark is $1,1"),
        ({"expenditure_pbpm": 13_200}, "expenditure_pbpm: the updated benchmark is $1,1"),
    ],
)
def test_a_slip_in_a_lead_category(change: dict[str, Any], starts: str) -> None:
    case = case_of("guardrail_later_entrant")
    assert notes(case) == []
    case["categories"]["aged_disabled"] |= change
    assert notes(case)[0].startswith(f"categories.aged_disabled.{starts}")


def test_twice_is_not_yet_noted() -> None:
    case = case_of("guardrail_later_entrant")
    case["categories"]["aged_disabled"] |= {"base_year_pbpm": [1000, 2000, 1060]}
    assert notes(case) == []
    case["categories"]["aged_disabled"] |= {"base_year_pbpm": [1000, 2001, 1060]}
    assert len(notes(case)) == 1


def test_a_slip_in_a_reach_category() -> None:
    case = case_of("reach_categories_2026")
    name = next(iter(case["categories"]))
    case["categories"][name]["expenditure_pbpm"] *= 12
    assert notes(case)[0].startswith(f"categories.{name}.expenditure_pbpm: the updated benchmark is ")


def test_a_slip_in_an_enrollment_type_is_told_in_its_unit() -> None:
    case = case_of("mssp_enhanced_second_period")
    name = next(iter(case["types"]))
    case["types"][name]["region_per_capita"] /= 12
    assert notes(case)[0].startswith(f"types.{name}.region_per_capita: the region is ")


def test_totals_far_apart() -> None:
    case = {"program": "lead", "option": "global", "benchmark_final": 100e6, "expenditure": 9.5e6}
    assert notes(case) == ["expenditure: $9.50 M is 0.10 times the final benchmark of $100.00 M"]
    assert notes(case | {"expenditure": 50e6}) == []
    assert notes(case | {"expenditure": 201e6})[0].startswith("expenditure: $201.00 M is 2.01 times")


def test_an_aco_below_the_minimum_and_below_the_first_published_size() -> None:
    case = {
        "program": "mssp", "track": "E", "assigned_beneficiaries": 4_999, "benchmark_final": 1e8, "gross_savings": 1e6,
    }  # fmt: skip
    needs = "assigned_beneficiaries: 4,999 is fewer than the 5,000 an ACO needs (42 CFR 425.110)"
    assert notes(case) == [needs]
    assert notes(case | {"minimum_savings_rate": 0.01}) == [needs]
    assert notes(case | {"assigned_beneficiaries": 5_000}) == []
    assert notes(case | {"assigned_beneficiaries": 500})[1:] == []
    assert notes(case | {"assigned_beneficiaries": 499})[1:] == [
        "assigned_beneficiaries: 499 is below the first published size, 500: its minimum savings rate stands"
    ]
    assert "minimum_assigned" not in settle_case(case)["terms_used"]


def test_notes_are_printed_and_in_json() -> None:
    settled = settle_case({"program": "lead", "option": "global", "benchmark_final": 100e6, "expenditure": 9.5e6})
    console = Console(width=120, color_system=None)
    with console.capture() as capture:
        render_case(settled, console)
    assert "Note: expenditure: $9.50 M is 0.10 times the final benchmark of $100.00 M." in capture.get()
    assert json.loads(json.dumps(settled))["notes"] == settled["notes"]
