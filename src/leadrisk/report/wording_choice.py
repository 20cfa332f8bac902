"""Which contract, by how much, with what chance, and what staying out means."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from leadrisk.report.formatting import (
    contract_label,
    count_word,
    dollars,
    error_words,
    gain_or_loss,
    is_known,
    join_words,
    over_the_term,
    percent,
    share_of_paths,
)
from leadrisk.report.ranking import (
    STAY_OUT,
    is_decided,
    level_with_best,
    on_offer,
    paired_difference,
    ranked_after_costs,
    ranking,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from leadrisk.report.ranking import Comparison


def which_option(summary: Mapping[str, Any], compared: Comparison | None) -> Iterator[str]:
    """Say which contract is the best, by how much, with what chance, and what staying out means."""
    best = ranking(summary)[0]
    stay_out = staying_out_wins(summary)
    if stay_out:
        yield _staying_out(summary, best)
    if compared is None:
        only = contract_label(best)
        alone = f"Only {only} was run" if len(summary["contracts"]) == 1 else f"Only {only} can be chosen"
        yield (
            f"{alone}, so this report says what {only} would do {over_the_term(summary)}, "
            f"not whether another option would do better."
        )
    else:
        yield _which_contract(
            summary, compared, opening="Should the ACO enter all the same," if stay_out else "On these assumptions"
        )
    staying = "" if stay_out else _staying_out(summary, best)
    tie = tie_breaker(summary) if compared is not None and not compared.decided else ""
    yield from (sentence for sentence in (tie, _chances_of_best(summary), staying) if sentence)


def staying_out_wins(summary: Mapping[str, Any]) -> bool:
    """Whether even the best contract is expected to lose after costs, told apart from zero."""
    total = summary["contracts"][ranking(summary)[0]].get("net_of_costs_total")
    if total is None or not ranked_after_costs(summary):
        return False
    return total["mean"] < 0 and is_decided(total["mean"], total["mean_se"])


def _which_contract(summary: Mapping[str, Any], compared: Comparison, *, opening: str) -> str:
    span = over_the_term(summary)
    after_costs = ranked_after_costs(summary)
    value = f"on expected value{' after costs' if after_costs else ''}"
    several = len(on_offer(summary)) > 2
    better, other = contract_label(compared.better), contract_label(compared.other)
    gap, error = dollars(compared.difference), error_words(compared.error)
    ahead = f"{contract_label(compared.first)} comes out ahead on {share_of_paths(compared.prob_first_better)}"
    level = level_with_best(summary)
    if several and len(level) > 1:
        gaps = [found for name in level[1:] if (found := paired_difference(summary, level[0], name))]
        widest = max(gaps, key=lambda found: found.mean)
        return (
            f"{join_words(contract_label(name) for name in level)} cannot be told apart {value}: {span} their "
            f"simulated averages differ by {dollars(widest.mean)} ({error_words(widest.error)})."
        )
    if not compared.decided:
        return (
            f"{better} and {other} cannot be told apart {value}: {span} their simulated "
            f"averages differ by {gap} ({error}), and {ahead}."
        )
    total = "net_of_costs_total" if after_costs else "net_settlement_total"
    mean = summary["contracts"][compared.better][total]["mean"]
    verb = f"lose the ACO {gap} less than" if mean < 0 else f"bring the ACO {gap} more than"
    agrees = (compared.prob_first_better >= 0.5) == (compared.first == compared.better)
    if several:
        ahead = f"is ahead of it on {share_of_paths(compared.prob_better)}"
    rank = _rank(summary)
    return (
        f"{opening} {better} is the {rank} {value}: {span} it is expected to "
        f"{verb} {other}{', the next best' if several else ''} ({error}), {'and' if agrees else 'although'} "
        f"{ahead}."
    )


def _rank(summary: Mapping[str, Any]) -> str:
    offered = len(on_offer(summary))
    if offered <= 2:
        return "better option"
    every = offered == len(summary["contracts"])
    return f"best of the {count_word(offered)} contracts{'' if every else ' that can be chosen'}"


def tie_breaker(summary: Mapping[str, Any]) -> str:
    """Say which of the contracts that are level needs the least cash, and which ends below zero least often."""
    level = level_with_best(summary)
    if len(level) < 2:
        level = ranking(summary)[:2]
    contracts = {name: summary["contracts"][name] for name in level}
    most = "less" if len(level) == 2 else "the least"
    cash = {name: (c["reserve_99"]["value"], c["reserve_99"]["se"]) for name, c in contracts.items()}
    loss = {name: (c["prob_negative_total"], c.get("prob_negative_total_se")) for name, c in contracts.items()}
    parts: dict[str, list[str]] = {}
    for found, saying, shown in (
        (cash, f"needs {most} cash to be 99% sure", dollars),
        (loss, f"ends below zero {'less' if len(level) == 2 else 'least'} often", percent),
    ):
        least, following = sorted(found, key=lambda name: found[name][0])[:2]
        (low, low_error), (high, high_error) = found[least], found[following]
        if is_known(low_error) and is_known(high_error) and is_decided(high - low, math.hypot(low_error, high_error)):
            against = f"{shown(low)} against {shown(high)} under {contract_label(following)}"
            parts.setdefault(least, []).append(f"{saying} ({against})")
    if not parts:
        return "Neither the cash to hold nor the chance of a loss tells them apart."
    said = ", while ".join(f"{contract_label(name)} {' and '.join(sayings)}" for name, sayings in parts.items())
    return f"What can break the tie: {said}."


def _chances_of_best(summary: Mapping[str, Any]) -> str:
    found = summary.get("choice", {}).get("best")
    if not found:
        return ""
    order = sorted(found, key=lambda name: -found[name]["value"])
    shares = [
        f"{'staying out' if name == STAY_OUT else contract_label(name)} on {percent(found[name]['value'])}"
        for name in order
    ]
    return f"Path by path, after costs, the best is {join_words(shares)}."


def _staying_out(summary: Mapping[str, Any], best: str) -> str:
    """Compare the best contract with staying out, which brings and costs nothing."""
    total = summary["contracts"][best].get("net_of_costs_total")
    if total is None:
        return ""
    label, error = contract_label(best), error_words(total["mean_se"])
    if not is_decided(total["mean"], total["mean_se"]):
        return (
            f"Staying out brings and costs nothing, and {label} cannot be told apart from that after costs "
            f"({gain_or_loss(total['mean'])}, {error})."
        )
    if staying_out_wins(summary):
        most = f"even {label}" if len(on_offer(summary)) > 1 else label
        return (
            f"On these assumptions staying out is the best choice on expected value: {over_the_term(summary)} {most} "
            f"is expected to lose the ACO {dollars(total['mean'])} after costs ({error})."
        )
    verb = "bring" if total["mean"] > 0 else "lose"
    return (
        f"Staying out brings and costs nothing; against that {label} is expected to {verb} the ACO "
        f"{dollars(total['mean'])} after costs ({error})."
    )
