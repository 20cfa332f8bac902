"""The ACO REACH settlement from totals: final benchmark, health equity adjustment, expenditure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.corridor import Corridor, shared_amount
from leadrisk.contract.sequestration import sequestration_amount

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from leadrisk.contract.amount import Amount
    from leadrisk.contract.inputs import Option
    from leadrisk.contract.terms import Terms

FIRST_YEAR, LAST_YEAR = 2021, 2026
NARROWED_YEAR = 2026


def settle_reach(
    *,
    option: Option,
    performance_year: int,
    benchmark_final: Amount,
    terms: Terms,
    expenditure: Amount | None = None,
    gross_savings: Amount | None = None,
    heba_net: Amount = 0.0,
    stop_loss_net: Amount = 0.0,
) -> dict[str, Amount]:
    """Settle an ACO REACH performance year from its totals.

    Gross savings are the final benchmark plus the health equity benchmark adjustment, less expenditure net
    of stop-loss; band edges are taken on the benchmark *with* that adjustment, and the savings rate, as in
    CMS's files, on the benchmark without it. Sequestration falls on savings only. Exact on every ACO of
    CMS's public results for PY2021-PY2023 (grade A).

    Parameters
    ----------
    option
        ``"global"`` or ``"professional"``.
    performance_year
        2021 to 2026; it sets the Global bands.
    benchmark_final
        Final benchmark before the health equity adjustment, in dollars.
    terms
        ACO REACH terms from :func:`leadrisk.contract.terms.load_terms`.
    expenditure
        Part A and B expenditure before stop-loss, in dollars; needed unless ``gross_savings`` is given.
    gross_savings
        Gross savings where they are known directly.
    heba_net
        Health equity benchmark adjustment, in dollars, up positive and down negative.
    stop_loss_net
        Stop-loss charge less payout, in dollars; it is added to expenditure.

    Examples
    --------
    D0088 in PY2022: $13.33 M or 30.3 % of the benchmark; the part above 25 % is shared by half.

    >>> from leadrisk.contract.terms import load_terms
    >>> lines = settle_reach(
    ...     option="global",
    ...     performance_year=2022,
    ...     benchmark_final=43_984_166.24,
    ...     gross_savings=13_332_451.81,
    ...     terms=load_terms("reach"),
    ... )
    >>> [round(float(lines[name]), 2) for name in ("shared_savings", "net_shared_savings")]
    [12164246.69, 11920961.75]
    """
    benchmark_with_heba = benchmark_final + heba_net
    if expenditure is None:
        if gross_savings is None:
            msg = "settle_reach needs expenditure or gross_savings"
            raise TypeError(msg)
        expenditure = benchmark_with_heba - gross_savings - stop_loss_net
    expenditure_net = expenditure + stop_loss_net
    if gross_savings is None:
        gross_savings = benchmark_with_heba - expenditure_net
    corridor = settle_reach_corridor(
        gross_savings,
        benchmark_final=benchmark_final,
        heba_net=heba_net,
        option=option,
        performance_years=performance_year,
        terms=terms,
    )
    return {
        "benchmark_final": benchmark_final,
        "heba_net": heba_net,
        "expenditure": expenditure,
        "stop_loss_net": stop_loss_net,
        "expenditure_net": expenditure_net,
        **corridor,
        "settlement_balance": corridor["net_shared_savings"],
    }


def settle_reach_corridor(
    gross_savings: Amount,
    *,
    benchmark_final: Amount,
    heba_net: Amount,
    option: Option,
    performance_years: ArrayLike,
    terms: Terms,
) -> dict[str, Amount]:
    """Settle from gross savings and the final benchmark: corridor and sequestration.

    Parameters
    ----------
    performance_years
        Years whose rules apply; an array lies along the last axis.

    Examples
    --------
    A gain of $18.0 M on $120.0 M, before and after the first Global band was narrowed to 10 %:

    >>> from leadrisk.contract.terms import load_terms
    >>> lines = settle_reach_corridor(
    ...     18_000_000.0,
    ...     benchmark_final=120_000_000.0,
    ...     heba_net=0.0,
    ...     option="global",
    ...     performance_years=[2025, 2026],
    ...     terms=load_terms("reach"),
    ... )
    >>> lines["shared_savings"].tolist()
    [18000000.0, 15000000.0]
    """
    years = np.asarray(performance_years, dtype=np.int64)
    edges_on = benchmark_final + heba_net

    def shared_in(year: int) -> Amount:
        corridor = reach_corridor(option=option, performance_year=year, terms=terms)
        return shared_amount(gross_savings, benchmark=edges_on, savings=corridor, losses=corridor)

    narrowed = years >= NARROWED_YEAR
    if np.all(narrowed == narrowed.flat[0]) or option == "professional":
        shared = shared_in(int(years.flat[0]))
    else:
        shared = np.where(narrowed, shared_in(NARROWED_YEAR), shared_in(NARROWED_YEAR - 1))
    taken = sequestration_amount(
        shared,
        gross=gross_savings,
        rate=terms.number("sequestration.rate"),
        on_losses=terms.flag("sequestration_on_losses"),
    )
    return {
        "gross_savings": gross_savings,
        "gross_savings_rate": gross_savings / benchmark_final,
        "shared_savings": shared,
        "sequestration": taken,
        "net_shared_savings": shared - taken,
    }


def reach_corridor(*, option: Option, performance_year: int, terms: Terms) -> Corridor:
    """Return the risk corridor of an option and performance year.

    Examples
    --------
    >>> from leadrisk.contract.terms import load_terms
    >>> reach_corridor(option="global", performance_year=2026, terms=load_terms("reach")).edges
    (0.1, 0.35, 0.5)
    """
    if option == "professional":
        return terms.corridor("corridor.professional")
    period = "from_2026" if performance_year >= NARROWED_YEAR else "before_2026"
    return terms.corridor(f"corridor.global.{period}")
