"""Tables of the model document about validation, written from the results in ``docs/model/results``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markdown_tables import cell, list_table, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LEVELS = ("50", "80", "90", "95")
_GROUPS = {
    "same_agreement_period": "one year, same agreement period",
    "rebased": "one year, new agreement period",
    "two_year": "two years, same agreement period",
}
_RIVALS = {
    "naive": "regression on the year before, of earlier pairs",
    "gaussian": "normal rule fitted to earlier pairs",
    "closed_rule": "closed rule with the same parameters",
}


def verify_tables(found: Mapping[str, Any]) -> str:
    """Verdict on every target, then every part that failed or was not run, with its cause."""
    targets = found["targets"]
    rows = [
        (
            one["id"],
            f"{one['what']} ({one['unit']})",
            _parts(one),
            one["source"],
            one["grade"],
            [_verdict(one["verdict"])],
        )
        for one in targets
    ]
    columns = ("target", "what (unit)", "part: result ± standard error; target (limits)", "source", "grade", "verdict")
    table = list_table(columns, rows, (8, 21, 34, 21, 7, 9))
    size = f"Up to {found['populations']:,} populations a run, seed {found['seed']}, version {found['leadrisk']}."
    return f"{_counts(targets)} {size}\n\n{table}\n{_causes(targets)}"


def _verdict(verdict: str) -> str:
    return verdict if verdict == "pass" else f"**{verdict}**"


def _parts(target: Mapping[str, Any]) -> list[str]:
    lines = []
    for part in target["parts"]:
        error = "" if part["se"] is None else f" ± {part['se']:.2g}"
        result = "not run" if part["result"] is None else f"{part['result']:.4g}{error}"
        near = ", near a limit" if part["near_limit"] else ""
        mark = "" if part["verdict"] == "pass" else f" {_verdict(part['verdict'])}"
        said = f"{part['name']}: {result}; {plain(part['target'])} ({part['tolerance']}{near})"
        lines.append(f"{cell(said)}{mark}")
    return lines or ["none"]


def _counts(targets: Iterable[Mapping[str, Any]]) -> str:
    verdicts = [one["verdict"] for one in targets]
    parts = [f"{verdicts.count(name)} {said}" for name, said in (("pass", "pass"), ("fail", "fail"))]
    left = verdicts.count("not run")
    return f"Of {len(verdicts)} targets {', '.join(parts)}{f', {left} were not run in full' if left else ''}."


def _causes(targets: Iterable[Mapping[str, Any]]) -> str:
    rows = [
        (one["id"], part["name"], [_verdict(part["verdict"])], part["cause"])
        for one in targets
        for part in one["parts"]
        if part["verdict"] != "pass"
    ]
    if not rows:
        return ""
    return f"### Failed or not run\n\n{list_table(('target', 'part', 'verdict', 'cause'), rows, (10, 25, 15, 50))}"


def backtest_tables(found: Mapping[str, Any]) -> str:
    """Coverage and sharpness of each group of ACOs, then by size, and the forecasters it is compared with."""
    groups = {"same_agreement_period": found, "rebased": found["rebased"], "two_year": found["two_year"]}
    known = {name: group for name, group in groups.items() if group["n"]}
    years = ", ".join(map(str, found["train_years"]))
    rows = [(_GROUPS[name], *_scores(group)) for name, group in known.items()]
    columns = ("forecast", "ACOs", *(f"{level} %" for level in _LEVELS), "CRPS", "CRPS gain on naive", "KS p")
    sizes = [(band["lives"], *_scores(band)[:-1]) for band in found["by_size"] if band["n"]]
    size_columns = ("lives", *columns[1:-1])
    widths = (22, 8, 10, 10, 10, 10, 10, 12, 8)
    return (
        f"Known: {years}; foretold: {found['test_year']}; {found['populations']:,} populations of {found['futures']} "
        "futures an ACO. A cell of coverage is the share of ACOs, in percent, whose outcome fell inside the central "
        "interval, ± its standard error if the interval were right; bold: off by more than two of them. CRPS in "
        "percentage points; the gain is positive where the engine is sharper. KS p: chance of ranks this far "
        "from uniform once the year's common miss is taken out.\n\n"
        f"{list_table(columns, rows, widths)}\n### By size, same agreement period\n\n"
        f"{list_table(size_columns, sizes, widths[:-1])}\n### Beside simpler forecasters\n\n{_rivals(found)}\n"
        f"{_notes(found)}"
    )


def _scores(group: Mapping[str, Any]) -> list[str | list[str]]:
    within = group["coverage_within_two_errors"]
    cells = [f"{group['coverage'][level]:.1f} ± {group['coverage_error'][level]:.1f}" for level in _LEVELS]
    marked = [text if within[level] else f"**{text}**" for level, text in zip(_LEVELS, cells, strict=True)]
    gain = group.get("crps_gain")
    return [
        str(group["n"]),
        *([text] for text in marked),
        f"{group['crps']:.3f}",
        "" if gain is None else f"{gain['difference']:.3f} ± {gain['se']:.3f}",
        "" if group.get("ks_p") is None else f"{group['ks_p']:.3f}",
    ]


def _rivals(found: Mapping[str, Any]) -> str:
    rows: list[tuple[str, ...]] = [("the engine", f"{found['crps']:.3f}", *_covered(found["coverage"]), "")]
    for name, said in _RIVALS.items():
        crps = found.get(f"crps_{name}")
        if crps is None:
            continue
        gain = found["crps_gain" if name == "naive" else f"crps_gain_{name}"]
        rows.append(
            (said, f"{crps:.3f}", *_covered(found[f"coverage_{name}"]), f"{gain['difference']:.3f} ± {gain['se']:.3f}")
        )
    columns = ("forecaster", "CRPS", *(f"{level} %" for level in _LEVELS), "gain of the engine")
    return list_table(columns, rows, (30, 10, 10, 10, 10, 10, 20))


def _covered(coverage: Mapping[str, float]) -> list[str]:
    return [f"{coverage[level]:.1f}" for level in _LEVELS]


def _notes(found: Mapping[str, Any]) -> str:
    return "".join(f"- {cell(note)}\n" for note in found["notes"])


def recovery_table(found: Mapping[str, Any]) -> str:
    """Parameters of a simulated roster beside what the fit made of it."""
    rows = []
    misses = []
    for one in found["parameters"]:
        miss = (one["fitted"] - one["true"]) / one["standard_error"]
        misses.append(abs(miss))
        shown = f"{miss:+.1f}"
        rows.append(
            (
                f"`{one['key']}`",
                plain(one["default"]),
                plain(one["true"]),
                f"{one['fitted']:.4g} ± {one['standard_error']:.2g}",
                [f"**{shown}**" if abs(miss) > 2.0 else shown],
            )
        )
    within = sum(1 for miss in misses if miss <= 2.0)
    moved = sum(1 for one in found["parameters"] if one["true"] != one["default"])
    columns = ("parameter", "default", "true", "fitted ± standard error", "miss, standard errors")
    return (
        f"A roster of {found['lives']:,} lives over {found['years']} years is simulated with {moved} parameters off "
        f"the defaults and fitted as if nothing were known of it ({found['bootstraps']} bootstrap replicates, version "
        f"{found['version']}). "
        f"{within} of {len(rows)} parameters are found within two standard errors of the fit; bold: beyond.\n\n"
        f"{list_table(columns, rows, (32, 13, 13, 24, 18))}"
    )
