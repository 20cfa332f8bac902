"""Every worked case settles to the dollars that were derived apart from the program."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from leadrisk.contract.case import settle_case

CASES = sorted((Path(__file__).resolve().parents[2] / "scenarios" / "cases").glob("*.toml"))
CENT = 0.0051  # expected dollars are rounded to the cent


def test_there_is_a_case_for_each_kind_of_settlement() -> None:
    cases = [tomllib.loads(path.read_text(encoding="utf-8")) for path in CASES]
    kinds = {(case["program"], case.get("option") or case["track"]) for case in cases}
    assert kinds == {
        ("lead", "global"),
        ("lead", "professional"),
        ("reach", "global"),
        ("reach", "professional"),
        ("mssp", "B"),
        ("mssp", "E"),
        ("mssp", "ENHANCED"),
    }


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_case_settles_to_the_cent(path: Path) -> None:
    expected = tomllib.loads(path.read_text(encoding="utf-8"))["expected"]
    result = settle_case(path)
    if "spending_class" in expected:
        assert result["spending_class"] == expected.pop("spending_class")
    if "gross_savings_rate" in expected:
        assert result["gross_savings_rate"] == pytest.approx(expected.pop("gross_savings_rate"), abs=1e-9)
    assert result["updated_pbpm"] == pytest.approx(expected.pop("updated_pbpm", {}), abs=1e-6)
    assert {name: result[name] for name in expected} == pytest.approx(expected, abs=CENT)
    assert len(expected) >= 4


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_a_mapping_settles_like_its_file(path: Path) -> None:
    from_mapping = settle_case(tomllib.loads(path.read_text(encoding="utf-8")))
    assert json.dumps(from_mapping, allow_nan=False) == json.dumps(settle_case(path), allow_nan=False)


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_the_lines_add_up(path: Path) -> None:
    result = settle_case(path)
    dollars = {line["name"]: line["dollars"] for line in result["lines"]}
    assert dollars["shared_savings"] + dollars["sequestration"] == pytest.approx(dollars["net_shared_savings"])
    net = result["program"] == "lead" and "expenditure_net" in dollars
    spent = ("expenditure_net",) if net else ("expenditure", "stop_loss_net")
    gross = sum(dollars.get(name, 0.0) for name in ("benchmark_final", "heba_net", *spent))
    assert gross == pytest.approx(dollars["gross_savings"], abs=CENT)
    parts = [
        amount
        for name, amount in dollars.items()
        if name.startswith("benchmark_") and name[10:] in result["updated_pbpm"]
    ]
    if parts:
        assert sum(parts) == pytest.approx(dollars["benchmark_before_discount"], abs=CENT)
