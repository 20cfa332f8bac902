"""The contracts of a run in order of expected value, and which of them are told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from leadrisk.report.formatting import is_known

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Two averages are told apart only when they differ by more than this many standard errors.
DECISIVE_ERRORS = 2.0

STAY_OUT = "stay_out"


class Paired(NamedTuple):
    """One contract minus another on the same simulated paths, dollars."""

    mean: float
    error: float | None
    low: float
    low_error: float | None
    high: float
    high_error: float | None
    prob_ahead: float
    prob_ahead_error: float | None


class Comparison(NamedTuple):
    """The two best contracts on the same paths, ordered by expected value; decided when none is level with the best."""

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

    @property
    def prob_better(self) -> float:
        """Share of the paths on which the contract with the higher expectation is ahead."""
        return self.prob_first_better if self.first == self.better else 1.0 - self.prob_first_better


def is_decided(mean: float, error: object) -> bool:
    """Whether a mean is told apart from zero.

    Examples
    --------
    >>> is_decided(3.0, 1.0), is_decided(-2.0, 1.0), is_decided(3.0, None)
    (True, False, False)
    """
    return is_known(error) and abs(mean) > DECISIVE_ERRORS * error


def ranked_after_costs(summary: Mapping[str, Any]) -> bool:
    """Whether contracts are compared after costs, which needs paired differences after costs."""
    known = all("net_of_costs_total" in contract for contract in summary["contracts"].values())
    return known and ("differences_after_costs" in summary or len(summary["contracts"]) == 1)


def on_offer(summary: Mapping[str, Any]) -> list[str]:
    """Contracts that can be chosen; ACO REACH, ended, and one the ACO is too small for are yardsticks beside others."""
    found = summary["contracts"]
    return [n for n in found if found[n].get("program") != "reach" and found[n].get("may_enter", True)] or list(found)


def ranking(summary: Mapping[str, Any], *, of: list[str] | None = None) -> list[str]:
    """Order contracts by expected total, best first: after costs where differences after costs are known.

    Parameters
    ----------
    summary
        Risk summary.
    of
        Contracts to order; those on offer if not given.

    Examples
    --------
    >>> totals = {name: {"net_settlement_total": {"mean": m}} for name, m in (("a", 1e6), ("b", 3e6))}
    >>> ranking({"contracts": totals})
    ['b', 'a']
    """
    total = "net_of_costs_total" if ranked_after_costs(summary) else "net_settlement_total"
    names = on_offer(summary) if of is None else of
    return sorted(names, key=lambda name: -summary["contracts"][name][total]["mean"])


def paired_difference(summary: Mapping[str, Any], first: str, second: str) -> Paired | None:
    """First minus second, whichever way round the summary holds the pair; ``None`` when it does not.

    Turned round, paths on which both are equal count for the first.

    Examples
    --------
    >>> held = {"mean": -2.0, "mean_se": 0.5, "p05": -3.0, "p95": 1.0, "prob_first_better": 0.25}
    >>> paired = paired_difference({"contracts": {"a": {}, "b": {}}, "differences": {"a_minus_b": held}}, "b", "a")
    >>> paired.mean, paired.low, paired.high, paired.prob_ahead
    (2.0, -1.0, 3.0, 0.75)
    """
    held = summary.get("differences_after_costs" if ranked_after_costs(summary) else "differences", {})
    straight = f"{first}_minus_{second}" in held
    found = held.get(f"{first}_minus_{second}" if straight else f"{second}_minus_{first}")
    if found is None:
        return None
    sign, low, high = (1, "p05", "p95") if straight else (-1, "p95", "p05")
    ahead = found["prob_first_better"]
    return Paired(
        mean=sign * found["mean"],
        error=found["mean_se"],
        low=sign * found[low],
        low_error=found.get(f"{low}_se"),
        high=sign * found[high],
        high_error=found.get(f"{high}_se"),
        prob_ahead=ahead if straight else 1.0 - ahead,
        prob_ahead_error=found.get("prob_first_better_se"),
    )


def compare(summary: Mapping[str, Any]) -> Comparison | None:
    """Compare the two best contracts on offer; ``None`` when only one was run.

    Parameters
    ----------
    summary
        Risk summary; its paired ``differences`` carry the standard error that decides.

    Examples
    --------
    >>> totals = {name: {"net_settlement_total": {"mean": m}} for name, m in (("a", 1e6), ("b", 3e6))}
    >>> paired = {"mean": -2e6, "mean_se": 1e5, "p05": -3e6, "p95": 0.0, "prob_first_better": 0.2}
    >>> compare({"contracts": totals, "differences": {"a_minus_b": paired}})[:5]
    ('b', 'a', 2000000.0, 100000.0, True)
    """
    best = ranking(summary)[:2]
    first, *second = sorted(best, key=list(summary["contracts"]).index)
    paired = paired_difference(summary, first, second[0]) if second else None
    if paired is None:
        return None
    better, other = (first, second[0]) if paired.mean >= 0 else (second[0], first)
    decided = len(level_with_best(summary)) == 1
    return Comparison(better, other, abs(paired.mean), paired.error, decided, first, paired.prob_ahead)


def level_with_best(summary: Mapping[str, Any]) -> list[str]:
    """Return the contracts on offer that are not told apart from the best one, that one first."""
    best, *others = ranking(summary)
    gaps = {name: paired_difference(summary, best, name) for name in others}
    return [best, *(name for name, gap in gaps.items() if gap is not None and not is_decided(gap.mean, gap.error))]


def has_choice(summary: Mapping[str, Any]) -> bool:
    """Whether the summary says which option is the best on a path, and what each one brings after costs."""
    return "choice" in summary and all("net_of_costs_total" in found for found in summary["contracts"].values())


def option_total(summary: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Statistics of the total after costs of a contract, or of staying out, which are all zero."""
    if name == STAY_OUT:
        return dict.fromkeys(("mean", "mean_se", "p05", "p25", "p50", "p75", "p95"), 0.0)
    found: Mapping[str, Any] = summary["contracts"][name]["net_of_costs_total"]
    return found


def options_by_mean(summary: Mapping[str, Any]) -> list[str]:
    """Options of the choice, staying out among them, by expected total after costs, best first."""
    return sorted(summary["choice"]["best"], key=lambda name: -option_total(summary, name)["mean"])
