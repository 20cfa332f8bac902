"""What LEAD's open readings are worth: the expected total if an unverified term were read the other way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadrisk.contract.terms import load_terms
from leadrisk.risk.estimate import mean
from leadrisk.run.grid import settle_designs
from leadrisk.run.plan import spread_blocks
from leadrisk.run.setting import program_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from leadrisk.contract.terms import UnverifiedTerm
    from leadrisk.scenario.model import Scenario

_ONE_OF = 4  # of the blocks spread over the strata


def open_readings(
    experience: xr.Dataset,
    scenario: Scenario,
    unverified: Sequence[UnverifiedTerm],
    *,
    futures: int,
    threads: int | None = None,
) -> list[dict[str, Any]]:
    """Change of the expected ten-year net settlement for every unverified LEAD term with an alternative to try.

    Measured on the same paths of up to 128 populations, spread over the strata, so the error is that of a difference.

    Returns
    -------
    list of dict
        ``term, value, alternative, grade, source`` and ``change``: value and standard error by LEAD contract, in
        dollars; the largest change first, readings that change nothing left out.
    """
    contracts = [str(name) for name in scenario.contract.names if program_of(name) == "lead"]
    table = load_terms("lead").table
    own = [
        (term, alternative)
        for term in unverified
        if term["name"] in table
        for alternative in table[term["name"]].alternatives
    ]
    if not contracts or not own:
        return []
    designs: dict[str, dict[str, Any]] = {"as it is": {}} | {
        f"{term['name']} {number}": {term["name"]: alternative} for number, (term, alternative) in enumerate(own)
    }
    every = spread_blocks(experience.sizes["population"])
    blocks = every[1::_ONE_OF] or every  # differences on the same paths need few populations
    total, _ = settle_designs(
        experience, scenario, designs, contracts=contracts, blocks=blocks, futures=futures, threads=threads
    )
    found = []
    for number, (term, alternative) in enumerate(own, start=1):
        change = {name: mean(total[number, c] - total[0, c])._asdict() for c, name in enumerate(contracts)}
        if any(one["value"] for one in change.values()):
            said = {"term": term["name"], "value": term["value"], "alternative": alternative}
            found.append({**said, "grade": term["grade"], "source": term["source"], "change": change})
    return sorted(found, key=lambda reading: -max(abs(one["value"]) for one in reading["change"].values()))
