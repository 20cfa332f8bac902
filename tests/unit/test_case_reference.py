"""The reference of the case file names every key a case may have."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadrisk.contract.case import lead_cara, lead_category, lead_elections, lead_stop_loss, mssp_type
from leadrisk.contract.case import reach_input as reach
from leadrisk.contract.case.settle import PROGRAMS
from leadrisk.contract.case.values import COMMON, TOTALS
from leadrisk.contract.exclusions import EXCLUSIONS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "case-file.md"
TABLES = ("categories", "types", "terms", "expected", "alignment", "elections", "stop_loss", "aggregate_cover", "cara")
KEYS = {
    "every case": (*COMMON, *TOTALS),
    **{name: program.keys for name, program in PROGRAMS.items()},
    "lead category": lead_category._CATEGORY,
    "exclusions": EXCLUSIONS,
    "reach category": reach._CATEGORY,
    "enrollment type": mssp_type._TYPE,
    "elections": lead_elections._ALL,
    "stop-loss": lead_stop_loss._STOP_LOSS,
    "aggregate cover": tuple(lead_stop_loss._COVER),
    "episodes": lead_cara._ALL,
}


@pytest.mark.parametrize("kind", KEYS)
def test_every_key_is_in_the_reference(kind: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    missing = [key for key in KEYS[kind] if f"`{key}`" not in page and f"`[{key}" not in page]
    assert not missing


def test_a_table_is_written_with_its_brackets() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert not [table for table in TABLES if f"[{table}" not in page]
