"""One assumption: a scenario field that carries its meaning, unit, source, grade of evidence and plausible range."""

from __future__ import annotations

from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Field
from pydantic_core import PydanticUndefined

Grade = Literal["A", "B", "B*", "C", "user"]
"""Evidence behind a default, see `assumption`."""


def assumption(
    default: Any = ...,
    *,
    meaning: str,
    unit: str,
    source: str,
    grade: Grade,
    low: float | None = None,
    high: float | None = None,
    gt: float | None = None,
    ge: float | None = None,
    lt: float | None = None,
    le: float | None = None,
    min_length: int | None = None,
    max_length: int | None = None,
    multiple_of: int | None = None,
) -> Any:
    """Declare a scenario field.

    Parameters
    ----------
    default
        Value where the scenario says nothing; left out: the scenario must say it.
    meaning
        One sentence for report, schema and error messages.
    unit
        Unit of the value, for example ``dollars per beneficiary per month``.
    source
        Where the default comes from.
    grade
        Evidence: A primary source, B secondary source, B* secondary source whose primary could not be read,
        C judgement or fit, ``user`` the user's own figure or a choice.
    low, high
        Plausible range of the value: where a knowledgeable reader of the source would still put it. Both or neither;
        ``leadrisk sensitivity`` tries its two ends. It is no limit: a scenario may go beyond it.
    gt, ge, lt, le, min_length, max_length, multiple_of
        Limits, checked when a scenario is read.

    Returns
    -------
    pydantic.fields.FieldInfo
        The field, typed as ``Any`` so that it can stand as a default.

    Examples
    --------
    >>> field = assumption(
    ...     0.13, meaning="leave", unit="share per year", source="CMS", grade="B", low=0.1, high=0.18, ge=0, le=1
    ... )
    >>> field.default, field.json_schema_extra["grade"], field.json_schema_extra["high"]
    (0.13, 'B', 0.18)
    """
    extra: dict[str, Any] = {"unit": unit, "source": source, "grade": grade}
    if (low, high) != (None, None):
        extra |= {"low": low, "high": high}
    limits: dict[str, Any] = {
        "gt": gt,
        "ge": ge,
        "lt": lt,
        "le": le,
        "min_length": min_length,
        "max_length": max_length,
        "multiple_of": multiple_of,
    }
    return Field(
        default,
        description=meaning,
        json_schema_extra=extra,
        **{name: limit for name, limit in limits.items() if limit is not None},
    )


def assumptions(model: type[BaseModel] | BaseModel, *, prefix: str = "") -> list[dict[str, Any]]:
    """List every assumption of a scenario class or of one scenario, in the order of the tables.

    Parameters
    ----------
    model
        The scenario class, or a scenario: then each record also holds its ``value``, and categories that the
        scenario leaves out are left out.
    prefix
        Dotted key of the table that ``model`` is.

    Returns
    -------
    list of dict
        Records with ``key, default, unit, meaning, source, grade, low, high`` (and ``value``); ``default`` is None
        where the scenario must give the value, ``low`` and ``high`` where no plausible range is known.

    Examples
    --------
    >>> from leadrisk.scenario.model import Horizon
    >>> assumptions(Horizon, prefix="horizon.")[0]["key"]
    'horizon.first_performance_year'
    """
    model_class = model if isinstance(model, type) else type(model)
    records: list[dict[str, Any]] = []
    for name, field in model_class.model_fields.items():
        table = table_class(field.annotation)
        if table is not None:
            inner = table if isinstance(model, type) else getattr(model, name)
            if inner is not None:
                records.extend(assumptions(inner, prefix=f"{prefix}{name}."))
            continue
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        default = field.get_default(call_default_factory=True, validated_data={})
        record = {
            "key": f"{prefix}{name}",
            "default": None if default is PydanticUndefined else default,
            "unit": extra.get("unit", ""),
            "meaning": field.description or "",
            "source": extra.get("source", ""),
            "grade": extra.get("grade", ""),
            "low": extra.get("low"),
            "high": extra.get("high"),
        }
        if not isinstance(model, type):
            record["value"] = getattr(model, name)
        records.append(record)
    return records


def table_class(annotation: Any) -> type[BaseModel] | None:
    """Return the table class that a field holds (``Table`` or ``Table | None``), None for a plain value.

    Examples
    --------
    >>> from leadrisk.scenario.category_tables import Category
    >>> table_class(Category | None).__name__, table_class(float)
    ('Category', None)
    """
    if get_origin(annotation) in {Union, UnionType}:
        found = [table for part in get_args(annotation) if (table := table_class(part)) is not None]
        return found[0] if found else None
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
