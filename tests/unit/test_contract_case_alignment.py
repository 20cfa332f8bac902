"""Cases that say what counts, who is aligned, and what optional tables add."""

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


def _settle(folder: Path, text: str) -> dict[str, object]:
    path = folder / "case.toml"
    path.write_text(text, encoding="utf-8")
    return settle_case(path)


def _message(folder: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        _settle(folder, text)
    return str(caught.value).removeprefix(f"{folder}/")


AGED = "[categories.aged_disabled]\n"


@pytest.mark.parametrize(
    ("text", "old", "new", "message"),
    [
        (FULL, "[cat", "high_performer = 1\n[cat", "case.toml:7: high_performer: must be true or false, got 1"),
        (
            FULL,
            "[cat",
            "first_performance_year = 2028\n[cat",
            "case.toml:7: first_performance_year: must be a year from 2027 to 2027, got 2028",
        ),
        (
            TOTALS,
            "expenditure",
            "rural = true\nexpenditure",
            "case.toml:4: rural: has no effect on a case from benchmark",
        ),
        (TOTALS, "expenditure", "alignment.aligned = 9\nexpenditure", "case.toml:4: alignment: has no effect"),
        (
            FULL,
            "[cat",
            "[alignment]\nhigh_needs_share = 0.5\n[cat",
            "case.toml:7: alignment.aligned: is missing",
        ),
        (
            FULL,
            "[cat",
            "[alignment]\nalined = 5000\n[cat",
            'case.toml:8: alignment.alined: there is no such key (did you mean "aligned"?)',
        ),
        (
            FULL,
            "[cat",
            '[alignment]\nmode = "monthly"\n[cat',
            "case.toml:8: alignment.mode: must be one of prospective, hybrid, got 'monthly'",
        ),
        (
            FULL,
            AGED,
            f"{AGED}midyear_additions = 20\n",
            "case.toml:8: categories.aged_disabled.midyear_additions: has no place under prospective alignment",
        ),
        (
            FULL,
            AGED,
            f"{AGED}voluntary_share = 1.5\n",
            "case.toml:8: categories.aged_disabled.voluntary_share: must be at least 0 and at most 1, got 1.5",
        ),
        (
            FULL,
            AGED,
            f"{AGED}high_needs_person_years = 20\n",
            "case.toml:8: categories.aged_disabled.high_needs_person_years: there is no such key",
        ),
        (
            FULL,
            AGED,
            f"{AGED}base_year_trend = [1.1, 1.05, 1]\n",
            "case.toml:7: categories.aged_disabled.base_year_risk_score: is missing",
        ),
        (
            FULL,
            AGED,
            f"{AGED}base_year_trend = [1.1, 1.05, 1.01]\nbase_year_risk_score = [1, 1, 1]\n",
            "case.toml:8: categories.aged_disabled.base_year_trend[2]: must be 1 for base year 3 itself, got 1.01",
        ),
        (
            FULL,
            AGED,
            f"{AGED}base_year_trend = [1.1, 1.05, 1]\nbase_year_risk_score = [1, 1, 1.02]\n",
            "case.toml:9: categories.aged_disabled.base_year_risk_score[2]: must be risk_score_by3 = 1.0",
        ),
        (
            FULL,
            AGED,
            f"{AGED}runout_months = 2\n",
            "case.toml:8: categories.aged_disabled.runout_months: must be at least 3, the run-out that LEAD settles on",
        ),
        (
            FULL,
            AGED,
            f"{AGED}base_year_exclusions.sahs = [1000, 1020, 1060]\n",
            "case.toml:8: categories.aged_disabled.base_year_exclusions: leaves nothing of base_year_pbpm",
        ),
        (
            FULL,
            AGED,
            f"{AGED}performance_year_exclusions.sahs = 1200\n",
            "case.toml:8: categories.aged_disabled.performance_year_exclusions: takes more than expenditure_pbpm",
        ),
        (
            FULL,
            AGED,
            f"{AGED}performance_year_exclusions.skin = 12\n",
            "case.toml:8: categories.aged_disabled.performance_year_exclusions.skin: there is no such key",
        ),
        (
            FULL,
            AGED,
            f"{AGED}base_year_exclusions.ime = 8\n",
            "case.toml:8: categories.aged_disabled.base_year_exclusions.ime: must be three numbers, got 8",
        ),
    ],
)
def test_what_counts_and_who_is_aligned_is_checked(tmp_path: Path, text: str, old: str, new: str, message: str) -> None:
    assert old in text
    assert _message(tmp_path, text.replace(old, new, 1)).startswith(message)


def test_esrd_that_is_high_needs_needs_a_category_to_move_to(tmp_path: Path) -> None:
    text = FULL.replace("aged_disabled", "esrd") + "high_needs_person_years = 20\n"
    assert _settle(tmp_path, text)["updated_pbpm"].keys() == {"esrd"}
    moved = f'{text}[terms]\nesrd_precedence = "high_needs"\n'
    assert _message(tmp_path, moved).startswith(
        "case.toml:18: categories.esrd.high_needs_person_years: needs a category to move to"
    )


def test_the_minimum_alignment_needs_the_kind_of_entrant(tmp_path: Path) -> None:
    text = (
        'program = "lead"\noption = "global"\nperformance_year = 2027\nspending_class = "lower"\n'
        "benchmark_before_discount = 1e8\nexpenditure = 9e7\n[alignment]\naligned = 4500\n"
    )
    assert _message(tmp_path, text).startswith("case.toml: entrant: is missing")
    result = _settle(tmp_path, text.replace("[align", 'entrant = "renewing_reach"\n[align'))
    assert (result["alignment_minimum"], result["alignment_shortfall"]) == (5000.0, 500.0)
    flagged = next(line for line in result["lines"] if line["name"] == "alignment_minimum")
    assert "below the minimum: the ACO continues" in flagged["how"]
    assert "alignment.below_minimum" in result["unverified_terms"]


def test_a_spending_class_at_entry_gives_way_where_it_is_found_anew(tmp_path: Path) -> None:
    entered = FULL.replace("quality", 'spending_class = "higher"\nquality', 1)
    assert _settle(tmp_path, entered)["spending_class"] == "higher"
    anew = _settle(tmp_path, entered + "[terms]\nspending_class_redetermined = true\n")
    assert anew["spending_class"] == "lower"
    assert anew["administrative_add_on"] == 0.0


def test_what_optional_tables_add_stands_where_it_counts(tmp_path: Path) -> None:
    table = "[stop_loss]\nresidual_above_first = 3_000_000\nresidual_above_second = 1_000_000\ncharge_pbpm = 20\n"
    result, plain = _settle(tmp_path, FULL + table), _settle(tmp_path, FULL)
    names = [line["name"] for line in result["lines"]]
    assert names.index("expenditure") < names.index("stop_loss_charge") < names.index("expenditure_net")
    assert names.index("expenditure_net") < names.index("gross_savings")
    assert result["stop_loss_charge"] == pytest.approx(20.0 * 12 * 8000)
    net = plain["expenditure"] + result["stop_loss_charge"] + result["stop_loss_payout"]
    assert result["gross_savings"] == pytest.approx(plain["benchmark_final"] - net)
    assert result["benchmark_final"] == plain["benchmark_final"]
    assert _message(tmp_path, TOTALS + table).startswith(
        "case.toml:5: stop_loss: has no place in a case from benchmark"
    )
