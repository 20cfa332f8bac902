"""The keys a scenario may hold, and the one that was probably meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from leadrisk.scenario.assumption import table_class
from leadrisk.scenario.model import Scenario

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

Location = tuple[str | int, ...]


def nearest_key(location: Location, *, root: type[BaseModel] = Scenario) -> str | None:
    """Suggest a key: of the same table, else of another one, else list what the table may hold.

    Parameters
    ----------
    root
        Table that the location starts from.

    Examples
    --------
    >>> nearest_key(("cohort", "live")), nearest_key(("horizon", "lives"))
    ('did you mean "cohort.lives"?', 'did you mean "cohort.lives"?')
    """
    sibling = nearest_sibling(location, root=root)
    if sibling:
        return f'did you mean "{dotted((*location[:-1], sibling))}"?'
    keys = _all_keys(root)
    whole = "_".join(map(str, location))  # cara.providers stands as elections.cara_providers
    if places := [key for key in keys if key.rpartition(".")[2] == whole]:
        return f'did you mean "{places[0]}"?'
    elsewhere = get_close_matches(str(location[-1]), [key.rpartition(".")[2] for key in keys], n=1, cutoff=0.75)
    if elsewhere:
        places = [key for key in keys if key.rpartition(".")[2] == elsewhere[0]]
        return f'did you mean "{places[0]}"?'
    table = table_at(location[:-1], root=root)
    return None if table is None else f"valid keys here: {', '.join(table.model_fields)}"


def nearest_sibling(location: Location, *, root: type[BaseModel] = Scenario) -> str | None:
    """Return the key of the same table that comes closest."""
    table = table_at(location[:-1], root=root)
    near = get_close_matches(str(location[-1]), list(table.model_fields), n=1, cutoff=0.6) if table else []
    return near[0] if near else None


def _all_keys(table: type[BaseModel], prefix: str = "") -> list[str]:
    keys: list[str] = []
    for name, field in table.model_fields.items():
        keys.append(f"{prefix}{name}")
        inner = table_class(field.annotation)
        if inner is not None:
            keys.extend(_all_keys(inner, f"{prefix}{name}."))
    return keys


def table_at(location: Location, *, root: type[BaseModel] = Scenario) -> type[BaseModel] | None:
    """Return the table class at a location."""
    table: type[BaseModel] | None = root
    for name in location:
        field = table.model_fields.get(str(name)) if table else None
        table = table_class(field.annotation) if field else None
    return table


def field_at(location: Location, *, root: type[BaseModel] = Scenario) -> FieldInfo | None:
    """Return the declaration of the field at a location."""
    table = table_at(location[:-1], root=root)
    return table.model_fields.get(str(location[-1])) if table else None


def dotted(location: Location) -> str:
    """Write a location as a key.

    Examples
    --------
    >>> dotted(("categories", "esrd", "base_year_pbpm", 1))
    'categories.esrd.base_year_pbpm[1]'
    """
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
