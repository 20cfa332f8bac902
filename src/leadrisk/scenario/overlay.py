"""Overlays: a partial scenario laid over another, table by table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TERM_TABLES = ("terms", "mssp_terms", "reach_terms")
"""Tables of a contract that hold terms by dotted name."""


def merge(base: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    """Lay ``overlay`` over ``base``: tables are merged, any other value replaces.

    Examples
    --------
    >>> merge({"cohort": {"lives": 5000, "esrd_share": 0.004}}, {"cohort": {"lives": 8000}})
    {'cohort': {'lives': 8000, 'esrd_share': 0.004}}
    """
    merged = dict(base)
    for key, value in overlay.items():
        below = merged.get(key)
        merged[key] = merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def flatten_terms(terms: Any) -> Any:
    """Write contract terms under their dotted names; a table by year or a corridor (edges and shares) is a value.

    Examples
    --------
    >>> flatten_terms({"quality": {"at_risk": 0.05}, "discount": {"2027": 0.03}})
    {'quality.at_risk': 0.05, 'discount': {'2027': 0.03}}
    """
    if not isinstance(terms, Mapping):
        return terms
    flat: dict[str, Any] = {}
    for name, value in terms.items():
        if isinstance(value, Mapping) and value and not _is_value(value):
            flat.update({f"{name}.{inner}": held for inner, held in flatten_terms(value).items()})
        else:
            flat[str(name)] = value
    return flat


def _is_value(table: Mapping[str, Any]) -> bool:
    return any(str(key).isdecimal() or key in {"edges", "shares"} for key in table)
