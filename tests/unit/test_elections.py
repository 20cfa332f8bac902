"""What an ACO elects in LEAD: contradictions are refused, in scenarios and in cases, with file, line and source."""

from __future__ import annotations

from typing import Any

import pytest

from leadrisk.contract.case import lead_elections
from leadrisk.contract.case.lead_input import LeadCase
from leadrisk.contract.case.source import CaseSource
from leadrisk.contract.terms import load_terms
from leadrisk.errors import InputError
from leadrisk.scenario.election_rules import CARA_FIRST_YEAR, PART_D_FIRST_YEAR, Elected, check_elections
from leadrisk.scenario.load import load_scenario
from leadrisk.scenario.toml_file import read_toml
from scenario_fixture import small_scenario

SCENARIO = """name = "small"

[cohort]
lives = 5000
high_needs_share = 0.0
esrd_share = 0.0

[categories.aged_disabled]
base_year_pbpm = [900, 920, 950]
region_pbpm = 980
national_pbpm = 1000

[contract]
entrant = "renewing_mssp"
"""


def keys(elected: Elected, option: Any = "global", last_year: int = 2036, **more: Any) -> list[str]:
    return [one.key for one in check_elections(elected, option=option, last_year=last_year, **more)]


@pytest.mark.parametrize(
    ("elected", "option", "year", "spending", "at_fault"),
    [
        (Elected(), "professional", 2027, "lower", []),
        (Elected(capitation="tcc"), "global", 2027, "lower", []),
        (Elected(npcc=True), "professional", 2027, None, []),
        (Elected(capitation="tcc"), "professional", 2027, None, ["capitation"]),
        (Elected(cara=True), "professional", 2028, None, ["cara"]),
        (Elected(medical_nutrition_therapy=True), "professional", 2027, None, ["medical_nutrition_therapy"]),
        (Elected(medical_nutrition_therapy=True), "global", 2027, None, []),
        (Elected(capitation="tcc", npcc=True), "global", 2027, None, ["npcc"]),
        (Elected(capitation="tcc", apo=True), "global", 2027, None, ["apo"]),
        (Elected(capitation="tcc", enhanced_pcc=True), "global", 2027, None, ["enhanced_pcc"]),
        (Elected(npcc=True, apo=True), "global", 2027, None, ["apo"]),
        (Elected(npcc=True, apo=True, npcc_providers=("A",)), "global", 2027, None, ["apo"]),
        (Elected(npcc=True, apo=True, npcc_providers=("A",), apo_providers=("B",)), "global", 2027, None, []),
        (
            Elected(npcc=True, apo=True, npcc_providers=("A", "B"), apo_providers=("B",)),
            "global",
            2027,
            None,
            ["apo_providers"],
        ),
        (Elected(npcc=True, cara=True), "global", 2028, None, ["cara"]),
        (Elected(apo=True, cara=True), "global", 2028, None, ["cara"]),
        (Elected(npcc=True, cara=True, npcc_providers=("A",), cara_providers=("B",)), "global", 2028, None, []),
        (Elected(cara=True), "global", 2027, None, ["cara"]),
        (Elected(part_d_buydown=True), "global", 2028, None, ["part_d_buydown"]),
        (Elected(part_d_buydown=True), "professional", 2029, None, []),
        (Elected(administrative_add_on=True), "global", 2027, "lower", ["administrative_add_on"]),
        (Elected(administrative_add_on=True), "global", 2027, "higher", []),
        (Elected(capitation="tcc", npcc=True), "professional", 2027, None, ["capitation", "npcc"]),
    ],
)
def test_contradictions(elected: Elected, option: str, year: int, spending: Any, at_fault: list[str]) -> None:
    assert keys(elected, option, year, spending_class=spending) == at_fault


def test_a_rural_aco_may_count_on_the_add_on() -> None:
    assert keys(Elected(administrative_add_on=True), spending_class="lower", rural=True) == []


def test_every_contradiction_names_rule_and_source() -> None:
    elected = Elected(capitation="tcc", npcc=True, apo=True, cara=True, medical_nutrition_therapy=True)
    found = check_elections(elected, option="professional", last_year=2027)
    assert len(found) == 9
    for one in found:
        assert one.problem
        assert one.rule in one.cure
        assert "grade" in one.source


def test_enhanced_capitation_follows_primary_care_capitation() -> None:
    assert Elected().takes_enhanced_pcc
    assert not Elected(enhanced_pcc=False).takes_enhanced_pcc
    assert not Elected(capitation="tcc").takes_enhanced_pcc


