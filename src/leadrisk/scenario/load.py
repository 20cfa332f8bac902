"""Read a scenario from TOML, with overlays and single values laid over it."""

from __future__ import annotations

import hashlib
import json
from os import PathLike
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from leadrisk.errors import InputError
from leadrisk.scenario.explain import Origin, input_error
from leadrisk.scenario.model import Scenario
from leadrisk.scenario.overlay import TERM_TABLES, flatten_terms, merge
from leadrisk.scenario.toml_file import DEEPEST, parse_toml, read_toml
from leadrisk.scenario.uncertainty_table import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from leadrisk.scenario.valid_keys import Location


def load_scenario(
    path: str | PathLike[str],
    *,
    overlays: str | PathLike[str] | Iterable[str | PathLike[str]] = (),
    set: Mapping[str, object] | None = None,  # noqa: A002 - the public name, as on the command line
) -> Scenario:
    """Read and check a scenario.

    Parameters
    ----------
    path
        Scenario file.
    overlays
        Partial scenario, or several, laid over the scenario in order: tables are merged, any other value replaces.
    set
        Single values by dotted key, laid over last. A text is read as a TOML value (``"20000"`` is a number)
        and stays a text where it is none.

    Returns
    -------
    Scenario
        Frozen and valid.

    Raises
    ------
    InputError
        If a file cannot be read or anything in it is wrong; the message says where, what and which rule.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "small.toml"
    ...     _ = file.write_text('''
    ... name = "small"
    ... cohort = {lives = 5000, high_needs_share = 0, esrd_share = 0}
    ... contract.entrant = "newly_entering"
    ... [categories.aged_disabled]
    ... base_year_pbpm = [900, 920, 950]
    ... region_pbpm = 980
    ... national_pbpm = 1000
    ... ''')
    ...     load_scenario(file, set={"cohort.lives": "20000"}).cohort.lives
    20000
    """
    values = {key: parsed(key, value) for key, value in (set or {}).items()}
    data, origins = with_values(*read_layers(path, overlays=overlays), values)
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        raise input_error(error, data, origins) from None


def read_layers(
    path: str | PathLike[str], *, overlays: str | PathLike[str] | Iterable[str | PathLike[str]] = ()
) -> tuple[dict[str, Any], dict[Location, Origin]]:
    """Read a scenario file with overlays laid over it, nothing checked yet.

    Returns
    -------
    tuple
        The merged document, and file and line of every path in it.
    """
    files = (overlays,) if isinstance(overlays, str | PathLike) else tuple(overlays)
    data, origins = with_files({}, {}, (path, *files))
    origins.setdefault((), (path, None))
    return data, origins


def with_files(
    data: dict[str, Any], origins: dict[Location, Origin], files: Iterable[str | PathLike[str]]
) -> tuple[dict[str, Any], dict[Location, Origin]]:
    """Lay files over a document, in order; the document is left as it is."""
    for file in files:
        layer, lines = read_toml(file)
        here: dict[Location, Origin] = {location: (file, line) for location, line in lines.items()}
        data, origins = _lay_over(data, origins, layer, here)
    return data, origins


def with_values(
    data: dict[str, Any],
    origins: dict[Location, Origin],
    values: Mapping[str, object],
    *,
    source: object = "--set",
) -> tuple[dict[str, Any], dict[Location, Origin]]:
    """Lay single values by dotted key over a document; the first is left as it is.

    Parameters
    ----------
    source
        What an error names as their file.

    Examples
    --------
    >>> with_values({"cohort": {"lives": 5000}}, {}, {"cohort.lives": 8000})
    ({'cohort': {'lives': 8000}}, {('cohort',): ('--set', None), ('cohort', 'lives'): ('--set', None)})
    """
    for key, value in values.items():
        location = tuple(key.split("."))
        if len(location) > DEEPEST:
            msg = "has too many parts"
            raise InputError(msg, path=source, key=f"{key[:60]}...")
        here: dict[Location, Origin] = {location[:depth]: (source, None) for depth in range(1, len(location) + 1)}
        data, origins = _lay_over(data, origins, _nested(location, value), here)
    return data, origins


def scenario_sha256(scenario: Scenario) -> str:
    """Fingerprint of everything assumed: SHA-256 over the scenario as JSON with sorted keys.

    Examples
    --------
    >>> from leadrisk.scenario.category_tables import Category
    >>> from leadrisk.scenario.contract_table import Contract
    >>> from leadrisk.scenario.model import Cohort, Scenario
    >>> money = Category(base_year_pbpm=(900, 920, 950), region_pbpm=980, national_pbpm=1000)
    >>> scenario = Scenario(
    ...     name="small",
    ...     cohort=Cohort(lives=5000, high_needs_share=0.0, esrd_share=0.0),
    ...     categories={"aged_disabled": money},
    ...     contract=Contract(entrant="newly_entering"),
    ... )
    >>> len(scenario_sha256(scenario))
    64
    """
    text = json.dumps(scenario.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _lay_over(
    data: dict[str, Any],
    origins: dict[Location, Origin],
    layer: dict[str, Any],
    here: dict[Location, Origin],
) -> tuple[dict[str, Any], dict[Location, Origin]]:
    """Merge a layer and keep track of where each value came from; a table stays where it first stood."""
    contract = layer.get("contract")
    if isinstance(contract, dict):
        terms = {key: flatten_terms(contract[key]) for key in TERM_TABLES if key in contract}
        layer = {**layer, "contract": {**contract, **terms}}
    uncertainty = layer.get("uncertainty")
    if isinstance(uncertainty, dict):
        pairs = {key: flatten(uncertainty[key]) for key, flatten in BY_NAME.items() if key in uncertainty}
        layer = {**layer, "uncertainty": {**uncertainty, **pairs}}
    kept = dict(origins)
    for location, origin in here.items():
        is_table = isinstance(_at(layer, location), dict)
        if is_table and location in kept and isinstance(_at(data, location), dict):
            continue
        kept = {old: place for old, place in kept.items() if old[: len(location)] != location}
        kept[location] = origin
    return merge(data, layer), kept


def _at(data: Any, location: Location) -> Any:
    for name in location:
        try:
            data = data[name]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _nested(location: tuple[str, ...], value: object) -> dict[str, Any]:
    name, *inner = location
    return {name: _nested(tuple(inner), value) if inner else value}


def parsed(key: str, value: object) -> object:
    """Read a text from the command line as a TOML value; what is none stays a text.

    Examples
    --------
    >>> [parsed("a", value) for value in ("2e4", "true", "lower", 7)]
    [20000.0, True, 'lower', 7]
    """
    if not isinstance(value, str):
        return value
    try:
        read, _ = parse_toml(f"value = {value}")
    except InputError as error:
        raise InputError(error.problem, path="--set", key=key) from None
    except ValueError:
        return value
    return read["value"] if read.keys() == {"value"} else value
