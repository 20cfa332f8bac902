"""How each line of a settled case came about, in words and rates a finance officer can check."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from leadrisk.contract.reach import reach_corridor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadrisk.contract.case_input import Case
    from leadrisk.contract.corridor import Corridor
    from leadrisk.contract.terms import Terms

CATEGORY_LABELS = {
    "aged_disabled": "aged and disabled",
    "high_needs": "high needs",
    "esrd": "end-stage renal",
}
_GRADES = ("A", "B", "B*", "C")


class Line(TypedDict):
    """One line: name in the result, label, dollars, how they came, and the weakest grade behind them."""

    name: str
    label: str
    dollars: float
    how: str
    grade: str


def lead_benchmark_lines(
    case: Case,
    values: Mapping[str, float],
    *,
    steps: Mapping[str, Mapping[str, float]],
    score: float,
    terms: Terms,
) -> list[Line]:
    """Explain the LEAD benchmark: categories, discount, quality.

    Parameters
    ----------
    values
        Dollars by line.
    steps
        Benchmark steps by category; empty where the case starts from the benchmark before discount.
    score
        Quality score the case was settled at.
    """
    lines = [_category_line(case, name, step, terms) for name, step in steps.items()]
    before, after = values["benchmark_before_discount"], values["benchmark_after_discount"]
    origin = "sum of the categories" if steps else "as given"
    lines.append(_line("benchmark_before_discount", "Benchmark before discount", values, origin))
    if case.option == "global":
        discount = "discount.global_higher" if "discount.global_higher" in terms.used() else "discount.global_lower"
    else:
        discount = "discount.professional"
    how = f"{percent(values['discount'] / before)} of {money(before)}"
    lines.append(_line("discount", "Discount", values, how, grade(terms, discount), sign=-1))
    lines.append(_line("benchmark_after_discount", "Benchmark after discount", values, "benchmark less discount"))
    at_risk = terms.number("quality.at_risk")
    how = f"{percent(at_risk)} x (1 - {score:g}) of {money(after)}"
    if case.quality_score is None:
        how += "; score assumed, none given"
    names = ["quality.at_risk"] + ["quality.score_if_not_given"] * (case.quality_score is None)
    lines.append(_line("quality_adjustment", "Quality points not earned", values, how, grade(terms, *names), sign=-1))
    lines.append(_line("benchmark_final", "Final benchmark", values, "after discount and quality"))
    return lines


def lead_settlement_lines(case: Case, values: Mapping[str, float], *, terms: Terms) -> list[Line]:
    """Explain the LEAD settlement from the final benchmark on, as far as the case allows."""
    lines = []
    if not (case.categories or case.benchmark_before_discount):
        lines.append(_line("benchmark_final", "Final benchmark", values, "as given"))
    lines.append(_line("expenditure", "Expenditure", values, _expenditure_origin(case), sign=-1))
    lines.append(_gross_line(values, "final benchmark less expenditure"))
    side = "savings" if values["gross_savings"] >= 0.0 else "losses"
    names = [f"corridor.global.{side}"]
    if case.option == "professional":
        names = [
            f"professional_{side}",
            f"corridor.professional.{side}.{terms.choice(f'professional_{side}')}",
        ]
    corridor = terms.corridor(names[-1])
    lines.extend(_corridor_lines(values, corridor, values["benchmark_final"], terms, names))
    if "settlement_balance" not in values:
        return lines
    before = values["benchmark_before_discount"]
    base = case.base_pcc_share if case.base_pcc_share is not None else terms.number("payments.base_pcc_share")
    how = (
        f"the greater of {percent(terms.number('payments.epcc_target'))} - {percent(base)} and "
        f"{percent(terms.number('payments.epcc_floor'))}, of {money(before)}"
    )
    weakest = grade(terms, "payments.epcc_target", "payments.epcc_floor")
    lines.append(_line("enhanced_pcc_repayment", "Enhanced primary care repaid", values, how, weakest, sign=-1))
    lines.append(_line("settlement_balance", "Settlement balance", values, "net shared amount less repayment"))
    if values["administrative_add_on"]:
        how = f"{percent(terms.number('payments.addon_rate'))} of {money(before)}; outside the settlement"
        weakest = grade(terms, "payments.addon_rate", "payments.addon_last_year")
        lines.append(_line("administrative_add_on", "Administrative add-on", values, how, weakest))
    return lines


def reach_lines(case: Case, values: Mapping[str, float], *, terms: Terms) -> list[Line]:
    """Explain an ACO REACH settlement line by line."""
    lines = [_line("benchmark_final", "Final benchmark", values, "as given, before health equity adjustment")]
    if values["heba_net"]:
        lines.append(_line("heba_net", "Health equity adjustment", values, "as given"))
    lines.append(_line("expenditure", "Expenditure", values, _expenditure_origin(case), sign=-1))
    if values["stop_loss_net"]:
        how = "charge less payout, as given"
        lines.append(_line("stop_loss_net", "Stop-loss", values, how, sign=-1))
    lines.append(_gross_line(values, "benchmark with health equity adjustment less expenditure and stop-loss"))
    corridor = reach_corridor(option=case.option, performance_year=case.performance_year, terms=terms)
    names = [name for name in terms.used() if name.startswith("corridor.")]
    benchmark = values["benchmark_final"] + values["heba_net"]
    return lines + _corridor_lines(values, corridor, benchmark, terms, names)


def describe_bands(gross: float, *, benchmark: float, corridor: Corridor) -> str:
    """Say what share of which dollars the ACO bears.

    Examples
    --------
    >>> from leadrisk.contract.corridor import Corridor
    >>> bands = Corridor(edges=(0.15, 0.35, 0.50), shares=(1.00, 0.50, 0.25, 0.10))
    >>> describe_bands(-22_000_000.0, benchmark=100_000_000.0, corridor=bands)
    '100 % of $15.00 M + 50 % of $7.00 M'
    """
    size, floor, parts = abs(gross), 0.0, []
    for edge, share in zip((*corridor.edges, float("inf")), corridor.shares, strict=True):
        dollars = min(size, edge * benchmark) - floor
        if dollars <= 0.0:
            break
        parts.append(f"{share:.0%} of {money(dollars)}".replace("%", " %", 1))
        floor = edge * benchmark
    return " + ".join(parts) or "nothing to share"


def money(dollars: float) -> str:
    """Write dollars briefly for an explanation.

    Examples
    --------
    >>> money(90_000_000.0), money(-1026.666)
    ('$90.00 M', '-$1,026.67')
    """
    sign, size = "-" if dollars < 0.0 else "", abs(dollars)
    return f"{sign}${size / 1e6:,.2f} M" if size >= 1e6 else f"{sign}${size:,.2f}"


def percent(share: float) -> str:
    """Write a share as a percentage, with as many decimals as it has, at least two.

    Examples
    --------
    >>> percent(0.03), percent(0.03164)
    ('3.00 %', '3.164 %')
    """
    short = f"{100.0 * share:.2f}"
    return f"{short} %" if abs(float(short) - 100.0 * share) < 1e-9 else f"{100.0 * share:.3f} %"


def grade(terms: Terms, *names: str) -> str:
    """Return the weakest grade among terms.

    Examples
    --------
    >>> from leadrisk.contract.terms import load_terms
    >>> grade(load_terms("lead"), "quality.at_risk", "sequestration.rate")
    'B*'
    """
    return max((terms.table[name].grade for name in names), key=_GRADES.index)


def _category_line(case: Case, name: str, step: Mapping[str, float], terms: Terms) -> Line:
    category = case.categories[name]
    pbpm = step["start"] * step["update"] * step["risk_ratio"]
    own = f"baseline ${step['baseline']:,.2f}"
    adjusted = step["baseline"] + max(step["rea"], step["psa"])
    names = ["update.acpt_weight", "guardrail.up", f"risk_cap.{name}"]
    if adjusted > step["baseline"]:
        kind = "regional" if step["rea"] >= step["psa"] else "prior savings"
        own += f" + {kind} adjustment ${adjusted - step['baseline']:,.2f}"
        names.append("rea.weight" if kind == "regional" else "psa.weight")
    if step["start"] != adjusted:
        own = f"${step['start']:,.2f} after rate book, from {own}"
        names.append("rate_book_weight")
    how = (
        f"({own}) x update {step['update']:.5f} x risk {step['risk_ratio']:.5f} = ${pbpm:,.2f} a month, "
        f"{float(category.person_years):,.10g} person-years"
    )
    dollars = pbpm * 12.0 * float(category.person_years)
    return {
        "name": f"benchmark_{name}",
        "label": f"Benchmark, {CATEGORY_LABELS[name]}",
        "dollars": dollars,
        "how": how,
        "grade": grade(terms, *names),
    }


def _corridor_lines(
    values: Mapping[str, float], corridor: Corridor, benchmark: float, terms: Terms, names: list[str]
) -> list[Line]:
    bands = describe_bands(values["gross_savings"], benchmark=benchmark, corridor=corridor)
    gain = values["shared_savings"] >= 0.0
    label = "Shared savings" if gain else "Shared losses"
    how = "none on losses"
    if values["sequestration"] or gain:
        of = "sequestration_base" in terms.used() and terms.choice("sequestration_base") == "gross"
        base = values["gross_savings" if of else "shared_savings"]
        how = f"{percent(terms.number('sequestration.rate'))} of {money(abs(base))}"
    used = {"sequestration.rate", "sequestration_base", "sequestration_on_losses"} & set(terms.used())
    return [
        _line("shared_savings", label, values, bands, grade(terms, *names)),
        _line("sequestration", "Sequestration", values, how, grade(terms, *used), sign=-1),
        _line("net_shared_savings", f"Net {label.lower()}", values, "shared amount less sequestration"),
    ]


def _gross_line(values: Mapping[str, float], how: str) -> Line:
    label = "Gross savings" if values["gross_savings"] >= 0.0 else "Gross losses"
    rate = percent(round(values["gross_savings_rate"], 4))
    return _line("gross_savings", label, values, f"{how}: {rate} of the final benchmark")


def _expenditure_origin(case: Case) -> str:
    if case.categories:
        return "sum of the categories, Parts A and B"
    return "as given" if case.expenditure is not None else "from gross savings as given"


def _line(name: str, label: str, values: Mapping[str, float], how: str, weakest: str = "", *, sign: int = 1) -> Line:
    # Adding zero turns a negative zero into a plain one.
    dollars = sign * values[name] + 0.0
    return {"name": name, "label": label, "dollars": dollars, "how": how, "grade": weakest}
