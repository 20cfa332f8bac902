"""Line of every key of a TOML text, so that an error can point at it (``tomllib`` keeps no positions)."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left

Path = tuple[str | int, ...]

_STRING = (
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
)
_SCALAR = re.compile(rf"{_STRING}|\d{{4}}-\d\d-\d\d \d\d:[^\s,\]}}#]+|[^\s,\[\]{{}}#\"'=]+", re.DOTALL)
_KEY_PART = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|[A-Za-z0-9_-]+")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")


def line_map(text: str) -> dict[Path, int]:
    r"""Map the path of every table, key and array element to its line, counted from 1.

    Parameters
    ----------
    text
        Text that ``tomllib.loads`` accepts.

    Returns
    -------
    dict
        Path (names for keys, integers for places in arrays) to line. The paths are exactly those of the
        parsed document; a table that is only implied stands at the line that first implies it.

    Raises
    ------
    ValueError
        If the text is not TOML.

    Examples
    --------
    >>> line_map('name = "a"\n[cohort]\nlives = 5000\nyears = [\n  2027,\n]\n')[("cohort", "years", 0)]
    5
    """
    newlines = [found.start() for found in re.finditer("\n", text)]
    lines: dict[Path, int] = {}
    last_element: dict[Path, int] = {}
    table: Path = ()
    at = _skip(text, 0)
    while at < len(text):
        line = bisect_left(newlines, at) + 1
        if text.startswith("[", at):
            is_element = text.startswith("[[", at)
            names, at = _key(text, _skip(text, at + 1 + is_element))
            table = ()
            for depth, name in enumerate(names, 1):
                table = (*table, name)
                lines.setdefault(table, line)
                if is_element and depth == len(names):
                    last_element[table] = last_element.get(table, -1) + 1
                if table in last_element:
                    table = (*table, last_element[table])
            lines[table] = line
            at = _expect(text, _skip(text, at), "]]" if is_element else "]")
        else:
            at = _pair(text, at, table, lines, newlines)
        at = _skip(text, at)
    return lines


def _pair(text: str, at: int, table: Path, lines: dict[Path, int], newlines: list[int]) -> int:
    """Record one ``key = value`` and return the place behind it."""
    line = bisect_left(newlines, at) + 1
    names, at = _key(text, at)
    for name in names:
        table = (*table, name)
        lines.setdefault(table, line)
    return _value(text, _skip(text, _expect(text, _skip(text, at), "=")), table, lines, newlines)


def _value(text: str, at: int, path: Path, lines: dict[Path, int], newlines: list[int]) -> int:
    """Record what a value holds and return the place behind it."""
    opening = text[at : at + 1]
    if opening not in {"[", "{"}:
        found = _SCALAR.match(text, at)
        if found is None:
            raise _not_toml(text, at)
        return found.end()
    closing = "]" if opening == "[" else "}"
    at = _skip(text, at + 1)
    place = 0
    while not text.startswith(closing, at):
        if opening == "[":
            lines[(*path, place)] = bisect_left(newlines, at) + 1
            at = _value(text, at, (*path, place), lines, newlines)
            place += 1
        else:
            at = _pair(text, at, path, lines, newlines)
        at = _skip(text, at)
        if text.startswith(",", at):
            at = _skip(text, at + 1)
        elif not text.startswith(closing, at):
            raise _not_toml(text, at)
    return at + 1


def _key(text: str, at: int) -> tuple[list[str], int]:
    """Read a dotted key; quoted parts are decoded by ``tomllib`` itself."""
    names: list[str] = []
    while True:
        found = _KEY_PART.match(text, at)
        if found is None:
            raise _not_toml(text, at)
        part, at = found.group(), found.end()
        names.append(tomllib.loads(f"name = {part}")["name"] if part[0] in "\"'" else part)
        dot = _DOT.match(text, at)
        if dot is None:
            return names, at
        at = dot.end()


def _skip(text: str, at: int) -> int:
    """Step over blanks, line ends and comments."""
    found = _BLANK.match(text, at)
    return at if found is None else found.end()


def _expect(text: str, at: int, token: str) -> int:
    if not text.startswith(token, at):
        raise _not_toml(text, at)
    return at + len(token)


def _not_toml(text: str, at: int) -> ValueError:
    msg = f"not TOML at line {text.count(chr(10), 0, at) + 1}"
    return ValueError(msg)
