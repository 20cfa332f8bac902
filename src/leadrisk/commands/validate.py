"""``leadrisk validate``."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from leadrisk.commands.options import Overlays, Values, read_scenario


def validate(
    scenario: Path,
    *,
    overlay: Overlays = None,
    set_: Values = None,
) -> None:
    """Check a scenario with its overlays and values, and say what would be run.

    Parameters
    ----------
    scenario
        Scenario file (TOML).
    overlay
        Partial scenario laid over it; may be repeated.
    set_
        One value by dotted key; may be repeated.
    """
    from leadrisk.run.futures_choice import futures_of
    from leadrisk.scenario.load import scenario_sha256

    loaded = read_scenario(scenario, overlay=overlay, set_=set_)
    console = Console()
    years = loaded.horizon.performance_year_list
    console.print(f"{scenario}: valid", style="bold", soft_wrap=True, highlight=False)
    console.print(
        f"{loaded.name}: {loaded.cohort.lives:,} lives, {years[0]}-{years[-1]}, {', '.join(loaded.contract.names)}, "
        f"{loaded.run.populations:,} populations x {futures_of(loaded)} futures",
        soft_wrap=True,
        highlight=False,
    )
    console.print(f"scenario_sha256 {scenario_sha256(loaded)}", soft_wrap=True, highlight=False)
