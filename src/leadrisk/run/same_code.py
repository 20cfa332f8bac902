"""What this process computes with, and how another process differs from it: results must not depend on where."""

from __future__ import annotations

import platform
from functools import cache
from typing import TYPE_CHECKING

from leadrisk.run.identity import differing, installed, program

if TYPE_CHECKING:
    from collections.abc import Mapping

_CARRYING = ("xarray", "zarr", "dask", "distributed", "pydantic")

Code = dict[str, str]
"""Versions by name, plain data that travels with every task."""


@cache
def _code() -> Code:
    major, minor, _ = platform.python_version_tuple()
    own = program()
    return {
        "leadrisk": own["version"],
        "sources of leadrisk": own["code"][:12],
        "python": f"{major}.{minor}",
        **own["libraries"],
        **{name: installed(name) for name in _CARRYING},
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
    return [f"{name} {own} here, {other} there" for name, own, other in differing(here, there)]
