"""Pages of the reference that are written from the code: assumptions, rules, terms, variables, command-line help."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markdown_tables import cell, list_table, plain, write_pages
from rich.console import Console
from roster_tables import roster_columns, synthetic_columns

from leadrisk.cli import app
from leadrisk.contract.case import explain_case, settle_case
from leadrisk.contract.case.explain import bottom_line
from leadrisk.contract.case.table import render_readings
from leadrisk.contract.rule_index import load_rules
from leadrisk.contract.terms import PROGRAMS, load_terms
from leadrisk.experience.factors import FACTORS
from leadrisk.experience.variables import EXPERIENCE
from leadrisk.report.figure_sensitivity import range_end
from leadrisk.risk.drivers import LAYERS
from leadrisk.scenario.assumption import assumptions
from leadrisk.scenario.model import Scenario
from leadrisk.scenario.valid_keys import field_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadrisk.contract.rule_index import Rule
    from leadrisk.contract.term import Term

COMMANDS = (
    "run", "work", "export", "settle", "validate", "schema", "scenario", "backtest", "sensitivity", "sweep", "verify",
    "calibrate", "bench", "warmup",
)  # fmt: skip
LABELS = {"lead": "LEAD", "reach": "ACO REACH", "mssp": "Shared Savings Program"}
ACRONYMS = ("ai", "cara", "ecqm", "esrd", "pbpm", "pcc", "reach")
RULE_BOOK = {
    "0": "The settlement in one line",
    "1": "Risk options, corridors, discount, sequestration",
    "2": "Categories of beneficiaries",
    "3": "Baseline",
    "4": "Annual update",
    "5": "Adjustments of the baseline, add-on, spending class, rate book",
    "6": "Risk adjustment",
    "7": "Quality",
    "8": "Alignment",
    "9": "Payments and cash",
    "10": "Stop-loss",
    "11": "Guarantee, reserves, retention",
    "12": "Episode arrangements (CARA)",
    "13": "Benefit enhancements and incentives",
    "14": "Medicaid integration",
    "15": "Participation and exit",
    "17": "Open questions",
    "19": "Test vectors",
}
OTHER_SECTIONS = {
    "3": "Minimum savings rate (calibration notes 3)",
    "8.2": "Quality (calibration notes 8.2)",
    "9.1": "Benchmark (calibration notes 9.1)",
    "9.2": "Risk corridors and sequestration (calibration notes 9.2)",
    "9.3": "Retrospective trend adjustment (calibration notes 9.3)",
    "9.4": "Risk adjustment (calibration notes 9.4)",
    "9.5": "Stop-loss (calibration notes 9.5)",
    "9.6": "The whole settlement (calibration notes 9.6)",
    "42 CFR 425.110": "Size (42 CFR 425.110)",
    "42 CFR 425.605": "BASIC track (42 CFR 425.605)",
    "42 CFR 425.610": "ENHANCED track (42 CFR 425.610)",
    "42 CFR 425.652": "Benchmark and update (42 CFR 425.652)",
    "42 CFR 425.656": "Regional adjustment (42 CFR 425.656)",
    "42 CFR 425.658": "Prior savings adjustment (42 CFR 425.658)",
}


def write(folder: Path) -> None:
    """Write every generated page of the reference."""
    pages = {
        "scenario.md": scenario_tables(),
        **{f"terms-{program}.md": term_tables(program) for program in PROGRAMS},
        **{f"rules-{program}.md": rule_tables(program) for program in PROGRAMS},
        "rule-functions.md": rule_functions(),
        "explain.txt": explained_case(),
        "experience.md": variable_table(),
        "factors.md": factor_table(),
        "roster.md": roster_columns(),
        "roster-synthetic.md": synthetic_columns(),
        **{f"help-{command}.txt": command_help(command) for command in COMMANDS},
    }
    write_pages(folder, pages)


def scenario_tables() -> str:
    """One table of the scenario after another, every key with default, unit, meaning, source and grade."""
    parts = []
    for table, group in groupby(_described(), key=lambda record: record["key"].rpartition(".")[0]):
        heading = f"`[{table}]`" if table else "At the top of the file"
        rows = [
            (
                f"`{record['key'].rpartition('.')[2]}`",
                _default_and_range(record),
                f"{record['meaning']} ({record['unit']})",
                record["source"],
                record["grade"],
            )
            for record in group
        ]
        columns = ("key", "default, range", "meaning (unit)", "source", "grade")
        parts.append(f"### {heading}\n\n{list_table(columns, rows, (26, 13, 30, 23, 8))}")
    return "\n".join(parts)


def _default_and_range(record: Mapping[str, Any]) -> list[str]:
    default = cell(plain(record["default"], missing="required" if record["required"] else "none"))
    return (
        [default] if record["low"] is None else [default, f"{range_end(record['low'])} to {range_end(record['high'])}"]
    )


def _described() -> list[dict[str, Any]]:
    """Assumptions with the three categories, which have the same keys, written once."""
    records = assumptions(Scenario)
    kept = [r for r in records if not r["key"].startswith(("categories.high_needs.", "categories.esrd."))]
    for record in kept:
        field = field_at(tuple(record["key"].split(".")))
        record["required"] = field is not None and field.is_required()
        record["key"] = record["key"].replace("categories.aged_disabled.", "categories.<category>.")
    return kept


def term_tables(programme: str) -> str:
    """Every term of a programme with value, unit, source, grade and the alternative to try."""
    parts = []
    table = load_terms(programme).table
    for group, names in groupby(sorted(table, key=_group_order), key=_group):
        rows = [
            (
                f"`{name}`",
                plain(table[name].value),
                _unit_and_source(table[name]),
                table[name].grade,
                _to_try(table[name]),
            )
            for name in names
        ]
        columns = ("term", "value", "unit, and where it comes from", "grade", "to try")
        parts.append(f"### {group}\n\n{list_table(columns, rows, (27, 17, 32, 8, 16))}")
    return "\n".join(parts)


def _to_try(term: Term) -> str:
    return ", or ".join(map(plain, term.alternatives))


def _unit_and_source(term: Term) -> str:
    choices = f": one of {', '.join(term.choices)}" if term.choices else ""
    return f"{term.unit}{choices}. {term.source[:1].upper()}{term.source[1:]}"


def _group(name: str) -> str:
    first, dot, _ = name.partition(".")
    known = {
        "rea": "Regional efficiency adjustment (REA)",
        "psa": "Prior savings adjustment (PSA)",
        "cara": "Episode arrangements (CARA)",
        "heba": "Health equity benchmark adjustment (HEBA)",
    }
    return known.get(first, first.replace("_", " ").capitalize()) if dot else "Choices and schedules"


def _group_order(name: str) -> tuple[str, str]:
    return ("" if "." not in name else name.partition(".")[0], name)


def rule_tables(program: str) -> str:
    """Every rule of a programme, section by section: words, function, terms, cases."""
    terms = load_terms(program).table
    parts = []
    for section, rules in groupby(load_rules(program), key=lambda rule: rule.chapter):
        rows = [(_rule_in_words(rule), _where_carried(rule), _terms_read(rule, terms)) for rule in rules]
        columns = ("rule", "function and cases", "terms")
        table = list_table(columns, rows, (33, 30, 37), css="wide-table rule-table")
        parts.append(f"### {_section_title(program, section)}\n\n{table}")
    return "\n".join(parts)


def _section_title(program: str, section: str) -> str:
    if program == "lead":
        return f"{RULE_BOOK[section]} (section {section})"
    return OTHER_SECTIONS.get(section, section)


def _rule_in_words(rule: Rule) -> list[str]:
    name = " ".join(word.upper() if word in ACRONYMS else word for word in rule.name.split("_"))
    heading = f"**{name[:1].upper()}{name[1:]}**{rule.section.removeprefix(rule.chapter)}"
    return [heading, cell(rule.says), _graded(rule.grade, rule.source)]


def _where_carried(rule: Rule) -> list[str]:
    if rule.not_modelled:
        return [f"**Not modelled:** {cell(rule.not_modelled)}."]
    function = f"{{py:func}}`~{rule.function}`"
    if not rule.cases:
        return [f"example in {function}"]
    return [function, *(f"`{case.removesuffix('.toml')}`" for case in rule.cases)]


def _terms_read(rule: Rule, terms: Mapping[str, Term]) -> list[str]:
    parts = []
    for name in rule.terms:
        term = terms[name]
        to_try = f" To try: {cell(_to_try(term))}." if term.alternatives else ""
        parts.append(f"`{name}`: {cell(plain(term.value))}. {_graded(term.grade, term.source)}{to_try}")
    return parts or ["none"]


def _graded(grade: str, source: str) -> str:
    return f"*{cell(grade)}: {cell(source)}.*"


def rule_functions() -> str:
    """API entries of every function in the rule index, each where it comes first."""
    parts, seen = [], set[str]()
    for program in PROGRAMS:
        parts.append(f"## {LABELS[program]}\n")
        for section, rules in groupby(load_rules(program), key=lambda rule: rule.chapter):
            functions = list(dict.fromkeys(rule.function for rule in rules if rule.function not in {"", *seen}))
            seen.update(functions)
            if functions:
                directives = "\n".join(f".. autofunction:: {function}" for function in functions)
                parts.append(f"### {_section_title(program, section)}\n\n```{{eval-rst}}\n{directives}\n```\n")
    return "\n".join(parts)


def variable_table() -> str:
    """Variables of an experience."""
    rows = [(f"`{v.name}`", ", ".join(v.dims), v.units, v.meaning) for v in EXPERIENCE]
    return list_table(("variable", "dimensions", "units", "meaning"), rows, (16, 26, 24, 34))


def factor_table() -> str:
    """Systemic factors: layer, how many numbers, whether they touch persons."""
    rows = [
        (
            f"`{factor.name}`",
            LAYERS[factor.layer],
            factor.span.replace("_", " "),
            "persons (S1)" if factor.touches_persons else "totals (S2)",
            factor.meaning,
        )
        for factor in FACTORS
    ]
    columns = ("factor", "layer", "a number for", "acts on", "a positive number means")
    return list_table(columns, rows, (20, 22, 18, 14, 26))


def explained_case() -> str:
    """What ``leadrisk settle CASE --explain`` adds for a worked case."""
    path = Path(__file__).parents[1] / "scenarios" / "cases" / "professional_with_regional_adjustment.toml"
    settled = settle_case(path)
    settled |= {"explained_line": bottom_line(settled), "explain": explain_case(path)}
    console = Console(width=100, no_color=True, force_terminal=False)
    with console.capture() as capture:
        render_readings(settled, console)
    return capture.get().strip("\n") + "\n"


def command_help(command: str) -> str:
    """Text that ``leadrisk COMMAND --help`` prints."""
    console = Console(width=92, no_color=True, force_terminal=False)
    with console.capture() as capture:
        app.help_print([command], console=console)
    return capture.get().strip("\n") + "\n"
