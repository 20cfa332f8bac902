"""How much of a figure's uncertainty is the luck of individual patients, and what makes it more precise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadrisk.report.formatting import contract_label, join_words, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Above this share of a tail's uncertainty more futures of the same populations are of little use.
MUCH = 0.05
_MOST_LISTED = 3


def luck_of_the_reserve(summary: Mapping[str, Any]) -> str:
    """Say how much of the uncertainty is patients' luck, and what to run more of where it is much of the reserve's.

    Parameters
    ----------
    summary
        Risk summary.

    Examples
    --------
    >>> shares = {"lead_global": {"mean": 0.08, "reserve_99": 0.01}, "mssp_basic_e": {"mean": 0.2, "reserve_99": 0.07}}
    >>> contracts = {name: {"patient_luck_share": share} for name, share in shares.items()}
    >>> luck_of_the_reserve({"contracts": {"lead_global": contracts["lead_global"]}})
    'Luck of individual patients: 8.0% of the uncertainty of the total, 1.0% of that of the 99% reserve.'
    >>> luck_of_the_reserve({"contracts": contracts}).partition(". ")[2]
    'It is much of the reserve under MSSP BASIC E: more populations will make it more precise, more futures hardly.'
    """
    shares = {name: contract["patient_luck_share"] for name, contract in summary["contracts"].items()}
    total, reserve = (_range([share[of] for share in shares.values()]) for of in ("mean", "reserve_99"))
    found = (
        f"Luck of individual patients: {total} of the uncertainty of the total, {reserve} of that of the 99% reserve."
    )
    much = [contract_label(name) for name, share in shares.items() if share["reserve_99"] > MUCH]
    if not much:
        return found
    where = join_words(much) if len(much) <= _MOST_LISTED else f"{len(much)} of the contracts"
    return (
        f"{found} It is much of the reserve under {where}: more populations will make it more precise, more futures "
        f"hardly."
    )


def _range(shares: list[float]) -> str:
    least, most = percent(min(shares)), percent(max(shares))
    return least if least == most else f"{least} to {most}"
