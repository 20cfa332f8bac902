"""The layers of CMS's stop-loss, on what patients cost beyond the risk score's prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.experience.special64 import exponential

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.contract.amount import Amount

_LOG_2 = 0.6931471805599453
_MOST_DOUBLINGS = 1.0  # below the first attachment less one width the excess is held: cost 1.6 times the benchmark's


def layer_payout(
    above_first: Amount, *, above_second: Amount, first_share: float, second_share: float, neutrality: Amount = 1.0
) -> Amount:
    """Return what the layers pay.

    80 % of residual expenditure (actual less predicted) above the first attachment point and 100 % above the second,
    times the payout neutrality factor. The shape is ACO REACH's, the shares are invented (rule book sections 10 and
    17, item 8, grade C).

    Parameters
    ----------
    above_first, above_second
        Residual expenditure above each attachment point, summed over patients; dollars or any unit of money.
    first_share, second_share
        Shares paid in the first and in the second layer.
    neutrality
        Factor that makes payouts equal charges model-wide.

    Examples
    --------
    A patient predicted at $20,000 costs $200,000: $180,000 of residual. With attachment points of $90,000 and
    $132,000 that is 80 % of $42,000 and all of $48,000:

    >>> layer_payout(90_000.0, above_second=48_000.0, first_share=0.8, second_share=1.0)
    81600.0
    """
    return neutrality * (first_share * (above_first - above_second) + second_share * above_second)


def moved_attachment(attachment: Amount, *, cost_level: Amount, predicted: Amount) -> Amount:
    """Return the attachment at which simulated residuals are cut once cost has moved against the benchmark.

    Attachment points and predictions follow the ACO's benchmark (rule book section 10, grade B*). Where cost is r
    times that of the average ACO with that benchmark, r x cost exceeds prediction + attachment exactly where cost
    exceeds (prediction + attachment) / r; for patients of one prediction that is a residual above the value returned.

    Parameters
    ----------
    attachment
        Attachment point, in mean annual costs.
    cost_level
        Actual cost over that of the average ACO with the same benchmark.
    predicted
        What the risk score predicts for patients in the layers, in mean annual costs.

    Examples
    --------
    Cost 5 % above it brings an attachment of $90,000, for patients predicted at $21,600, down to $84,685:

    >>> round(moved_attachment(90_000.0, cost_level=1.05, predicted=21_600.0), 2)
    84685.71
    """
    return (attachment + predicted) / cost_level - predicted


def excess_at(excess: NDArray[np.float64], *, nodes: NDArray[np.float64], attachment: Amount) -> NDArray[np.float64]:
    """Return the residual excess above an attachment between or beside the simulated ones.

    Amounts are interpolated, never their logs, which a year without a costly patient would turn into NaN: a
    parabola in the variable that halves from node to node, so that an exponential tail is met exactly. The result
    falls as the attachment rises. Beyond the third node the excess falls to a quarter with each width; below the
    first it is held one width down.

    Parameters
    ----------
    excess
        Excess above the three nodes, last axis; any unit of money.
    nodes
        The three attachments, evenly spaced, shape (3,).
    attachment
        Attachment asked for, in the unit of the nodes; broadcasts against ``excess`` less its last axis.

    Examples
    --------
    Patients exceed $90,000, $132,000 and $174,000 by $8.0 M, $4.0 M and $2.0 M in all; $111,000 lies half-way:

    >>> excess = np.array([8e6, 4e6, 2e6])
    >>> nodes = np.array([90_000.0, 132_000.0, 174_000.0])
    >>> [round(float(excess_at(excess, nodes=nodes, attachment=at))) for at in (90_000.0, 111_000.0, 132_000.0)]
    [8000000, 5656854, 4000000]
    """
    first, second, third = excess[..., 0], excess[..., 1], excess[..., 2]
    width = nodes[1] - nodes[0]
    doublings = np.minimum((nodes[0] - attachment) / width, _MOST_DOUBLINGS)
    u = exponential(np.asarray(_LOG_2 * doublings))
    near, far = 2.0 * (first - second), 4.0 * (second - third)
    bend = (near - far) / 0.75
    curve = first + (u - 1.0) * (near + bend * (u - 0.5))
    # A sum of excesses is convex in the attachment: never below the next node's, nor below the chord drawn on.
    lowest = np.where(u > 1.0, first + (first - second) * doublings, third)
    beyond = third * (4.0 * u) * (4.0 * u)
    found: NDArray[np.float64] = np.where(u < 0.25, beyond, np.maximum(curve, lowest))
    return found
