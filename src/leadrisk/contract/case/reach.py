"""An ACO REACH case: checked, settled and explained line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from leadrisk.contract.case.lines import corridor_lines, gross_line, line
from leadrisk.contract.case.values import check_totals, read_totals, signed_dollars
from leadrisk.contract.reach import FIRST_YEAR, LAST_YEAR, reach_corridor, settle_reach

if TYPE_CHECKING:
    from leadrisk.contract.case.source import CaseSource
    from leadrisk.contract.inputs import Option
    from leadrisk.contract.terms import Terms

KEYS = ("option", "heba_net", "stop_loss_net")
OPTIONS = ("global", "professional")


def settle_reach_case(source: CaseSource, terms: Terms) -> dict[str, object]:
    """Check and settle an ACO REACH case.

    Returns
    -------
    dict
        Lines in dollars, ``option``, ``performance_year``, and ``lines`` for printing.
    """
    year = source.year(("performance_year",), FIRST_YEAR, LAST_YEAR)
    if year is None:
        raise source.missing(("performance_year",), f"a year from {FIRST_YEAR} to {LAST_YEAR}")
    option = cast("Option", source.choice(("option",), OPTIONS, required=True))
    heba_net = signed_dollars(source, "heba_net") or 0.0
    totals = read_totals(source)
    check_totals(source, totals, added=heba_net)
    if (totals.benchmark_final or 0.0) + heba_net <= 0.0:
        raise source.wrong(("heba_net",), f"leaves no benchmark, got {heba_net!r}")
    amounts = settle_reach(
        option=option,
        performance_year=year,
        benchmark_final=totals.benchmark_final or 0.0,
        terms=terms,
        expenditure=totals.expenditure,
        gross_savings=totals.gross_savings,
        heba_net=heba_net,
        stop_loss_net=signed_dollars(source, "stop_loss_net") or 0.0,
    )
    values = {name: float(amount) for name, amount in amounts.items()}
    origin = "as given" if totals.expenditure is not None else "from gross savings as given"
    lines = [line("benchmark_final", "Final benchmark", values, "as given, before health equity adjustment")]
    if values["heba_net"]:
        lines.append(line("heba_net", "Health equity adjustment", values, "as given"))
    lines.append(line("expenditure", "Expenditure", values, origin, sign=-1))
    if values["stop_loss_net"]:
        lines.append(line("stop_loss_net", "Stop-loss", values, "charge less payout, as given", sign=-1))
    lines.append(gross_line(values, "benchmark with health equity adjustment less expenditure and stop-loss"))
    corridor = reach_corridor(option=option, performance_year=year, terms=terms)
    names = [name for name in terms.used() if name.startswith("corridor.")]
    lines += corridor_lines(values, corridor, values["benchmark_final"] + heba_net, terms, names)
    return {"option": option, "performance_year": year, **values, "lines": lines}
