"""How each line of a settled ACO REACH case came about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrisk.contract.case.lead_lines import CATEGORY_LABELS
from leadrisk.contract.case.lines import cents, corridor_lines, grade, gross_line, line, money, percent
from leadrisk.contract.reach import reach_corridor
from leadrisk.contract.retrospective_trend import FIRST_CORRIDOR_YEAR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadrisk.contract.case.lines import Line
    from leadrisk.contract.case.reach_input import ReachCase
    from leadrisk.contract.terms import Terms


def reach_benchmark_lines(
    case: ReachCase,
    values: Mapping[str, float],
    *,
    steps: Mapping[str, Mapping[str, float]],
    trend: float | None,
    score: float,
    terms: Terms,
) -> list[Line]:
    """Explain the ACO REACH benchmark: categories or trend, discount, quality.

    Parameters
    ----------
    values
        Dollars by line.
    steps
        Benchmark steps by category; empty where the case starts from the unadjusted benchmark.
    trend
        Retrospective trend factor of such a case.
    score
        Quality score the case was settled at.
    """
    lines = [_category_line(case, name, step, terms) for name, step in steps.items()]
    origin = "sum of the categories"
    if trend is not None:
        origin = "unadjusted benchmark and trend adjustment"
        lines.append(line("benchmark_unadjusted", "Unadjusted benchmark", values, "as given, set ahead of the year"))
        how = f"actual over projected trend {case.retrospective_trend or 1.0:.5g} counts as {trend:.5g}"
        names = _trend_terms(case)
        lines.append(
            line("retrospective_trend_adjustment", "Retrospective trend adjustment", values, how, grade(terms, *names))
        )
    lines.append(line("benchmark_before_discount", "Benchmark before discount", values, origin))
    before, after = values["benchmark_before_discount"], values["benchmark_after_discount"]
    how = f"{percent(values['discount'] / before)} of {money(before)}"
    lines.append(line("discount", "Discount", values, how, grade(terms, f"discount.{case.option}"), sign=-1))
    lines.append(line("benchmark_after_discount", "Benchmark after discount", values, "benchmark less discount"))
    withhold = float(terms.by_year("quality.withhold", case.performance_year))
    how = f"{percent(withhold)} x (1 - {score:g}) of {money(after)}"
    weakest = grade(terms, "quality.withhold")
    lines.append(line("quality_adjustment", "Quality points not earned", values, how, weakest, sign=-1))
    return lines


def reach_settlement_lines(case: ReachCase, values: Mapping[str, float], *, terms: Terms) -> list[Line]:
    """Explain the ACO REACH settlement from the final benchmark on."""
    chain = "benchmark_before_discount" in values
    origin = "after discount and quality" if chain else "as given"
    lines = [line("benchmark_final", "Final benchmark", values, f"{origin}, before health equity adjustment")]
    if values["heba_net"]:
        lines.append(_heba_line(case, values, terms))
    lines.append(line("expenditure", "Expenditure", values, _expenditure_origin(case), sign=-1))
    if values["stop_loss_net"]:
        lines.append(line("stop_loss_net", "Stop-loss", values, "charge less payout, as given", sign=-1))
    lines.append(gross_line(values, "benchmark with health equity adjustment less expenditure and stop-loss"))
    corridor = reach_corridor(option=case.option, performance_year=case.performance_year, terms=terms)
    names = [name for name in terms.used() if name.startswith("corridor.")]
    lines += corridor_lines(values, corridor, values["benchmark_final"] + values["heba_net"], terms, names)
    if values.get("high_performers_pool"):
        names = [name for name in terms.used() if name.startswith("high_performers")]
        how = "unearned quality dollars of other ACOs, in proportion to the benchmark"
        lines.append(line("high_performers_pool", "High performers pool", values, how, grade(terms, *names)))
        how = "net shared amount and high performers pool"
        lines.append(line("settlement_balance", "Settlement balance", values, how))
    return lines


def _category_line(case: ReachCase, name: str, step: Mapping[str, float], terms: Terms) -> Line:
    person_years = float(case.categories[name].person_years)
    start = step["baseline"] + step["regional_adjustment"]
    pbpm = start * step["projected_trend"] * step["risk_ratio"] * step["retrospective_trend"]
    sign = "+" if step["regional_adjustment"] >= 0.0 else "-"
    how = (
        f"(baseline {cents(step['baseline'])} {sign} regional blend {cents(abs(step['regional_adjustment']))}) "
        f"x projected trend {step['projected_trend']:.5f} x retrospective trend {step['retrospective_trend']:.5f} "
        f"x risk {step['risk_ratio']:.5f} = {cents(pbpm)} a month, {person_years:,.10g} person-years"
    )
    names = [
        *_trend_terms(case),
        *("baseline.weights", "regional_blend.weight", "regional_blend.ceiling", "regional_blend.floor"),
        *(f"{term}.{name}" for term in ("risk_cap", "coding_intensity.factor", "coding_intensity.ceiling")),
    ]
    return {
        "name": f"benchmark_{name}",
        "label": f"Benchmark, {CATEGORY_LABELS[name]}",
        "dollars": 12.0 * person_years * pbpm,
        "how": how,
        "grade": grade(terms, *names),
    }


def _trend_terms(case: ReachCase) -> list[str]:
    period = "from_2024" if case.performance_year >= FIRST_CORRIDOR_YEAR else "before_2024"
    return ["retrospective_trend.trigger", f"retrospective_trend.corridor.{period}"]


def _heba_line(case: ReachCase, values: Mapping[str, float], terms: Terms) -> Line:
    label = "Health equity adjustment"
    if case.heba_shares is None:
        return line("heba_net", label, values, "as given")
    up, down = (float(terms.by_year(f"heba.{side}_pbpm", case.performance_year)) for side in ("up", "down"))
    up_share, down_share = case.heba_shares
    how = f"{percent(up_share)} of beneficiary-months at ${up:,.2f} less {percent(down_share)} at ${down:,.2f}"
    return line("heba_net", label, values, how, grade(terms, "heba.up_pbpm", "heba.down_pbpm"))


def _expenditure_origin(case: ReachCase) -> str:
    if case.categories:
        return "sum of the categories, Parts A and B"
    return "as given" if case.expenditure is not None else "from gross savings as given"
