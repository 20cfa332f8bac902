"""What the cells of a sweep start from: one scenario, or the scenario of each ACO of a public use file."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from leadrisk.cohort.public_use_file import scenario_from_row
from leadrisk.cohort.public_use_layout import read_public_use_file
from leadrisk.cohort.public_use_row import figure
from leadrisk.errors import InputError
from leadrisk.scenario.load import read_layers
from leadrisk.sweep.spec import existing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadrisk.cohort.public_use_layout import PublicUseFile
    from leadrisk.scenario.explain import Origin
    from leadrisk.scenario.valid_keys import Location
    from leadrisk.sweep.spec import Acos, SweepFile


_WORD = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,63}")  # files of a cell are named after its ACO


class Source(NamedTuple):
    """A scenario before it is checked.

    Attributes
    ----------
    identifier
        Of the ACO; empty where there is one scenario only.
    labels
        Coordinates of its cells.
    data, origins
        The document, and where each value came from.
    reason
        Why it cannot be used; empty: it can.
    """

    identifier: str
    labels: dict[str, Any]
    data: dict[str, Any]
    origins: dict[Location, Origin]
    reason: str = ""


def sources(file: SweepFile) -> list[Source]:
    """What the cells start from.

    Raises
    ------
    InputError
        If a file cannot be read, or holds none of the ACOs wanted.
    """
    if file.sweep.acos is not None:
        return _acos(file, file.sweep.acos)
    path = file.resolved(str(file.sweep.scenario))
    existing([path], sweep=file.path, key="scenario")
    return [Source("", {}, *read_layers(path))]


def _acos(file: SweepFile, wanted: Acos) -> list[Source]:
    path = file.resolved(wanted.public_use_file)
    existing([path], sweep=file.path, key="acos.public_use_file")
    puf = read_public_use_file(path, year=wanted.year)
    found = [_aco(puf, identifier, wanted, path=path) for identifier in _chosen(file, puf, wanted)]
    if not found:
        problem = f"no ACO of {path} is wanted"
        raise InputError(problem, path=file.path, key="acos", cure="widen the limits of lives")
    return found


def _chosen(file: SweepFile, puf: PublicUseFile, wanted: Acos) -> Iterator[str]:
    """Identifiers of the ACOs wanted, in the order of the file or as given."""
    names = [name.strip().upper() for name in wanted.identifiers] or [row["ACO_ID"].strip().upper() for row in puf.rows]
    lives = {row["ACO_ID"].strip().upper(): figure(row, "N_AB") for row in puf.rows}
    most = float("inf") if wanted.maximum_lives is None else wanted.maximum_lives
    for name in dict.fromkeys(names):
        if name not in lives:
            near = get_close_matches(name, lives, n=1)
            problem = f"there is no ACO {name!r} among the {len(lives):,} of the public use file"
            cure = f"did you mean {near[0]!r}?" if near else None
            raise InputError(problem, path=file.path, key="acos.identifiers", cure=cure)
        of = lives[name]
        if of is None or wanted.minimum_lives <= of <= most:
            yield name


def _aco(puf: PublicUseFile, identifier: str, wanted: Acos, *, path: object) -> Source:
    labels = {"aco": identifier, "aco_name": ""}
    try:
        _refuse_other_than_a_word(identifier)
        made = scenario_from_row(puf, identifier, entrant=wanted.entrant)
    except InputError as error:
        said = InputError(error.problem, path=path, key=error.key, cure=error.cure)
        return Source(identifier, labels, {}, {}, reason=str(said))
    labels["aco_name"] = made.row["ACO_Name"].strip()
    data = {"name": identifier, "description": labels["aco_name"], **made.tables}
    return Source(identifier, labels, data, {(): (path, None)})


def _refuse_other_than_a_word(identifier: str) -> None:
    if not _WORD.fullmatch(identifier):
        problem = f"must be one word of letters, digits, _ and -, got {identifier[:40]!r}"
        raise InputError(problem, key="ACO_ID")
