"""Rows for the terminal and for summary.csv."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from leadrisk.report.formatting import summary_scale
from leadrisk.report.tables import difference_figures, key_figures, summary_rows, terminal_summary, year_rows
from unit.report_fixture import YEARS, example


def numbers(found: Any, *, skip: tuple[str, ...] = ()) -> list[float]:
    """Every number of a nested mapping, standard errors and names of paths left out."""
    if isinstance(found, dict):
        return [n for key, value in found.items() if key not in skip for n in numbers(value, skip=skip)]
    if isinstance(found, list):
        return [n for value in found for n in numbers(value, skip=skip)]
    return [found] if isinstance(found, (int, float)) else []


@pytest.mark.parametrize("kind", ["gain", "single"])
def test_rows_hold_every_number_once(kind: str) -> None:
    summary, _ = example(kind, populations=8, futures=4)
    rows = summary_rows(summary)
    held = [row["value"] for row in rows] + [row["standard_error"] for row in rows if row["standard_error"] is not None]
    parts = [summary[part] for part in ("contracts", "differences", "guarantee", "programme_cost_total_mean")]
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
    assert rows["lead_global", "2031", "median_path.shared_savings"]["unit"] == "dollars"
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
    assert figures[0].cells[0].endswith("± n/a")
    assert figures[1].cells[0].endswith("± n/a")


def test_year_rows_follow_the_years() -> None:
    summary, _ = example(populations=8, futures=4)
    rows = year_rows(summary["contracts"]["lead_global"], scale=summary_scale(summary))
    assert [row["year"] for row in rows] == [str(year) for year in YEARS]
    assert rows[-1]["add_on"] == "0.00"
    assert all("%" in row["owing"] for row in rows)


def test_difference_needs_two_contracts() -> None:
    summary, _ = example("single", populations=8, futures=4)
    assert difference_figures(summary, scale=summary_scale(summary)) == []
