"""Libraries for other processes and machines, loaded only where they are needed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from leadrisk.errors import InputError


def extra(module: str) -> Any:
    """Return a module of such a library.

    Raises
    ------
    InputError
        If it is not installed.

    Examples
    --------
    >>> extra("a_library_nobody_has.part")
    Traceback (most recent call last):
    leadrisk.errors.InputError: running on other processes needs a_library_nobody_has, ...
    """
    try:
        return import_module(module)
    except ModuleNotFoundError:
        problem = f"running on other processes needs {module.partition('.')[0]}, which is not installed"
        raise InputError(problem, cure='pip install "leadrisk[cluster]"') from None