def refused(tmp_path: Any, more: str) -> str:
    file = tmp_path / "scenario.toml"
    file.write_text(SCENARIO + more, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_scenario(file)
    return str(caught.value).replace(f"{file}", "scenario.toml")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (
            '[elections]\ncapitation = "tcc"\n',
            ":16: elections.capitation: total care capitation is not open to Professional (Professional must take PCC",
        ),
        ("[elections]\nnpcc = true\napo = true\n", ":17: elections.apo: APO and NPCC both cover"),
        (
            '[elections]\nnpcc = true\n[elections.lead_global]\ncapitation = "tcc"\n',
            ":16: elections.npcc: non-primary care capitation has no place beside total care capitation",
        ),
        ('[elections]\ntrack = "E"\n', ":16: elections.track: belongs to the Shared Savings Program, not to LEAD"),
        ("[elections]\nncpc = true\n", ':16: elections.ncpc: unknown key (did you mean "elections.npcc"?)'),
        (
            "[horizon]\nperformance_years = 2\n[elections]\npart_d_buydown = true\n",
            ":18: elections.part_d_buydown: the Part D premium buy-down cannot be offered before 2029 (the",
        ),
        (
            "[elections]\nnpcc = true\n[cara]\nelected = true\n",
            ":18: cara.elected: CARA and NPCC both cover",
        ),
        (
            "[participation]\nmedicaid_partnership = true\n",
            ":16: participation.medicaid_partnership: cannot be simulated: no payment terms are published",
        ),
        ('[participation]\nexit_rule = "after_year"\n', "participation.exit_year: is missing"),
        ("[participation]\nexit_year = 2030\n", ":16: participation.exit_year: has no effect with exit_rule never"),
        (
            '[participation]\nexit_rule = "after_year"\nexit_year = 2040\n',
            ":17: participation.exit_year: must be a performance year (2027 to 2036), got 2040",
        ),
        ("[participation]\nswitch_year = 2027\n", ":16: participation.switch_year: must be a performance year after"),
    ],
)
def test_a_scenario_is_refused_with_its_line(tmp_path: Any, more: str, says: str) -> None:
    assert says in refused(tmp_path, more)


def test_the_cure_says_how_to_compare_with_global(tmp_path: Any) -> None:
    told = refused(tmp_path, '[elections]\ncapitation = "tcc"\n')
    assert told.endswith(
        'Global may choose; CMS LEAD page, grade A; write capitation = "tcc" under [elections.lead_global])'
    )


def test_two_contradictions_are_told_at_once(tmp_path: Any) -> None:
    told = refused(tmp_path, '[elections]\ncapitation = "tcc"\nnpcc = true\n')
    assert "elections.npcc: non-primary care capitation" in told


def test_professional_alone_may_not_have_what_only_global_may() -> None:
    contract = {"names": ["lead_professional"]}
    with pytest.raises(ValueError, match="Medical Nutrition Therapy is not open to Professional"):
        small_scenario(contract=contract, elections={"medical_nutrition_therapy": True})
    with pytest.raises(ValueError, match="CARA is not open to Professional"):
        small_scenario(contract=contract, cara={"elected": True})
    with pytest.raises(ValueError, match=r"contract\.names has no lead_professional"):
        small_scenario(contract={"names": ["lead_global"]}, participation={"switch_year": 2028})


def test_elections_by_contract() -> None:
    elections = small_scenario(
        elections={"lead_global": {"capitation": "tcc"}, "medical_nutrition_therapy": True, "prevention_reward": True}
    ).elections
    under_global, under_professional = elections.under("lead_global"), elections.under("lead_professional")
    assert (under_global.capitation, under_professional.capitation) == ("tcc", "pcc")
    assert (under_global.medical_nutrition_therapy, under_professional.medical_nutrition_therapy) == (True, False)
    assert under_global.prevention_reward
    assert under_professional.prevention_reward


def test_a_written_scenario_reads_back() -> None:
    scenario = small_scenario(elections={"lead_global": {"capitation": "tcc"}, "npcc_providers": ["A"]})
    assert type(scenario).model_validate(scenario.model_dump(mode="json", exclude_none=True)) == scenario


def test_first_years_are_those_of_the_terms() -> None:
    assert load_terms("lead").number("benefits.part_d_first_year") == PART_D_FIRST_YEAR
    assert load_terms("lead").number("cara.first_year") == CARA_FIRST_YEAR
    assert small_scenario().benefits.part_d_buydown_first_year == PART_D_FIRST_YEAR


def case_error(tmp_path: Any, elections: str, **case: Any) -> str:
    file = tmp_path / "case.toml"
    file.write_text(f"[elections]\n{elections}", encoding="utf-8")
    table, lines = read_toml(file)
    settled = LeadCase(**{"option": "professional", "performance_year": 2027, **case})
    with pytest.raises(InputError) as caught:
        lead_elections.read(
            CaseSource(table, "case.toml", lines),
            load_terms("lead"),
            case=settled,
            values={"administrative_add_on": 0.0},
        )
    return str(caught.value)


