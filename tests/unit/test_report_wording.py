"""The answer must be true in every case."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import pytest

from leadrisk.report.ranking import compare, level_with_best, on_offer, ranking
from leadrisk.report.wording import answer, luck_sentence, main_drivers, peers_sentences, ratchet_sentence
from unit.report_fixture import SIX, example

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
            "LEAD Professional is the better option on expected value: over the ten years to 2036 it is expected",
        ),
        ({}, "$10.0 million more than LEAD Global (standard error $200,000), and LEAD Global comes out ahead on 20%"),
        ({"means": (30e6, 20e6), "ahead": 0.9}, "LEAD Global is the better option"),
        (
            {"means": (30e6, 20e6), "ahead": 0.9},
            "more than LEAD Professional (standard error $200,000), and LEAD Global comes",
        ),
        (
            {"means": (30e6, 20e6), "ahead": 0.4},
            "although LEAD Global comes out ahead on 40% of the simulated paths",
        ),
        ({"ahead": 0.6}, "although LEAD Global comes out ahead on 60%"),
        ({"ahead": 0.0}, "LEAD Global comes out ahead on none of the simulated paths"),
        ({"ahead": 1.0, "means": (2e6, 1e6)}, "LEAD Global comes out ahead on all of the simulated paths"),
        ({"ahead": 0.0004}, "LEAD Global comes out ahead on less than 0.1% of the simulated paths"),
        ({"means": (-20e6, -30e6)}, "expected to lose the ACO $10.0 million less than LEAD Professional"),
        ({"means": (5e6, -5e6)}, "expected to bring the ACO $10.0 million more than LEAD Professional"),
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
            "Under LEAD Professional, the ACO can expect a gain of $30.0 million from its settlements, with nine",
        ),
        ({}, "between a loss of $10.0 million and a gain of $70.0 million"),
        ({"cost": 9e6}, "(a gain of $21.0 million after the expected cost of care management)"),
        (
            {"cost": 35e6},
            "a gain of $30.0 million from its settlements (a loss of $5.0 million after the expected cost",
        ),
        ({"means": (-20e6, -30e6)}, "Under LEAD Global, the ACO can expect a loss of $20.0 million"),
        ({"means": (90e6, 60e6)}, "between a gain of $50.0 million and a gain of $130 million"),
        (
            {"means": (-10e6, 0.4e6)},
            "a result that cannot be told apart from zero (a gain of $400,000, standard error",
        ),
        (
            {"mean_error": None},
            "cannot be told apart from zero (a gain of $30.0 million, standard error unknown)",
        ),
        ({"means": (20e6, 20e6)}, "a gain of $20.0 million under LEAD Global with nine chances"),
        ({"means": (20e6, 20e6)}, "a gain of $20.0 million under LEAD Professional with nine chances"),
        (
            {"means": (20e6, 20e6), "cost": 9e6},
            "under LEAD Global (a gain of $11.0 million after the expected cost of care management) with",
        ),
    ],
)
def test_how_much(case: dict[str, Any], expected: str) -> None:
    assert expected in answer(changed(**case))[1]


def test_how_much_cash_and_what_drives_it() -> None:
    sentence = answer(changed())[2]
    assert "must hold $5.0 million under LEAD Professional" in sentence
    assert "against $5.0 million under LEAD Global" in sentence
    assert (
        "the largest source of uncertainty in the total is error in the starting benchmark (36% of the var" in sentence
    )
    assert "must hold $0 under LEAD Professional" in answer(changed(reserve=0.0))[2]


def test_a_tie_names_the_drivers_of_both_options() -> None:
    summary = changed(means=(20e6, 20e6))
    sentence = answer(summary)[2]
    assert "under LEAD Professional error in the starting benchmark" in sentence
    assert "under LEAD Global the national and regional cost trend (34% of the variance) and error in" in sentence
    summary["contracts"]["lead_global"]["drivers"] = summary["contracts"]["lead_professional"]["drivers"]
    assert (
        "is error in the starting benchmark (36% of the variance under LEAD Global, 36% under LEAD Prof"
        in answer(summary)[2]
    )


@pytest.mark.parametrize("name", ["lead_global", "lead_professional"])
def test_one_contract_makes_no_comparison(name: str) -> None:
    summary = single(changed(), name)
    label = {"lead_global": "LEAD Global", "lead_professional": "LEAD Professional"}
    first, second, third = answer(summary)
    assert compare(summary) is None
    assert first.startswith(f"Only {label.pop(name)} was run")
    assert all(other not in f"{first}{second}{third}" for other in label.values())


def test_every_paragraph_is_made_of_whole_sentences() -> None:
    runs = [(kind, ()) for kind in ("gain", "loss", "tie", "single")] + [
        (kind, SIX[:count]) for kind in ("gain", "loss") for count in (1, 2, 4, 6)
    ]
    for kind, contracts in runs:
        summary, _ = example(kind, populations=8, futures=4, contracts=contracts)
        for sentence in (*answer(summary), luck_sentence(summary)):
            assert sentence.endswith(".")
            assert "nan" not in sentence
            assert "n/a" not in sentence
            assert "  " not in sentence


def six(**after_costs: float) -> dict[str, Any]:
    """Six contracts with the means after costs that are given, on paths that tell 200,000 dollars apart."""
    summary, _ = example("gain", populations=8, futures=4, contracts=SIX)
    for name, mean in after_costs.items():
        summary["contracts"][name]["net_of_costs_total"].update(mean=mean, mean_se=1e5)
    means = {name: contract["net_of_costs_total"]["mean"] for name, contract in summary["contracts"].items()}
    for first, second in itertools.combinations(SIX, 2):
        summary["differences_after_costs"][f"{first}_minus_{second}"].update(
            mean=means[first] - means[second], mean_se=1e5, prob_first_better=0.25
        )
    return summary


LOW = dict.fromkeys(SIX, 1e6)


def test_the_best_of_six_after_costs() -> None:
    summary = six(**{**LOW, "mssp_enhanced": 30e6, "lead_global": 20e6})
    summary["choice"]["best"]["lead_professional"]["value"] = 0.53
    summary["choice"]["best"]["mssp_enhanced"]["value"] = 0.41
    summary["choice"]["best"]["stay_out"]["value"] = 0.02
    first = answer(summary)[0]
    assert first.startswith(
        "On these assumptions MSSP ENHANCED is the best of the four contracts that can be chosen on expected value "
        "after costs: over the ten years to 2036 it is expected to bring the ACO $10.0 million more than LEAD Global, "
        "the next best (standard error $100,000), and is ahead of it on 75% of the simulated paths."
    )
    assert "Path by path, after costs, the best is LEAD Professional on 53%, MSSP ENHANCED on 41%, " in first
    assert "staying out on 2.0%" in first
    assert first.endswith("is expected to bring the ACO $30.0 million after costs (standard error $100,000).")


def test_contracts_that_are_level_are_all_named() -> None:
    summary = six(**{**LOW, "lead_global": 20e6, "mssp_enhanced": 19.95e6, "mssp_basic_e": 19.85e6})
    first, second, _ = answer(summary)
    assert level_with_best(summary) == ["lead_global", "mssp_enhanced", "mssp_basic_e"]
    assert first.startswith("LEAD Global, MSSP ENHANCED and MSSP BASIC E cannot be told apart on expected value after")
    assert "differ by $150,000 (standard error $100,000)" in first
    assert "better" not in first.partition("Path by path")[0]
    assert "under LEAD Global (a gain of $20.0 million after costs) with nine chances" in second


def test_level_with_the_third_but_not_with_the_second_is_no_decision() -> None:
    summary = six(**{**LOW, "lead_global": 20e6, "mssp_enhanced": 19.5e6, "mssp_basic_e": 19e6})
    summary["differences_after_costs"]["lead_global_minus_mssp_basic_e"]["mean_se"] = 1e6
    compared = compare(summary)
    assert compared is not None
    assert not compared.decided
    assert answer(summary)[0].startswith("LEAD Global and MSSP BASIC E cannot be told apart")


def test_staying_out_is_the_best_choice_only_when_the_best_contract_loses() -> None:
    lost = six(**{**dict.fromkeys(SIX, -9e6), "mssp_basic_e": -2e6})
    first = answer(lost)[0]
    assert first.startswith(
        "On these assumptions staying out is the best choice on expected value: over the ten years to 2036 even MSSP "
        "BASIC E is expected to lose the ACO $2.0 million after costs (standard error $100,000). Should the ACO enter"
    )
    assert "lose the ACO $7.0 million less than" in first
    level = six(**{**dict.fromkeys(SIX, -9e6), "mssp_basic_e": -0.15e6})
    assert "MSSP BASIC E cannot be told apart from that after costs (a loss of $150,000" in answer(level)[0]
    assert "staying out is the best choice on expected" not in answer(level)[0]


def test_aco_reach_is_a_yardstick_and_no_choice() -> None:
    summary = six(**{**LOW, "reach_global": 90e6, "lead_global": 20e6})
    assert on_offer(summary) == list(SIX[:4])
    assert ranking(summary)[0] == "lead_global"
    assert ranking(summary, of=list(SIX))[0] == "reach_global"
    assert "ACO REACH" not in answer(summary)[0]
    alone, _ = example(populations=8, futures=4, contracts=("lead_global", "reach_global"))
    assert answer(alone)[0].startswith("Only LEAD Global can be chosen, so this report says")
    assert any("yardstick" in sentence for sentence in peers_sentences(alone))


def test_without_differences_after_costs_settlements_are_compared() -> None:
    summary = six(**{**LOW, "lead_global": 20e6})
    del summary["differences_after_costs"]
    totals = {name: contract["net_settlement_total"]["mean"] for name, contract in summary["contracts"].items()}
    assert ranking(summary, of=list(SIX)) == sorted(totals, key=lambda name: -totals[name])
    assert "on expected value: over" in answer(summary)[0]


@pytest.mark.parametrize(
    ("mean", "error", "expected"),
    [
        (-9e6, 1e5, "second agreement period costs the ACO $9.0 million of MSSP ENHANCED settlements over the ten"),
        (9e6, 1e5, "second agreement period brings the ACO $9.0 million"),
        (-9e6, 5e6, "cannot be told apart from zero on average (a loss of $9.0 million, standard error $5.0 million)"),
        (-9e6, None, "cannot be told apart from zero on average (a loss of $9.0 million, standard error unknown)"),
    ],
)
def test_what_the_ratchet_costs(mean: float, error: float | None, expected: str) -> None:
    summary = six()
    summary["ratchet"]["mssp_enhanced"].update(mean=mean, mean_se=error)
    assert expected in ratchet_sentence(summary, "mssp_enhanced")


def test_a_tie_is_broken_by_cash_and_losses() -> None:
    summary = six(**{**LOW, "lead_global": 20e6, "mssp_enhanced": 19.95e6})
    for name, cash, loss in (("lead_global", 90e6, 0.2), ("mssp_enhanced", 30e6, 0.05)):
        summary["contracts"][name]["reserve_99"] = {"value": cash, "se": 1e6}
        summary["contracts"][name].update(prob_negative_total=loss, prob_negative_total_se=0.01)
    assert (
        "What can break the tie: MSSP ENHANCED needs less cash to be 99% sure ($30.0 million against $90.0 million "
        "under LEAD Global) and ends below zero less often (5.0% against 20% under LEAD Global)."
    ) in answer(summary)[0]
    summary["contracts"]["lead_global"]["prob_negative_total"] = 0.01
    assert "under LEAD Global), while LEAD Global ends below zero less often (1.0% against" in answer(summary)[0]
    for name in ("lead_global", "mssp_enhanced"):
        summary["contracts"][name]["reserve_99"]["se"] = 90e6
        summary["contracts"][name]["prob_negative_total_se"] = 0.2
    assert "Neither the cash to hold nor the chance of a loss tells them apart." in answer(summary)[0]


def test_every_option_has_its_chance_to_be_the_best() -> None:
    summary = six(**{**LOW, "mssp_enhanced": 30e6})
    shares = dict(zip((*SIX[:4], "stay_out"), (0.39, 0.18, 0.37, 0.0, 0.06), strict=True))
    summary["choice"]["best"] = {name: {"value": share, "se": 0.01} for name, share in shares.items()}
    assert (
        "Path by path, after costs, the best is LEAD Global on 39%, MSSP ENHANCED on 37%, LEAD Professional on 18%, "
        "staying out on 6.0% and MSSP BASIC E on 0%."
    ) in answer(summary)[0]


def test_drivers_without_a_positive_share_are_not_named() -> None:
    summary = changed()
    for contract in summary["contracts"].values():
        contract["drivers"] = [{"layer": "trend", "label": "Trend", "variance_share": -0.01, "variance_share_se": 0.1}]
    assert main_drivers(summary["contracts"]["lead_global"]["drivers"]) == []
    assert answer(summary)[2].endswith("to be 99% sure).")


def test_luck_of_patients_names_each_option() -> None:
    assert "4.1% of the variance of the ten-year total under LEAD Global and 4.1% under LEAD Prof" in luck_sentence(
        changed()
    )


def test_luck_of_patients_under_many_contracts_names_the_least_and_the_most() -> None:
    summary = six()
    summary["contracts"]["mssp_basic_e"]["patient_luck_share"]["mean"] = 0.14
    summary["contracts"]["lead_professional"]["patient_luck_share"]["mean"] = 0.02
    expected = "between 2.0% of the variance of the ten-year total under LEAD Professional and 14% under MSSP BASIC E;"
    assert expected in luck_sentence(summary)
