"""Who works in a directory, written down there: for others to read, and where there are no locks, to keep them out."""

from __future__ import annotations

import errno
import json
import os
import platform
from typing import TYPE_CHECKING

from leadrisk.errors import InputError
from leadrisk.files import read_json, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

OWNER = "owner.json"
PART_OWNERS = "part-*.json"
NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}


def sign(staging: Path) -> None:
    """Write down this process as the owner of a directory whose lock it holds."""
    write_atomically(staging / OWNER, _this_process())


def claim(staging: Path, name: str, *, beside: str) -> Path:
    """Write down this process where there are no locks, unless somebody else stands there.

    It signs first and looks for others then: of two that come at once, one is refused at least.

    Parameters
    ----------
    name
        Of the file with this process, which no other process may have.
    beside
        Pattern of the files of those that cannot work beside it.

    Raises
    ------
    InputError
        If there is one; whether it is at work still, nobody can tell.
    """
    own = staging / name
    try:
        with own.open("xb") as file:
            file.write(_this_process())
    except FileExistsError:
        raise _owned(own) from None
    other = next((path for path in staging.glob(beside) if path != own), None)
    if other is not None:
        own.unlink()
        raise _owned(other)
    return own


def owner_in_words(file: Path) -> str:
    """Process and host of an owner."""
    found = read_json(file) or {}
    if "process" not in found:
        return "other processes"  # parts of a job array hold a lock together
    return f"process {found['process']} on {found.get('host', 'another host')}"


def _owned(file: Path) -> InputError:
    problem = f"may be worked on by {owner_in_words(file)}; this file system has no locks to tell"
    cure = f"if that process is gone, delete {file.name} there"
    return InputError(problem, path=file.parent, key="--out", cure=cure)


def _this_process() -> bytes:
    return json.dumps({"process": os.getpid(), "host": platform.node()}).encode()
