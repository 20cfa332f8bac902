"""JSON Schema of a scenario, for editors that complete and check TOML."""

from __future__ import annotations

from typing import Any

from leadrisk.scenario.model import Scenario


def json_schema(*, partial: bool = False) -> dict[str, Any]:
    """Return the JSON Schema of scenario files.

    Parameters
    ----------
    partial
        Nothing is required, as in overlays.

    Returns
    -------
    dict
        JSON Schema, draft 2020-12. Descriptions hold meaning, unit, source, grade and plausible range, for editors to
        show.

    Examples
    --------
    >>> schema = json_schema()
    >>> schema["required"], schema["$defs"]["Cohort"]["properties"]["lives"]["minimum"]
    (['name', 'cohort', 'contract'], 200)
    """
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Scenario.model_json_schema(),
        "title": "leadrisk overlay" if partial else "leadrisk scenario",
    }
    for table in (schema, *schema["$defs"].values()):
        if partial:
            table.pop("required", None)
        for field in table["properties"].values():
            if "grade" in field:
                unit, source, grade = field["unit"], field["source"], field["grade"]
                plausible = f" Plausible: {field['low']:g} to {field['high']:g}." if "low" in field else ""
                field["description"] += f". Unit: {unit}. Source: {source}. Grade: {grade}.{plausible}"
    return schema
