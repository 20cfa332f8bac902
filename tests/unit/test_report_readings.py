"""What the result hangs on: the open readings of LEAD."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from leadrisk.report.formatting import MoneyScale
from leadrisk.report.readings import deciding_assumption, rate_book_year, reading_rows
from leadrisk.report.rows import summary_rows
from unit.report_fixture import SIX, UNVERIFIED, example

EXAMPLE, _ = example(populations=8, futures=4, contracts=SIX[:3])
PLAIN, _ = example(populations=8, futures=4)


def run(**means: tuple[float, float]) -> dict[str, Any]:
    """Two LEAD contracts and MSSP, with (mean of each of five years, mean of each of the five later years)."""
    summary = copy.deepcopy(EXAMPLE)
    for name, (early, late) in means.items():
        for year, found in summary["contracts"][name]["years"].items():
            found["net_settlement"]["mean"] = early if int(year) < 2032 else late
    return summary


def gap(summary: dict[str, Any], *, lead_ahead: float, error: float = 1e5) -> dict[str, Any]:
    """LEAD Global ahead of MSSP ENHANCED by so much, LEAD Professional far behind."""
    after = {"lead_global": lead_ahead, "lead_professional": -90e6, "mssp_enhanced": 0.0}
    for name, mean in after.items():
        summary["contracts"][name]["net_of_costs_total"]["mean"] = mean
    for name in ("lead_global", "lead_professional"):
        summary["differences_after_costs"][f"{name}_minus_mssp_enhanced"].update(mean=after[name], mean_se=error)
    return summary


def test_how_much_falls_in_the_years_of_the_rate_book() -> None:
    summary = run(lead_global=(1e6, 9e6), lead_professional=(-2e6, 3e6))
    assert (
        "The years 2032 to 2036, when the regional rate book counts in LEAD\N{RIGHT SINGLE QUOTATION MARK}s benchmark, "
        "bring 90% of the expected gain of $50.0 million under LEAD Global and a gain of $15.0 million under LEAD "
        "Professional, after a loss of $10.0 million in the years before; how and when it comes in is not published."
    ) in deciding_assumption(summary)


def test_the_largest_reading_is_named_with_its_error() -> None:
    said = deciding_assumption(EXAMPLE)
    assert "matters most is the weight of the regional rate book." in said
    assert (
        "If it is read as “0 until 2031, 0.5 in 2032, 1 from 2033” rather than “0 until 2031, 1 from 2032”, the "
        "expected ten-year settlement falls by $9.7 million (standard error $100,000) under LEAD Global and by $5.7 "
        "million (standard error $100,000) under LEAD Professional."
    ) in said
    assert (
        "Next comes “professional positive rea”, where the other reading takes $4.8 million from LEAD Global." in said
    )


def test_a_reading_that_nothing_tells_from_zero_is_not_named() -> None:
    summary = copy.deepcopy(EXAMPLE)
    for item in summary["open_readings"]:
        for change in item["change"].values():
            change["se"] = None
    assert "matters most" not in deciding_assumption(summary)


@pytest.mark.parametrize(
    ("ahead", "error", "expected"),
    [
        (3e6, 1e5, "By itself that would put MSSP ENHANCED ahead of LEAD on expected value."),
        (0.1e6, 1e5, "By itself that would put MSSP ENHANCED ahead of LEAD on expected value."),
        (30e6, 1e5, ""),
        (-3e6, 1e5, ""),
        (9e6, 1e6, ""),
    ],
)
def test_a_reading_that_turns_the_order_is_said_to(ahead: float, error: float, expected: str) -> None:
    said = deciding_assumption(gap(run(), lead_ahead=ahead, error=error))
    assert ("By itself" in said) == bool(expected)
    assert expected in said


def test_a_reading_can_put_lead_ahead() -> None:
    summary = gap(run(), lead_ahead=-3e6)
    summary["open_readings"][0]["change"]["lead_global"]["value"] = 8e6
    assert "would put LEAD Global ahead of MSSP ENHANCED" in deciding_assumption(summary)


def test_without_open_terms_nothing_is_said() -> None:
    assert deciding_assumption(PLAIN) == ""
    assert rate_book_year(PLAIN) is None
    assert rate_book_year(PLAIN, UNVERIFIED) == 2032
    assert deciding_assumption(PLAIN, UNVERIFIED[:1]) == ""
    assert "The years 2032 to 2036" in deciding_assumption(PLAIN, UNVERIFIED)
    always = [{"name": "rate_book_weight", "value": {2027: 1.0}}]
    assert rate_book_year(PLAIN, always) is None


def test_ten_readings_stand_in_the_table_with_what_they_change() -> None:
    rows = reading_rows(EXAMPLE, scale=MoneyScale(1e6, "$ million"))
    assert len(rows) == 10
    assert rows[0].cells == ("\N{MINUS SIGN}9.7 ± 0.1", "\N{MINUS SIGN}5.7 ± 0.1")
    assert (rows[1].value, rows[1].alternative) == ("no", "yes")
    assert (rows[2].value, rows[2].alternative) == ("0.18", "0")
    assert reading_rows(PLAIN, scale=MoneyScale(1e6, "$ million")) == []


def test_readings_are_rows_in_dollars_whatever_the_term_is_called() -> None:
    start = "open_reading.quality.high_performers_share = "
    rows = [row for row in summary_rows(EXAMPLE) if row["statistic"].startswith(start)]
    assert [(row["contract"], row["unit"], row["standard_error"]) for row in rows] == [
        ("lead_global", "dollars", 1e5),
        ("lead_professional", "dollars", 1e5),
    ]
