"""``[stop_loss]`` and ``[aggregate_cover]`` of a LEAD case: CMS's layers, and a private cover on the year's loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrisk.contract.aggregate_cover import aggregate_cover_amounts
from leadrisk.contract.case.extra import CaseExtra
from leadrisk.contract.case.lines import grade, line, money, percent
from leadrisk.contract.case.values import MOST_DOLLARS, MOST_PBPM, MOST_PERSON_YEARS, number
from leadrisk.contract.lead_settlement import settle_lead_corridor
from leadrisk.contract.stop_loss_layers import layer_payout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadrisk.contract.case.lead_input import LeadCase
    from leadrisk.contract.case.lines import Line
    from leadrisk.contract.case.source import CaseSource
    from leadrisk.contract.terms import Terms

KEYS = ("stop_loss", "aggregate_cover")

_STOP_LOSS = ("residual_above_first", "residual_above_second", "charge_pbpm", "person_years")
_COVER = {"attachment": (1.0, 2.0), "limit": (0.0, 1.0), "coinsurance": (0.0, 1.0), "premium_share": (0.0, 0.2)}
_ELSEWHERE = ("cara", "elections")


def read(source: CaseSource, terms: Terms, *, case: LeadCase, values: Mapping[str, float]) -> CaseExtra:
    """Check ``[stop_loss]`` and ``[aggregate_cover]`` and return their dollars.

    Parameters
    ----------
    case
        The checked case; its person-years carry the charge where it has categories.
    values
        Dollars settled so far: ``benchmark_final`` and ``expenditure``.

    Raises
    ------
    InputError
        If a key is unknown or missing, a value out of range, or the cover stands beside a table it cannot see.

    Examples
    --------
    $6.0 M of residual cost above the first attachment point, $2.5 M of it above the second; $50 a month for 8,000:

    >>> from leadrisk.contract.case.lead_input import LeadCase
    >>> from leadrisk.contract.case.source import open_case
    >>> from leadrisk.contract.terms import load_terms
    >>> source = open_case({"stop_loss": {
    ...     "residual_above_first": 6_000_000, "residual_above_second": 2_500_000, "charge_pbpm": 50,
    ...     "person_years": 8_000,
    ... }})
    >>> case = LeadCase(option="global", performance_year=2027)
    >>> read(source, load_terms("lead"), case=case, values={}).added_to_expenditure
    {'stop_loss_charge': 4800000.0, 'stop_loss_payout': -5300000.0}
    """
    added: dict[str, float] = {}
    beside: dict[str, float] = {}
    lines: list[Line] = []
    if source.get(("stop_loss",)) is not None:
        amounts, how, weakest = _stop_loss(source, terms, case)
        if terms.choice("stop_loss.settled_in") == "expenditure":
            added = amounts
            lines += [line(name, _LABELS[name], added, how[name], weakest, sign=-1) for name in added]
        else:
            beside["stop_loss_in_balance"] = -sum(amounts.values())
            said = f"payout: {how['stop_loss_payout']}; charge: {how['stop_loss_charge']}"
            lines.append(line("stop_loss_in_balance", "Stop-loss payout less charge", beside, said, weakest))
    if source.get(("aggregate_cover",)) is not None:
        net, said = _aggregate_cover(source, terms, case, values=values, added=sum(added.values()))
        beside["aggregate_cover_net"] = net
        lines.append(line("aggregate_cover_net", "Private aggregate cover", beside, said, "C"))
    return CaseExtra(added, beside, lines)


_LABELS = {"stop_loss_charge": "Stop-loss charge", "stop_loss_payout": "Stop-loss payout"}


def _stop_loss(source: CaseSource, terms: Terms, case: LeadCase) -> tuple[dict[str, float], dict[str, str], str]:
    """Signed dollars added to expenditure, how they came about, and the weakest grade behind them."""
    source.only(("stop_loss",), _STOP_LOSS)
    above_first = number(source, ("stop_loss", "residual_above_first"), lowest=0.0, highest=MOST_DOLLARS)
    above_second = number(
        source,
        ("stop_loss", "residual_above_second"),
        lowest=0.0,
        highest=above_first,
        cure="what lies above the second attachment point is part of what lies above the first",
    )
    pbpm = number(source, ("stop_loss", "charge_pbpm"), lowest=0.0, highest=MOST_PBPM)
    person_years = _person_years(source, case)
    names = ("stop_loss.first_share", "stop_loss.second_share", "stop_loss.neutrality")
    first_share, second_share, neutrality = (terms.number(name) for name in names)
    payout = layer_payout(
        above_first,
        above_second=above_second,
        first_share=first_share,
        second_share=second_share,
        neutrality=neutrality,
    )
    amounts = {"stop_loss_charge": 12.0 * pbpm * person_years, "stop_loss_payout": -float(payout)}
    layers = (
        f"{percent(first_share)} of {money(above_first - above_second)} and "
        f"{percent(second_share)} of {money(above_second)}"
    )
    if neutrality != 1.0:
        layers += f", x neutrality factor {neutrality:g}"
    how = {
        "stop_loss_charge": f"${pbpm:,.2f} a month, {person_years:,.10g} person-years",
        "stop_loss_payout": layers,
    }
    return amounts, how, grade(terms, *names, "stop_loss.settled_in")


def _person_years(source: CaseSource, case: LeadCase) -> float:
    at = ("stop_loss", "person_years")
    if not case.categories:
        return number(source, at, lowest=0.0, above=True, highest=MOST_PERSON_YEARS)
    if source.get(at) is not None:
        raise source.wrong(at, "has no place beside [categories]", "leave it out: the categories have person_years")
    return sum(float(category.person_years) for category in case.categories.values())


def _aggregate_cover(
    source: CaseSource, terms: Terms, case: LeadCase, *, values: Mapping[str, float], added: float
) -> tuple[float, str]:
    """Recovery less premium in dollars, and how they came about."""
    for key in _ELSEWHERE:
        if source.get((key,)) is not None:
            cure = f"settle the cover in a case without [{key}], with its dollars in expenditure"
            raise source.wrong(("aggregate_cover",), f"has no place beside [{key}]", cure)
    source.only(("aggregate_cover",), tuple(_COVER))
    cover = {
        key: number(source, ("aggregate_cover", key), lowest=lowest, highest=highest)
        for key, (lowest, highest) in _COVER.items()
    }
    benchmark, spent = values["benchmark_final"], values["expenditure"] + added
    settled = settle_lead_corridor(benchmark - spent, benchmark_final=benchmark, option=case.option, terms=terms)
    amounts = aggregate_cover_amounts(
        spent, benchmark=benchmark, net_shared_savings=settled["net_shared_savings"], **cover
    )
    recovery, premium = (float(amounts[f"aggregate_cover_{part}"]) for part in ("recovery", "premium"))
    said = (
        f"recovery {money(recovery)} of spending above {percent(cover['attachment'])} of the benchmark, less premium "
        f"{money(premium)}; outside CMS's settlement"
    )
    return float(amounts["aggregate_cover_net"]), said
