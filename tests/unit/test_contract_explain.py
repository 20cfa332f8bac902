"""What other readings of the unverified terms are worth, in dollars derived by hand."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from leadrisk.contract.case import explain_case, settle_case
from leadrisk.contract.case.explain import bottom_line
from leadrisk.contract.case.source import open_case
from leadrisk.errors import InputError

CASES = Path(__file__).resolve().parents[2] / "scenarios" / "cases"
CORRIDOR = {"program": "lead", "option": "professional", "benchmark_final": 100_000_000, "gross_savings": 12_000_000}
CENT = 0.0051


def worth(case: object) -> dict[tuple[str, str], float | None]:
    return {(reading["term"], str(reading["alternative"])): reading["dollars"] for reading in explain_case(case)}


def test_every_other_choice_is_settled() -> None:
    # 60 % of 10 M and 35 % of 2 M, less 2 %; half of 12 M; half of 10 M and 35 % of 2 M; 2 % of 12 M.
    kept = Decimal("0.98")
    settled = Decimal("6.7e6") * kept
    found = worth(CORRIDOR)
    assert found["professional_savings", "rfa_2026"] == pytest.approx(float(Decimal("6.0e6") * kept - settled))
    assert found["professional_savings", "rfa_2026_banded"] == pytest.approx(float(Decimal("5.7e6") * kept - settled))
    assert found["sequestration_base", "gross"] == pytest.approx(float(Decimal("6.7e6") - Decimal("0.24e6") - settled))
    assert found["professional_losses", "flat"] == 0.0


def test_a_yes_or_no_is_answered_the_other_way() -> None:
    # A loss of 8 M under Professional is half borne; without sequestration on losses 80,000 are saved.
    found = worth(CORRIDOR | {"gross_savings": -8_000_000})
    assert found["sequestration_on_losses", "False"] == pytest.approx(80_000.0)


def test_the_dearest_reading_comes_first_whatever_its_sign() -> None:
    sizes = [abs(reading["dollars"] or 0.0) for reading in explain_case(CASES / "global_higher_spending.toml")]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 0.0


def test_an_overridden_term_is_compared_with_its_default_too() -> None:
    readings = explain_case(CORRIDOR | {"terms": {"professional_savings": "rfa_2026"}})
    found = {reading["alternative"]: reading for reading in readings if reading["term"] == "professional_savings"}
    assert set(found) == {"py2027_paper", "rfa_2026_banded"}
    assert found["py2027_paper"]["value"] == "rfa_2026"
    assert found["py2027_paper"]["dollars"] == pytest.approx(686_000.0)
    assert found["py2027_paper"]["source"].startswith("set by the user")


def test_an_overridden_number_is_compared_with_its_default() -> None:
    # 2 % instead of 3 % of 6.7 M.
    found = worth(CORRIDOR | {"terms": {"sequestration": {"rate": 0.03}}})
    assert found["sequestration.rate", "0.02"] == pytest.approx(67_000.0)


def test_the_other_overrides_of_a_case_stay() -> None:
    # Sequestration off: its base no longer matters.
    assert worth(CORRIDOR | {"terms": {"sequestration.rate": 0.0}})["sequestration_base", "gross"] == 0.0


def test_a_stress_of_some_years_leaves_the_other_years() -> None:
    # 2030 at one third instead of two thirds; 2029 and 2031 as they are.
    case = tomllib.loads((CASES / "ai_inferred_scores_2029.toml").read_text(encoding="utf-8"))
    case.pop("expected")
    for year in (2029, 2030, 2031):
        (reading,) = (
            reading
            for reading in explain_case(case | {"performance_year": year})
            if reading["term"] == "ai_score_weight"
        )
        assert reading["alternative"] == reading["value"] | {2030: 1.0 / 3.0}
        by_hand = settle_case(case | {"performance_year": year, "terms": {"ai_score_weight": {"2030": 1.0 / 3.0}}})
        as_it_is = settle_case(case | {"performance_year": year})
        assert reading["dollars"] == by_hand["settlement_balance"] - as_it_is["settlement_balance"]
        assert (reading["dollars"] != 0.0) == (year == 2030)


@pytest.mark.parametrize("path", sorted(CASES.glob("*.toml")), ids=lambda path: path.stem)
def test_each_reading_is_what_the_case_gives_with_that_term(path: Path) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    case.pop("expected")
    settled = settle_case(case)
    line = bottom_line(settled)
    readings = explain_case(path)
    assert {reading["term"] for reading in readings} <= set(settled["unverified_terms"])
    for reading in readings:
        assert reading["alternative"] != reading["value"]
        changed = case | {"terms": {**case.get("terms", {}), reading["term"]: reading["alternative"]}}
        if reading["dollars"] is None:
            with pytest.raises(InputError):
                settle_case(changed)
        else:
            assert settle_case(changed)[line] - settled[line] == reading["dollars"]


def test_a_confirmed_case_has_no_open_reading() -> None:
    assert explain_case(CASES / "reach_global_gain_2022.toml") == []


def test_the_balance_is_compared_where_there_is_one() -> None:
    assert bottom_line(settle_case(CASES / "global_higher_spending.toml")) == "settlement_balance"
    assert bottom_line(settle_case(CORRIDOR)) == "net_shared_savings"


def test_a_reading_that_refuses_the_case_has_no_dollars() -> None:
    # Claims of three months' run-out cannot be settled where six are needed; the other readings can.
    found = worth(CASES / "exclusions.toml")
    assert found["baseline.runout_months", "6"] is None
    assert [name for name, dollars in found.items() if dollars is None] == [("baseline.runout_months", "6")]


def test_a_wrong_case_is_told_as_in_settling(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text('program = "lead"\noption = "professional"\nbenchmark_final = 1e8\n[terms]\nrea.cap = 2\n')
    with pytest.raises(InputError, match=r"case\.toml:5: terms\.rea\.cap: must be between 0 and 1, got 2"):
        explain_case(path)


def test_an_opened_case_is_not_read_again(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text((CASES / "global_higher_spending.toml").read_text(encoding="utf-8"))
    source = open_case(path)
    path.unlink()
    assert explain_case(source)
    assert settle_case(source)["settlement_balance"] == pytest.approx(-8_648_427.08, abs=CENT)
