"""How a line of a settled case came about, in words and rates a finance officer can check."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadrisk.contract.corridor import Corridor
    from leadrisk.contract.terms import Terms

_GRADES = ("A", "B", "B*", "C")


class Line(TypedDict):
    """One line: name in the result, label, dollars, how they came, and the weakest grade behind them."""

    name: str
    label: str
    dollars: float
    how: str
    grade: str


def line(name: str, label: str, values: Mapping[str, float], how: str, weakest: str = "", *, sign: int = 1) -> Line:
    """Return the line of a value; ``sign=-1`` for amounts taken off."""
    # Adding zero turns a negative zero into a plain one.
    dollars = sign * values[name] + 0.0
    return {"name": name, "label": label, "dollars": dollars, "how": how, "grade": weakest}


def gross_line(values: Mapping[str, float], how: str) -> Line:
    """Explain gross savings; ``how`` says what was taken from what."""
    label = "Gross savings" if values["gross_savings"] >= 0.0 else "Gross losses"
    rate = percent(round(values["gross_savings_rate"], 4))
    return line("gross_savings", label, values, f"{how}: {rate} of the final benchmark")


def corridor_lines(
    values: Mapping[str, float], corridor: Corridor, benchmark: float, terms: Terms, names: list[str]
) -> list[Line]:
    """Explain shared amount and sequestration.

    Parameters
    ----------
    names
        Terms that the corridor came from.
    """
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
        line("shared_savings", label, values, bands, grade(terms, *names)),
        line("sequestration", "Sequestration", values, how, grade(terms, *used), sign=-1),
        line("net_shared_savings", f"Net {label.lower()}", values, "shared amount less sequestration"),
    ]


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


def cents(dollars: float) -> str:
    """Write dollars to the cent.

    Examples
    --------
    >>> cents(1060.0), cents(-100.0)
    ('$1,060.00', '-$100.00')
    """
    return f"{'-' if dollars < 0.0 else ''}${abs(dollars):,.2f}"


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
