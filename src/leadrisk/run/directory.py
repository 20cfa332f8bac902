"""The directory of a run: complete under its final name, or absent, whatever happens in between."""

from __future__ import annotations

import errno
import fcntl
import glob
import json
import os
import shutil
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from leadrisk.errors import InputError, LeadriskError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MANIFEST = "manifest.json"
NEW = "new"
_EARLIER = "earlier"


@contextmanager
def complete_or_absent(out: Path) -> Iterator[Path]:
    """Give a directory to write into that becomes ``out`` only when everything in it was written.

    A link is followed, so that the directory it points to is replaced and the link stays. Work goes on in a hidden
    directory beside ``out``, ``.NAME.partial-*``, which holds a lock for as long as its process lives, on any host.
    An earlier run under the same name moves into it before the new one takes the name, and is deleted last. Whatever
    a killed process left there is cleared by the next run to the same ``out``, which first gives an earlier run its
    name back if the process died between the two renames.

    Parameters
    ----------
    out
        Final directory: absent, empty or holding an earlier run. Missing parents are made, and removed again if
        nothing came of it.

    Yields
    ------
    pathlib.Path
        An empty directory to write into.

    Raises
    ------
    InputError
        If ``out`` cannot become the directory of this run; raised on entry, before anything is computed.
    LeadriskError
        If ``out`` is relative and the working directory was deleted.
    """
    target = resolved(out)
    with ExitStack() as undo:
        staging = _prepare(target, undo)
        partial = staging / NEW
        partial.mkdir()  # not the directory of mkdtemp itself, which nobody else may read
        yield partial
        publish(partial, target, staging=staging)


def resolved(out: Path) -> Path:
    """Directory that a name means, links followed."""
    if not out.is_absolute():
        try:
            out = Path.cwd() / out
        except FileNotFoundError as error:
            message = "the working directory was deleted; change into another one"
            raise LeadriskError(message) from error
    try:
        return out.resolve()
    except (OSError, RuntimeError) as error:  # a link that points to itself
        raise _unusable(out, f"cannot be written: {error}") from error


def _prepare(target: Path, undo: ExitStack) -> Path:
    """Check ``target``, recover what killed runs left beside it, and make and lock a directory to work in."""
    with told_of_place(target):
        make_place(target, undo)
        clear_stale(target)
        refuse_anything_but_a_run(target)
        return locked_beside(target, undo)


@contextmanager
def told_of_place(target: Path) -> Iterator[None]:
    """Say of a failure in the file system that ``target`` cannot be written."""
    try:
        yield
    except OSError as error:
        raise _unusable(target, f"cannot be written: {error.strerror or error}") from error


def make_place(target: Path, undo: ExitStack) -> None:
    """Make the parents of ``target``; those that are empty at the end go again."""
    for parent in reversed(target.parents):
        if not parent.exists():
            parent.mkdir(exist_ok=True)
            undo.callback(_remove_if_empty, parent)
        elif not parent.is_dir():
            raise _unusable(target, f"cannot be written: {parent} is a file")


def _remove_if_empty(directory: Path) -> None:
    with suppress(OSError):
        directory.rmdir()


def _unusable(target: Path, problem: str, *, cure: str = "choose a writable directory") -> InputError:
    return InputError(problem, path=target, key="--out", cure=cure)


def refuse_anything_but_a_run(target: Path) -> None:
    """Refuse to replace what is not an earlier run, or cannot be replaced."""
    if not target.exists():
        return
    other = "choose another directory"
    if not target.is_dir():
        raise _unusable(target, "is a file, refusing to replace it", cure=other)
    if any(target.iterdir()) and not holds_a_run(target):
        raise _unusable(target, "is a directory without a run in it, refusing to replace it", cure=other)
    if target.is_mount():
        raise _unusable(target, "is a mount point, which cannot be replaced", cure="choose a directory inside it")
    with suppress(FileNotFoundError):  # deleted, so not in the way
        if Path.cwd().is_relative_to(target):
            raise _unusable(target, "is the working directory, refusing to replace it", cure="name a directory in it")
    if not os.access(target, os.W_OK | os.X_OK):
        raise _unusable(target, "holds a run that is write-protected, refusing to replace it", cure=other)


