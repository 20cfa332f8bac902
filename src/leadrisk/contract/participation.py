"""Participation: leaving the model at a year-end, changing the risk option."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Literal

import numpy as np

from leadrisk.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from leadrisk.contract.amount import Amount

ExitRule = Literal["never", "after_year", "after_cumulative_loss"]
ExitLiability = Literal["settle_exited_py", "liable_for_next_py"]
OptionSwitch = Literal["professional_to_global_annual", "fixed"]


def exit_delay_years(*, final_settlement_month: float, notice_days: float) -> int:
    """Return how many performance years are begun and finished between a loss and the exit that it causes.

    A year's result is known with its final settlement. Notice is given then, and the ACO leaves at the first
    year-end that is far enough away (rule book sections 15 and 17: 30 days, grade C).

    Examples
    --------
    Known in month 22, October of the next year: that next year is completed. Known in month 26: two more years.

    >>> exit_delay_years(final_settlement_month=22, notice_days=30)
    1
    >>> exit_delay_years(final_settlement_month=26, notice_days=30)
    2
    """
    earliest = final_settlement_month + 12.0 * notice_days / 365.0
    return ceil(earliest / 12.0) - 1


def years_in_model(
    net_settlement: Amount,
    benchmark_final: Amount,
    *,
    rule: ExitRule,
    performance_years: ArrayLike,
    liability: ExitLiability,
    exit_year: int | None = None,
    exit_loss_share: float = 0.0,
    delay_years: int = 1,
) -> NDArray[np.bool_]:
    """Return whether each performance year is settled: all years up to the last that the ACO answers for.

    Exit is allowed at a year-end with notice; the year completed is settled in full (rule book section 17, grade
    C). With ``liable_for_next_py`` the ACO also answers for the year after.

    Parameters
    ----------
    net_settlement, benchmark_final
        Net settlement and final benchmark as if the ACO stayed, shape (..., year), dollars.
    rule
        ``"never"``; ``"after_year"``: leaves at the end of ``exit_year``; ``"after_cumulative_loss"``: leaves
        once losses since entry exceed ``exit_loss_share`` of the year's benchmark and are known.
    performance_years
        Calendar years along the last axis.
    liability
        Term ``participation.exit_liability``.
    delay_years
        Performance years completed between the loss and the exit, from :func:`exit_delay_years`.

    Examples
    --------
    $100.0 M benchmark, exit beyond 5 %: losses of $3.0 M and $3.0 M exceed $5.0 M in 2028. That is known in
    October 2029, so 2029 is the last year settled.

    >>> net, benchmark = np.array([-3e6, -3e6, 1e6, 1e6, 1e6]), np.full(5, 100e6)
    >>> years_in_model(
    ...     net, benchmark, rule="after_cumulative_loss", performance_years=range(2027, 2032),
    ...     liability="settle_exited_py", exit_loss_share=0.05,
    ... ).tolist()
    [True, True, True, False, False]
    """
    years = np.asarray(performance_years, dtype=np.int64)
    net = np.asarray(net_settlement, dtype=np.float64)
    shape = np.broadcast_shapes(net.shape, np.shape(benchmark_final), years.shape)
    extra = 1 if liability == "liable_for_next_py" else 0
    if rule == "never":
        return np.ones(shape, dtype=np.bool_)
    if rule == "after_year":
        if exit_year is None:
            msg = "exit rule after_year needs exit_year"
            raise ValueError(msg)
        return np.broadcast_to(years <= exit_year + extra, shape)
    exceeded = np.broadcast_to(np.cumsum(net, axis=-1) < -exit_loss_share * np.asarray(benchmark_final), shape)
    decided = np.logical_or.accumulate(exceeded, axis=-1)
    settled = np.ones(shape, dtype=np.bool_)
    behind = 1 + delay_years + extra
    if behind < shape[-1]:
        settled[..., behind:] = ~decided[..., :-behind]
    return settled


def kept(lines: Mapping[str, Amount], *, in_model: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
    """Return lines with zeros in the years after an exit.

    Examples
    --------
    >>> lines = {"net_shared_savings": np.array([1.0, 2.0])}
    >>> kept(lines, in_model=np.array([True, False]))["net_shared_savings"].tolist()
    [1.0, 0.0]
    """
    return {name: np.where(in_model, amount, 0.0) for name, amount in lines.items()}


def check_option_switch(switch_year: int, *, reading: OptionSwitch) -> None:
    """Refuse a change of the risk option where it is read as fixed for the whole model.

    Examples
    --------
    >>> check_option_switch(2029, reading="professional_to_global_annual")
    """
    if reading == "fixed":
        problem = f"Professional may not become Global in {switch_year} while the risk option is fixed"
        cure = "leave switch_year out, or set the term participation.option_switch (grade C)"
        raise InputError(problem, key="participation.switch_year", cure=cure)


def switched(
    lines_professional: Mapping[str, Amount],
    lines_global: Mapping[str, Amount],
    *,
    switch_year: int,
    performance_years: ArrayLike,
    reading: OptionSwitch,
) -> dict[str, NDArray[np.float64]]:
    """Return the lines of an ACO that begins under Professional and is under Global from a later year on.

    An ACO may change once a year, and only to more risk (rule book section 17, grade C, ACO REACH practice).

    Parameters
    ----------
    lines_professional, lines_global
        The same lines under either option on the same paths, shape (..., year).
    switch_year
        First performance year under Global.
    reading
        Term ``participation.option_switch``.

    Raises
    ------
    InputError
        If the option is read as fixed for the whole model.

    Examples
    --------
    >>> switched(
    ...     {"discount": np.zeros(3)}, {"discount": np.array([3.0, 3.1, 3.2])}, switch_year=2029,
    ...     performance_years=[2027, 2028, 2029], reading="professional_to_global_annual",
    ... )["discount"].tolist()
    [0.0, 0.0, 3.2]
    """
    check_option_switch(switch_year, reading=reading)
    under_global = np.asarray(performance_years, dtype=np.int64) >= switch_year
    return {name: np.where(under_global, lines_global[name], amount) for name, amount in lines_professional.items()}
