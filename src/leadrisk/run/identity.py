"""What the results of a run follow from: code and scenario, and how two of them differ."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import leadrisk
from leadrisk.run.futures_choice import with_futures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadrisk.scenario.model import Scenario

_ABSENT = object()


@cache
def code_sha256() -> str:
    """Fingerprint of everything in the package that is not a picture of results: modules and tables."""
    root = Path(leadrisk.__file__).parent
    total = hashlib.sha256()
    for path in sorted(path for kind in ("*.py", "*.toml", "*.txt") for path in root.rglob(kind)):
        name = path.relative_to(root).as_posix()
        if not name.startswith(("report/", "commands/")):
            total.update(name.encode() + path.read_bytes())
    return total.hexdigest()


def run_identity(scenario: Scenario) -> dict[str, Any]:
    """Version, code and whole scenario, seed and sizes among it; for JSON.

    Examples
    --------
    >>> import leadrisk as lr
    >>> sorted(run_identity(lr.load_scenario("scenarios/baseline.toml")))
    ['code', 'scenario', 'version']
    """
    stated = with_futures(scenario).model_dump(mode="json")
    return {"version": leadrisk.__version__, "code": code_sha256(), "scenario": stated}


def differences(before: Mapping[str, Any], now: Mapping[str, Any], *, prefix: str = "") -> list[str]:
    """What differs between two identities, key by key.

    Examples
    --------
    >>> differences({"scenario": {"run": {"seed": 1}}}, {"scenario": {"run": {"seed": 2}}})
    ['scenario.run.seed was 1, is now 2']
    """
    found = []
    for key in sorted({*before, *now}):
        first, second = before.get(key, _ABSENT), now.get(key, _ABSENT)
        if first == second:
            continue
        if isinstance(first, dict) and isinstance(second, dict):
            found += differences(first, second, prefix=f"{prefix}{key}.")
        else:
            found.append(f"{prefix}{key} was {_shown(first)}, is now {_shown(second)}")
    return found


def _shown(value: object) -> str:
    text = "absent" if value is _ABSENT else str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