@pytest.mark.parametrize(
    ("elections", "case", "says"),
    [
        ('capitation = "tcc"', {}, "case.toml:2: elections.capitation: total care capitation is not open"),
        ('capitation = "tc"', {}, "elections.capitation: must be one of pcc, tcc, got 'tc' (did you mean \"tcc\"?)"),
        ("minimum_savings_rate = 0.02", {}, "belongs to the Shared Savings Program, not to LEAD (42 CFR 425.605"),
        ("npcc = 1", {}, "elections.npcc: must be true or false, got 1"),
        ("npcc = true", {}, "elections.non_primary_care_capitation: is missing"),
        ("npcc_providers = 3", {}, "elections.npcc_providers: must be a list of names"),
        ("advanced_payment = 5", {}, "elections.advanced_payment: is not elected"),
        (
            "part_d_buydown = true",
            {"performance_year": 2028},
            "cannot be offered before 2029 (the last year here is 2028",
        ),
        ("administrative_add_on = true", {"spending_class": "lower"}, "a lower-spending ACO has no administrative"),
        ("administrative_add_on = true", {"spending_class": None}, "none is due to this ACO in this year"),
    ],
)
def test_a_case_is_refused_with_its_line(tmp_path: Any, elections: str, case: dict[str, Any], says: str) -> None:
    assert says in case_error(tmp_path, elections, **case)


def test_each_contradiction_of_a_case_has_its_own_line_and_cure(tmp_path: Any) -> None:
    told = case_error(tmp_path, "part_d_buydown = true\nmedical_nutrition_therapy = true").splitlines()
    assert told == [
        (
            "case.toml:3: elections.medical_nutrition_therapy: Medical Nutrition Therapy is not open to Professional "
            "(it is for ACOs that take full risk; CMS LEAD page, grade A)"
        ),
        (
            "case.toml:2: elections.part_d_buydown: the Part D premium buy-down cannot be offered before 2029 "
            "(the last year here is 2027; 'by 2029', CMS LEAD page, grade A)"
        ),
    ]


@pytest.mark.parametrize(
    ("more", "elect", "says"),
    [
        (
            "[benefits]\npart_b_support_pbpm = 8",
            "[elections]\npart_b_cost_sharing_support = true",
            "benefits.part_b_support",
        ),
        (
            "[benefits]\nprevention_reward_saves = 0.01",
            "[elections]\nprevention_reward = true",
            "benefits.prevention_reward",
        ),
        ("[stop_loss]\nfirst_attachment = 6", "elected = true", "stop_loss.first_attachment: is not elected"),
        ("[stop_loss]\nesrd_second_attachment = 6", "elected = true", "stop_loss.esrd_second_attachment: is not"),
    ],
)
def test_what_is_not_elected_may_not_be_set(tmp_path: Any, more: str, elect: str, says: str) -> None:
    assert says in refused(tmp_path, f"{more}\n")
    assert "is not elected (write " in refused(tmp_path, f"{more}\n")
    file = tmp_path / "elected.toml"
    file.write_text(f"{SCENARIO}{more}\n{elect}\n", encoding="utf-8")
    load_scenario(file)


def test_defaults_may_stand_without_being_elected(tmp_path: Any) -> None:
    file = tmp_path / "scenario.toml"
    file.write_text(f"{SCENARIO}[benefits]\npart_b_support_pbpm = 5\n[stop_loss]\nfirst_attachment = 7.5\n", "utf-8")
    load_scenario(file)


def test_a_case_tells_what_elections_add() -> None:
    elections = {
        "npcc": True,
        "npcc_providers": ["A"],
        "non_primary_care_capitation": 5_000_000,
        "non_primary_care_claims": 5_400_000,
        "apo": True,
        "apo_providers": ["B"],
        "advanced_payment": 3_000_000,
        "advanced_payment_billed": 3_100_000,
        "enhanced_pcc": False,
    }
    read = {
        reading: lead_elections.read(
            CaseSource({"elections": elections}),
            load_terms("lead", {"payments.capitation_in_expenditure": reading}),
            case=LeadCase(option="global", performance_year=2027),
            values={"enhanced_pcc_repayment": 1_000_000.0},
        )
        for reading in ("capitation_paid", "claims_as_if_unreduced")
    }
    assert read["capitation_paid"].added_to_expenditure == {"capitation_in_expenditure": -400_000.0}
    assert read["claims_as_if_unreduced"].added_to_expenditure == {"capitation_in_expenditure": 0.0}
    for extra in read.values():
        assert extra.beside == {"advanced_payment_reconciliation": 100_000.0, "enhanced_pcc_not_taken": 1_000_000.0}
    assert [line["dollars"] for line in read["capitation_paid"].lines] == [400_000.0, 100_000.0, 1_000_000.0]


def test_a_rural_aco_may_count_on_the_add_on_and_shares_have_room() -> None:
    rural = {"alignment": {"rural": True}, "contract": {"entrant": "renewing_mssp", "spending_class": "lower"}}
    assert small_scenario(elections={"administrative_add_on": True}, **rural).alignment.rural
    both = {"npcc": True, "apo": True, "npcc_providers": ["a"], "apo_providers": ["b"]}
    with pytest.raises(ValueError, match=r"must sum to at most 1, got 1\.6"):
        small_scenario(elections={**both, "npcc_share": 0.8, "apo_share": 0.8})
