"""A wrong case gives one message that names file, line, key, value and cure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from leadrisk.contract.case import settle_case
from leadrisk.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

FULL = """\
program = "lead"
option = "global"
performance_year = 2027
entrant = "renewing_reach"
quality_score = 0.9
base_pcc_share = 0.03164
[categories.aged_disabled]
person_years = 8000
base_year_pbpm = [1000, 1020, 1060]
region_pbpm = 1120
national_pbpm = 1100
two_way_trend = 1.062
acpt = 1.0665
risk_score_by3 = 1.0
risk_score_py = 1.045
expenditure_pbpm = 1100
prior_savings_pbpm = 0
"""
TOTALS = 'program = "lead"\noption = "global"\nbenchmark_final = 1e8\nexpenditure = 9e7\n'
REACH = TOTALS.replace("lead", "reach").replace("benchmark", "performance_year = 2022\nbenchmark")


def _settle(folder: Path, text: str) -> dict[str, object]:
    path = folder / "case.toml"
    path.write_text(text, encoding="utf-8")
    return settle_case(path)


def _message(folder: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        _settle(folder, text)
    return str(caught.value).removeprefix(f"{folder}/")


@pytest.mark.parametrize(
    ("text", "old", "new", "message"),
    [
        (FULL, '"lead"', '"leed"', "case.toml:1: program: must be one of lead, reach, mssp, got 'leed'"),
        (
            FULL,
            '"global"',
            '"globl"',
            "case.toml:2: option: must be one of global, professional, got 'globl'",
        ),
        (
            FULL,
            "= 2027",
            "= 2026",
            "case.toml:3: performance_year: must be a year from 2027 to 2036, got 2026",
        ),
        (FULL, "= 2027", "= 2027.0", "case.toml:3: performance_year: must be a year"),
        (FULL, "performance_year = 2027\n", "", "case.toml: performance_year: is missing"),
        (FULL, 'entrant = "renewing_reach"\n', "", "case.toml: entrant: is missing"),
        (
            FULL,
            "quality_score = 0.9",
            "quality_score = 90",
            "case.toml:5: quality_score: must be at least 0 and at most",
        ),
        (
            FULL,
            "quality_score",
            "quality_scor",
            'case.toml:5: quality_scor: there is no such key (did you mean "quality',
        ),
        (
            FULL,
            ".aged_disabled]",
            ".aged]",
            'case.toml:7: categories.aged: there is no such key (did you mean "aged_',
        ),
        (
            FULL,
            "person_years",
            "person_year",
            "case.toml:8: categories.aged_disabled.person_year: there is no such key",
        ),
        (FULL, "person_years = 8000\n", "", "case.toml:7: categories.aged_disabled.person_years: is missing"),
        (
            FULL,
            "= 8000",
            "= 0",
            "case.toml:8: categories.aged_disabled.person_years: must not be 0 in every category",
        ),
        (
            FULL,
            "= 8000",
            "= -8000",
            "case.toml:8: categories.aged_disabled.person_years: must be at least 0, got -8000",
        ),
        (
            FULL,
            "1020,",
            "-1020,",
            "case.toml:9: categories.aged_disabled.base_year_pbpm[1]: must be above 0, got -1020",
        ),
        (FULL, "1020,", "", "case.toml:9: categories.aged_disabled.base_year_pbpm: must be three numbers"),
        (
            FULL,
            "= 1120",
            "= nan",
            "case.toml:10: categories.aged_disabled.region_pbpm: must be a finite number, got nan",
        ),
        (
            FULL,
            "= 1120",
            "= inf",
            "case.toml:10: categories.aged_disabled.region_pbpm: must be a finite number, got inf",
        ),
        (
            FULL,
            "= 1120",
            "= 1e308",
            "case.toml:10: categories.aged_disabled.region_pbpm: must be above 0 and at most",
        ),
        (
            FULL,
            "= 1100\nt",
            '= "1100"\nt',
            "case.toml:11: categories.aged_disabled.national_pbpm: must be a number",
        ),
        (
            FULL,
            "= 1.062",
            "= 0.062",
            "case.toml:12: categories.aged_disabled.two_way_trend: must be at least 0.5",
        ),
        (
            FULL,
            "two_way_trend = 1.062\n",
            "",
            "case.toml:7: categories.aged_disabled.two_way_trend: is missing",
        ),
        (
            FULL,
            "acpt",
            "national_trend = 1.06\nacpt",
            "case.toml:13: categories.aged_disabled.national_trend: has no",
        ),
        (
            FULL,
            "two_way_trend",
            "national_trend",
            "case.toml:7: categories.aged_disabled.regional_trend: is missing",
        ),
        (
            FULL,
            "= 1.045",
            "= true",
            "case.toml:15: categories.aged_disabled.risk_score_py: must be a number, got True",
        ),
        (
            FULL,
            "[cat",
            "benchmark_final = 1e8\n[cat",
            "case.toml:7: benchmark_final: has no place beside [categories]",
        ),
        (
            FULL,
            "[cat",
            "[terms]\nrea.cap = 2\n[cat",
            "case.toml:8: terms.rea.cap: must be between 0 and 1, got 2",
        ),
        (FULL, "[cat", "terms = 3\n[cat", "case.toml:7: terms: must be a table, got 3"),
        (
            FULL,
            "[cat",
            "[expected]\nshared = 3\n[cat",
            "case.toml:8: expected.shared: is no line of this settlement",
        ),
        (FULL, "[cat", "name = 3\n[cat", "case.toml:7: name: must be text, got 3"),
        (FULL, "[categories.aged_disabled]", "[categories", "case.toml:7: is not TOML"),
        (TOTALS, "= 9e7", "= -9e7", "case.toml:4: expenditure: must be at least 0, got -90000000.0"),
        (TOTALS, "expenditure = 9e7\n", "", "case.toml: expenditure: is missing"),
        (
            TOTALS,
            "expenditure",
            "gross_savings = 1e7\nexpenditure",
            "case.toml:4: gross_savings: has no place beside",
        ),
        (
            TOTALS,
            "expenditure = 9e7",
            "gross_savings = 2e8",
            "case.toml:4: gross_savings: must not exceed the benchmark",
        ),
        (TOTALS, "benchmark_final = 1e8\n", "", "case.toml: benchmark_final: is missing (give [categories"),
        (
            TOTALS,
            "expenditure",
            "heba_net = 1\nexpenditure",
            "case.toml:4: heba_net: belongs to ACO REACH cases only",
        ),
        (TOTALS, "benchmark_final", "benchmark_before_discount", "case.toml: performance_year: is missing"),
        (
            TOTALS,
            "benchmark_final",
            "performance_year = 2027\nbenchmark_before_discount",
            "case.toml: spending_class: is missing",
        ),
        (
            REACH,
            "= 2022",
            "= 2027",
            "case.toml:3: performance_year: must be a year from 2021 to 2026, got 2027",
        ),
        (REACH, "performance_year = 2022\n", "", "case.toml: performance_year: is missing"),
        (
            REACH,
            "expenditure",
            'entrant = "x"\nexpenditure',
            "case.toml:5: entrant: belongs to LEAD cases only",
        ),
        (REACH, "expenditure", "heba_net = -2e8\nexpenditure", "case.toml:5: heba_net: leaves no benchmark"),
    ],
)
def test_a_wrong_case_is_located(tmp_path: Path, text: str, old: str, new: str, message: str) -> None:
    assert old in text
    assert _message(tmp_path, text.replace(old, new, 1)).startswith(message)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        settle_case(tmp_path / "none.toml")
    with pytest.raises(InputError, match="is a directory"):
        settle_case(tmp_path)


def test_something_that_is_no_case() -> None:
    with pytest.raises(InputError, match="a case is a path or a mapping, got int"):
        settle_case(3)  # type: ignore[arg-type]


def test_a_mapping_has_no_file_in_its_messages() -> None:
    with pytest.raises(InputError, match=r"^option: is missing \(write option = one of global, professional\)$"):
        settle_case({"program": "lead"})


def test_the_quality_score_left_out_is_the_stated_default(tmp_path: Path) -> None:
    result = _settle(tmp_path, FULL.replace("quality_score = 0.9\n", ""))
    assert result["quality_score"] == 0.88
    assert "quality.score_if_not_given" in result["unverified_terms"]
    given = _settle(tmp_path, FULL)
    assert "quality.score_if_not_given" not in given["unverified_terms"]


def test_spending_class_is_derived_or_taken_as_given(tmp_path: Path) -> None:
    assert _settle(tmp_path, FULL)["spending_class"] == "lower"
    at_region = FULL.replace("[1000, 1020, 1060]", "[1120, 1120, 1120]")
    assert _settle(tmp_path, at_region)["spending_class"] == "higher"
    forced = _settle(tmp_path, FULL.replace("quality", 'spending_class = "higher"\nquality'))
    assert forced["discount"] == pytest.approx(0.0175 * forced["benchmark_before_discount"])
    assert forced["administrative_add_on"] == pytest.approx(0.015 * forced["benchmark_before_discount"])


def test_the_trend_from_its_parts_equals_the_trend_itself(tmp_path: Path) -> None:
    parts = "national_trend = 1.07\nregional_trend = 1.06\naco_market_share = 0.2"
    result = _settle(tmp_path, FULL.replace("two_way_trend = 1.062", parts))
    assert result["updated_pbpm"] == pytest.approx(_settle(tmp_path, FULL)["updated_pbpm"])


def test_overrides_change_the_settlement_and_stay_named(tmp_path: Path) -> None:
    allowed = _settle(
        tmp_path, FULL.replace('"global"', '"professional"') + "[terms]\nprofessional_positive_rea = true\n"
    )
    default = _settle(tmp_path, FULL.replace('"global"', '"professional"'))
    assert allowed["benchmark_final"] > default["benchmark_final"]
    assert "professional_positive_rea" in allowed["unverified_terms"]
    assert "professional_positive_rea" in default["unverified_terms"]


def test_lines_that_totals_do_not_tell_are_none(tmp_path: Path) -> None:
    result = _settle(tmp_path, TOTALS)
    assert result["net_shared_savings"] == pytest.approx(9_800_000.0)
    assert result["updated_pbpm"] == {}
    assert result["enhanced_pcc_repayment"] is None
    assert result["settlement_balance"] is None
    assert result["unverified_terms"] == [
        "corridor.global.losses",
        "corridor.global.savings",
        "sequestration.rate",
        "sequestration_base",
        "sequestration_on_losses",
    ]


def test_reach_rests_on_cms_data_alone_until_2025(tmp_path: Path) -> None:
    assert _settle(tmp_path, REACH)["unverified_terms"] == []
    assert _settle(tmp_path, REACH.replace("2022", "2026"))["unverified_terms"] == ["corridor.global.from_2026"]
