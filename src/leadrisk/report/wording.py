"""The answer of the report in three plain sentences, true whatever the numbers turn out to be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from leadrisk.report.formatting import (
    contract_label,
    count_word,
    dollars,
    gain_or_loss,
    is_known,
    percent,
    term_label,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Two averages are told apart only when they differ by more than this many standard errors.
DECISIVE_ERRORS = 2.0

_LAYER_PHRASES = {
    "starting_level": "error in the starting benchmark",
    "trend": "the national and regional cost trend",
    "drift_and_efficiency": "risk-score drift and the ACO\N{RIGHT SINGLE QUOTATION MARK}s own efficiency",
    "individuals": "the luck of individual patients and the size of the panel",
    "quality": "the quality score",
}


class Comparison(NamedTuple):
    """Two contracts on the same simulated paths, ordered by expected net settlement."""

    better: str
    other: str
    difference: float
    error: float | None
    decided: bool
    first: str
    prob_first_better: float

    @property
    def second(self) -> str:
        """The contract that is subtracted in the paired difference."""
        return self.other if self.first == self.better else self.better


def compare(summary: Mapping[str, Any]) -> Comparison | None:
    """Order the first two contracts by expected net settlement; ``None`` when only one was run.

    Parameters
    ----------
    summary
        Risk summary; its paired ``differences`` carry the standard error that decides.

    Examples
    --------
    >>> totals = {name: {"net_settlement_total": {"mean": m}} for name, m in (("a", 1e6), ("b", 3e6))}
    >>> paired = {"mean": -2e6, "mean_se": 1e5, "prob_first_better": 0.2}
    >>> compare({"contracts": totals, "differences": {"a_minus_b": paired}})[:5]
    ('b', 'a', 2000000.0, 100000.0, True)
    """
    names = list(summary["contracts"])
    for first in names:
        for second in names:
            paired = summary.get("differences", {}).get(f"{first}_minus_{second}")
            if paired is None:
                continue
            mean, error = paired["mean"], paired["mean_se"]
            better, other = (first, second) if mean >= 0 else (second, first)
            decided = is_known(error) and abs(mean) > DECISIVE_ERRORS * error
            chance = paired["prob_first_better"]
            return Comparison(better, other, abs(mean), error, decided, first, chance)
    return None


def answer(summary: Mapping[str, Any]) -> tuple[str, str, str]:
    """Which option, how much one expects to gain or lose, and how much cash must be held.

    Parameters
    ----------
    summary
        Risk summary.

    Returns
    -------
    tuple of str
        Three sentences. A difference within two standard errors is never called one.
    """
    compared = compare(summary)
    return (
        _which(summary, compared),
        _how_much(summary, compared),
        _cash(summary, compared),
    )


def term(summary: Mapping[str, Any]) -> str:
    """First and last performance year, joined by a dash."""
    years = list(next(iter(summary["contracts"].values()))["years"])
    return years[0] if len(years) == 1 else f"{years[0]}\N{EN DASH}{years[-1]}"


def over_the_term(summary: Mapping[str, Any]) -> str:
    """Term within a sentence, for example ``over the ten years to 2036``."""
    years = list(next(iter(summary["contracts"].values()))["years"])
    return f"in {years[0]}" if len(years) == 1 else f"over the {count_word(len(years))} years to {years[-1]}"


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
    total = f" of the variance of the {term_label(term_length(summary))} total"
    shares = [
        f"{percent(contract['patient_luck_share']['mean'])}{'' if i else total} under {contract_label(name)}"
        for i, (name, contract) in enumerate(summary["contracts"].items())
    ]
    return (
        f"The luck of individual patients, who falls ill, joins, leaves or dies while trend, region, coding "
        f"and quality stay the same, makes up {' and '.join(shares)}; the rest comes from factors that move "
        f"all patients at once."
    )


def term_length(summary: Mapping[str, Any]) -> int:
    """Return the number of performance years."""
    return len(next(iter(summary["contracts"].values()))["years"])


def _which(summary: Mapping[str, Any], compared: Comparison | None) -> str:
    span = over_the_term(summary)
    if compared is None:
        only = contract_label(next(iter(summary["contracts"])))
        return (
            f"Only {only} was run, so this report says what {only} would do {span}, "
            f"not whether another option would do better."
        )
    better, other = contract_label(compared.better), contract_label(compared.other)
    gap, error = dollars(compared.difference), _error(compared.error)
    ahead = f"{contract_label(compared.first)} comes out ahead on {_share_of_paths(compared.prob_first_better)}"
    if not compared.decided:
        return (
            f"{better} and {other} cannot be told apart on expected value: {span} their simulated "
            f"averages differ by {gap} ({error}), and {ahead}."
        )
    mean = summary["contracts"][compared.better]["net_settlement_total"]["mean"]
    verb = f"lose the ACO {gap} less than" if mean < 0 else f"bring the ACO {gap} more than"
    agrees = (compared.prob_first_better >= 0.5) == (compared.first == compared.better)
    return (
        f"On these assumptions {better} is the better option on expected value: {span} it is expected to "
        f"{verb} {other} ({error}), {'and' if agrees else 'although'} {ahead}."
    )


def _error(error: float | None) -> str:
    return f"standard error {dollars(error)}" if is_known(error) else "standard error unknown"


def _share_of_paths(share: float) -> str:
    whole = {0.0: "none", 1.0: "all"}
    return f"{whole.get(share, percent(share))} of the simulated paths"


def _expectation(total: Mapping[str, Any]) -> str:
    mean, error = total["mean"], total["mean_se"]
    if is_known(error) and abs(mean) > DECISIVE_ERRORS * error:
        return gain_or_loss(mean)
    return f"a result that cannot be told apart from zero ({gain_or_loss(mean)}, {_error(error)})"


def _range(total: Mapping[str, Any]) -> str:
    return f"nine chances in ten of ending between {gain_or_loss(total['p05'])} and {gain_or_loss(total['p95'])}"


def _how_much(summary: Mapping[str, Any], compared: Comparison | None) -> str:
    contracts = summary["contracts"]
    cost = summary.get("programme_cost_total_mean") or 0.0
    if compared and not compared.decided:
        each = [
            f"{_expectation(contracts[name]['net_settlement_total'])} under {contract_label(name)} "
            f"({_range(contracts[name]['net_settlement_total'])})"
            for name in (compared.better, compared.other)
        ]
        before = f", in both cases before {dollars(cost)} of expected care-management cost" if cost > 0 else ""
        return f"The ACO can expect {' and '.join(each)}{before}."
    name = compared.better if compared else next(iter(contracts))
    total = contracts[name]["net_settlement_total"]
    after = f" ({gain_or_loss(total['mean'] - cost)} after the expected cost of care management)" if cost > 0 else ""
    chance = _share_of_paths(contracts[name]["prob_negative_total"])
    return (
        f"Under {contract_label(name)}, the ACO can expect {_expectation(total)}{after}, with {_range(total)}; "
        f"it loses money over the term on {chance}."
    )


def _cash(summary: Mapping[str, Any], compared: Comparison | None) -> str:
    contracts = summary["contracts"]
    order = [compared.better, compared.other] if compared else [next(iter(contracts))]
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
    for drivers in sources.values():
        for driver in drivers:
            by_layer.setdefault(driver["layer"], []).append(percent(driver["variance_share"]))
            phrases[driver["layer"]] = layer_phrase(driver)
    if all(len(shares) == len(sources) for shares in by_layer.values()):
        same = {layer: " and ".join(dict.fromkeys(shares)) for layer, shares in by_layer.items()}
        return f"{opening} " + " and ".join(
            f"{phrases[name]} ({share} of the variance)" for name, share in same.items()
        )
    split = []
    for name, drivers in sources.items():
        named = (f"{layer_phrase(d)} ({percent(d['variance_share'])} of the variance)" for d in drivers)
        split.append(f"under {contract_label(name)} {' and '.join(named)}")
    return f"{opening} {', '.join(split)}"
