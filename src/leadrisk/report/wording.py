"""The answer of the report in plain sentences, true whatever the numbers turn out to be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from leadrisk.report.formatting import (
    contract_label,
    dollars,
    error_words,
    gain_or_loss,
    is_known,
    join_words,
    over_the_term,
    percent,
    share_of_paths,
    term_label,
    term_length,
)
from leadrisk.report.ranking import DECISIVE_ERRORS, compare, is_decided, ranking
from leadrisk.report.wording_choice import which_option

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from leadrisk.report.ranking import Comparison

_PEERS = {
    "mssp": "MSSP: same persons and futures, costs truncated at the 99th percentile, rebased after five years.",
    "reach": "ACO REACH ends with 2026: its last rules are carried on over the same persons and futures, as a "
    "yardstick that is never named as the best choice.",
}
#: More contracts than this are named by the least and the most of them.
_MOST_LISTED = 3
_LAYER_PHRASES = {
    "starting_level": "error in the starting benchmark",
    "trend": "the national and regional cost trend",
    "drift_and_efficiency": "risk-score drift and the ACO\N{RIGHT SINGLE QUOTATION MARK}s own efficiency",
    "individuals": "the luck of individual patients and the size of the panel",
    "quality": "the quality score",
}


def answer(summary: Mapping[str, Any]) -> tuple[str, str, str]:
    """Which option and what staying out means, how much one expects to gain or lose, how much cash must be held.

    Parameters
    ----------
    summary
        Risk summary.

    Returns
    -------
    tuple of str
        Three paragraphs. A difference within two standard errors is never called one.
    """
    compared = compare(summary)
    return (
        " ".join(which_option(summary, compared)),
        _how_much(summary, compared),
        _cash(summary, compared),
    )


def main_drivers(drivers: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the largest source of variance, with the second where the two cannot be told apart."""
    ranked = sorted(
        (d for d in drivers if is_known(d["variance_share"]) and d["variance_share"] > 0),
        key=lambda d: -d["variance_share"],
    )
    if len(ranked) < 2:
        return ranked
    errors = [d["variance_share_se"] for d in ranked[:2]]
    gap = ranked[0]["variance_share"] - ranked[1]["variance_share"]
    close = not all(map(is_known, errors)) or gap <= DECISIVE_ERRORS * math.hypot(*errors)
    return ranked[: 2 if close else 1]


def layer_phrase(driver: Mapping[str, Any]) -> str:
    """Layer of uncertainty as a noun phrase within a sentence."""
    return _LAYER_PHRASES.get(driver["layer"], str(driver["label"]))


def luck_sentence(summary: Mapping[str, Any]) -> str:
    """Explain the share of the uncertainty that is the luck of individual patients."""
    found = {name: contract["patient_luck_share"]["mean"] for name, contract in summary["contracts"].items()}
    if len(found) > _MOST_LISTED:
        least, most = min(found, key=found.__getitem__), max(found, key=found.__getitem__)
        found = {least: found[least], most: found[most]}
        extent = "between "
    else:
        extent = ""
    total = f" of the variance of the {term_label(term_length(summary))} total"
    shares = [
        f"{percent(share)}{'' if i else total} under {contract_label(name)}"
        for i, (name, share) in enumerate(found.items())
    ]
    return (
        f"The luck of individual patients, who falls ill, joins, leaves or dies while trend, region, coding "
        f"and quality stay the same, makes up {extent}{join_words(shares)}; the rest comes from factors that move "
        f"all patients at once."
    )


def peers_sentences(summary: Mapping[str, Any]) -> list[str]:
    """How the contracts beside LEAD are modelled, one sentence a programme."""
    found = {contract.get("program") for contract in summary["contracts"].values()}
    small = [
        contract_label(name)
        for name, contract in summary["contracts"].items()
        if contract.get("program") != "reach" and not contract.get("may_enter", True)
    ]
    too_small = f"The ACO is too small to enter {' and '.join(small)}: shown as a yardstick, never named as the best."
    return [*(sentence for program, sentence in _PEERS.items() if program in found), *([too_small] if small else [])]


def path_words(summary: Mapping[str, Any]) -> str:
    """Name the one path that the statements of all contracts show; empty where each shows its own."""
    paths = [contract["waterfall"] for contract in summary["contracts"].values()]
    if len({(path["year"], path["population"], path["future"]) for path in paths}) > 1:
        return ""
    path = paths[0]
    chosen = summary.get("waterfall_path", {}).get("chosen_by") or next(iter(summary["contracts"]))
    how = (
        f"the one whose net settlement of {path['year']} is the median under {contract_label(chosen)}"
        if chosen in summary["contracts"]
        else f"chosen by {chosen}"
    )
    return f"{how} (population {path['population']}, future {path['future']})"


