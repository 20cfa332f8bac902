"""The joint distribution of all systemic factors as a table: distributions, spans, spreads and correlations."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from leadrisk.experience.factors import FACTORS, MEASURES, Layer
from leadrisk.futures.parameters import path_parameters
from leadrisk.futures.quality_parameters import rank_parameters
from leadrisk.scenario.dependence_table import ONCE_FACTORS, STATED, YEARLY_FACTORS

if TYPE_CHECKING:
    from leadrisk.scenario.model import Scenario

_DISTRIBUTIONS = {
    "panel_growth": "log-normal growth of the panel, independent from year to year",
    "death_shock": "log-normal factor on deaths, mean 1, independent from year to year",
    "exit_shock": "log-normal factor on the exit rate, mean 1, independent from year to year",
    "pandemic": "at most one, equally likely in each performance year",
    "true_level": "log-normal factor on cost, mean 1",
    "efficiency": "random walk of the log of cost, steps with heavy tails",
    "score_growth": "random walk of the log of the score, steps with heavy tails",
    "score_trait": "AR(1) growth of the score, stationary at the start",
    "care_effect": "normal factor on planned savings, mean 1",
    "ai_shift": "log-normal factor on the score, median 1",
    "region": "random walk of the log of regional over national cost",
    "national": "AR(1) yearly miss of the projection; its standard deviation is the calm or the stressed one",
    "regime": "Markov chain of two regimes, calm and stressed",
    "pandemic_region": "log-normal factor on cost in a pandemic, mean 1",
    "improvement": "AR(1) standard normal; the gateway is passed above a fixed value",
    "tin_level": "random walk of the log of cost, baseline included, in proportion to the change of the panel",
    "tin_mismatch": "random walk of the log of cost, baseline not included, in proportion to the change of the panel",
    "category_trend_high_needs": "random walk of the log of national cost of High Needs over Aged & Disabled",
    "category_trend_esrd": "random walk of the log of national cost of ESRD over Aged & Disabled",
    "episode_noise": "standard normal, independent from year to year",
    "stop_loss_neutrality": "log-normal factor on stop-loss payouts over their charge, independent from year to year",
}
_RANK = "rank: news of a year, of which the part that is no noise fades as an AR(1)"


class JointFactor(NamedTuple):
    """One systemic factor of a scenario.

    Attributes
    ----------
    drawn
        ``population`` where it touches persons, else ``future``.
    distribution
        In words.
    standard_deviation, unit
        Of what one standard normal number of it moves, in real units; of ``quality`` in the first year.
    """

    name: str
    layer: Layer
    drawn: str
    span: str
    distribution: str
    standard_deviation: float
    unit: str
    meaning: str


class JointPair(NamedTuple):
    """Correlation of two factors' numbers, with where it comes from."""

    first: str
    second: str
    correlation: float
    source: str
    grade: str


class JointDistribution(NamedTuple):
    """The joint distribution of a scenario's systemic factors.

    Attributes
    ----------
    factors
        Every factor, in the order in which they are drawn.
    names, matrix
        Correlation matrix of the standard normal numbers of one year of those factors that are correlated with
        another; all other pairs are independent, and so are numbers of different years.
    pairs
        Its entries that are not zero, each with source and grade.
    """

    factors: tuple[JointFactor, ...]
    names: tuple[str, ...]
    matrix: list[list[float]]
    pairs: tuple[JointPair, ...]


def joint_distribution(scenario: Scenario) -> JointDistribution:
    """Tell the joint distribution of all systemic factors of a scenario.

    Examples
    --------
    >>> from leadrisk.scenario.model import Cohort, Scenario
    >>> scenario = Scenario(
    ...     name="small", cohort=Cohort(lives=10_000, high_needs_share=0.0, esrd_share=0.0),
    ...     categories={"aged_disabled": {"base_year_pbpm": [900, 920, 950], "region_pbpm": 980, "national_pbpm": 990}},
    ...     contract={"entrant": "newly_entering"},
    ... )
    >>> joint = joint_distribution(scenario)
    >>> [(one.name, one.standard_deviation, one.unit) for one in joint.factors if one.name == "region"]
    [('region', 0.014, 'log points a year')]
    >>> joint.names[:2], joint.matrix[0][2]
    (('efficiency', 'quality_acr'), -0.15)
    """
    spreads = _spreads(scenario)
    factors = []
    for factor in FACTORS:
        measure = factor.name.removeprefix("quality_")
        spread, unit = spreads[factor.name]
        factors.append(
            JointFactor(
                name=factor.name,
                layer=factor.layer,
                drawn="population" if factor.touches_persons else "future",
                span=factor.span,
                distribution=_RANK if measure in MEASURES else _DISTRIBUTIONS[factor.name],
                standard_deviation=spread,
                unit=unit,
                meaning=factor.meaning,
            )
        )
    dependence = scenario.dependence
    names = dependence.correlated((*YEARLY_FACTORS, *ONCE_FACTORS))
    stated = {frozenset((pair.first, pair.second)): pair for pair in STATED}
    pairs = []
    for first, second, value in dependence.pairs():
        known = stated.get(frozenset((first, second)))
        ours = known is not None and known.value == value
        source, grade = (known.source, known.grade) if known is not None and ours else ("the scenario", "user")
        pairs.append(JointPair(first, second, value, source, grade))
    return JointDistribution(tuple(factors), names, dependence.matrix(names), tuple(pairs))


def _spreads(scenario: Scenario) -> dict[str, tuple[float, str]]:
    """Standard deviation of each factor and its unit."""
    p, exposure, trend, churn = path_parameters(scenario), scenario.exposure, scenario.trend, scenario.churn
    ranks = rank_parameters(scenario)
    yearly, share = "log points a year", "log points"
    found = {
        "panel_growth": (exposure.panel_growth_sd, yearly),
        "death_shock": (exposure.death_shock_sd, yearly),
        "exit_shock": (exposure.exit_shock_sd, yearly),
        "pandemic": (scenario.shocks.pandemic_probability, "probability a year"),
        "true_level": (p.level_sd, share),
        "efficiency": (p.efficiency_sd, yearly),
        "score_growth": (p.score_sd, yearly),
        "score_trait": (p.trait_sd, yearly),
        "care_effect": (p.care_effect_sd, "share of the effect"),
        "ai_shift": (p.ai_shift_sd, share),
        "region": (p.regional_sd, yearly),
        "national": (p.calm_sd, f"{yearly}, calm; {p.stressed_sd:g} stressed"),
        "regime": (trend.stress_probability, "share of years stressed"),
        "pandemic_region": (p.pandemic_aco_sd, share),
        "improvement": (1.0, "standard deviations across ACOs"),
        "tin_level": (churn.level_sd, "log points per unit of relative change of the panel"),
        "tin_mismatch": (churn.mismatch_sd, "log points per unit of relative change of the panel"),
        "category_trend_high_needs": (p.category_sd, yearly),
        "category_trend_esrd": (p.category_sd, yearly),
        "episode_noise": (1.0, "standard deviations of the cost of the year's episodes"),
        "stop_loss_neutrality": (trend.stop_loss_neutrality_sd, yearly),
    }
    for m, measure in enumerate(MEASURES):
        found[f"quality_{measure}"] = (float(ranks.spread[m, 0]), "standard deviations across ACOs")
    return found
