"""The directory of long work: kept when it is stopped, gone on with, and published when it is complete."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from leadrisk.errors import InputError
from leadrisk.files import read_json, write_atomically
from leadrisk.run.directory import (
    NEW,
    clear,
    clear_stale,
    give_back_earlier,
    holds_a_run,
    is_lock_of,
    locked,
    make_place,
    publish,
    refuse_anything_but_a_run,
    remove_at_once,
    resolved,
    told_of_place,
)
from leadrisk.run.identity import differences
from leadrisk.run.owner import NO_LOCKS, OWNER, PART_OWNERS, claim, owner_in_words, sign

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

IDENTITY = "identity.json"
GUARDED_SECONDS = 600.0  # of finished work on one core: more is not discarded without being told to
_SHOWN = 5


def unfinished(out: Path) -> Path:
    """Directory of the unfinished work for ``out``.

    Examples
    --------
    >>> from pathlib import Path
    >>> unfinished(Path("/data/baseline")).as_posix()
    '/data/.baseline.unfinished'
    """
    target = resolved(out)
    return target.with_name(f".{target.name}.unfinished")


@contextmanager
def work_directory(
    out: Path,
    *,
    identity: Mapping[str, Any],
    kept: Collection[str],
    done_seconds: Callable[[Path], float],
    differs: Callable[[Mapping[str, Any], Mapping[str, Any]], list[str]] = differences,
    resume: bool = False,
    restart: bool = False,
    finish: bool = True,
    say: Callable[[str], None] | None = None,
) -> Iterator[Path]:
    """Give a directory to work in that becomes ``out`` when the work is complete, and is kept when it is stopped.

    Work goes on in ``.NAME.unfinished/new`` beside ``out``, under a lock that belongs to one process at a time, on any
    host. Nothing here goes by a clock.

    Parameters
    ----------
    out
        Final directory: absent, empty or holding an earlier run, which is replaced at the end.
    identity
        What the results follow from, its ``kind`` among it: a run or a sweep. Work is gone on with only under the
        same identity, and a place is not taken from another kind.
    kept
        Names in the directory that hold finished work; the rest is made anew.
    done_seconds
        Seconds of work on one core that a directory holds.
    differs
        Says what in an identity keeps earlier work from being gone on with under a later one.
    resume
        Go on with unfinished work, or check complete work and mend it; where there is none, begin.
    restart
        Begin anew, whatever unfinished work is there. Without both, unfinished work is discarded up to ten minutes
        of a core, and refused beyond.
    finish
        Whether the work is complete in the end; else it is left for other processes.
    say
        Told what becomes of unfinished work.

    Yields
    ------
    pathlib.Path
        A directory to write into; what it holds already belongs to the same identity.

    Raises
    ------
    InputError
        If ``out`` cannot be the directory of this work, somebody else works there, or unfinished work is of another
        identity or would be lost.
    """
    if resume and restart:
        problem = "cannot be given beside --resume"
        raise InputError(problem, key="--restart", cure="go on, or begin anew")
    target, staging = resolved(out), unfinished(out)
    new, tell = staging / NEW, say or (lambda _: None)
    with ExitStack() as undo:
        with told_of_place(target):
            make_place(target, undo)
            refuse_anything_but_a_run(target)
            _own(staging, target, undo)
            give_back_earlier(staging, target)
            clear_stale(target)
            begun, complete = read_json(new / IDENTITY), read_json(target / IDENTITY)
            for place, found in ((target, complete), (staging, begun)):
                _refuse_other_kind(place, found, identity)
            if resume and begun is not None:
                _refuse_other(staging, f"an unfinished {identity['kind']}", differs(begun, identity))
            else:
                _discard(new, target, done_seconds(new), resume=resume, restart=restart, tell=tell)
                if resume and complete is None and holds_a_run(target):
                    problem = f"holds a complete run, but its {IDENTITY} cannot be read"
                    raise InputError(problem, path=target, key="--resume", cure="without --resume it is replaced")
                if resume and complete is not None:
                    _refuse_other(target, f"a complete {identity['kind']}", differs(complete, identity))
                    if not finish:
                        problem = "holds this run already, and it is complete"
                        cure = "it needs no parts any more; without --resume it is done again"
                        raise InputError(problem, path=target, key="--out", cure=cure)
                    _take_over(target, new, (*kept, IDENTITY))
        with ExitStack() as end:
            end.callback(_keep_or_clear, staging, target, done_seconds, tell)
            with told_of_place(target):
                new.mkdir(exist_ok=True)
                for path in new.iterdir():
                    if path.name not in {*kept, IDENTITY}:
                        _remove(path)
            write_atomically(new / IDENTITY, json.dumps(identity, indent=1).encode())
            yield new
            if finish:
                publish(new, target, staging=staging)
            else:
                end.pop_all()


def _own(staging: Path, target: Path, undo: ExitStack) -> None:
    """Make and lock the directory of the work; its owner stands in it for others to read."""
    while True:
        staging.mkdir(exist_ok=True)
        lock = None
        try:
            lock = locked(staging)
            undo.callback(os.close, lock)
        except BlockingIOError:
            problem = f"is being worked on by {owner_in_words(staging / OWNER)}"
            raise InputError(problem, path=staging, key="--out", cure="wait for it, or name another --out") from None
        except FileNotFoundError:  # cleared by its last owner just now
            continue
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
            claim(staging, OWNER, beside=PART_OWNERS)
        else:
            sign(staging)
        break
    undo.callback(_leave, staging, target, lock)


def _leave(staging: Path, target: Path, lock: int | None) -> None:
    """Remove the directory of work where there is none, or else the owner's name; not what others have made since."""
    if lock is not None and not is_lock_of(lock, staging):
        return
    with suppress(FileNotFoundError):
        if any(path.is_dir() for path in staging.iterdir()):
            (staging / OWNER).unlink(missing_ok=True)
        else:
            remove_at_once(staging, target)


