"""Every rule can be followed from its source to the function, terms and cases that carry it; no term is left out."""

from __future__ import annotations

import ast
import doctest
import re
import tomllib
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from leadrisk.contract.case import settle_case
from leadrisk.contract.rule_index import load_rules, read_rule
from leadrisk.contract.terms import PROGRAMS, load_terms

if TYPE_CHECKING:
    from leadrisk.contract.rule_index import Rule

REPOSITORY = Path(__file__).resolve().parents[2]
CASES = REPOSITORY / "scenarios" / "cases"
NOTES = REPOSITORY.parent / "shared"
RULES = load_rules()
RULE = {
    "name": "discount", "program": "lead", "section": "1", "says": "A discount.", "grade": "B", "source": "Benesch",
    "function": "leadrisk.contract.discount.discount_amount", "terms": ["discount.global_lower"], "cases": [],
}  # fmt: skip


def ids(rules: tuple[Rule, ...]) -> list[str]:
    return [f"{rule.program}-{rule.name}" for rule in rules]


CARRIED = tuple(rule for rule in RULES if not rule.not_modelled)


def test_a_rule_that_nothing_carries_says_why_and_claims_nothing() -> None:
    left_out = {rule.name: rule for rule in RULES if rule.not_modelled}
    assert set(left_out) == {"no_overlap", "cap_without_first_year_voluntary", "quality_measure"}
    for rule in left_out.values():
        assert (rule.function, rule.terms, rule.cases) == ("", (), ())
        assert len(rule.not_modelled.split()) > 10


@pytest.mark.parametrize("rule", CARRIED, ids=ids(CARRIED))
def test_a_rule_is_a_function_with_a_worked_case(rule: Rule) -> None:
    module, _, name = rule.function.rpartition(".")
    function = getattr(import_module(module), name)
    assert callable(function)
    assert function.__module__ == module, f"{name} lives in {function.__module__}"
    assert doctest.DocTestParser().get_examples(function.__doc__ or ""), f"{rule.function} has no worked case"


@pytest.mark.parametrize("rule", RULES, ids=ids(RULES))
def test_terms_and_cases_of_a_rule_exist(rule: Rule) -> None:
    assert not set(rule.terms) - set(load_terms(rule.program).table)
    assert not [case for case in rule.cases if not (CASES / case).is_file()]
    programs = {tomllib.loads((CASES / case).read_text(encoding="utf-8"))["program"] for case in rule.cases}
    assert programs <= {rule.program}


def test_the_cases_of_a_rule_read_its_terms() -> None:
    """Terms that no case reads belong to runs, such as the calendar of monthly cash."""
    read = {path.name: set(settle_case(path)["terms_used"]) for path in CASES.glob("*.toml")}
    by_any = set().union(*read.values())
    for rule in RULES:
        if rule.cases and by_any & set(rule.terms):
            by_its_cases = set().union(*(read[case] for case in rule.cases))
            assert by_its_cases & set(rule.terms), f"no case of {rule.name} reads one of its terms"


def functions_that_cite_a_rule() -> set[str]:
    """Public functions of the contract package whose description names a section or a regulation."""
    found = set()
    for path in sorted((REPOSITORY / "src" / "leadrisk" / "contract").glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                description = (ast.get_docstring(node) or "").partition("Parameters")[0]
                if re.search(r"rule\s+book\s+sections?|42\s+CFR", description):
                    found.add(f"leadrisk.contract.{path.stem}.{node.name}")
    return found


def test_every_function_that_cites_a_rule_is_in_the_index() -> None:
    cited = functions_that_cite_a_rule()
    assert "leadrisk.contract.discount.discount_amount" in cited
    assert not sorted(cited - {rule.function for rule in RULES})


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_term_belongs_to_a_rule(program: str) -> None:
    claimed = {name for rule in load_rules(program) for name in rule.terms}
    assert not sorted(set(load_terms(program).table) - claimed)


def test_every_case_shows_a_rule() -> None:
    assert not sorted({path.name for path in CASES.glob("*.toml")} - {case for rule in RULES for case in rule.cases})


@pytest.mark.parametrize("rule", RULES, ids=ids(RULES))
def test_the_section_of_a_rule_is_in_the_notes(rule: Rule) -> None:
    if rule.section.startswith("42 CFR"):
        assert re.match(r"42 CFR (425|412|1000)\.\d+", rule.section)
        return
    notes = NOTES / ("lead_rules.md" if rule.program == "lead" else "calibration.md")
    if not notes.is_file():
        pytest.skip("the notes on the rules are not in ../shared")
    text = notes.read_text(encoding="utf-8")
    assert rule.chapter in re.findall(r"^#{2,3} ([\d.]*\d)", text, flags=re.MULTILINE)
    item = rule.section.removeprefix(rule.chapter)
    if item:
        number = re.fullmatch(r", item (\d+)", item)
        assert number, "write a section as 17, or as 17, item 22"
        chapter = re.split(r"^## ", text, flags=re.MULTILINE)[1 + int(rule.chapter)]
        assert f"\n| {number[1]} |" in chapter


def test_each_topic_is_read() -> None:
    folder = files("leadrisk.contract").joinpath("rules")
    topics = [tomllib.loads(file.read_text(encoding="utf-8")) for file in folder.iterdir()]
    written = [(rule["program"], rule["name"]) for topic in topics for rule in topic["rule"]]
    assert sorted(written) == sorted((rule.program, rule.name) for rule in RULES)


def test_rules_come_in_the_order_of_their_sections() -> None:
    chapters = [rule.chapter for rule in load_rules("lead")]
    assert chapters == sorted(chapters, key=int)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"grade": "D"}, r"topic\.toml: rule discount: grade must be one of A, B, B\*, C, got 'D'"),
        ({"program": "medicaid"}, rf"program must be one of {', '.join(PROGRAMS)}"),
        ({"says": ""}, r"says must be text, got ''"),
        ({"terms": "rea.cap"}, r"terms must be a list of names, got 'rea\.cap'"),
        ({"section": 3}, r"section must be text, got 3"),
        ({"formula": "x"}, r"has no formula"),
        ({"not_modelled": "nobody pays it"}, r"must have function or not_modelled, not both"),
        ({"function": ""}, r"function must be text, got ''"),
    ],
)
def test_a_wrong_entry_says_what_is_wrong(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_rule(RULE | change, "topic.toml")
