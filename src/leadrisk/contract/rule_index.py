"""The rule index: what each rule says, where that stands, which function and terms carry it, which cases show it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from leadrisk.contract.terms import PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Mapping

GRADES = ("A", "B", "B*", "C")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a programme, traced from its source to the dollars that show it.

    Parameters
    ----------
    name
        Unique within the programme.
    program
        ``"lead"``, ``"reach"`` or ``"mssp"``.
    section
        Where it stands: section of the rule book for LEAD, with its item where that is one of a list; section of the
        calibration notes, or of the Code of Federal Regulations, for the others.
    says
        The rule in one sentence.
    grade, source
        How firm the source is (A, B, B*, C), and the source.
    function
        Dotted name of the function that is the rule; empty where the rule is not modelled.
    terms
        Terms of the programme that it reads.
    cases
        Files in ``scenarios/cases`` that show it.
    not_modelled
        Why no function carries the rule; empty where one does.
    """

    name: str
    program: str
    section: str
    says: str
    grade: str
    source: str
    function: str
    terms: tuple[str, ...]
    cases: tuple[str, ...]
    not_modelled: str = ""

    @property
    def chapter(self) -> str:
        """The section without its item."""
        return self.section.partition(", ")[0]


def load_rules(program: str | None = None) -> tuple[Rule, ...]:
    """Return the rules of a programme, or of all, in the order of their sections.

    Examples
    --------
    >>> [rule.function for rule in load_rules("lead") if rule.name == "discount"]
    ['leadrisk.contract.discount.discount_amount']
    """
    return tuple(rule for rule in _rules() if program in {None, rule.program})


@cache
def _rules() -> tuple[Rule, ...]:
    folder = files("leadrisk.contract").joinpath("rules")
    rules: dict[tuple[str, str], Rule] = {}
    for topic in sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name):
        for entry in tomllib.loads(topic.read_text(encoding="utf-8"))["rule"]:
            rule = read_rule(entry, topic.name)
            if (rule.program, rule.name) in rules:
                msg = f"{topic.name}: rule {rule.name} of {rule.program} stands twice in the index"
                raise ValueError(msg)
            rules[rule.program, rule.name] = rule
    return tuple(sorted(rules.values(), key=lambda rule: (PROGRAMS.index(rule.program), _section_order(rule.section))))


def read_rule(entry: Mapping[str, Any], topic: str) -> Rule:
    """Return the rule of one ``[[rule]]`` table, checked key by key.

    Raises
    ------
    ValueError
        If a key is missing, unknown or of the wrong kind, the programme or grade is unknown, or the rule has both a
        function and a reason why it has none.

    Examples
    --------
    >>> read_rule({"name": "discount"}, "settlement.toml")
    Traceback (most recent call last):
    ValueError: settlement.toml: rule discount must have cases, function, grade, program, says, section, source, terms
    """
    keys = {field.name for field in fields(Rule)}
    where = f"{topic}: rule {entry.get('name')}"
    instead = "function" if "not_modelled" in entry else "not_modelled"
    if {"function", "not_modelled"} <= set(entry):
        msg = f"{where} must have function or not_modelled, not both"
        raise ValueError(msg)
    if missing := keys - {instead} - set(entry):
        msg = f"{where} must have {', '.join(sorted(missing))}"
        raise ValueError(msg)
    if unknown := set(entry) - keys:
        msg = f"{where} has no {', '.join(sorted(unknown))}"
        raise ValueError(msg)
    for key, value in entry.items():
        lists = key in {"terms", "cases"}
        parts = value if lists and isinstance(value, list) else [value]
        if lists != isinstance(value, list) or not all(isinstance(part, str) and part for part in parts):
            msg = f"{where}: {key} must be {'a list of names' if lists else 'text'}, got {value!r}"
            raise ValueError(msg)
    for key, known in (("program", PROGRAMS), ("grade", GRADES)):
        if entry[key] not in known:
            msg = f"{where}: {key} must be one of {', '.join(known)}, got {entry[key]!r}"
            raise ValueError(msg)
    return Rule(**{"function": "", **entry, "terms": tuple(entry["terms"]), "cases": tuple(entry["cases"])})


def _section_order(section: str) -> tuple[tuple[int, str], ...]:
    """Sort 3 before 10, and 9.2 before 9.10."""
    parts = re.findall(r"\d+|\D+", section)
    return tuple((int(part), "") if part.isdecimal() else (0, part) for part in parts)
