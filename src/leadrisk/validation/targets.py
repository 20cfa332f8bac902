"""The validation targets V1-V21: figures, limits and sources, read from ``targets.toml``, and the verdicts on results.

Every figure has a source outside this program: CMS files, CMS rules, published studies. One set of default parameters
must meet them together, so no limit depends on a result.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Verdict = Literal["pass", "fail", "not run"]

_NEAR = 2.0  # standard errors: a result so close to a limit might fall on its other side with another seed
_NOT_TARGETS = {"sizes"}


@dataclass(frozen=True, slots=True)
class Part:
    """One number of a target.

    Attributes
    ----------
    name
        Unique within the target.
    target
        The figure to reproduce, in the target's unit.
    low, high
        Limits between which a result passes; infinite where a side is open.
    tolerance
        The limits as they are written, for people.
    source
        Where it differs from the target's.
    needs
        Folder of CMS files without which the part cannot be run, or empty.
    gap
        Why the model misses the target where it does, or empty.
    """

    name: str
    target: float
    low: float
    high: float
    tolerance: str
    source: str = ""
    needs: str = ""
    gap: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What is compared with the engine, how it is run for it, unit, source and grade of evidence, and its numbers."""

    id: str
    what: str
    how: str
    unit: str
    source: str
    grade: str
    parts: tuple[Part, ...]


class Measured(NamedTuple):
    """Result of a part.

    Attributes
    ----------
    se
        Standard error; ``None`` where nothing is random.
    note
        What a reader should know about the result whatever the verdict.
    part
        What it is measured against, where the targets file leaves the parts to the check.
    """

    value: float
    se: float | None = None
    note: str = ""
    part: Part | None = None


Estimates = dict[str, Measured]
"""Results of a target by the names of its parts."""


@cache
def all_targets() -> dict[str, Target]:
    """Targets by identifier, in their order.

    Examples
    --------
    >>> v1 = all_targets()["V1"]
    >>> v1.parts[0].name, v1.parts[0].target, round(v1.parts[0].low, 3), round(v1.parts[0].high, 3)
    ('5,000', 2.8, 2.464, 3.136)
    >>> v1.parts[0].tolerance, v1.parts[-1].tolerance, all_targets()["V2"].parts[0].tolerance
    ('±12 %', '±0.03', '0.06 to 0.13')
    """
    table = _file()
    return {name: _target(name, given) for name, given in table.items() if name not in _NOT_TARGETS}


@cache
def programme_sizes() -> tuple[tuple[int, float], ...]:
    """Panel sizes that stand for the ACOs of the Shared Savings Program, each with its share of them.

    Examples
    --------
    >>> sizes = programme_sizes()
    >>> sizes[3][0], round(sum(share for _, share in sizes), 12)
    (12230, 1.0)
    """
    table = _file()["sizes"]
    total = sum(table["aco_years"])
    return tuple((lives, count / total) for lives, count in zip(table["lives"], table["aco_years"], strict=True))


