"""The line scanner finds exactly the paths that tomllib parses, each at the line where it was written."""

from __future__ import annotations

import json
import tomllib

from hypothesis import given
from hypothesis import strategies as st

from leadrisk.scenario.toml_lines import line_map

BARE_KEYS = st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True)
TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")) | st.sampled_from("\"'\\[]{}=,#.\t"), max_size=12)
SCALARS = st.one_of(
    TEXTS.map(lambda text: json.dumps(text, ensure_ascii=False)),
    st.integers(-(10**9), 10**9).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(
        [
            "true",
            "inf",
            "-nan",
            "1979-05-27",
            "1979-05-27 07:32:00Z",
            "1979-05-27T07:32:00-07:00",
            "07:32:00",
            "0xDEAD_beef",
            "1_000.5e-3",
            "'#no = comment'",
            '"""\nmany = "lines"\n[no.table]\n"""',
            "'''\n# no comment ''\n[[no]]\n'''",
            '"""two quotes end it""\\""""',
            '""""quoted\\\\"""""',
            "''''it''''",
        ]
    ),
)
BLANKS = st.sampled_from(["", " ", "\n", "# a [comment] = 'here\n", "\r\n", "\t"])


@st.composite
def arrays(draw, values):
    parts = [draw(values) + draw(BLANKS) for _ in range(draw(st.integers(0, 3)))]
    tail = "," if parts and draw(st.booleans()) else ""
    return "[" + draw(BLANKS) + ("," + draw(BLANKS)).join(parts) + tail + draw(BLANKS) + "]"


@st.composite
def inline_tables(draw, values):
    names = draw(st.lists(BARE_KEYS, max_size=3, unique=True))
    return "{" + ", ".join(f"{json.dumps(name)} = {draw(values)}" for name in names) + "}"


VALUES = st.recursive(
    SCALARS,
    lambda inner: arrays(inner) | inline_tables(inner.filter(lambda text: "\n" not in text)),
    max_leaves=5,
)


@st.composite
def documents(draw):
    names = draw(st.lists(BARE_KEYS, max_size=3, unique=True))
    lines = [f"{name} = {draw(VALUES)} # after" for name in names]
    for number in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from(["[table{}]", "[table{}.inner.'quoted [x]']", "[[list]]", "[[list.deep]]"]))
        lines.append(draw(st.sampled_from(["", "  ", "# note = 1"])))
        lines.append(kind.format(number))
        names = draw(st.lists(BARE_KEYS, max_size=2, unique=True))
        lines += [f"  {json.dumps(name)} . dotted.{name}\t= {draw(VALUES)}" for name in names]
    return "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n# the end"]))


def paths(value, path=()):
    """Every path of a parsed document."""
    held = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in held:
        yield (*path, name)
        yield from paths(inner, (*path, name))


@given(documents())
def test_paths_are_those_of_tomllib(text):
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(line_map(text)) == set(paths(parsed))


@given(documents())
def test_lines_hold_the_key(text):
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    lines = text.split("\n")
    for path, line in line_map(text).items():
        assert 1 <= line <= len(lines)
        if isinstance(path[-1], str):
            assert path[-1] in lines[line - 1]
