"""What this process computes with, and how another process differs from it: results must not depend on where."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import leadrisk

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIBRARIES = ("numpy", "numba", "llvmlite", "scipy", "xarray", "zarr", "dask", "distributed", "pydantic")

Code = dict[str, str]
"""Versions by name, plain data that travels with every task."""


@cache
def _code() -> Code:
    package = Path(leadrisk.__file__).parent
    sources = hashlib.sha256()
    for path in sorted(path for path in package.rglob("*") if path.suffix in {".py", ".toml"}):
        sources.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    major, minor, _ = platform.python_version_tuple()
    return {
        "leadrisk": leadrisk.__version__,
        "sources of leadrisk": sources.hexdigest()[:12],
        "python": f"{major}.{minor}",
        **{name: _version(name) for name in _LIBRARIES},
    }


def code() -> Code:
    """Return version and sources of leadrisk, Python and the libraries that decide on results or on messages.

    Examples
    --------
    >>> code()["python"].startswith("3.")
    True
    """
    return dict(_code())


def differences(here: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    """Say in words where another process differs.

    Examples
    --------
    >>> differences({"numpy": "2.4.6", "python": "3.11"}, {"numpy": "2.3.0", "python": "3.11"})
    ['numpy 2.4.6 here, 2.3.0 there']
    """
    names = [*here, *(name for name in there if name not in here)]
    absent = "absent"
    return [
        f"{name} {here.get(name, absent)} here, {there.get(name, absent)} there"
        for name in names
        if here.get(name) != there.get(name)
    ]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
