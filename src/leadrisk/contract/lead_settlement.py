"""LEAD settlement from the benchmark onwards: discount, quality, corridor, sequestration, payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.amount import added_up
from leadrisk.contract.corridor import shared_amount
from leadrisk.contract.discount import discount_amount
from leadrisk.contract.payments import add_on_eligible, add_on_paid, administrative_add_on, enhanced_pcc
from leadrisk.contract.quality_rule import high_performers_bonus, quality_adjustment
from leadrisk.contract.sequestration import sequestration_amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from leadrisk.contract.amount import Amount, Mask
    from leadrisk.contract.inputs import Option
    from leadrisk.contract.terms import Terms


def settle_lead_benchmark(
    benchmark_before_discount: Amount,
    *,
    expenditure: Amount,
    option: Option,
    performance_years: ArrayLike,
    quality_score: Amount,
    terms: Terms,
    higher_spending: Mask,
    base_pcc_share: float | None = None,
    high_performer: Mask = False,
    rural: bool = False,
    added_to_expenditure: Mapping[str, Amount] | None = None,
    beside: Mapping[str, Amount] | None = None,
) -> dict[str, NDArray[np.float64]]:
    """Settle from the benchmark before discount and the expenditure, both in dollars.

    Other parameters as for :func:`leadrisk.contract.lead.settle_lead`.

    Examples
    --------
    A higher-spending Global ACO with a benchmark of $90.0 M, $88.0 M spent and 85 % of the quality points:

    >>> from leadrisk.contract.terms import load_terms
    >>> lines = settle_lead_benchmark(
    ...     90_000_000.0,
    ...     expenditure=88_000_000.0,
    ...     option="global",
    ...     performance_years=[2027],
    ...     quality_score=0.85,
    ...     terms=load_terms("lead"),
    ...     higher_spending=True,
    ... )
    >>> float(lines["benchmark_final"][0]), float(lines["administrative_add_on"][0])
    (88027087.5, 1350000.0)
    """
    years = np.asarray(performance_years, dtype=np.int64)
    discount = discount_amount(
        benchmark_before_discount,
        rate=_discount_rate(option, years=years, higher=higher_spending, terms=terms),
    )
    after = benchmark_before_discount - discount
    quality = quality_adjustment(after, score=quality_score, at_risk=terms.number("quality.at_risk"))
    final = after - quality
    pool = _pool(after, high_performer=high_performer, terms=terms)
    if base_pcc_share is None:
        base_pcc_share = terms.number("payments.base_pcc_share")
    repayment = enhanced_pcc(
        benchmark_before_discount,
        base_pcc_share=base_pcc_share,
        target=terms.number("payments.epcc_target"),
        floor=terms.number("payments.epcc_floor"),
    )
    add_on = _add_on(benchmark_before_discount, years=years, higher=higher_spending, rural=rural, terms=terms)
    added = dict(added_to_expenditure or {})
    net_expenditure = {"expenditure_net": added_up(added.values(), start=expenditure)} if added else {}
    corridor = settle_lead_corridor(
        final - net_expenditure.get("expenditure_net", expenditure), benchmark_final=final, option=option, terms=terms
    )
    aside = dict(beside or {})
    lines: dict[str, Amount] = {
        "benchmark_before_discount": benchmark_before_discount,
        "discount": discount,
        "benchmark_after_discount": after,
        "quality_adjustment": quality,
        "benchmark_final": final,
        "expenditure": expenditure,
        **added,
        **net_expenditure,
        **corridor,
        "high_performers_pool": pool,
        **aside,
        "enhanced_pcc_repayment": repayment,
        "administrative_add_on": add_on,
        "settlement_balance": added_up(aside.values(), start=corridor["net_shared_savings"] - repayment),
    }
    if np.any(high_performer):
        lines["settlement_balance"] = lines["settlement_balance"] + pool
    shape = np.broadcast_shapes(years.shape, *(np.shape(amount) for amount in lines.values()))
    return {name: _filled(amount, shape) for name, amount in lines.items()}


def settle_lead_corridor(
    gross_savings: Amount, *, benchmark_final: Amount, option: Option, terms: Terms
) -> dict[str, Amount]:
    """Settle from gross savings and the final benchmark: corridor and sequestration.

    Examples
    --------
    Professional, savings of $12.0 M on $100.0 M: 60 % of $10.0 M, 35 % of $2.0 M, less 2 %.

    >>> from leadrisk.contract.terms import load_terms
    >>> lines = settle_lead_corridor(
    ...     12_000_000.0, benchmark_final=100_000_000.0, option="professional", terms=load_terms("lead")
    ... )
    >>> round(float(lines["net_shared_savings"]), 2)
    6566000.0
    """
    if option == "global":
        savings, losses = terms.corridor("corridor.global.savings"), terms.corridor("corridor.global.losses")
    else:
        savings = terms.corridor(f"corridor.professional.savings.{terms.choice('professional_savings')}")
        losses = terms.corridor(f"corridor.professional.losses.{terms.choice('professional_losses')}")
    shared = shared_amount(gross_savings, benchmark=benchmark_final, savings=savings, losses=losses)
    taken = sequestration_amount(
        shared,
        gross=gross_savings,
        rate=terms.number("sequestration.rate"),
        on_losses=terms.flag("sequestration_on_losses"),
        base=terms.choice("sequestration_base"),
    )
    return {
        "gross_savings": gross_savings,
        "gross_savings_rate": gross_savings / benchmark_final,
        "shared_savings": shared,
        "sequestration": taken,
        "net_shared_savings": shared - taken,
    }


def _discount_rate(option: Option, *, years: NDArray[np.int64], higher: Mask, terms: Terms) -> Amount:
    if option == "professional":
        return terms.number("discount.professional")
    if not np.any(higher):
        return terms.by_year("discount.global_lower", years)
    higher_rate = terms.by_year("discount.global_higher", years)
    if np.all(higher):
        return higher_rate
    rate: Amount = np.where(higher, higher_rate, terms.by_year("discount.global_lower", years))
    return rate


def _pool(benchmark_after_discount: Amount, *, high_performer: Mask, terms: Terms) -> Amount:
    if not np.any(high_performer):
        return 0.0
    return high_performers_bonus(
        benchmark_after_discount,
        high_performer=high_performer,
        at_risk=terms.number("quality.at_risk"),
        national_mean_score=terms.number("quality.national_mean_score"),
        share=terms.number("quality.high_performers_share"),
    )


def _add_on(
    benchmark_before_discount: Amount, *, years: NDArray[np.int64], higher: Mask, rural: bool, terms: Terms
) -> Amount:
    for_rural = rural and terms.flag("payments.addon_for_rural")
    if not (for_rural or np.any(higher)):
        return 0.0
    return administrative_add_on(
        benchmark_before_discount,
        eligible=add_on_eligible(higher_spending=higher, rural=rural, for_rural=for_rural),
        rate=terms.number("payments.addon_rate"),
        paid=add_on_paid(
            years,
            rate_book_weight=terms.by_year("rate_book_weight", years),
            last_year=terms.number("payments.addon_last_year"),
        ),
    )


def _filled(amount: Amount, shape: tuple[int, ...]) -> NDArray[np.float64]:
    array: NDArray[np.float64] = np.asarray(amount, dtype=np.float64)
    return array if array.shape == shape else np.broadcast_to(array, shape)