def _take_over(complete: Path, new: Path, names: Collection[str]) -> None:
    """Give new work what is finished of complete work, which stays as it is: files are replaced, never written into."""
    for name in names:
        if (complete / name).is_dir():
            shutil.copytree(complete / name, new / name, copy_function=_linked)
        elif (complete / name).exists():
            new.mkdir(exist_ok=True)
            _linked(complete / name, new / name)


def _linked(source: str | Path, place: str | Path) -> None:
    try:
        os.link(source, place)
    except OSError:  # a file system without links, or with too few
        shutil.copyfile(source, place)


def _has_own(new: Path, target: Path) -> bool:
    """Whether work has a file that complete work has not lent to it."""
    files = (path for path in new.rglob("*") if path.is_file() and path.name != IDENTITY)
    return not all(_is_same(path, target / path.relative_to(new)) for path in files)


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _discard(new: Path, target: Path, done: float, *, resume: bool, restart: bool, tell: Callable[[str], None]) -> None:
    """Remove unfinished work, unless it is too much to lose unasked."""
    if not new.exists():
        return
    if not _has_own(new, target):
        done = 0.0
    work = f"an unfinished run with {_minutes(done)} of finished work"
    if done > GUARDED_SECONDS and not restart:
        problem, cure = f"holds {work}", "add --resume to go on with it, or --restart to discard it"
        if resume:
            problem, cure = f"{problem}, but its {IDENTITY} cannot be read", "--restart discards it"
        raise InputError(problem, path=new.parent, key="--out", cure=cure)
    if done > 0.0:
        tell(f"Discarding {work}" + ("." if resume else "; --resume would have gone on with it."))
    remove_at_once(new, target)


def _refuse_other_kind(place: Path, found: Mapping[str, Any] | None, identity: Mapping[str, Any]) -> None:
    """Refuse the place of another kind of work: a run's for a sweep, a sweep's for a run."""
    if found is not None and (kind := found.get("kind", identity["kind"])) != identity["kind"]:
        problem = f"holds a {kind}, refusing to replace it"
        raise InputError(problem, path=place, key="--out", cure="choose another directory")


def _refuse_other(place: Path, work: str, other: list[str]) -> None:
    if other:
        more = f" and {len(other) - _SHOWN} more" if len(other) > _SHOWN else ""
        problem = f"holds {work} of something else: {'; '.join(other[:_SHOWN])}{more}"
        cure = "give what it was begun with, or leave --resume out; --restart discards unfinished work"
        raise InputError(problem, path=place, key="--resume", cure=cure)


def _keep_or_clear(
    staging: Path, target: Path, done_seconds: Callable[[Path], float], tell: Callable[[str], None]
) -> None:
    """Keep what was finished, or leave nothing."""
    done = done_seconds(staging / NEW)
    if done > 0.0 and _has_own(staging / NEW, target):
        tell(f"{_minutes(done)} of finished work are kept in {staging}; the same command with --resume goes on.")
        give_back_earlier(staging, target)
        return
    clear(staging, target)


def _minutes(seconds: float) -> str:
    return f"{seconds:.1f} core-seconds" if seconds < 120.0 else f"{seconds / 60.0:,.0f} core-minutes"


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
