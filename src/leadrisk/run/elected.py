"""What a scenario elects beside LEAD's defaults, in a few words each, for the head of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadrisk.scenario.model import Scenario

_ELECTIONS = {
    "npcc": "non-primary care capitation",
    "apo": "Advanced Payment Option",
    "provisional_settlement": "provisional settlement",
    "part_b_cost_sharing_support": "Part B cost-sharing support",
    "part_d_buydown": "Part D premium buy-down",
    "prevention_reward": "Chronic Disease Prevention Reward",
    "medical_nutrition_therapy": "Medical Nutrition Therapy (Global)",
    "substance_access": "Substance Access incentive",
}


def elected_in_words(scenario: Scenario) -> list[str]:
    """Return what is elected under LEAD, empty where everything stands at its default.

    Examples
    --------
    >>> from leadrisk.scenario.load import load_scenario
    >>> elected_in_words(load_scenario("scenarios/baseline.toml", set={"stop_loss.elected": True}))
    ['CMS stop-loss']
    """
    elections, leaving = scenario.elections, scenario.participation
    found = [words for name, words in _ELECTIONS.items() if getattr(elections, name)]
    if elections.capitation == "tcc":
        found.append("total care capitation")
    elif elections.lead_global is not None and elections.lead_global.capitation == "tcc":
        found.append("total care capitation (Global)")
    if scenario.stop_loss.elected:
        found.append("CMS stop-loss")
    if scenario.cara.elected:
        found.append("episode arrangements (Global)")
    if scenario.aggregate_cover.bought:
        found.append(f"private cover from {scenario.aggregate_cover.attachment:.0%} of the benchmark")
    if scenario.alignment.mode == "hybrid":
        found.append("hybrid alignment")
    if leaving.exit_rule == "after_year":
        found.append(f"leaves after {leaving.exit_year}")
    elif leaving.exit_rule == "after_cumulative_loss":
        found.append(f"leaves after losses of {leaving.exit_loss_share:.1%} of a year's benchmark")
    if leaving.switch_year is not None:
        found.append(f"Professional becomes Global in {leaving.switch_year}")
    return found
