"""Rows for the terminal and for summary.csv."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from leadrisk.report.formatting import ABSENT, MINUS, summary_scale
from leadrisk.report.rows import summary_rows
from leadrisk.report.tables import (
    choice_figures,
    further_figures,
    head_to_head,
    key_figures,
    terminal_summary,
    year_rows,
)
from unit.report_fixture import SIX, YEARS, example


def numbers(found: Any, *, skip: tuple[str, ...] = ()) -> list[float]:
    """Every number of a nested mapping, standard errors and names of paths left out."""
    if isinstance(found, dict):
        return [n for key, value in found.items() if key not in skip for n in numbers(value, skip=skip)]
    if isinstance(found, list):
        return [n for value in found for n in numbers(value, skip=skip)]
    return [found] if isinstance(found, (int, float)) else []


@pytest.mark.parametrize(("kind", "contracts"), [("gain", ()), ("single", ()), ("gain", SIX)])
def test_rows_hold_every_number_once(kind: str, contracts: tuple[str, ...]) -> None:
    summary, _ = example(kind, populations=8, futures=4, contracts=contracts)
    rows = summary_rows(summary)
    held = [row["value"] for row in rows] + [row["standard_error"] for row in rows if row["standard_error"] is not None]
    names = ("contracts", "differences", "differences_after_costs", "choice", "ratchet", "guarantee")
    parts = [summary[part] for part in (*names, "programme_cost_total_mean") if part in summary]
    parts.append([reading["change"] for reading in summary.get("open_readings", [])])
    expected = numbers({"parts": parts}, skip=("year", "population", "future"))
    assert sorted(held) == sorted(expected)
    keys = [(row["contract"], row["year"], row["statistic"]) for row in rows]
    assert len(set(keys)) == len(keys)


def test_rows_name_year_unit_and_error() -> None:
    summary, _ = example(populations=8, futures=4)
    rows = {(r["contract"], r["year"], r["statistic"]): r for r in summary_rows(summary)}
    mean = rows["lead_global", "total", "net_settlement_total.mean"]
    assert mean["unit"] == "dollars"
    assert mean["standard_error"] == summary["contracts"]["lead_global"]["net_settlement_total"]["mean_se"]
    assert rows["lead_global", "2029", "prob_loss"]["unit"] == "fraction"
    assert rows["lead_global", "2029", "gross_savings_rate.p50"]["unit"] == "fraction"
    assert rows["lead_global", "2031", "one_path.shared_savings"]["unit"] == "dollars"
    assert rows["lead_global", "total", "driver.trend.variance_share"]["unit"] == "fraction"
    assert rows["lead_global", "total", "driver.trend.sd_frozen"]["unit"] == "dollars"
    assert rows["lead_global", "total", "reserve_99"]["standard_error"] > 0
    assert rows["lead_global_minus_lead_professional", "total", "net_settlement_total.prob_first_better"]
    assert rows["all", "total", "programme_cost_total_mean"]["value"] == summary["programme_cost_total_mean"]


@pytest.mark.parametrize("kind", ["gain", "loss", "tie", "single"])
def test_terminal_table_fits_eighty_columns(kind: str) -> None:
    summary, _ = example(kind, populations=8, futures=4)
    summary["scenario"] = "an [ACO] of brackets"
    stream = io.StringIO()
    terminal_summary(summary, Console(file=stream, width=80))
    text = stream.getvalue()
    assert "an [ACO] of brackets" in text
    assert "Chance of owing CMS in some year" in text
    assert ("Professional" in text) == (kind != "single")
    assert "…" not in text
    assert text.count("±") == 7 * len(summary["contracts"]) + 1


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
def test_terminal_table_of_any_count_of_contracts_fits_eighty_columns(count: int) -> None:
    summary, _ = example("loss", populations=8, futures=4, contracts=SIX[:count])
    stream = io.StringIO()
    terminal_summary(summary, Console(file=stream, width=80))
    text = stream.getvalue()
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80
    table, _, below = text.partition("Best choice after costs, path by path: ")
    assert table.count("±") == 8 * count
    options = ("Global", "Professional", "ENHANCED", "BASIC E", "Global", "Professional")
    assert all(option in table for option in options[:count])
    assert "Staying out on" in " ".join(below.split())


def test_money_is_shown_in_thousands_for_a_small_organization() -> None:
    summary, _ = example(populations=8, futures=4)
    for contract in summary["contracts"].values():
        contract["net_settlement_total"] = {k: v / 1000 for k, v in contract["net_settlement_total"].items()}
    scale = summary_scale(summary)
    assert scale.unit == "$ thousand"
    assert "$ thousand" in key_figures(summary, scale=scale)[0].label


def test_a_run_too_small_for_errors_says_so() -> None:
    summary, _ = example(populations=8, futures=4)
    for contract in summary["contracts"].values():
        contract["net_settlement_total"].update(mean_se=None, p05_se=float("nan"))
    figures = key_figures(summary, scale=summary_scale(summary))
    assert figures[0].cells[0].endswith(f"± {ABSENT}")
    assert figures[1].cells[0].endswith(f"± {ABSENT}")


def test_year_rows_follow_the_years() -> None:
    summary, _ = example(populations=8, futures=4)
    rows = year_rows(summary["contracts"]["lead_global"], scale=summary_scale(summary))
    assert [row["year"] for row in rows] == [str(year) for year in YEARS]
    assert rows[-1]["add_on"] == "0.00"
    assert all("%" in row["owing"] for row in rows)


def test_nothing_is_compared_with_one_contract() -> None:
    summary, _ = example("single", populations=8, futures=4)
    assert head_to_head(summary, scale=summary_scale(summary)) == []


def test_the_best_contract_meets_each_other_one() -> None:
    summary, _ = example(populations=8, futures=4, contracts=SIX)
    rows = head_to_head(summary, scale=summary_scale(summary))
    after = {name: contract["net_of_costs_total"]["mean"] for name, contract in summary["contracts"].items()}
    best = max(after, key=after.__getitem__)
    assert best == "lead_professional"
    gaps = [(after[best] - mean) / 1e6 for name, mean in after.items() if name != best]
    shown = [float(row.cells[0].partition(" ")[0]) for row in rows]
    assert shown == pytest.approx(sorted(gaps), abs=0.051)
    assert {row.label for row in rows} == {
        f"LEAD Professional minus {label}"
        for label in ("LEAD Global", "MSSP ENHANCED", "MSSP BASIC E", "ACO REACH Global", "ACO REACH Professional")
    }


def test_a_difference_held_the_other_way_round_is_turned() -> None:
    summary, _ = example(populations=8, futures=4, contracts=SIX[:2])
    held = {"mean": -16e6, "mean_se": 1e6, "p05": -50e6, "p05_se": 2e6, "p95": 20e6, "p95_se": 3e6}
    summary["differences_after_costs"] = {
        "lead_global_minus_lead_professional": {**held, "prob_first_better": 0.2, "prob_first_better_se": 0.01}
    }
    row = head_to_head(summary, scale=summary_scale(summary))[0]
    assert row.cells == ("16.0 ± 1.0", f"{MINUS}20.0 ± 3.0", "50.0 ± 2.0", "80.0% ± 1.0")


def test_options_stand_by_their_mean_with_staying_out_at_zero() -> None:
    summary, _ = example("loss", populations=8, futures=4, contracts=SIX)
    rows = choice_figures(summary, scale=summary_scale(summary))
    assert rows[0].label == "Staying out"
    assert rows[0].cells[0] == "0.0 ± 0.0"
    means = [float(row.cells[0].partition(" ")[0].replace(MINUS, "-")) for row in rows]
    assert means == sorted(means, reverse=True)
    chances = [float(row.cells[1].partition("%")[0]) for row in rows]
    assert sum(chances) == pytest.approx(100, abs=0.5)


def test_what_a_contract_does_not_have_is_not_shown_as_a_number() -> None:
    summary, _ = example(populations=8, futures=4, contracts=SIX)
    rows = {row.label: row.cells for row in further_figures(summary, scale=summary_scale(summary))}
    rows |= {row.label: row.cells for row in key_figures(summary, scale=summary_scale(summary))}
    for label in ("Lowest month-end cash over the term, $ million", "Financial guarantee asked by CMS, $ million"):
        assert all("." in cell for cell in rows[label][:2])
        assert rows[label][2:] == (ABSENT,) * 4
    assert rows["Chance of being too small"] == ("3.1% ± 0.4",) * 6


def test_the_result_after_costs_comes_first_where_it_is_known() -> None:
    summary, _ = example(populations=8, futures=4, contracts=SIX[:1])
    scale = summary_scale(summary)
    assert key_figures(summary, scale=scale)[0].label.startswith("Expected ten-year result after costs")
    assert not any("after that cost" in row.label for row in further_figures(summary, scale=scale))
    del summary["contracts"]["lead_global"]["net_of_costs_total"]
    assert key_figures(summary, scale=scale)[0].label.startswith("Expected ten-year net settlement")
    assert any("after that cost" in row.label for row in further_figures(summary, scale=scale))
