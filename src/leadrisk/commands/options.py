"""What the commands share: types of their options, reading a scenario, printing JSON."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from leadrisk.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cyclopts import Token
    from rich.console import Console

    from leadrisk.scenario.model import Scenario


def _whole(_: object, tokens: Sequence[Token]) -> int:
    try:
        return int(tokens[0].value)  # Cyclopts would cut 1.5 down to 1
    except ValueError as error:
        message = f"must be a whole number, got {tokens[0].value!r}"
        raise ValueError(message) from error


def _share(_: object, tokens: Sequence[Token]) -> float:
    text = tokens[0].value.strip()
    try:
        found = float(text.removesuffix("%")) / (100.0 if text.endswith("%") else 1.0)
    except ValueError:
        found = 0.0
    if not 0.0 < found < 1.0:
        message = f"must be a share above 0 and below 1, such as 1% or 0.01, got {text!r}"
        raise ValueError(message)
    return found


Whole = Annotated[int, Parameter(converter=_whole)]
Share = Annotated[float, Parameter(converter=_share)]
Threads = Annotated[Whole, Parameter(validator=Number(gte=1, lte=1024))]
Populations = Annotated[Whole, Parameter(validator=Number(gte=1))]
Flag = Annotated[bool, Parameter(negative=())]
AsJson = Annotated[bool, Parameter(name="--json", negative=())]
Overlays = Annotated[list[Path] | None, Parameter(negative=(), consume_multiple=False)]
Values = Annotated[list[str] | None, Parameter(name="--set", negative=(), consume_multiple=False)]


def read_scenario(
    path: Path,
    *,
    overlay: list[Path] | None = None,
    set_: list[str] | None = None,
    options: Mapping[str, object | None] | None = None,
) -> Scenario:
    """Load a scenario with overlays and values, its overridden terms checked too.

    Parameters
    ----------
    set_
        Values as ``--set`` gives them, ``key=value``.
    options
        Values that have an option of their own, by dotted key; they go over ``--set``, ``None`` says nothing.
    """
    from leadrisk.run.check import check_switch, check_terms
    from leadrisk.scenario.load import load_scenario

    values: dict[str, object] = dict(split_pair(text) for text in set_ or ())
    values |= {key: value for key, value in (options or {}).items() if value is not None}
    loaded = load_scenario(path, overlays=overlay or (), set=values)
    check_terms(loaded, files=[path, *(overlay or ())], values=values)
    check_switch(loaded)
    return loaded


def split_pair(text: str) -> tuple[str, object]:
    """Part ``key=value`` of ``--set``."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        problem = f"must be key=value, got {text!r}"
        raise InputError(problem, key="--set", cure="write for example --set cohort.lives=20000")
    return key.strip(), value.strip()


def teller(console: Console) -> Callable[[str], None]:
    """Give a function that tells the user a line, as long as somebody is there to read it."""

    def say(message: str) -> None:
        with suppress(OSError):
            console.print(message, soft_wrap=True, highlight=False)

    return say


def print_json(content: object) -> None:
    """Print JSON on standard output."""
    sys.stdout.write(json.dumps(content, indent=2, allow_nan=False) + "\n")