def holds_a_run(directory: Path) -> bool:
    """Whether the manifest is one of ours; many programs leave a file of that name."""
    try:
        return "scenario_sha256" in json.loads((directory / MANIFEST).read_bytes())
    except (OSError, ValueError, TypeError):
        return False


def locked_beside(target: Path, undo: ExitStack) -> Path:
    """Make a directory of work beside ``target``, locked; it is cleared in the end."""
    return locked_directory(target.parent, _partial(target), lambda left: clear(left, target), undo)


def locked_directory(parent: Path, prefix: str, remove: Callable[[Path], object], undo: ExitStack) -> Path:
    """Make a directory that only its user can enter, locked if the file system has locks; it is removed in the end."""
    while True:
        made = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        try:
            undo.callback(os.close, locked(made))
        except (BlockingIOError, FileNotFoundError):  # taken for stale before its lock was held: try the next name
            continue
        except OSError:
            pass
        undo.callback(remove, made)
        return made


def _partial(target: Path) -> str:
    return f".{target.name}.partial-"


def locked(staging: Path, *, shared: bool = False) -> int:
    """Lock a directory against other runs, or with ``shared`` beside others, until the file number is closed."""
    path = staging / "lock"
    number = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(number, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        if not is_lock_of(number, staging):  # cleared, and made anew by another run
            raise FileNotFoundError(errno.ENOENT, "replaced", str(path))
    except OSError:
        os.close(number)
        raise
    return number


def is_lock_of(number: int, staging: Path) -> bool:
    """Whether a lock is that of the directory which has the name now."""
    try:
        return os.path.samestat(os.fstat(number), (staging / "lock").stat())
    except FileNotFoundError:
        return False


def clear_stale(target: Path) -> None:
    """Clear directories of work on ``target`` whose process is gone; those of living ones, or other users, stay."""
    clear_unowned(target.parent, _partial(target), lambda left: clear(left, target))


def clear_unowned(parent: Path, prefix: str, remove: Callable[[Path], object]) -> None:
    """Remove directories whose names begin so, and whose lock nobody holds; those of other users stay."""
    for left in parent.glob(f"{glob.escape(prefix)}*"):
        with suppress(OSError):
            lock = locked(left)
            try:
                remove(left)
            finally:
                os.close(lock)


def publish(partial: Path, target: Path, *, staging: Path) -> None:
    """Give ``partial`` its final name; an earlier run, even one finished a moment ago, makes way."""
    while True:
        try:
            partial.rename(target)
        except OSError as error:
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
                raise
        else:
            return
        refuse_anything_but_a_run(target)
        _discard(staging / _EARLIER)
        with suppress(FileNotFoundError):
            target.rename(staging / _EARLIER)


def clear(staging: Path, target: Path) -> None:
    """Remove a directory of work, but first give a whole earlier run in it its name back if that name is free."""
    give_back_earlier(staging, target)
    remove_at_once(staging, target)


def remove_at_once(directory: Path, target: Path) -> None:
    """Take the name from a directory beside or below ``target``, then remove it: nobody meets half of it.

    What is left if this is cut short looks like the work of a process that is gone, see :func:`clear_stale`.
    """
    gone = target.with_name(f"{_partial(target)}{uuid4().hex}")
    try:
        directory.rename(gone)
    except OSError:
        gone = directory
    shutil.rmtree(gone, ignore_errors=True)


def give_back_earlier(staging: Path, target: Path) -> None:
    """Give a whole earlier run in a directory of work its name back if that name is free, or remove it."""
    earlier = staging / _EARLIER
    if (earlier / MANIFEST).is_file() and not target.exists():
        earlier.rename(target)
    _discard(earlier)


def _discard(earlier: Path) -> None:
    """Remove an earlier run, its manifest first: what is left if this is cut short never passes for a whole run."""
    (earlier / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(earlier, ignore_errors=True)
