"""How each line of a settled Shared Savings Program case came about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrisk.contract.case.lines import cents, grade, gross_line, line, money, percent
from leadrisk.contract.mssp_inputs import ONE_SIDED, rules_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadrisk.contract.case.lines import Line
    from leadrisk.contract.case.mssp_input import MsspCase
    from leadrisk.contract.terms import Terms

TYPE_LABELS = {
    "esrd": "end-stage renal",
    "disabled": "disabled",
    "aged_dual": "aged, dual",
    "aged_nondual": "aged, not dual",
}


def mssp_benchmark_lines(
    case: MsspCase,
    values: Mapping[str, float],
    *,
    steps: Mapping[str, Mapping[str, float]],
    barred: bool,
    terms: Terms,
) -> list[Line]:
    """Explain the updated benchmark, enrollment type by enrollment type.

    Parameters
    ----------
    steps
        Benchmark steps by enrollment type, dollars per beneficiary per month.
    barred
        Whether the two-way update replaced the three-way update.
    """
    lines = [_type_line(case, name, step, terms) for name, step in steps.items()]
    how, weakest = "sum of the enrollment types", ""
    if barred:
        how += "; two-way update, as the three-way update would mean a loss"
        weakest = grade(terms, "update.two_way_protection")
    lines.append(line("benchmark_before_discount", "Updated benchmark", values, how, weakest))
    how = "no discount, no quality adjustment in this programme"
    lines.append(line("benchmark_final", "Final benchmark", values, how))
    return lines


def mssp_settlement_lines(case: MsspCase, values: Mapping[str, float], *, barred: bool, terms: Terms) -> list[Line]:
    """Explain the settlement from the updated benchmark on."""
    lines = []
    if case.types:
        origin = "sum of the enrollment types, completed and truncated"
    else:
        lines.append(line("benchmark_final", "Updated benchmark", values, "as given"))
        origin = "as given" if case.totals.expenditure is not None else "from gross savings as given"
    lines.append(line("expenditure", "Expenditure", values, origin, sign=-1))
    lines.append(gross_line(values, "updated benchmark less expenditure"))
    gain = values["gross_savings"] >= 0.0
    how, names = _savings(case, values, barred=barred) if gain else _losses(case, values, terms)
    if case.minimum_savings_rate is None:
        names += ["minimum_savings_rate.sizes", "minimum_savings_rate.rates"]
    label = "Shared savings" if gain else "Shared losses"
    weakest = grade(terms, *names) if names else ""
    lines.append(line("shared_savings", label, values, how, weakest))
    how = (
        f"{percent(terms.number('sequestration.rate'))} of {money(values['shared_savings'])}"
        if gain
        else "none on losses"
    )
    weakest = grade(terms, "sequestration.rate", "sequestration_on_losses")
    lines.append(line("sequestration", "Sequestration", values, how, weakest, sign=-1))
    lines.append(line("net_shared_savings", f"Net {label.lower()}", values, "shared amount less sequestration"))
    lines.append(line("settlement_balance", "Settlement balance", values, "net shared amount"))
    return lines


def _savings(case: MsspCase, values: Mapping[str, float], *, barred: bool) -> tuple[str, list[str]]:
    gross, minimum = values["gross_savings"], values["minimum_savings_rate"]
    enough = gross >= minimum * values["benchmark_final"]
    if barred:
        return "no savings are shared from the two-way update", ["update.two_way_protection"]
    against = f"the minimum savings rate of {percent(minimum)}"
    if not enough and not case.reduced_sharing:
        return f"below {against}: nothing is shared", []
    names = [f"share_rate.{case.track}"] if case.share_rate is None else []
    how = f"meets {against}: {percent(values['share_rate'])} of {money(gross)}"
    if not enough:
        how = f"below {against}, low revenue: {percent(values['share_rate'])} of {money(gross)}"
        if case.share_rate is None:
            how = how.replace(": ", ": half of ")
            names.append("reduced_sharing.factor")
    cap = "share_cap.enhanced" if case.track == "ENHANCED" else "share_cap.basic"
    if values["shared_savings"] < 0.999999 * values["share_rate"] * values["generated_savings"]:
        how += f", at most {money(values['shared_savings'])}"
        names.append(cap)
    return how, names


def _losses(case: MsspCase, values: Mapping[str, float], terms: Terms) -> tuple[str, list[str]]:
    lost, minimum = -values["gross_savings"], values["minimum_savings_rate"]
    if case.track in ONE_SIDED:
        return f"track {case.track} shares no losses", []
    if lost < minimum * values["benchmark_final"]:
        return f"below the minimum loss rate of {percent(minimum)}: nothing is owed", []
    how = f"{_loss_rate(case, values, terms)} of {money(lost)}"
    names = []
    if case.loss_rate is None:
        names = ["loss_rate.basic"]
        if case.track == "ENHANCED":
            names = ["loss_rate.enhanced_lowest", "loss_rate.enhanced_highest"]
            if case.quality_score is None:
                names.append("quality.score_if_not_given")
                how += " (quality score assumed, none given)"
    owed = values["disaster_adjustment"] - values["shared_savings"]
    if owed < 0.999999 * values["loss_rate"] * lost:
        names += [name for name in terms.used() if name.startswith("loss_limit.")]
        how += f", at most {money(owed)}"
    if values["disaster_adjustment"]:
        how += f", less {money(values['disaster_adjustment'])} for a disaster"
    return how, names


def _loss_rate(case: MsspCase, values: Mapping[str, float], terms: Terms) -> str:
    """The share of losses, under ENHANCED with how it follows from the quality score."""
    rate = percent(values["loss_rate"])
    if case.loss_rate is not None or case.track != "ENHANCED":
        return rate
    highest = terms.number("loss_rate.enhanced_highest")
    if case.quality_standard == "not_met":
        return f"{rate}, as no quality standard is met,"
    score = terms.number("quality.score_if_not_given") if case.quality_score is None else case.quality_score
    full = terms.number("share_rate.ENHANCED")
    said = f"1 - {full:g} x {score:g}"
    by_score = 1.0 - full * score
    if by_score < values["loss_rate"]:
        return f"{rate}, the least ({said} = {percent(by_score)}),"
    return f"{rate}, the most ({said} = {percent(by_score)})," if by_score > highest else f"{rate} ({said})"


def _type_line(case: MsspCase, name: str, step: Mapping[str, float], terms: Terms) -> Line:
    person_years = float(case.types[name].inputs.person_years)
    rules = rules_of(case.agreement_start)
    names = ["risk_cap.growth", f"risk_cap.method.{rules}"]
    own = f"{cents(12.0 * step['historical'])} as given"
    if case.types[name].historical_pbpm is None:
        names.append(
            "baseline.weights_first_period" if case.agreement_period == 1 else "baseline.weights_later_periods"
        )
        own = cents(12.0 * step["baseline"])
        if step["adjustment"]:
            regional = step["adjustment"] == step["regional_adjustment"]
            sign, kind = "-" if step["adjustment"] < 0.0 else "+", "regional" if regional else "prior savings"
            own += f" {sign} {kind} adjustment {cents(12.0 * abs(step['adjustment']))}"
            names += (
                ["regional.weight_lower_spending", "regional.weight_higher_spending", "regional.cap_positive"]
                if regional
                else [f"prior_savings.weight.{rules}", "prior_savings.cap"]
            )
    if case.types[name].update_factor is None:
        names.append(f"update.acpt_weight.{rules}")
    updated = 12.0 * step["updated"]
    return {
        "name": f"benchmark_{name}",
        "label": f"Benchmark, {TYPE_LABELS[name]}",
        "dollars": updated * person_years,
        "how": (
            f"({own}) x update {step['update']:.6f} x risk {step['risk_ratio']:.6f} = {cents(updated)} a year, "
            f"{person_years:,.10g} person-years"
        ),
        "grade": grade(terms, *names),
    }