def part_of(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> Part:
    """Return a part from its entry; ``relative`` and ``absolute`` may stand at the target for all its parts.

    Examples
    --------
    >>> part_of({"name": "ratio", "target": 2.0, "at_least": 1.5}, {"relative": 0.1}).tolerance
    'at least 1.5'
    """
    limits = {"relative", "absolute", "accept", "at_least", "at_most"}
    own = {key: given[key] for key in limits & given.keys()} or {key: defaults[key] for key in limits & defaults.keys()}
    ((kind, value),) = own.items()
    target = float(given["target"])
    match kind:
        case "relative":
            low, high = sorted((target * (1.0 - value), target * (1.0 + value)))
            written = f"±{100.0 * value:g} %"
        case "absolute":
            low, high, written = target - value, target + value, f"±{value:g}"
        case "accept":
            low, high = map(float, value)
            written = f"{low:g} to {high:g}"
        case "at_least":
            low, high, written = float(value), inf, f"at least {value:g}"
        case _:
            low, high, written = -inf, float(value), f"at most {value:g}"
    low, high = (round(limit, 12) for limit in (low, high))  # 0.82, not 0.8200000000000001
    return Part(given["name"], target, low, high, written, *(given.get(key, "") for key in ("source", "needs", "gap")))


def judged(part: Part, measured: Measured) -> dict[str, Any]:
    """Compare a result with its limits.

    Returns
    -------
    dict
        name, target, result, se, tolerance, low, high, verdict, near_limit, cause; ``near_limit`` says that the result
        lies within two standard errors of a limit, so that another seed might turn the verdict.

    Examples
    --------
    >>> part = part_of({"name": "SD", "target": 2.0, "relative": 0.1}, {})
    >>> found = judged(part, Measured(2.15, se=0.05))
    >>> found["verdict"], found["near_limit"]
    ('pass', True)
    >>> judged(part, Measured(2.5, se=0.05))["cause"]
    '2.5 lies above 2.2'
    """
    value, se = measured.value, measured.se
    verdict: Verdict = "pass" if part.low <= value <= part.high else "fail"
    nearest = min(abs(value - limit) for limit in (part.low, part.high))
    cause = why = ""
    if verdict == "fail":
        why = part.gap
        side, limit = ("below", part.low) if value < part.low else ("above", part.high)
        cause = f"{value:.4g} lies {side} {limit:.4g}" if isfinite(value) else "the result is not a finite number"
    return _entry(part) | {
        "result": value if isfinite(value) else None,
        "se": se,
        "verdict": verdict,
        "near_limit": se is not None and nearest < _NEAR * se,
        "cause": "; ".join(text for text in (cause, why, measured.note) if text),
    }


def left_out(part: Part, cause: str) -> dict[str, Any]:
    """Return the entry of a part that was not run.

    Examples
    --------
    >>> part = part_of({"name": "SD", "target": 2.0, "relative": 0.1}, {})
    >>> left_out(part, "needs the CMS files in mssp/")["verdict"]
    'not run'
    """
    return _entry(part) | {"result": None, "se": None, "verdict": "not run", "near_limit": False, "cause": cause}


def severity(part: Mapping[str, Any]) -> float:
    """How far out a judged part lies, 1 at its limit; a part that was not run comes last.

    Examples
    --------
    >>> severity({"target": 2.0, "result": 2.1, "low": 1.8, "high": 2.2})
    0.5
    """
    result, target = part["result"], part["target"]
    if result is None:
        return 0.0 if part["verdict"] == "not run" else inf
    limit = part["high"] if result > target else part["low"]
    if limit is None or result == target:
        return 0.0
    return float(round((result - target) / (limit - target), 9)) if limit != target else inf


def whole_verdict(verdicts: Sequence[Verdict]) -> Verdict:
    """Verdict of a target: it fails with any part, and passes when all parts do.

    Examples
    --------
    >>> whole_verdict(["pass", "not run"]), whole_verdict(["pass", "fail", "not run"]), whole_verdict([])
    ('not run', 'fail', 'not run')
    """
    if "fail" in verdicts:
        return "fail"
    return "pass" if verdicts and "not run" not in verdicts else "not run"


def _entry(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "target": part.target,
        "tolerance": part.tolerance,
        "low": part.low if isfinite(part.low) else None,
        "high": part.high if isfinite(part.high) else None,
        **({"source": part.source} if part.source else {}),
    }


def _target(name: str, given: Mapping[str, Any]) -> Target:
    parts = tuple(part_of(one, given) for one in given.get("parts", ()))
    return Target(name, given["what"], given["how"], given["unit"], given["source"], given["grade"], parts)


def _file() -> dict[str, Any]:
    return tomllib.loads((files("leadrisk.validation") / "targets.toml").read_text(encoding="utf-8"))
