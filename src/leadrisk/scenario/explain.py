"""Say in plain words what is wrong with a scenario, where it stands and what was probably meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args

from leadrisk.errors import InputError
from leadrisk.scenario.assumption import table_class
from leadrisk.scenario.model import Scenario
from leadrisk.scenario.valid_keys import Location, dotted, field_at, nearest_key, nearest_sibling

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

Origin = tuple[object, int | None]

_WANTED = {
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "string_type": "must be a text in quotation marks",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
}
_LIMITS = {
    "greater_than": ("gt", "must be above {}"),
    "greater_than_equal": ("ge", "must be at least {}"),
    "less_than": ("lt", "must be below {}"),
    "less_than_equal": ("le", "must be at most {}"),
    "multiple_of": ("multiple_of", "must be a multiple of {}"),
}


def input_error(
    error: ValidationError,
    data: Mapping[str, Any],
    origins: Mapping[Location, Origin],
    *,
    root: type[BaseModel] = Scenario,
) -> InputError:
    """Turn what pydantic found into one error for the user.

    Parameters
    ----------
    error
        What pydantic found in ``data``.
    data
        The merged document.
    origins
        File and line of every path of ``data``.
    root
        Table that ``data`` should be.

    Returns
    -------
    InputError
        The first problem; the others follow, one a line. Unknown keys come first, since a misspelt key also
        leaves another one missing.
    """
    details = error.errors(include_url=False)
    unknown = [detail for detail in details if detail["type"] == "extra_forbidden"]
    meant = {
        dotted((*detail["loc"][:-1], near)) for detail in unknown if (near := nearest_sibling(detail["loc"], root=root))
    }
    within = {detail["loc"][:-1] for detail in details}  # of values that are wrong, none is left, and pydantic says so
    others = [
        detail
        for detail in details
        if detail["type"] != "extra_forbidden"
        and not (detail["type"] == "missing" and dotted(detail["loc"]) in meant)
        and not (detail["type"] == "too_short" and detail["loc"] in within)
    ]
    return joined([_explain(dict(detail), data, origins, root) for detail in (*unknown, *others)])


def joined(errors: Sequence[InputError]) -> InputError:
    """Return one error that tells several, one a line, each with its own cure.

    Examples
    --------
    >>> print(joined([InputError("is missing", key="a", cure="write a = 1"), InputError("is unknown", key="b")]))
    a: is missing (write a = 1)
    b: is unknown
    """
    first = errors[0]
    if len(errors) == 1:
        return first
    cure = f" ({first.cure})" if first.cure else ""
    rest = "\n".join(map(str, errors[1:]))
    return InputError(f"{first.problem}{cure}\n{rest}", path=first.path, line=first.line, key=first.key)


def _explain(
    detail: dict[str, Any], data: Mapping[str, Any], origins: Mapping[Location, Origin], root: type[BaseModel]
) -> InputError:
    """Explain one problem; a rule between fields carries its own key, which pydantic does not know."""
    kind, location, context = detail["type"], tuple(detail["loc"]), detail.get("ctx", {})
    if kind == "rule":
        location = tuple(context["key"].split("."))
        problem, cure = context["message"], context["cure"]
    elif kind == "missing" and isinstance(location[-1], int):
        location = location[:-1]
        problem, cure = _wrong_length(location, data, root), None
    elif kind in {"too_long", "too_short"}:
        problem, cure = _wrong_length(location, data, root), None
    elif kind == "missing":
        problem, cure = "is missing", _how_to_add(location, root)
    elif kind == "extra_forbidden":
        problem, cure = "unknown key", nearest_key(location, root=root)
    else:
        problem, cure = _wrong_value(kind, detail, context)
    path, line = _origin(location, origins)
    return InputError(problem, path=path, line=line, key=dotted(location), cure=cure)


def _wrong_value(kind: str, detail: Mapping[str, Any], context: Mapping[str, Any]) -> tuple[str, str | None]:
    value = detail["input"]
    if kind == "literal_error":
        choices = _choices(context["expected"])
        plain = {choice.casefold(): choice for choice in choices}
        near = get_close_matches(str(value).casefold(), plain, n=1, cutoff=0.5)
        listed = ", ".join(f'"{choice}"' for choice in choices)
        return f"must be one of {listed}, got {_words(value)}", f'did you mean "{plain[near[0]]}"?' if near else None
    if kind in _LIMITS:
        name, rule = _LIMITS[kind]
        return f"{rule.format(f'{context[name]:,.15g}')}, got {value:,}", None
    if kind == "string_too_short":
        return "must not be empty", None
    wanted = _WANTED.get(kind, detail["msg"].removeprefix("Value error, "))
    quoted_number = isinstance(value, str) and value.replace(",", "").replace(".", "", 1).strip().isdecimal()
    numeric = kind in {"int_type", "float_type"}
    cure = "write the number without quotation marks and commas" if numeric and quoted_number else None
    return f"{wanted}, got {_words(value)}", cure


def _wrong_length(location: Location, data: Mapping[str, Any], root: type[BaseModel]) -> str:
    given = _at(data, location)
    field = field_at(location, root=root)
    wanted = [part for part in get_args(field.annotation) if part is not Ellipsis] if field else []
    limits = {type(limit).__name__: limit for limit in field.metadata} if field else {}
    if "MaxLen" in limits or "MinLen" in limits:
        longest = getattr(limits.get("MaxLen"), "max_length", None)
        rule = "at least one value" if longest is None else f"at most {longest} values"
    else:
        rule = f"{len(wanted)} values"
    return f"must have {rule}, got {len(given) if isinstance(given, list | tuple) else 0}"


def _how_to_add(location: Location, root: type[BaseModel]) -> str:
    field = field_at(location, root=root)
    if field is None or table_class(field.annotation) is not None:
        return f"add a table [{dotted(location)}]"
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    unit = f", in {extra['unit']}" if "unit" in extra else ""
    return f"add {location[-1]} = ..., {field.description}{unit}"


def _origin(location: Location, origins: Mapping[Location, Origin]) -> Origin:
    """Return file and line of a location, or of the closest table around it; names may hold dots or be nested."""
    named = {dotted(place): origin for place, origin in origins.items()}
    for depth in range(len(location), 0, -1):
        if (key := dotted(location[:depth])) in named:
            return named[key]
    return origins.get((), (None, None))


def _at(data: Any, location: Location) -> Any:
    for name in location:
        data = data[name]
    return data


def _choices(expected: str) -> list[str]:
    return [part.strip("'") for part in expected.replace(" or ", ", ").split(", ")]


def _words(value: object) -> str:
    """Say what was given, in words.

    Examples
    --------
    >>> _words("abc"), _words(True), _words(2.5), _words([1])
    ('the text "abc"', 'true', 'the number 2.5', 'a list')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'the text "{value[:60]}"'
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    return "nothing" if value is None else f"the date or time {value}"
