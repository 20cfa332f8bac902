"""What the results of a run follow from: code, libraries and scenario, and how two of them differ."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import leadrisk
from leadrisk.run.futures_choice import with_futures

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from leadrisk.scenario.model import Scenario

_ABSENT = object()
_COMPUTING = ("numpy", "numba", "llvmlite", "scipy")


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


@cache
def installed(name: str) -> str:
    """Version of a library, or that it is absent."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def program() -> dict[str, Any]:
    """Version and code of leadrisk, and the versions of the libraries that compute: chunks of two do not mix."""
    libraries = {name: installed(name) for name in _COMPUTING}
    return {"version": leadrisk.__version__, "code": code_sha256(), "libraries": libraries}


def run_identity(scenario: Scenario) -> dict[str, Any]:
    """Program and whole scenario, seed and sizes among it; for JSON.

    Examples
    --------
    >>> import leadrisk as lr
    >>> sorted(run_identity(lr.load_scenario("scenarios/baseline.toml")))
    ['code', 'kind', 'libraries', 'scenario', 'version']
    """
    stated = with_futures(scenario).model_dump(mode="json")
    return {"kind": "run", **program(), "scenario": stated}


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs between two identities, key by key.

    Examples
    --------
    >>> differences({"scenario": {"run": {"seed": 1}}}, {"scenario": {"run": {"seed": 2}}})
    ['scenario.run.seed was 1, is now 2']
    """
    return [f"{key} was {first}, is now {second}" for key, first, second in differing(before, now)]


def differing(one: Mapping[str, Any], other: Mapping[str, Any], *, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Give each dotted key in which two mappings differ, with both values in short."""
    for key in sorted({*one, *other}):
        first, second = one.get(key, _ABSENT), other.get(key, _ABSENT)
        if first == second:
            continue
        if isinstance(first, dict) and isinstance(second, dict):
            yield from differing(first, second, prefix=f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", _shown(first), _shown(second)


def _shown(value: object) -> str:
    text = "absent" if value is _ABSENT else str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
