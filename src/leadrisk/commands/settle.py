"""``leadrisk settle``."""

from __future__ import annotations

from pathlib import Path

from leadrisk.commands.options import AsJson, Flag, print_json


def settle(
    case: Path,
    *,
    explain: Flag = False,
    as_json: AsJson = False,
) -> None:
    """Settle one performance year of one case, line by line.

    Parameters
    ----------
    case
        Case file (TOML).
    explain
        Settle it again with each unverified term read otherwise, and say what that changes in dollars.
    as_json
        Print the lines as JSON instead of a table.
    """
    from leadrisk.contract.case import explain_case, settle_case
    from leadrisk.contract.case.explain import bottom_line
    from leadrisk.contract.case.source import open_case
    from leadrisk.contract.case.table import case_console, render_case

    source = open_case(case)
    result = settle_case(source)
    if explain:
        result |= {"explained_line": bottom_line(result), "explain": explain_case(source)}
    if as_json:
        print_json(result)
    else:
        render_case(result, case_console())
