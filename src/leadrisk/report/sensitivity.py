"""What ``leadrisk sensitivity`` leaves behind: JSON, CSV, tornado plot, and a table on the terminal."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any, TypedDict

from rich.box import SIMPLE_HEAD
from rich.table import Table

from leadrisk.report.figure_files import write_figures
from leadrisk.report.figure_sensitivity import ENDS, range_end, tornado_figure
from leadrisk.report.formatting import ABSENT, digits_for, money_scale, narrow_label, with_error
from leadrisk.run.directory import MANIFEST
from leadrisk.run.manifest import environment
from leadrisk.run.store import write_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

_MOST_LISTED = 10
_KEY_WIDTH, _CELL_WIDTH = 52, 14  # characters of a terminal line


class SensitivityRow(TypedDict):
    """One change of one figure: a line of sensitivity.csv."""

    key: str
    grade: str
    unit: str
    value: float
    end: str
    tried: float
    contract: str
    statistic: str
    change: float
    standard_error: float


def write_sensitivity(directory: Path, found: Mapping[str, Any], *, elapsed_s: float) -> None:
    """Write sensitivity.json, sensitivity.csv, figures/ and, last, manifest.json.

    Parameters
    ----------
    directory
        An empty directory.
    found
        From :func:`leadrisk.run.sensitivity.sensitivity`.
    """
    write_json(directory / "sensitivity.json", found)
    with (directory / "sensitivity.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(SensitivityRow.__annotations__))
        writer.writeheader()
        writer.writerows(sensitivity_rows(found))
    if found["assumptions"]:
        write_figures(directory / "figures", {"tornado": tornado_figure(found)})
    said = ("scenario", "scenario_sha256", "version", "populations", "futures", "seed")
    manifest = {name: found[name] for name in said}
    write_json(directory / MANIFEST, {**manifest, "elapsed_s": round(elapsed_s, 3), "environment": environment()})


def sensitivity_rows(found: Mapping[str, Any]) -> list[SensitivityRow]:
    """Every change of every figure as one row.

    Examples
    --------
    >>> record = {"key": "trend.calm_sd", "grade": "C", "unit": "share", "value": 0.02, "low": 0.01, "high": 0.03}
    >>> change = {"lead_global": {"high": {"mean": {"value": 5.0, "se": 1.0}}}}
    >>> rows = sensitivity_rows({"assumptions": [{**record, "change": change}]})
    >>> rows[0]["tried"], rows[0]["statistic"], rows[0]["change"]
    (0.03, 'mean', 5.0)
    """
    return [
        {
            "key": record["key"],
            "grade": record["grade"],
            "unit": record["unit"],
            "value": record["value"],
            "end": end,
            "tried": record[end],
            "contract": contract,
            "statistic": statistic,
            "change": change["value"],
            "standard_error": change["se"],
        }
        for record in found["assumptions"]
        for contract, ends in record["change"].items()
        for end, statistics in ends.items()
        for statistic, change in statistics.items()
    ]


def terminal_sensitivity(found: Mapping[str, Any], console: Console) -> None:
    """Print the assumptions that move the 99 % reserve most, one line an end of their range."""
    contracts, listed = found["contracts"], found["assumptions"][:_MOST_LISTED]
    scale = money_scale([found["base"][name]["reserve_99"]["value"] for name in contracts])
    errors = [found["base"][name]["reserve_99"]["se"] / scale.divisor for name in contracts]
    digits = digits_for(errors)

    def cell(figures: Mapping[str, Any] | None) -> str:
        if figures is None:
            return ABSENT
        reserve = figures["reserve_99"]
        return with_error(reserve["value"] / scale.divisor, reserve["se"] / scale.divisor, digits=digits)

    columns = max((console.width - _KEY_WIDTH) // _CELL_WIDTH, 1)
    for start in range(0, len(contracts), columns):
        abreast = contracts[start : start + columns]
        table = Table(
            title=f"Change of the 99 % reserve, {scale.unit}, ± standard error of the change",
            title_justify="left",
            box=SIMPLE_HEAD,
            padding=(0, 1, 0, 0),
        )
        table.add_column("assumption, grade", overflow="fold")
        table.add_column("tried", justify="right", no_wrap=True)
        for name in abreast:
            table.add_column(narrow_label(name), justify="right", no_wrap=True)
        table.add_row("as it is", "", *(cell(found["base"][name]) for name in abreast), end_section=True)
        for record in listed:
            heads = (f"{record['key']}, {record['grade']}", f"  as it is: {range_end(record['value'])}")
            for head, end in zip(heads, ENDS, strict=True):
                cells = (cell(record["change"][name].get(end)) for name in abreast)
                table.add_row(head, range_end(record[end]), *cells)
        console.print(table)
    left = len(found["assumptions"]) - len(listed)
    counts = [
        f"{left} more move it less" if left else "",
        f"{len(found['no_change'])} change nothing" if found["no_change"] else "",
        f"{len(found['not_read'])} are not read by this scenario" if found["not_read"] else "",
    ]
    if said := "; ".join(count for count in counts if count):
        console.print(f"Of the other assumptions with a plausible range {said}.", highlight=False)
    for refused in found["refused"]:
        console.print(f"{refused['key']}: its {refused['end']} end was left out: {refused['reason']}", highlight=False)
    console.print("Readings of contract terms that are not verified are tried by leadrisk run.", highlight=False)
