"""A private aggregate cover: an insurer bears part of the ACO's own loss of a year, outside CMS's settlement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount


def aggregate_recovery(
    expenditure: Amount,
    *,
    benchmark: Amount,
    shared_losses: Amount,
    attachment: float,
    limit: float,
    coinsurance: float,
) -> Amount:
    """Return what the insurer pays, in dollars.

    The cover attaches where expenditure exceeds a ratio to the final benchmark and ends a limit further up; the ACO
    keeps the coinsurance and never recovers more than it owes CMS. Such covers are on the market (rule book section
    10, sources S12 and S23, grade B); their terms are private, the form here is a judgement (C).

    Parameters
    ----------
    expenditure
        What settles against the benchmark, in dollars.
    benchmark
        Final benchmark, in dollars.
    shared_losses
        The ACO's losses after corridor and sequestration, in dollars, not negative; zero in a year of savings.
    attachment
        Expenditure over benchmark at which the cover begins.
    limit
        Width of the covered layer, as a share of the benchmark.
    coinsurance
        Share of the layer that stays with the ACO.

    Examples
    --------
    $112.0 M spent on $100.0 M under Global, all of the $12.0 M owed: 90 % of what lies above $105.0 M.

    >>> cover = {"attachment": 1.05, "limit": 0.10, "coinsurance": 0.10}
    >>> round(float(aggregate_recovery(112e6, benchmark=100e6, shared_losses=12e6, **cover)), 2)
    6300000.0

    Under Professional with $5.7 M owed the recovery stops there:

    >>> round(float(aggregate_recovery(112e6, benchmark=100e6, shared_losses=5.7e6, **cover)), 2)
    5700000.0
    """
    layer = np.minimum(np.maximum(expenditure - attachment * benchmark, 0.0), limit * benchmark)
    recovery: Amount = np.minimum((1.0 - coinsurance) * layer, shared_losses)
    return recovery


def premium_share(recovery: Amount, *, benchmark: Amount, load: float) -> float:
    """Return the premium of a cover without a quote, as a share of the benchmark.

    The mean recovery over all paths and years, plus the insurer's load (the load a judgement, grade C).

    Parameters
    ----------
    recovery, benchmark
        Dollars of every population, future and year of a run.
    load
        Share added to the mean recovery.

    Examples
    --------
    A recovery of $6.3 M in one year of ten on $100.0 M a year, and 35 % on top: 0.85 % of the benchmark.

    >>> round(premium_share(np.array([6.3e6] + [0.0] * 9), benchmark=np.full(10, 100e6), load=0.35), 6)
    0.008505
    """
    recovered, base = np.broadcast_arrays(np.asarray(recovery, dtype=np.float64), np.asarray(benchmark))
    return (1.0 + load) * _total(recovered) / _total(base)


def aggregate_cover_amounts(
    expenditure: Amount,
    *,
    benchmark: Amount,
    net_shared_savings: Amount,
    premium_share: float,
    attachment: float,
    limit: float,
    coinsurance: float,
) -> dict[str, Amount]:
    """Return the lines of the cover, in dollars; they stand outside CMS's settlement.

    Premium and recovery are amounts, ``aggregate_cover_net`` is what is left to the ACO: recovery less premium.

    Parameters
    ----------
    net_shared_savings
        Shared savings (positive) or losses (negative) after sequestration, in dollars.
    premium_share
        Premium as a share of the final benchmark: a quote, or from :func:`premium_share`.

    Examples
    --------
    A quiet year costs the premium, 0.85 % of $100.0 M:

    >>> lines = aggregate_cover_amounts(
    ...     98e6, benchmark=100e6, net_shared_savings=1.96e6, premium_share=0.0085, attachment=1.05, limit=0.10,
    ...     coinsurance=0.10,
    ... )
    >>> {name: round(float(dollars), 2) for name, dollars in lines.items()}
    {'aggregate_cover_premium': 850000.0, 'aggregate_cover_recovery': 0.0, 'aggregate_cover_net': -850000.0}
    """
    recovery = aggregate_recovery(
        expenditure,
        benchmark=benchmark,
        shared_losses=np.maximum(-net_shared_savings, 0.0),
        attachment=attachment,
        limit=limit,
        coinsurance=coinsurance,
    )
    premium = premium_share * benchmark
    return {
        "aggregate_cover_premium": premium,
        "aggregate_cover_recovery": recovery,
        "aggregate_cover_net": recovery - premium,
    }


def _total(dollars: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    """Sum in a fixed order of additions, whatever the CPU."""
    return float(np.cumsum(dollars.reshape(-1))[-1])
