"""What a reader of a backtest must know about how it was done."""

from __future__ import annotations

from leadrisk.validation.aco_scenario import BASE_YEAR_3

_ALWAYS = (
    f"Base year 3 of each agreement period stands for {BASE_YEAR_3} on the engine's clock; only years since count.",
    (
        "Variances are the scenario's defaults, level.spread_across_acos in place of level.true_level_sd. What moves "
        "all ACOs alike is left to the year's mean: national misses, pandemics, mean score growth and planned care "
        "management are 0; the mean of the known year is that of the ACOs foretold, its change that of earlier pairs "
        "of years."
    ),
    (
        "Agreement periods that began before 2024: two-way update, each enrollment type's risk score capped at +3 %, "
        "no prior savings adjustment. Published historical benchmarks hold their adjustments."
    ),
    (
        "What is out of sample: the mean shift, the conditioning on the known year and the simpler forecasters. The "
        "variances themselves were found on public files of 2021 to 2024, pooled, so a test year among these has had "
        "its small part in them; a later file has not."
    ),
    (
        "Two years on: twice the mean change of earlier pairs, which for these ACOs holds the year in between; what "
        "is tested is the spread between ACOs."
    ),
    "An agreement period that begins in the test year is rebased by the engine; it needs three simulated years.",
    (
        "Coverage is that of central intervals, in percent, with the binomial standard error of a forecaster that is "
        "right; the sample is the ACOs."
    ),
)
_ONE_FILE = (
    "One training file has no pair of years: the naive forecaster has the published slope 0.83 and SD 2.89 of pooled "
    "files 2021-2024, which may hold the test year, the Gaussian panel is not fitted and no mean shift is known."
)


def notes(*, fitted: bool) -> list[str]:
    """Sentences that go with every report.

    Parameters
    ----------
    fitted
        Whether earlier pairs of years were there to fit the simpler forecasters.

    Examples
    --------
    >>> len(notes(fitted=False)) - len(notes(fitted=True))
    1
    """
    return [*_ALWAYS, *(() if fitted else (_ONE_FILE,))]
