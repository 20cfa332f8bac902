"""ACO REACH benchmark per beneficiary per month: one category, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from leadrisk.contract.baseline import weighted_baseline
from leadrisk.contract.reach_risk import reach_risk_ratio
from leadrisk.contract.regional_blend import regional_blend_adjustment
from leadrisk.contract.retrospective_trend import reach_trend_factor

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from leadrisk.contract.amount import Amount
    from leadrisk.contract.reach_inputs import ReachCategory
    from leadrisk.contract.terms import Terms


class ReachBenchmark(NamedTuple):
    """How the benchmark of one category comes about; amounts in dollars per beneficiary per month.

    Parameters
    ----------
    baseline
        Weighted base years.
    regional_adjustment
        What the regional blend adds or takes.
    projected_trend
        Prospective trend from base year 3.
    retrospective_trend
        Factor that corrects the projection.
    risk_ratio
        Growth of the risk score after caps and coding intensity factor.
    """

    baseline: Amount
    regional_adjustment: Amount
    projected_trend: Amount
    retrospective_trend: Amount
    risk_ratio: Amount

    @property
    def unadjusted_pbpm(self) -> Amount:
        """Benchmark as set ahead of the performance year."""
        return (self.baseline + self.regional_adjustment) * (self.projected_trend * self.risk_ratio)

    @property
    def pbpm(self) -> Amount:
        """Benchmark before discount, after the retrospective trend adjustment."""
        return self.unadjusted_pbpm * self.retrospective_trend


def reach_category_benchmark(
    category: ReachCategory, *, name: str, years: NDArray[np.int64], terms: Terms
) -> ReachBenchmark:
    """Return the benchmark of one category before discount and the steps that lead to it.

    (weighted baseline + regional blend) x projected trend x capped risk ratio, corrected by the
    retrospective trend adjustment (calibration 9.1, grade A-; the blend grade A to C by year).

    Parameters
    ----------
    category
        Inputs of the category.
    name
        ``aged_disabled``, ``high_needs`` or ``esrd``.
    years
        Performance years whose rules apply, along the last axis.

    Examples
    --------
    Baseline 0.1 x 1,000 + 0.3 x 1,020 + 0.6 x 1,060 = 1,042; region 40 % of 78 = 31.20;
    (1,042 + 31.20) x 1.06 x (1.02 / 1.009):

    >>> import numpy as np
    >>> from leadrisk.contract.reach_inputs import ReachCategory
    >>> from leadrisk.contract.terms import load_terms
    >>> aged = ReachCategory(
    ...     person_years=10_000.0,
    ...     base_year_pbpm=(1000.0, 1020.0, 1060.0),
    ...     region_pbpm=1120.0,
    ...     national_pbpm=1100.0,
    ...     projected_trend=1.06,
    ...     actual_national_trend=1.0918,
    ...     risk_ratio=1.02,
    ...     expenditure_pbpm=1100.0,
    ... )
    >>> benchmark = reach_category_benchmark(
    ...     aged, name="aged_disabled", years=np.array([2026]), terms=load_terms("reach")
    ... )
    >>> round(float(benchmark.regional_adjustment[0]), 2), benchmark.unadjusted_pbpm.round(4).tolist()
    (31.2, [1149.9939])

    The nation spent 3 % more than projected; the benchmark follows:

    >>> round(float(benchmark.retrospective_trend), 6)
    1.03
    """
    baseline = weighted_baseline(category.base_year_pbpm, weights=terms.weights("baseline.weights"))
    return ReachBenchmark(
        baseline=baseline,
        regional_adjustment=regional_blend_adjustment(
            baseline,
            region_pbpm=category.region_pbpm,
            national_pbpm=category.national_pbpm,
            weight=terms.by_year("regional_blend.weight", years),
            ceiling=terms.by_year("regional_blend.ceiling", years),
            floor=terms.number("regional_blend.floor"),
        ),
        projected_trend=category.projected_trend,
        retrospective_trend=reach_trend_factor(
            category.actual_national_trend, projected=category.projected_trend, years=years, terms=terms
        ),
        risk_ratio=reach_risk_ratio(category, name=name, years=years, terms=terms),
    )
