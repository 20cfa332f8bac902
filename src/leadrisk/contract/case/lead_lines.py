"""How each line of a settled LEAD case came about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrisk.contract.case.lead_update import update_in_words
from leadrisk.contract.case.lines import cents, corridor_lines, grade, gross_line, line, money, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadrisk.contract.case.extra import CaseExtra
    from leadrisk.contract.case.lead_input import LeadCase
    from leadrisk.contract.case.lines import Line
    from leadrisk.contract.terms import Terms

CATEGORY_LABELS = {
    "aged_disabled": "aged and disabled",
    "high_needs": "high needs",
    "esrd": "end-stage renal",
}


def lead_benchmark_lines(
    case: LeadCase,
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
    lines.append(line("benchmark_before_discount", "Benchmark before discount", values, origin))
    if case.option == "global":
        discount = "discount.global_higher" if "discount.global_higher" in terms.used() else "discount.global_lower"
    else:
        discount = "discount.professional"
    how = f"{percent(values['discount'] / before)} of {money(before)}"
    lines.append(line("discount", "Discount", values, how, grade(terms, discount), sign=-1))
    lines.append(line("benchmark_after_discount", "Benchmark after discount", values, "benchmark less discount"))
    at_risk = terms.number("quality.at_risk")
    how = f"{percent(at_risk)} x (1 - {score:g}) of {money(after)}"
    if case.quality_score is None:
        how += "; score assumed, none given"
    names = ["quality.at_risk"] + ["quality.score_if_not_given"] * (case.quality_score is None)
    lines.append(line("quality_adjustment", "Quality points not earned", values, how, grade(terms, *names), sign=-1))
    lines.append(line("benchmark_final", "Final benchmark", values, "after discount and quality"))
    return lines


def lead_settlement_lines(
    case: LeadCase,
    values: Mapping[str, float],
    *,
    terms: Terms,
    higher: bool = False,
    extra: CaseExtra | None = None,
) -> list[Line]:
    """Explain the LEAD settlement from the final benchmark on, as far as the case allows.

    Parameters
    ----------
    higher
        Whether the ACO is higher-spending.
    extra
        What optional tables add; their lines come where their dollars count.
    """
    lines = []
    if not (case.categories or case.benchmark_before_discount):
        lines.append(line("benchmark_final", "Final benchmark", values, "as given"))
    lines.append(line("expenditure", "Expenditure", values, _expenditure_origin(case), sign=-1))
    added = [one for one in extra.lines if one["name"] in extra.added_to_expenditure] if extra else []
    lines.extend(added)
    if "expenditure_net" in values:
        how = "expenditure with what counts in it besides claims"
        lines.append(line("expenditure_net", "Net expenditure", values, how, sign=-1))
    lines.append(gross_line(values, "final benchmark less expenditure"))
    side = "savings" if values["gross_savings"] >= 0.0 else "losses"
    names = [f"corridor.global.{side}"]
    if case.option == "professional":
        names = [
            f"professional_{side}",
            f"corridor.professional.{side}.{terms.choice(f'professional_{side}')}",
        ]
    corridor = terms.corridor(names[-1])
    lines.extend(corridor_lines(values, corridor, values["benchmark_final"], terms, names))
    if "settlement_balance" not in values:
        return lines
    before = values["benchmark_before_discount"]
    base = case.base_pcc_share if case.base_pcc_share is not None else terms.number("payments.base_pcc_share")
    how = (
        f"the greater of {percent(terms.number('payments.epcc_target'))} - {percent(base)} and "
        f"{percent(terms.number('payments.epcc_floor'))}, of {money(before)}"
    )
    weakest = grade(terms, "payments.epcc_target", "payments.epcc_floor")
    lines.append(line("enhanced_pcc_repayment", "Enhanced primary care repaid", values, how, weakest, sign=-1))
    if values["high_performers_pool"]:
        lines.append(_pool_line(values, terms))
    lines.extend(one for one in (extra.lines if extra else []) if one not in added)
    how = "net shared amount less repayment" + ", with what stands beside it" * bool(
        values["high_performers_pool"] or (extra and extra.beside)
    )
    lines.append(line("settlement_balance", "Settlement balance", values, how))
    if values["administrative_add_on"]:
        lines.append(_add_on_line(values, terms, higher=higher))
    return lines


def _pool_line(values: Mapping[str, float], terms: Terms) -> Line:
    names = ("quality.at_risk", "quality.national_mean_score", "quality.high_performers_share")
    at_risk, mean, share = (terms.number(name) for name in names)
    after = money(values["benchmark_after_discount"])
    how = f"{percent(at_risk)} x (1 - {mean:g}) / {percent(share)} of {after}; outside gross savings"
    return line("high_performers_pool", "High Performers Pool", values, how, grade(terms, *names))


def _add_on_line(values: Mapping[str, float], terms: Terms, *, higher: bool) -> Line:
    names = ["payments.addon_rate", "payments.addon_last_year", *["payments.addon_for_rural"] * (not higher)]
    before = money(values["benchmark_before_discount"])
    why = "higher-spending" if higher else "rural"
    how = f"{percent(terms.number('payments.addon_rate'))} of {before}, {why}; outside the settlement"
    return line("administrative_add_on", "Administrative add-on", values, how, grade(terms, *names))


def _category_line(case: LeadCase, name: str, step: Mapping[str, float], terms: Terms) -> Line:
    category = case.categories[name]
    pbpm = step["start"] * step["update"] * step["risk_ratio"]
    own = f"baseline {cents(step['baseline'])}"
    adjusted = step["baseline"] + max(step["rea"], step["psa"])
    names = ["update.acpt_weight", "guardrail.up", f"risk_cap.{name}"]
    if adjusted > step["baseline"]:
        kind = "regional" if step["rea"] >= step["psa"] else "prior savings"
        own += f" + {kind} adjustment {cents(adjusted - step['baseline'])}"
        names.append("rea.weight" if kind == "regional" else "psa.weight")
    if category.voluntary_share:
        share, ratio = float(category.voluntary_share), float(category.voluntary_cost_ratio)
        aligned = f"{percent(share)} voluntarily aligned at {ratio:g} times the cost"
        own = f"{cents(step['history'])} with {aligned}, from {own}"
        names += ["baseline.voluntary_band", "baseline.voluntary_band_reference"]
    if step["start"] != step["history"]:
        own = f"{cents(step['start'])} after rate book, from {own}"
        names.append("rate_book_weight")
    how = (
        f"({own}) x {update_in_words(step, terms)} x risk {step['risk_ratio']:.6f} = {cents(pbpm)} a month, "
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


def _expenditure_origin(case: LeadCase) -> str:
    if case.categories:
        return "sum of the categories, Parts A and B"
    return "as given" if case.expenditure is not None else "from gross savings as given"
