"""The three sentences must be true in every case."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import pytest

from leadrisk.report.wording import answer, compare, luck_sentence, main_drivers
from unit.report_fixture import example

SUMMARY, _ = example("gain", populations=8, futures=4)


def changed(
    *,
    means: tuple[float, float] = (20e6, 30e6),
    mean_error: float | None = 0.5e6,
    gap_error: float | None = 0.2e6,
    ahead: float = 0.2,
    reserve: float = 5e6,
    cost: float = 0.0,
    years: int = 10,
) -> dict[str, Any]:
    summary = copy.deepcopy(SUMMARY)
    summary["programme_cost_total_mean"] = cost
    for contract, mean in zip(summary["contracts"].values(), means, strict=True):
        contract["net_settlement_total"].update(mean=mean, mean_se=mean_error, p05=mean - 40e6, p95=mean + 40e6)
        contract["reserve_95"]["value"] = reserve
        contract["years"] = dict(itertools.islice(contract["years"].items(), years))
    summary["differences"]["lead_global_minus_lead_professional"].update(
        mean=means[0] - means[1], mean_se=gap_error, prob_first_better=ahead
    )
    return summary


def single(summary: dict[str, Any], name: str) -> dict[str, Any]:
    return {**summary, "contracts": {name: summary["contracts"][name]}, "differences": {}}


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (
            {},
            "Professional is the better option on expected value: over the ten years to 2036 it is expected",
        ),
        ({}, "$10.0 million more than Global (standard error $200,000), and Global comes out ahead on 20%"),
        ({"means": (30e6, 20e6), "ahead": 0.9}, "Global is the better option"),
        (
            {"means": (30e6, 20e6), "ahead": 0.9},
            "more than Professional (standard error $200,000), and Global comes",
        ),
        (
            {"means": (30e6, 20e6), "ahead": 0.4},
            "although Global comes out ahead on 40% of the simulated paths",
        ),
        ({"ahead": 0.6}, "although Global comes out ahead on 60%"),
        ({"ahead": 0.0}, "Global comes out ahead on none of the simulated paths"),
        ({"ahead": 1.0, "means": (2e6, 1e6)}, "Global comes out ahead on all of the simulated paths"),
        ({"ahead": 0.0004}, "Global comes out ahead on less than 0.1% of the simulated paths"),
        ({"means": (-20e6, -30e6)}, "expected to lose the ACO $10.0 million less than Professional"),
        ({"means": (5e6, -5e6)}, "expected to bring the ACO $10.0 million more than Professional"),
        ({"means": (20.3e6, 20e6)}, "cannot be told apart on expected value"),
        ({"means": (20.3e6, 20e6)}, "averages differ by $300,000 (standard error $200,000)"),
        ({"means": (20e6, 20e6), "gap_error": 0.0}, "cannot be told apart"),
        ({"gap_error": None}, "cannot be told apart"),
        ({"gap_error": float("nan")}, "standard error unknown"),
        ({"years": 1}, "on expected value: in 2027 it is expected"),
    ],
)
def test_which_option(case: dict[str, Any], expected: str) -> None:
    assert expected in answer(changed(**case))[0]


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (
            {},
            "Under Professional, the ACO can expect a gain of $30.0 million, with nine chances in",
        ),
        ({}, "between a loss of $10.0 million and a gain of $70.0 million"),
        ({"cost": 9e6}, "(a gain of $21.0 million after the expected cost of care management)"),
        ({"cost": 35e6}, "a gain of $30.0 million (a loss of $5.0 million after the expected cost"),
        ({"means": (-20e6, -30e6)}, "Under Global, the ACO can expect a loss of $20.0 million"),
        ({"means": (90e6, 60e6)}, "between a gain of $50.0 million and a gain of $130 million"),
        (
            {"means": (-10e6, 0.4e6)},
            "a result that cannot be told apart from zero (a gain of $400,000, standard error",
        ),
        (
            {"mean_error": None},
            "cannot be told apart from zero (a gain of $30.0 million, standard error unknown)",
        ),
        ({"means": (20e6, 20e6)}, "a gain of $20.0 million under Global (nine chances"),
        ({"means": (20e6, 20e6)}, "a gain of $20.0 million under Professional (nine chances"),
        (
            {"means": (20e6, 20e6), "cost": 9e6},
            "in both cases before $9.0 million of expected care-management cost",
        ),
    ],
)
def test_how_much(case: dict[str, Any], expected: str) -> None:
    assert expected in answer(changed(**case))[1]


def test_how_much_cash_and_what_drives_it() -> None:
    sentence = answer(changed())[2]
    assert "must hold $5.0 million under Professional" in sentence
    assert "against $5.0 million under Global" in sentence
    assert (
        "the largest source of uncertainty in the total is error in the starting benchmark (36% of the var" in sentence
    )
    assert "must hold $0 under Professional" in answer(changed(reserve=0.0))[2]


def test_a_tie_names_the_drivers_of_both_options() -> None:
    summary = changed(means=(20e6, 20e6))
    sentence = answer(summary)[2]
    assert "under Professional error in the starting benchmark" in sentence
    assert "under Global the national and regional cost trend (34% of the variance) and error in" in sentence
    summary["contracts"]["lead_global"]["drivers"] = summary["contracts"]["lead_professional"]["drivers"]
    assert "is error in the starting benchmark (36% of the variance)." in answer(summary)[2]


@pytest.mark.parametrize("name", ["lead_global", "lead_professional"])
def test_one_contract_makes_no_comparison(name: str) -> None:
    summary = single(changed(), name)
    label = {"lead_global": "Global", "lead_professional": "Professional"}
    first, second, third = answer(summary)
    assert compare(summary) is None
    assert first.startswith(f"Only {label.pop(name)} was run")
    assert all(other not in f"{first}{second}{third}" for other in label.values())


def test_every_sentence_is_one_sentence() -> None:
    for kind in ("gain", "loss", "tie", "single"):
        summary, _ = example(kind, populations=8, futures=4)
        for sentence in (*answer(summary), luck_sentence(summary)):
            assert sentence.endswith(".")
            assert ". " not in sentence
            assert "nan" not in sentence
            assert "n/a" not in sentence


def test_drivers_without_a_positive_share_are_not_named() -> None:
    summary = changed()
    for contract in summary["contracts"].values():
        contract["drivers"] = [{"layer": "trend", "label": "Trend", "variance_share": -0.01, "variance_share_se": 0.1}]
    assert main_drivers(summary["contracts"]["lead_global"]["drivers"]) == []
    assert answer(summary)[2].endswith("to be 99% sure).")


def test_luck_of_patients_names_each_option() -> None:
    assert "4.1% of the variance of the ten-year total under Global and 4.1% under Prof" in luck_sentence(changed())
