"""What this process computes with, and how another process differs from it: results must not depend on where."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import leadrisk
from leadrisk.run.identity import code_sha256

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIBRARIES = ("numpy", "numba", "llvmlite", "scipy", "xarray", "zarr", "dask", "distributed", "pydantic")

Code = dict[str, str]
"""Versions by name, plain data that travels with every task."""


@cache
def _code() -> Code:
    major, minor, _ = platform.python_version_tuple()
    return {
        "leadrisk": leadrisk.__version__,
        "sources of leadrisk": code_sha256()[:12],
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
