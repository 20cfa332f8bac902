"""Money, percentages and standard errors as a reader of the report sees them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Iterable

MINUS, EN_DASH = "\N{MINUS SIGN}", "\N{EN DASH}"
PLUS_MINUS = "\N{PLUS-MINUS SIGN}"
#: Stands where a contract has no such thing or the run does not know it.
ABSENT = "\N{EM DASH}"

#: Programme and option, apart so that a narrow column can break between them.
_CONTRACT_LABELS = {
    "lead_global": ("LEAD", "Global"),
    "lead_professional": ("LEAD", "Professional"),
    "mssp_enhanced": ("MSSP", "ENHANCED"),
    "mssp_basic_e": ("MSSP", "BASIC E"),
    "reach_global": ("ACO REACH", "Global"),
    "reach_professional": ("ACO REACH", "Professional"),
    "stay_out": ("Staying", "out"),
}
_PROGRAMMES = {"lead": "LEAD", "mssp": "MSSP", "reach": "ACO REACH"}
_COUNT_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class MoneyScale(NamedTuple):
    """The unit in which a table or an axis shows dollars."""

    divisor: float
    unit: str


def contract_label(name: str) -> str:
    """Name of a contract for a reader.

    Examples
    --------
    >>> contract_label("lead_global"), contract_label("mssp_basic_e"), contract_label("another_one")
    ('LEAD Global', 'MSSP BASIC E', 'Another one')
    """
    return " ".join(_CONTRACT_LABELS.get(name, (name.replace("_", " ").capitalize(),)))


def narrow_label(name: str) -> str:
    """Name of a contract on two lines, programme above option.

    Examples
    --------
    >>> narrow_label("reach_professional").splitlines()
    ['ACO REACH', 'Professional']
    """
    return "\n".join(_CONTRACT_LABELS.get(name, (contract_label(name),)))


def join_words(words: Iterable[str], *, last: str = "and") -> str:
    """List several words or phrases in a sentence.

    Examples
    --------
    >>> join_words(["a"]), join_words(["a", "b"], last="or"), join_words(["a", "b", "c"])
    ('a', 'a or b', 'a, b and c')
    """
    *first, final = words
    return f"{', '.join(first)} {last} {final}" if first else final


def count_word(count: int) -> str:
    """Small count in words.

    Examples
    --------
    >>> count_word(10), count_word(12)
    ('ten', '12')
    """
    return _COUNT_WORDS[count] if 0 <= count < len(_COUNT_WORDS) else str(count)


def term_label(years: int) -> str:
    """Length of the term as an adjective.

    Examples
    --------
    >>> term_label(10), term_label(1)
    ('ten-year', 'one-year')
    """
    return f"{count_word(years)}-year"


def is_known(value: object) -> TypeGuard[float]:
    """Whether a statistic is a finite number (a run too small for an error carries ``None`` or NaN)."""
    return isinstance(value, (int, float)) and math.isfinite(value)


def dollars(amount: float) -> str:
    """Size of an amount in words, without its sign, rounded to what a board remembers.

    Parameters
    ----------
    amount
        Dollars.

    Examples
    --------
    >>> dollars(12_345_678), dollars(-999_600), dollars(412_345_678), dollars(1_240_000_000)
    ('$12.3 million', '$1.0 million', '$412 million', '$1.24 billion')
    >>> dollars(843_210), dollars(84_321), dollars(12), dollars(0)
    ('$840,000', '$84,000', 'less than $1,000', '$0')
    """
    if not is_known(amount):
        return ABSENT
    size = abs(float(amount))
    if 0 < size < 500:
        return "less than $1,000"
    for limit, step in ((99_500, 1_000), (995_000, 10_000)):
        if size < limit:
            return f"${round(size / step) * step:,.0f}"
    if size < 999_500_000:
        return f"${size / 1e6:.{1 if size < 99_950_000 else 0}f} million"
    return f"${size / 1e9:,.2f} billion"


def gain_or_loss(amount: float) -> str:
    """Amount with its sign spelled out.

    Examples
    --------
    >>> gain_or_loss(12_300_000), gain_or_loss(-840_000), gain_or_loss(0)
    ('a gain of $12.3 million', 'a loss of $840,000', 'neither gain nor loss')
    """
    if amount == 0:
        return "neither gain nor loss"
    return f"a {'gain' if amount > 0 else 'loss'} of {dollars(amount)}"


def percent(share: float) -> str:
    """Share as a percentage with no more digits than it deserves.

    Examples
    --------
    >>> percent(0.384), percent(0.0432), percent(0.957), percent(0.0002), percent(0.99995), percent(0.0)
    ('38%', '4.3%', '95.7%', 'less than 0.1%', 'more than 99.9%', '0%')
    """
    if not is_known(share):
        return ABSENT
    if share in (0, 1):
        return f"{share * 100:.0f}%"
    if 0 < share < 0.001:
        return "less than 0.1%"
    if 0.999 < share < 1:
        return "more than 99.9%"
    digits = 0 if 0.0995 <= abs(share) <= 0.9005 else 1
    return f"{share * 100:.{digits}f}%".replace("-", MINUS)


def money_scale(amounts: Iterable[float]) -> MoneyScale:
    """Choose the unit that keeps the largest of several amounts readable.

    Examples
    --------
    >>> money_scale([-35e6, 80e6]).unit, money_scale([310_000.0]).unit
    ('$ million', '$ thousand')
    """
    largest = max((abs(a) for a in amounts if is_known(a)), default=0.0)
    return MoneyScale(1e6, "$ million") if largest >= 2e6 else MoneyScale(1e3, "$ thousand")


def summary_scale(summary: Mapping[str, Any]) -> MoneyScale:
    """Choose the unit of every table of one report, from the 5 and 95 % quantiles of its totals."""
    totals = [contract["net_settlement_total"] for contract in summary["contracts"].values()]
    return money_scale([total[q] for total in totals for q in ("p05", "p95")])


def digits_for(errors: Iterable[object], *, most: int = 2) -> int:
    """Decimals that let the smallest of several standard errors be seen, between 1 and ``most``.

    Examples
    --------
    >>> digits_for([0.62, 4.1]), digits_for([0.02]), digits_for([0.0, None])
    (1, 2, 1)
    """
    known = [e for e in errors if is_known(e) and e > 0]
    return min(max(math.ceil(-math.log10(min(known))), 1), most) if known else 1


def signed(value: float, *, digits: int = 1) -> str:
    """Write a number with a typographic minus and thousands separators; never a negative zero.

    Examples
    --------
    >>> signed(1234.56), signed(-1234.56) == f"{MINUS}1,234.6", signed(-0.04)
    ('1,234.6', True, '0.0')
    """
    if not is_known(value):
        return ABSENT
    text = f"{value:,.{digits}f}"
    return text.lstrip("-") if not text.strip("-0.,") else text.replace("-", MINUS)


def with_error(value: float, error: object, *, digits: int = 1) -> str:
    """Value and its standard error.

    Examples
    --------
    >>> with_error(27.14, 0.62), with_error(27.14, 0.004), with_error(27.14, None)
    ('27.1 ± 0.6', '27.1 ± <0.1', '27.1 ± —')
    """
    if not is_known(error):
        return f"{signed(value, digits=digits)} {PLUS_MINUS} {ABSENT}"
    floor = 10.0**-digits
    shown = f"<{floor:.{digits}f}" if 0 < error < floor / 2 else f"{error:,.{digits}f}"
    return f"{signed(value, digits=digits)} {PLUS_MINUS} {shown}"


def chance_with_error(share: float, error: object) -> str:
    """Probability and its standard error, both in percent.

    Examples
    --------
    >>> chance_with_error(0.1432, 0.004)
    '14.3% ± 0.4'
    """
    in_percent = error * 100 if is_known(error) else None
    value, _, shown = with_error(share * 100, in_percent).partition(f" {PLUS_MINUS} ")
    return f"{value}% {PLUS_MINUS} {shown}"


def plain(value: object) -> str:
    """Show a value of a scenario, a term or the manifest as text.

    Examples
    --------
    >>> plain(True), plain(None), plain(0.05), plain(1_250_000), plain((1000.0, 1020.5)), plain({"a": 1})
    ('yes', 'none', '0.05', '1,250,000', '1,000, 1,020.5', 'a: 1')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        text = f"{value:,}" if isinstance(value, int) else f"{value:,.10g}"
        return text.replace("-", MINUS)
    if isinstance(value, Mapping):
        value = [f"{key}: {plain(item)}" for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        items = [f"({plain(item)})" if isinstance(item, (list, tuple)) else plain(item) for item in value]
        return ", ".join(items) or "none"
    return "none" if value is None else str(value) or "none"


def term(summary: Mapping[str, Any]) -> str:
    """First and last performance year, joined by a dash."""
    years = list(next(iter(summary["contracts"].values()))["years"])
    return years[0] if len(years) == 1 else f"{years[0]}\N{EN DASH}{years[-1]}"


def over_the_term(summary: Mapping[str, Any]) -> str:
    """Term within a sentence, for example ``over the ten years to 2036``."""
    years = list(next(iter(summary["contracts"].values()))["years"])
    return f"in {years[0]}" if len(years) == 1 else f"over the {count_word(len(years))} years to {years[-1]}"


def term_length(summary: Mapping[str, Any]) -> int:
    """Return the number of performance years."""
    return len(next(iter(summary["contracts"].values()))["years"])


def programmes(summary: Mapping[str, Any]) -> str:
    """Names of the programmes of a run, for example ``LEAD, MSSP and ACO REACH``."""
    found = {contract.get("program", "lead"): None for contract in summary["contracts"].values()}
    return join_words([_PROGRAMMES.get(program, program) for program in found])


def error_words(error: float | None) -> str:
    """Standard error within a sentence.

    Examples
    --------
    >>> error_words(200_000.0), error_words(None)
    ('standard error $200,000', 'standard error unknown')
    """
    return f"standard error {dollars(error)}" if is_known(error) else "standard error unknown"


def share_of_paths(share: float) -> str:
    """Share of the simulated paths within a sentence.

    Examples
    --------
    >>> share_of_paths(0.0), share_of_paths(0.38)
    ('none of the simulated paths', '38% of the simulated paths')
    """
    whole = {0.0: "none", 1.0: "all"}
    return f"{whole.get(share, percent(share))} of the simulated paths"
