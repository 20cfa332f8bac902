"""The results of ``leadrisk verify`` as a table for people."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from leadrisk.report.formatting import ABSENT, PLUS_MINUS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

_STYLES = {"pass": "green", "fail": "bold red", "not run": "yellow"}
_NEAR = "*"
_DIGITS, _MOST_DECIMALS = 2, 6


def print_verification(found: Mapping[str, Any], console: Console) -> None:
    """Print every target with its parts, then the causes of what failed or was not run, and a line that sums up.

    Examples
    --------
    >>> from rich.console import Console
    >>> from leadrisk.validation.verify import verify
    >>> with (console := Console(width=120)).capture() as capture:
    ...     print_verification(verify(only=["V15"], populations=16), console)
    >>> capture.get().splitlines()[-1].strip()
    '1 target: 1 pass, 0 fail, 0 not run'
    """
    targets = found["targets"]
    table = Table(box=None, pad_edge=False, header_style="bold", row_styles=())
    for name, justify in (("", "left"), ("what", "left"), ("target", "right"), ("tolerance", "right")):
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    table.add_column("result", justify="right")
    table.add_column("verdict", no_wrap=True)
    table.add_column("source and grade", overflow="fold", ratio=1)
    for target in targets:
        _add_target(table, target)
    console.print(table)
    _print_causes(targets, console)
    console.print(_run_with(found), highlight=False, soft_wrap=True)
    console.print(_summed_up(targets), style="bold", highlight=False)


def _add_target(table: Table, target: Mapping[str, Any]) -> None:
    source = f"{target['source']} [{target['grade']}]"
    parts = target["parts"]
    title = f"{target['what']} ({target['unit']})"
    if len(parts) == 1:
        table.add_row(target["id"], title, *_figures(parts[0]), Text(source))
        return
    verdict = Text(target["verdict"], style=_STYLES[target["verdict"]])
    table.add_row(Text(target["id"]), title, "", "", "", verdict, Text(source))
    for part in parts:
        table.add_row("", f"  {part['name']}", *_figures(part), Text(part.get("source", "")))


def _figures(part: Mapping[str, Any]) -> tuple[str | Text, ...]:
    near = _NEAR if part["near_limit"] else ""
    verdict = Text(part["verdict"] + near, style=_STYLES[part["verdict"]])
    return number(part["target"]), part["tolerance"], result(part), verdict


def result(part: Mapping[str, Any]) -> str:
    """Result and standard error, both with as many decimals as show two digits of the error.

    Examples
    --------
    >>> result({"result": 1.9534, "se": 0.0187, "target": 2.0}), result({"result": None, "se": None, "target": 1.0})
    ('1.953 ± 0.019', '—')
    """
    value, se = part["result"], part["se"]
    if value is None:
        return ABSENT
    if not se:
        return number(value)
    decimals = min(max(_DIGITS - 1 - floor(log10(se)), 0), _MOST_DECIMALS)
    return f"{value:.{decimals}f} {PLUS_MINUS} {se:.{decimals}f}"


def number(value: float) -> str:
    """Write a figure with at most four digits.

    Examples
    --------
    >>> number(2.8), number(0.0), number(0.0046404)
    ('2.8', '0', '0.00464')
    """
    return f"{value:.4g}"


def _print_causes(targets: Sequence[Mapping[str, Any]], console: Console) -> None:
    for target in targets:
        if target["cause"]:
            style = _STYLES[target["verdict"]]
            console.print(Text(f"{target['id']} {target['verdict']}: {target['cause']}", style=style))
    if any(target["near_limit"] for target in targets):
        console.print(f"{_NEAR} within two standard errors of a limit")


def _run_with(found: Mapping[str, Any]) -> str:
    files = " and ".join(name for name, there in found["data"].items() if there) or "none"
    return f"{found['populations']:,} populations of 10,000 lives, seed {found['seed']}; CMS files: {files}"


def _summed_up(targets: Sequence[Mapping[str, Any]]) -> str:
    counts = {verdict: sum(target["verdict"] == verdict for target in targets) for verdict in _STYLES}
    said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return f"{len(targets)} target{'s' if len(targets) > 1 else ''}: {said}"
