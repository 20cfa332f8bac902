"""``leadrisk schema``."""

from __future__ import annotations

from leadrisk.commands.options import Flag, print_json


def schema(*, overlay: Flag = False) -> None:
    """Print the JSON Schema of scenario files, for editors.

    Parameters
    ----------
    overlay
        The schema of overlays instead, in which nothing is required.
    """
    from leadrisk.scenario.schema import json_schema

    print_json(json_schema(partial=overlay))
