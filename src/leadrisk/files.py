"""Writing a file so that it is complete or absent, and reading one that may be neither."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from leadrisk.errors import InputError


def check_place(path: str | os.PathLike[str]) -> None:
    """Tell before long work that a file named with ``--out`` cannot be written.

    Raises
    ------
    InputError
        If its directory does not exist or takes no files, or a directory has its name.
    """
    final = Path(path)
    if final.is_dir():
        problem = "is a directory"
    elif not final.parent.is_dir():
        problem = "cannot be written: its directory does not exist"
    elif not os.access(final.parent, os.W_OK):
        problem = "cannot be written: its directory takes no files"
    else:
        return
    raise InputError(problem, path=final, key="--out", cure="name a file in a writable directory that exists")


def read_json(path: Path) -> dict[str, Any] | None:
    """Object in a JSON file; ``None`` where there is none that can be read."""
    with suppress(OSError, ValueError):
        found = json.loads(path.read_bytes())
        return found if isinstance(found, dict) else None
    return None


def write_atomically(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write a file under a temporary name beside its final one, then rename it.

    Parameters
    ----------
    path
        Final name; its directory must exist.
    content
        Bytes of the file.

    Returns
    -------
    Path
        The final name.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     write_atomically(Path(directory) / "a.txt", b"done").read_bytes()
    b'done'
    """
    final = Path(path)
    temporary = final.with_name(f".{final.name}.{uuid4().hex}")
    try:
        with temporary.open("xb") as stream:  # a report is for colleagues: it gets the mode of an ordinary new file
            stream.write(content)
        temporary.replace(final)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return final
