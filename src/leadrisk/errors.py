"""Errors that reach a user: each says where, what, which rule and how to cure it."""

from __future__ import annotations


class LeadriskError(Exception):
    """Base of all errors raised on purpose; the command line prints the message and exits with 1."""


class InputError(LeadriskError):
    """The input is wrong; the command line prints the message and exits with 2.

    Parameters
    ----------
    problem
        One sentence: the rule that was broken and the value that broke it.
    path
        File that holds the value; ``None`` for values given in code or on the command line.
    line
        Line in that file, counted from 1.
    key
        Dotted key, for example ``cohort.lives``.
    cure
        What to write instead.

    Examples
    --------
    >>> print(InputError("must be positive, got -3", path="a.toml", line=4, key="cohort.lives", cure="write 10000"))
    a.toml:4: cohort.lives: must be positive, got -3 (write 10000)
    """

    def __init__(
        self,
        problem: str,
        *,
        path: object = None,
        line: int | None = None,
        key: str | None = None,
        cure: str | None = None,
    ) -> None:
        self.problem, self.path, self.line, self.key, self.cure = problem, path, line, key, cure
        where = "" if path is None else f"{path}:{line}: " if line is not None else f"{path}: "
        what = "" if not key else f"{key}: "
        how = "" if not cure else f" ({cure})"
        super().__init__(f"{where}{what}{problem}{how}")
