"""``leadrisk verify``: run the validation targets against the engine with its default parameters, and judge each.

One set of parameters serves all targets, no limit depends on a result, and a target that fails is reported with its
cause. What needs CMS's files is not run without them.
"""

from __future__ import annotations

import os
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import leadrisk
from leadrisk.errors import InputError
from leadrisk.validation.check_change import check_change
from leadrisk.validation.check_drift import check_gap, check_nation, check_region
from leadrisk.validation.check_exposure import check_exposure
from leadrisk.validation.check_files import check_forecasts, check_published
from leadrisk.validation.check_measures import check_measures
from leadrisk.validation.check_mix import check_mix
from leadrisk.validation.check_noise import check_noise
from leadrisk.validation.check_persons import check_persons
from leadrisk.validation.check_score import check_cap
from leadrisk.validation.check_stop_loss import check_stop_loss
from leadrisk.validation.cms_files import CmsFiles
from leadrisk.validation.standard_aco import FEWEST, Sizes
from leadrisk.validation.targets import all_targets, judged, left_out, severity, whole_verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from leadrisk.validation.targets import Estimates, Target

    Progress = Callable[[str, int, int], None]
    Run = Callable[[Collection[str], Sizes, CmsFiles], dict[str, Estimates]]


class Check(NamedTuple):
    """A check, and the targets it measures in one go."""

    targets: tuple[str, ...]
    run: Run


def _engine(check: Callable[[Collection[str], Sizes], dict[str, Estimates]]) -> Run:
    """Make a check that reads no file take files."""
    return lambda wanted, sizes, _: check(wanted, sizes)


CHECKS = (
    Check(("V1", "V2", "V3"), _engine(check_noise)),
    Check(("V4", "V5"), _engine(check_change)),
    Check(("V6", "V11"), _engine(check_mix)),
    Check(("V7", "V8", "V9", "V10"), _engine(check_persons)),
    Check(("V12",), _engine(check_cap)),
    Check(("V13",), _engine(check_region)),
    Check(("V14", "V15"), _engine(check_exposure)),
    Check(("V16",), check_published),
    Check(("V16b",), _engine(check_stop_loss)),
    Check(("V17",), _engine(check_measures)),
    Check(("V18", "V19"), check_forecasts),
    Check(("V20",), _engine(check_nation)),
    Check(("V21",), _engine(check_gap)),
)


def verify(
    *,
    data: Path | None = None,
    only: Sequence[str] = (),
    populations: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Run the targets and return what came out.

    Parameters
    ----------
    data
        Folder with CMS's files in ``mssp/`` and ``reach/``; ``None`` looks where :func:`find_data` says.
    only
        Identifiers of targets; empty: all.
    populations
        Populations of 10,000 lives a run has; larger ACOs have fewer. Even, at least 16.
    seed
        Of every run.
    threads
        Threads. Results do not depend on it.
    progress
        Called with (label, done, total) after each check.

    Returns
    -------
    dict
        ``targets``, in their order, and what they ran with. The figures at the head of a target are those of the part
        that lies furthest out, measured by its own tolerance.

    Raises
    ------
    InputError
        If a target is unknown, a size is not allowed, the folder does not exist, or a file is not as CMS published it.

    Examples
    --------
    >>> found = verify(only=["V14"], populations=16)
    >>> found["targets"][0]["id"], found["targets"][0]["verdict"]
    ('V14', 'pass')
    """
    targets = all_targets()
    wanted = _wanted(only, list(targets))
    defaults = Sizes()
    sizes = Sizes(
        populations=defaults.populations if populations is None else populations,
        seed=defaults.seed if seed is None else seed,
        threads=threads,
    )
    if sizes.populations < FEWEST or sizes.populations % 2:
        problem = f"must be an even number, at least {FEWEST}, got {sizes.populations}"
        raise InputError(problem, key="--populations")
    cms = CmsFiles(find_data(data))
    found: dict[str, Estimates] = {}
    seconds: dict[str, float] = {}
    due = [check for check in CHECKS if wanted.intersection(check.targets)]
    for done, check in enumerate(due):
        names = [name for name in check.targets if name in wanted]
        begun = perf_counter()
        found |= check.run(names, sizes, cms)
        seconds |= dict.fromkeys(names, perf_counter() - begun)
        if progress is not None:
            progress("running checks", done + 1, len(due))
    return {
        "leadrisk": leadrisk.__version__,
        "populations": sizes.populations,
        "seed": sizes.seed,
        "data": {"mssp": bool(cms.mssp), "reach": cms.reach is not None},
        "targets": [
            _report(targets[name], found.get(name, {}), cms=cms, seconds=seconds.get(name))
            for name in targets
            if name in wanted
        ],
    }


def find_data(given: Path | None) -> Path | None:
    """Folder of CMS's files: the one given, else ``LEADRISK_DATA``, else ``data`` or ``../shared/data`` if there.

    Raises
    ------
    InputError
        If a folder that was named does not exist.
    """
    if given is None and os.environ.get("LEADRISK_DATA"):
        given = Path(os.environ["LEADRISK_DATA"])
    if given is not None:
        if not given.is_dir():
            problem = "is no folder"
            raise InputError(problem, path=given, cure="give the folder that holds mssp/ and reach/")
        return given
    return next((folder for folder in (Path("data"), Path("../shared/data")) if folder.is_dir()), None)


def _wanted(only: Sequence[str], known: Sequence[str]) -> set[str]:
    by_name = {name.lower(): name for name in known}
    for name in only:
        if name.lower() not in by_name:
            problem = f"unknown target {name!r}"
            raise InputError(problem, key="--only", cure=f"choose from {', '.join(known)}")
    return {by_name[name.lower()] for name in only} or set(known)


def _report(target: Target, found: Estimates, *, cms: CmsFiles, seconds: float | None) -> dict[str, Any]:
    against = target.parts or [measured.part for measured in found.values() if measured.part is not None]
    parts = [
        judged(part, found[part.name]) if part.name in found else left_out(part, cms.lacking(part.needs))
        for part in against
    ]
    verdict = whole_verdict([part["verdict"] for part in parts])
    head = max(parts, key=severity)
    causes = [part for part in parts if part["cause"] and (part["verdict"] == verdict or verdict == "pass")]
    return {
        "id": target.id,
        "what": target.what,
        "how": target.how,
        "unit": target.unit,
        "part": head["name"],
        **{key: head[key] for key in ("target", "result", "se", "tolerance")},
        "verdict": verdict,
        "near_limit": any(part["near_limit"] for part in parts),
        "source": target.source,
        "grade": target.grade,
        "cause": "; ".join(dict.fromkeys(_cause(part, parts) for part in causes)),
        "parts": parts,
        "seconds": None if seconds is None else round(seconds, 1),
    }


def _cause(part: dict[str, Any], parts: Sequence[dict[str, Any]]) -> str:
    named = len(parts) > 1 and part["verdict"] == "fail"
    return f"{part['name']}: {part['cause']}" if named else str(part["cause"])
