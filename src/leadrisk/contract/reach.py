"""The ACO REACH settlement from totals: final benchmark, health equity adjustment, expenditure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrisk.contract.corridor import Corridor, shared_amount
from leadrisk.contract.sequestration import sequestration_amount

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount
    from leadrisk.contract.inputs import Option
    from leadrisk.contract.terms import Terms

FIRST_YEAR, LAST_YEAR = 2021, 2026


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
    corridor = reach_corridor(option=option, performance_year=performance_year, terms=terms)
    shared = shared_amount(gross_savings, benchmark=benchmark_with_heba, savings=corridor, losses=corridor)
    taken = sequestration_amount(
        shared,
        gross=gross_savings,
        rate=terms.number("sequestration.rate"),
        on_losses=terms.flag("sequestration_on_losses"),
    )
    return {
        "benchmark_final": benchmark_final,
        "heba_net": heba_net,
        "expenditure": expenditure,
        "stop_loss_net": stop_loss_net,
        "expenditure_net": expenditure_net,
        "gross_savings": gross_savings,
        "gross_savings_rate": gross_savings / benchmark_final,
        "shared_savings": shared,
        "sequestration": taken,
        "net_shared_savings": shared - taken,
        "settlement_balance": shared - taken,
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
    return terms.corridor("corridor.global.from_2026" if performance_year >= 2026 else "corridor.global.before_2026")
