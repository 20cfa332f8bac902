"""CMS's stop-loss: the charge, the payout neutrality factor, and a category's year under both."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leadrisk.contract.stop_loss_layers import excess_at, layer_payout, moved_attachment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from leadrisk.contract.amount import Amount
    from leadrisk.contract.terms import Terms


class ReferenceYears(NamedTuple):
    """What the reference years tell about the layers, from all populations of the pilot.

    Parameters
    ----------
    payout_share
        Expected payout over expected cost, shape (category,): one for Aged & Disabled with High Needs, one for ESRD.
    cost_per_score
        Cost over what the risk score predicts, shape (category,); 1 where nobody is.
    """

    payout_share: NDArray[np.float64]
    cost_per_score: NDArray[np.float64]


def neutrality_factor(national_payouts: Amount, *, terms: Terms) -> Amount:
    """Return the payout neutrality factor.

    It scales payouts so that they equal charges model-wide; 0.40-2.00 is plausible in ACO REACH, 1 where charges come
    out right (rule book section 10, grade C).

    Parameters
    ----------
    national_payouts
        Payouts over charges of the whole model before the factor.

    Examples
    --------
    Payouts 10 % above charges: the $1.0 M of an ACO become $909,091; three times the charges reach the bound.

    >>> from leadrisk.contract.terms import load_terms
    >>> factors = [neutrality_factor(payouts, terms=load_terms("lead")) for payouts in (1.0, 1.1, 3.0)]
    >>> [round(1e6 * float(factor)) for factor in factors]
    [1000000, 909091, 400000]
    """
    term = terms.table["stop_loss.neutrality"]
    factor: Amount = np.clip(terms.number(term.name) / national_payouts, term.lowest, term.highest)
    return factor


def stop_loss_charge(expected: Amount, *, payout_share: Amount, load: float) -> Amount:
    """Return the charge, in dollars of the performance year.

    The average payout of three reference years as a share of cost, charged against the benchmark as an amount per
    beneficiary per month (rule book section 10, grade B*; how it is made is ACO REACH's way, grade C).

    Parameters
    ----------
    expected
        Cost that the average ACO with this benchmark has, in dollars.
    payout_share
        Expected payout over expected cost in the reference years.
    load
        Share added to the expected payout.

    Examples
    --------
    6.5 % of $100.0 M, and with a load of 10 %:

    >>> [round(stop_loss_charge(100_000_000.0, payout_share=0.065, load=load), 2) for load in (0.0, 0.1)]
    [6500000.0, 7150000.0]
    """
    return expected * payout_share * (1.0 + load)


def expected_payout(
    residual_excess: NDArray[np.float64],
    *,
    expenditure: NDArray[np.float64],
    score: NDArray[np.float64],
    dollars_per_cost: NDArray[np.float64],
    pools: Sequence[int],
    terms: Terms,
) -> ReferenceYears:
    """Return what the reference years tell about the layers.

    CMS sets attachment points and charge for the whole model, High Needs patients in one pool with the others
    (ACO REACH's High Needs ACOs were paid 1.5-3.4 % of cost more than they were charged; rule book section 10, C).

    Parameters
    ----------
    residual_excess
        Excess above the nodes in mean annual costs, shape (population, reference year, category, node), of
        whatever populations stand for the nation's; the base years are the reference years.
    expenditure, score
        Cost in mean annual costs and score person-years, shape (population, reference year, category).
    dollars_per_cost
        Dollars that a mean annual cost stands for in each category, shape (category,).
    pools
        Number of the pool that each category is charged in: (0, 0, 1) for Aged & Disabled, High Needs and ESRD.

    Examples
    --------
    One category of one population: $1.0 M of cost, $60,000 above the first point of which $25,000 above the second:

    >>> from leadrisk.contract.terms import load_terms
    >>> reference = expected_payout(
    ...     np.array([[[[6.0, 2.5, 1.0]]]]), expenditure=np.array([[[100.0]]]), score=np.array([[[80.0]]]),
    ...     dollars_per_cost=np.array([10_000.0]), pools=[0], terms=load_terms("lead"),
    ... )
    >>> reference.payout_share.round(6).tolist(), reference.cost_per_score.tolist()
    ([0.053], [1.25])
    """
    totals = [_by_category(values) for values in (residual_excess[..., 0], residual_excess[..., 1], expenditure, score)]
    above_first, above_second, cost, predicted = totals
    payout = layer_payout(
        above_first,
        above_second=above_second,
        first_share=terms.number("stop_loss.first_share"),
        second_share=terms.number("stop_loss.second_share"),
    )
    of_pool = np.array([[float(one == other) for other in pools] for one in pools])
    paid, spent = ((of_pool * (amount * dollars_per_cost)).sum(axis=1) for amount in (payout, cost))
    share = np.divide(paid, spent, out=np.zeros_like(spent), where=spent > 0.0)
    ratio = np.divide(cost, predicted, out=np.ones_like(cost), where=predicted > 0.0)
    return ReferenceYears(payout_share=share, cost_per_score=ratio)


def stop_loss_amounts(
    residual_excess: NDArray[np.float64],
    *,
    nodes: NDArray[np.float64],
    dollars_per_cost: Amount,
    benchmark: Amount,
    expected_cost: Amount,
    predicted: float,
    payout_share: float,
    category: str,
    terms: Terms,
    national_payouts: Amount = 1.0,
) -> tuple[Amount, NDArray[np.float64]]:
    """Return charge and payout of one category, both in dollars and not negative.

    Both are added to and taken off performance-year expenditure, or stand in the settlement balance, as the term
    ``stop_loss.settled_in`` says.

    Parameters
    ----------
    residual_excess
        Excess above the nodes in mean annual costs, shape (population, 1, year, 3) or (population, year, 3) with
        futures of their own.
    nodes
        The simulated attachments, shape (3,): first and second attachment point, and one beyond.
    dollars_per_cost
        Dollars spent for each mean annual cost simulated, shape (population, future, year).
    benchmark
        Benchmark of the category before discount, in dollars, shape (population, future, year).
    expected_cost
        What the risk scores predict in mean annual costs: score person-years times the category's
        :attr:`ReferenceYears.cost_per_score`, shape (population, 1, year).
    predicted
        What the risk score predicts for patients in the layers, in mean annual costs.
    payout_share
        The category's :attr:`ReferenceYears.payout_share`.
    category
        ``"aged_disabled"``, ``"high_needs"`` or ``"esrd"``.
    national_payouts
        Payouts over charges of the whole model before neutrality, drawn with the future; the factor is its inverse
        times the term, within the term's bounds.

    Examples
    --------
    An average year, $95.5 M on a benchmark of $100.0 M: $6.0 M above the first point, $2.5 M above the second.

    >>> from leadrisk.contract.terms import load_terms
    >>> charge, payout = stop_loss_amounts(
    ...     np.array([600.0, 250.0, 100.0]), nodes=np.array([7.5, 11.0, 14.5]), dollars_per_cost=10_000.0,
    ...     benchmark=100_000_000.0, expected_cost=9_550.0, predicted=1.8, payout_share=0.05,
    ...     category="aged_disabled", terms=load_terms("lead"),
    ... )
    >>> round(float(charge), 2), round(float(payout), 2)
    (4775000.0, 5300000.0)
    """
    # Attachments and charge aim at neutrality over all ACOs, which spend less than their benchmarks on average.
    aimed_at = benchmark * terms.number("stop_loss.national_cost_level")
    shape = np.broadcast_shapes(np.shape(benchmark), np.shape(expected_cost))
    allowed = np.divide(aimed_at, expected_cost, out=np.ones(shape), where=np.greater(expected_cost, 0.0))
    level = dollars_per_cost / allowed
    above_first, above_second = (
        excess_at(
            residual_excess,
            nodes=nodes,
            attachment=moved_attachment(nodes[layer], cost_level=level, predicted=predicted),
        )
        for layer in (0, 1)
    )
    payout = layer_payout(
        above_first,
        above_second=above_second,
        first_share=terms.number("stop_loss.first_share"),
        second_share=terms.number("stop_loss.second_share"),
        neutrality=neutrality_factor(national_payouts, terms=terms),
    )
    if terms.choice("stop_loss.charge_basis") == "model_wide":
        payout_share = terms.number(f"stop_loss.model_wide_share.{category}")
    charge = stop_loss_charge(aimed_at, payout_share=payout_share, load=terms.number("stop_loss.charge_load"))
    return charge, np.asarray(dollars_per_cost * payout)


def _by_category(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums over populations and years, shape (category,), always added in the same order."""
    rows = values.reshape(-1, values.shape[-1])
    total: NDArray[np.float64] = np.cumsum(rows, axis=0)[-1]
    return total