def ratchet_sentence(summary: Mapping[str, Any], name: str) -> str:
    """Say what rebasing at the second agreement period costs one contract over the term."""
    found, label = summary["ratchet"][name], contract_label(name)
    mean, error = found["mean"], found["mean_se"]
    span = over_the_term(summary)
    between = (
        f"on nine paths in ten the change lies between {gain_or_loss(found['p05'])} and {gain_or_loss(found['p95'])}"
    )
    if not is_decided(mean, error):
        return (
            f"What rebasing at the second agreement period changes under {label} {span} cannot be told apart from zero "
            f"on average ({gain_or_loss(mean)}, {error_words(error)}); {between}."
        )
    verb = "costs" if mean < 0 else "brings"
    return (
        f"Rebasing at the second agreement period {verb} the ACO {dollars(mean)} of {label} settlements {span} on "
        f"average ({error_words(error)}); {between}."
    )


def _expectation(total: Mapping[str, Any]) -> str:
    mean, error = total["mean"], total["mean_se"]
    if is_known(error) and abs(mean) > DECISIVE_ERRORS * error:
        return gain_or_loss(mean)
    return f"a result that cannot be told apart from zero ({gain_or_loss(mean)}, {error_words(error)})"


def _after_costs(summary: Mapping[str, Any], name: str) -> str:
    """Expected total after costs in parentheses; nothing where there is no cost."""
    contract = summary["contracts"][name]
    if "net_of_costs_total" in contract:
        return f" ({gain_or_loss(contract['net_of_costs_total']['mean'])} after costs)"
    cost = summary.get("programme_cost_total_mean") or 0.0
    if cost <= 0:
        return ""
    mean = contract["net_settlement_total"]["mean"] - cost
    return f" ({gain_or_loss(mean)} after the expected cost of care management)"


def _range(total: Mapping[str, Any]) -> str:
    return f"nine chances in ten of ending between {gain_or_loss(total['p05'])} and {gain_or_loss(total['p95'])}"


def _how_much(summary: Mapping[str, Any], compared: Comparison | None) -> str:
    contracts = summary["contracts"]
    if compared and not compared.decided:
        each = [
            f"{_expectation(contracts[name]['net_settlement_total'])} under {contract_label(name)}"
            f"{_after_costs(summary, name)} with {_range(contracts[name]['net_settlement_total'])}"
            for name in (compared.better, compared.other)
        ]
        return f"From its settlements the ACO can expect {', and '.join(each)}."
    name = compared.better if compared else ranking(summary)[0]
    total = contracts[name]["net_settlement_total"]
    chance = share_of_paths(contracts[name]["prob_negative_total"])
    return (
        f"Under {contract_label(name)}, the ACO can expect {_expectation(total)} from its settlements"
        f"{_after_costs(summary, name)}, with {_range(total)}; they add up to a loss on {chance}."
    )


def _cash(summary: Mapping[str, Any], compared: Comparison | None) -> str:
    contracts = summary["contracts"]
    order = [compared.better, compared.other] if compared else ranking(summary)[:1]
    holdings = [
        f"{dollars(contracts[name]['reserve_95']['value'])} under {contract_label(name)} "
        f"({dollars(contracts[name]['reserve_99']['value'])} to be 99% sure)"
        for name in order
    ]
    need = (
        f"To be 95% sure of covering its shared losses, added up at every point of the term, the ACO must hold "
        f"{(', against ' if compared and compared.decided else ' or ').join(holdings)}"
    )
    if compared and compared.decided:
        order = order[:1]
    sources = {name: main_drivers(contracts[name]["drivers"]) for name in order}
    return f"{need}; {_sources(sources)}." if all(sources.values()) else f"{need}."


def _sources(sources: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    plural = any(len(drivers) > 1 for drivers in sources.values())
    opening = f"the largest source{'s' if plural else ''} of uncertainty in the total {'are' if plural else 'is'}"
    by_layer: dict[str, list[str]] = {}
    phrases: dict[str, str] = {}
    for name, drivers in sources.items():
        for driver in drivers:
            shares = by_layer.setdefault(driver["layer"], [])
            of = "" if shares else " of the variance"
            under = f" under {contract_label(name)}" if len(sources) > 1 else ""
            shares.append(f"{percent(driver['variance_share'])}{of}{under}")
            phrases[driver["layer"]] = layer_phrase(driver)
    if all(len(shares) == len(sources) for shares in by_layer.values()):
        return f"{opening} " + " and ".join(
            f"{phrases[layer]} ({', '.join(shares)})" for layer, shares in by_layer.items()
        )
    split = []
    for name, drivers in sources.items():
        named = (f"{layer_phrase(d)} ({percent(d['variance_share'])} of the variance)" for d in drivers)
        split.append(f"under {contract_label(name)} {' and '.join(named)}")
    return f"{opening} {', '.join(split)}"
