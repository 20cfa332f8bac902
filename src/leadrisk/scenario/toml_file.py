"""Read a TOML file and the lines of its keys; whatever is wrong with the file is one clear message."""

from __future__ import annotations

import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadrisk.errors import InputError
from leadrisk.scenario.toml_lines import line_map

if TYPE_CHECKING:
    from os import PathLike

DEEPEST = 20  # parts of a dotted key, places in arrays included; no scenario or case needs more than six
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")


def read_toml(path: str | PathLike[str]) -> tuple[dict[str, Any], dict[tuple[str | int, ...], int]]:
    """Read a TOML file.

    Parameters
    ----------
    path
        The file; it must be UTF-8.

    Returns
    -------
    tuple
        The parsed document and the line of every path in it, as `line_map` gives it.

    Raises
    ------
    InputError
        If there is no such file, or it is a directory, cannot be read, is not UTF-8 or is not TOML.

    Examples
    --------
    >>> read_toml("no/such/file.toml")
    Traceback (most recent call last):
    leadrisk.errors.InputError: no/such/file.toml: there is no such file
    """
    text = _read_text(path)
    try:
        return parse_toml(text)
    except ValueError as error:
        found = _AT_LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        msg = f"is not TOML: {error}"
        raise InputError(msg, path=path, line=line, cure="correct the line") from None
    except InputError as error:
        raise InputError(error.problem, path=path, line=error.line) from None


def parse_toml(text: str) -> tuple[dict[str, Any], dict[tuple[str | int, ...], int]]:
    """Read a TOML text, as `read_toml` does.

    Raises
    ------
    ValueError
        If the text is not TOML.
    InputError
        If it is nested too deeply, or a whole number is beyond the 64 bits of TOML (``tomllib`` takes any).

    Examples
    --------
    >>> parse_toml("lives = 5000")
    ({'lives': 5000}, {('lives',): 1})
    """
    try:
        document, lines = tomllib.loads(text), line_map(text)
    except RecursionError:
        msg = "is nested too deeply to be read"
        raise InputError(msg) from None
    for location, line in lines.items():
        if len(location) > DEEPEST:
            msg = "is nested too deeply to be read"
            raise InputError(msg, line=line)
        value: Any = document
        for part in location:
            value = value[part]
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            msg = "has a whole number beyond 64 bits"
            raise InputError(msg, line=line)
    return document, lines


def _read_text(path: str | PathLike[str]) -> str:
    file = Path(path)
    try:
        return file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        msg = "there is no such file"
        raise InputError(msg, path=path, cure=_nearest_file(file)) from None
    except IsADirectoryError:
        msg = "is a directory, not a file"
        raise InputError(msg, path=path, cure="name a TOML file in it") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        msg = "is not UTF-8 text"
        raise InputError(msg, path=path, line=line, cure="save it as UTF-8") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        msg = f"cannot be read: {reason}"
        raise InputError(msg, path=path) from None


def _nearest_file(file: Path) -> str | None:
    """Name the TOML file of the same folder whose name comes closest."""
    names = [other.name for other in file.parent.glob("*.toml")] if file.parent.is_dir() else []
    near = get_close_matches(file.name, names, n=1, cutoff=0.5)
    return f'did you mean "{file.parent / near[0]}"?' if near else None
