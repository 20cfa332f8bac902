"""The report as one self-contained page: no script, no network, the same bytes for the same results."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from leadrisk.files import write_atomically
from leadrisk.report.figure_data import with_cash
from leadrisk.report.formatting import (
    contract_label,
    join_words,
    narrow_label,
    plain,
    programmes,
    summary_scale,
    term,
    term_label,
    term_length,
)
from leadrisk.report.inline_svg import inline_svg
from leadrisk.report.ranking import compare, has_choice, ranked_after_costs, ranking
from leadrisk.report.readings import deciding_assumption, rate_book_year, reading_contracts, reading_rows
from leadrisk.report.tables import choice_figures, further_figures, head_to_head, key_figures, year_rows
from leadrisk.report.waterfall import statement
from leadrisk.report.wording import answer, luck_sentence, path_words, peers_sentences, ratchet_sentence
from leadrisk.report.wording_luck import luck_of_the_reserve
from leadrisk.scenario.assumption import assumptions

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from leadrisk.report.figure_files import Rendered
    from leadrisk.scenario.model import Scenario

#: Contracts whose median path the page pictures, the best first; the table beside holds all of them.
_MOST_PICTURED = 2


def write_report(
    path: str | os.PathLike[str],
    *,
    summary: Mapping[str, Any],
    drawings: Mapping[str, Rendered],
    scenario: Scenario,
    manifest: Mapping[str, Any],
    unverified_terms: Sequence[Mapping[str, Any]],
) -> Path:
    """Write the report for a chief financial officer.

    Parameters
    ----------
    path
        Final name, usually ``report.html``; the file appears under it only when complete.
    summary
        Risk summary.
    drawings
        The figures, from `leadrisk.report.figures.draw_figures` or rendered already.
    scenario
        What was assumed.
    manifest
        What was run: digest, seed, version, elapsed seconds.
    unverified_terms
        Records ``name, value, grade, source, stress`` of the contract terms that rest on unverified sources.

    Returns
    -------
    Path
        The report.
    """
    page = render_report(
        summary=summary,
        drawings=drawings,
        title=scenario.name,
        description=scenario.description,
        assumptions=assumptions(scenario),
        manifest=manifest,
        unverified_terms=unverified_terms,
    )
    return write_atomically(path, page.encode())


def render_report(
    *,
    summary: Mapping[str, Any],
    drawings: Mapping[str, Rendered],
    title: str,
    description: str,
    assumptions: Iterable[Mapping[str, Any]],
    manifest: Mapping[str, Any],
    unverified_terms: Sequence[Mapping[str, Any]],
) -> str:
    """Render the page; arguments as for `write_report`, with the scenario's assumptions already listed."""
    contracts = summary["contracts"]
    scale = summary_scale(summary)
    compared = compare(summary)
    # Safe: matplotlib escapes every text it draws, and title and description are escaped where it is rendered.
    figures = {name: Markup(inline_svg(drawing.svg, name=name.replace("_", "-"))) for name, drawing in drawings.items()}
    labels = {name: contract_label(name) for name in contracts}
    template = _environment().get_template("report.html.j2")
    return template.render(
        title=title,
        description=description,
        summary=summary,
        labels=labels,
        heads=[narrow_label(name) for name in contracts],
        contract_list=join_words(labels.values()),
        programmes=programmes(summary),
        peers=peers_sentences(summary),
        term=term(summary),
        term_label=term_label(term_length(summary)),
        unit=scale.unit,
        answer=[text for text in (*answer(summary), deciding_assumption(summary, unverified_terms)) if text],
        elected=summary.get("elected", []),
        readings=reading_rows(summary, scale=scale),
        reading_heads=[narrow_label(name) for name in reading_contracts(summary)],
        rate_book=rate_book_year(summary, unverified_terms),
        decided=compared is None or compared.decided,
        key_figures=key_figures(summary, scale=scale),
        further_figures=further_figures(summary, scale=scale),
        head_to_head=head_to_head(summary, scale=scale),
        after_costs=ranked_after_costs(summary),
        compared=compared,
        choice_figures=choice_figures(summary, scale=scale) if has_choice(summary) else [],
        ratchet=[ratchet_sentence(summary, name) for name in contracts if name in summary.get("ratchet", {})],
        with_cash=with_cash(summary),
        pictured=ranking(summary)[:_MOST_PICTURED],
        others=[label for name, label in labels.items() if name != ranking(summary)[0]],
        luck=f"{luck_sentence(summary)} {luck_of_the_reserve(summary)}",
        figures=figures,
        path=path_words(summary),
        can_leave=any("prob_left" in contract for contract in contracts.values()),
        statement=statement({name: contract["waterfall"] for name, contract in contracts.items()}),
        years={name: year_rows(contract, scale=scale) for name, contract in contracts.items()},
        assumption_tables=assumption_tables(assumptions),
        unverified_terms=unverified_terms,
        manifest={key: value for key, value in manifest.items() if key != "unverified_terms"},
    )


def assumption_tables(records: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Group assumptions by the table of the scenario file, each marked where it differs from its default.

    Parameters
    ----------
    records
        Records with ``key, default, value, unit, meaning, source, grade``.

    Examples
    --------
    >>> record = {"key": "level.true_level_sd", "default": 0.015, "value": 0.02, "unit": "share"}
    >>> [(row["name"], row["shown"], row["changed"]) for row in assumption_tables([record])["level"]]
    [('true_level_sd', '0.02 share', True)]
    """
    tables: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        table, _, name = str(record["key"]).rpartition(".")
        if not table:  # name and description, which head the page
            continue
        default, value = record["default"], record["value"]
        changed = default is not None and value != default
        shown = {"shown": in_unit(value, record["unit"]), "shown_default": in_unit(default, record["unit"])}
        tables.setdefault(table, []).append({**record, **shown, "name": name, "changed": changed})
    return tables


def in_unit(value: object, unit: str) -> str:
    """Show a value with its unit; years and seeds are names, and texts and choices have no unit.

    Examples
    --------
    >>> in_unit(2027, "calendar year"), in_unit(0.5, "share"), in_unit("higher", "name"), in_unit((), "share")
    ('2027', '0.5 share', 'higher', 'none')
    """
    if unit in {"calendar year", "number"}:
        return plain(None) if value is None else str(value)
    parts = value if isinstance(value, (list, tuple)) else [value]
    numeric = bool(parts) and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in parts)
    return f"{plain(value)} {unit}".strip() if numeric else plain(value)


def breakable(name: str) -> Markup:
    """Escape a dotted or underscored name and let the browser break it at its joints.

    Examples
    --------
    >>> str(breakable("a_b.<c>"))
    'a_<wbr>b.<wbr>&lt;c&gt;'
    """
    return Markup(re.sub(r"([._])", r"\1<wbr>", str(escape(name))))


def manifest_value(value: object, key: str) -> str:
    """Show a value of the manifest; seeds and years are names, not quantities.

    Examples
    --------
    >>> manifest_value([2027, 2028], "years"), manifest_value(14.2071, "elapsed_s")
    ('2027, 2028', '14.2')
    """
    if key in {"seed", "years"}:
        return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return f"{value:,.3g}" if isinstance(value, float) and abs(value) < 1000 else plain(value)


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("leadrisk.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(plain=plain, breakable=breakable, manifest_value=manifest_value)
    return environment
