"""V16, V18 and V19: what is checked against CMS's public files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrisk.validation.backtest import backtest
from leadrisk.validation.check_settlements import check_settlements
from leadrisk.validation.targets import Estimates, Measured

if TYPE_CHECKING:
    from collections.abc import Collection

    from leadrisk.validation.cms_files import CmsFiles
    from leadrisk.validation.standard_aco import Sizes

FUTURES = 64
RANKS = "Kolmogorov-Smirnov p of the ranks, year's mean removed"
_FEWER = 64  # an ACO's forecast needs a part of the populations: its intervals are averaged over 400 ACOs
_FEWEST = 32  # with 8 the intervals are too narrow by several points of coverage


def check_published(_: Collection[str], __: Sizes, cms: CmsFiles) -> dict[str, Estimates]:
    """Measure V16."""
    return {"V16": check_settlements(cms.reach)}


def check_forecasts(wanted: Collection[str], sizes: Sizes, cms: CmsFiles) -> dict[str, Estimates]:
    """Measure V18 and V19: the backtest on the last pair of years, trained on those before."""
    if not cms.mssp:
        return {}
    *train, test = cms.mssp
    found = backtest(
        train,
        test,
        populations=sizes.share(_FEWER, at_least=_FEWEST),
        futures=FUTURES,
        seed=sizes.seed,
        threads=sizes.threads,
    )
    measured: dict[str, Estimates] = {}
    if "V18" in wanted:
        note = f"the standard error is that of {found['n']} ACOs, not of the simulation"
        measured["V18"] = {
            f"{level} %": Measured(share, found["coverage_error"][level], note)
            for level, share in found["coverage"].items()
        }
        measured["V18"][RANKS] = Measured(found["ks_p"])
    if "V19" in wanted:
        gain = found["crps_gain"]
        weak = [
            f"{band['lives']} lives: {band['crps_gain']['difference']:+.3f} ± {band['crps_gain']['se']:.3f} points"
            for band in found["by_size"]
            if band["crps_gain"]["difference"] < 0.0
        ]
        note = f"the naive line did better for {', '.join(weak)}" if weak else ""
        measured["V19"] = {"paired gain": Measured(gain["difference"] / gain["se"], 1.0, note)}
    return measured
